package session

import (
	"errors"
	"fmt"
)

// Error is one thing wrong with a schema or with the values of a session.
// Functions of this package join all that they find with [errors.Join], so
// errors.As finds the first. Neither field ever holds a property's value.
type Error struct {
	// Property is the property's name, or "" when the error is about no single one.
	Property string
	// Message says what is wrong with it.
	Message string
}

// Error gives the property's name and the message.
func (e *Error) Error() string {
	if e.Property == "" {
		return "session: " + e.Message
	}
	return fmt.Sprintf("session property %q: %s", e.Property, e.Message)
}

// faults collects every error of one call.
type faults []error

func (f *faults) add(property, format string, args ...any) {
	*f = append(*f, &Error{Property: property, Message: fmt.Sprintf(format, args...)})
}

func (f faults) err() error { return errors.Join(f...) }

// errNotAllowed doesn't list the allowed values: those may be secrets too.
var errNotAllowed = errors.New("is not one of the allowed values")
