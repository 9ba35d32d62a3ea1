package project

import (
	"errors"
	"strings"
)

// The sentinels that errors of this package match with errors.Is. Refusals of
// queries are those of package rls. No error holds a secret.
var (
	// ErrNotFound: no project has the id, or it was deleted.
	ErrNotFound = errors.New("project: not found")
	// ErrConflict: the project has changed since the version that was named.
	ErrConflict = errors.New("project: changed by another")
	// ErrNameTaken: another project has the name.
	ErrNameTaken = errors.New("project: the name is taken")
	// ErrInvalid: a Spec can't be stored; the error is an *InvalidError.
	ErrInvalid = errors.New("project: invalid")
	// ErrInactive: the project takes no queries yet.
	ErrInactive = errors.New("project: inactive")
	// ErrConnection: the project's database can't be reached.
	ErrConnection = errors.New("project: no connection to the database")
	// ErrUnauthenticated: the token is no live key, whatever the reason.
	ErrUnauthenticated = errors.New("project: not authenticated")
	// ErrClosed: the registry was closed.
	ErrClosed = errors.New("project: the registry is closed")
)

// InvalidError tells what is wrong with each part of a Spec; nil parts are
// right, or couldn't be looked at because of another. It matches ErrInvalid and
// whatever its parts match, such as *semantic.Problem.
type InvalidError struct {
	Name, Model, Policies, Connection, Metadata error
}

// Error lists the parts that are wrong.
func (e *InvalidError) Error() string {
	var b strings.Builder
	b.WriteString(ErrInvalid.Error())
	for _, part := range e.parts() {
		if part.err != nil {
			b.WriteString("; " + part.name + ": " + part.err.Error())
		}
	}
	return b.String()
}

// Is matches ErrInvalid.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// Unwrap gives the errors of the parts.
func (e *InvalidError) Unwrap() []error {
	var out []error
	for _, part := range e.parts() {
		if part.err != nil {
			out = append(out, part.err)
		}
	}
	return out
}

type part struct {
	name string
	err  error
}

func (e *InvalidError) parts() []part {
	return []part{{"name", e.Name}, {"model", e.Model}, {"policies", e.Policies}, {"connection", e.Connection}, {"metadata", e.Metadata}}
}

// orNil is nil when every part is right.
func (e *InvalidError) orNil() error {
	if len(e.Unwrap()) == 0 {
		return nil
	}
	return e
}
