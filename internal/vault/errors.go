package vault

import (
	"errors"
	"fmt"
)

// What can go wrong, for errors.Is. No error of this package holds a secret, a
// key or the text of a reference that may be one.
var (
	// ErrKey: a key of a ring has a bad id or secret.
	ErrKey = errors.New("vault: bad key")
	// ErrMalformed: a text is not one that Seal wrote.
	ErrMalformed = errors.New("vault: not a sealed secret")
	// ErrUnknownKey: the ring lacks the key that sealed a secret.
	ErrUnknownKey = errors.New("vault: unknown key")
	// ErrAuthentic: a sealed secret was altered, or sealed for another context.
	ErrAuthentic = errors.New("vault: the sealed secret was altered or belongs to another context")
	// ErrContext: sealing and opening need a context.
	ErrContext = errors.New("vault: the context is empty")
	// ErrTooLong: a secret is longer than MaxSecret.
	ErrTooLong = errors.New("vault: the secret is too long")
	// ErrReference: a reference has an unknown scheme or is not allowed.
	ErrReference = errors.New("vault: bad reference")
	// ErrUnavailable: a reference is allowed, but gives no secret now.
	ErrUnavailable = errors.New("vault: the secret is not available")
	// ErrTemplate: a DSN template has a reference that doesn't end.
	ErrTemplate = errors.New("vault: bad template")
)

func failure(sentinel error, format string, args ...any) error {
	return fmt.Errorf("%w: %s", sentinel, fmt.Sprintf(format, args...))
}

// opaque is an error with a text of ours in place of another error's. It has
// no Unwrap and no As, since what it stands for may hold secrets in its text or
// its fields; only errors.Is looks through it. The error is behind a function
// because printers follow fields.
type opaque struct {
	text string
	is   func(target error) bool
}

func (e *opaque) Error() string { return e.text }

// Is tells whether the error that this stands for is target.
func (e *opaque) Is(target error) bool { return e.is(target) }

func hide(text string, errs ...error) error {
	return &opaque{text, func(target error) bool {
		for _, err := range errs {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}}
}
