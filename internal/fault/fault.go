// Package fault defines the one error that every stage between a logical
// query and a statement returns: what went wrong, where, and what to write
// instead. Package rls turns it into the public rls.Error.
package fault

import "fmt"

// Kind says which public sentinel an error stands for. The zero Kind is
// Internal: an error nobody classified is our defect, and is refused as such.
type Kind uint8

// The kinds of fault, one for each public sentinel.
const (
	Internal Kind = iota
	Syntax
	Unsupported
	UnknownName
	Limit
	Denied
	NoSession
)

// Error is a positioned refusal. Msg and Hint are shown to the author of the
// query, who is an adversary: they may quote the query's own text, never a
// row, a session value or a name that is hidden from the session.
type Error struct {
	Kind Kind
	// Pos is the 1-based byte offset in the text that the error speaks of; 0 is unknown.
	Pos  int
	Msg  string
	Hint string
	// Reason is for the decision hook only: it may say that a name is hidden.
	Reason string
}

// New makes an error at a position; format and args build Msg.
func New(kind Kind, pos int, format string, args ...any) *Error {
	return &Error{Kind: kind, Pos: pos, Msg: fmt.Sprintf(format, args...)}
}

// WithHint sets what to write instead.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// WithReason sets the true reason, which only the decision hook gets.
func (e *Error) WithReason(format string, args ...any) *Error {
	e.Reason = fmt.Sprintf(format, args...)
	return e
}

// Error gives the message and the hint, without the position.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Msg
	}
	return e.Msg + "; " + e.Hint
}
