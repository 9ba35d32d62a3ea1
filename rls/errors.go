package rls

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hedgerow/hedgerow/internal/fault"
)

// The sentinels that errors of this package match with errors.Is.
var (
	// ErrNoSession: the zero Session, or no session in the context.
	ErrNoSession = errors.New("no session")
	// ErrDenied: the policies let this session see nothing of what the query names.
	ErrDenied = errors.New("denied")
	// ErrUnsupported: the query uses a construct that Hedgerow, or the dialect, does not have.
	ErrUnsupported = errors.New("unsupported")
	// ErrSyntax: the text is not one well-formed query.
	ErrSyntax = errors.New("syntax error")
	// ErrUnknownName: a dataset or field that this session can't see, because
	// it is hidden, ambiguous or not there. Such an error matches ErrDenied too:
	// the caller can't tell these cases apart.
	ErrUnknownName = errors.New("unknown name")
	// ErrLimit: the query is larger or deeper than Config allows.
	ErrLimit = errors.New("limit exceeded")
)

// Error is a refusal with its place in the logical query. Its text never holds
// row data, session values or names that are hidden from the session. Use
// errors.Is with the sentinels of this package to tell the kinds apart.
type Error struct {
	kind fault.Kind
	// Message says what is wrong.
	Message string
	// Hint says what to write instead; it may be empty.
	Hint string
	// Offset is the 0-based byte offset in the query, or -1 when the error has no place.
	Offset int
	// Line and Column count from 1, columns in characters; 0 when there is no place.
	Line, Column int
	// Source is the line of the query that Line names, shortened to about 120 characters.
	Source string
	caret  int
	reason string
}

// Error gives one line: place, message and hint.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "%d:%d: ", e.Line, e.Column)
	}
	b.WriteString(e.Message)
	if e.Hint != "" {
		b.WriteString("; ")
		b.WriteString(e.Hint)
	}
	return b.String()
}

// Detail gives Error's line and, below it, the line of the query with a caret
// under the place.
func (e *Error) Detail() string {
	if e.Line == 0 {
		return e.Error()
	}
	return e.Error() + "\n  " + e.Source + "\n  " + strings.Repeat(" ", e.caret) + "^"
}

// Is matches the sentinels of this package.
func (e *Error) Is(target error) bool {
	switch e.kind {
	case fault.Syntax:
		return target == ErrSyntax
	case fault.Unsupported:
		return target == ErrUnsupported
	case fault.UnknownName:
		return target == ErrUnknownName || target == ErrDenied
	case fault.Limit:
		return target == ErrLimit
	case fault.Denied:
		return target == ErrDenied
	case fault.NoSession:
		return target == ErrNoSession
	default: // fault.Internal: an unclassified refusal is a denial
		return target == ErrDenied
	}
}

// sourceWidth is how many characters of a line Error.Source shows.
const sourceWidth = 120

// newError places a fault in the text of its query.
func newError(err error, query string) *Error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return &Error{Message: "internal error: the query was refused", Offset: -1, reason: err.Error()}
	}
	e := &Error{kind: f.Kind, Message: f.Msg, Hint: f.Hint, Offset: -1, reason: f.Reason}
	if f.Pos < 1 || f.Pos > len(query)+1 || !utf8.ValidString(query) {
		return e
	}
	e.Offset = f.Pos - 1
	before := query[:e.Offset]
	start := strings.LastIndexByte(before, '\n') + 1
	line := query[start:]
	if end := strings.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	e.Line = strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(query[start:e.Offset])
	e.Column = column + 1
	e.Source, e.caret = excerpt(line, column)
	return e
}

// excerpt cuts a window of sourceWidth characters around a column and replaces
// what a terminal could act on.
func excerpt(line string, column int) (text string, caret int) {
	runes := []rune(line)
	from := max(0, min(column-sourceWidth/2, len(runes)-sourceWidth))
	to := min(len(runes), from+sourceWidth)
	for i := from; i < to; i++ {
		if runes[i] < ' ' || runes[i] == 0x7f {
			runes[i] = ' '
		}
	}
	return string(runes[from:to]), column - from
}
