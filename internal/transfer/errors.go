package transfer

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The sentinels that errors of this package match with errors.Is. Problems of
// the source's policies match those of package rls besides.
var (
	// ErrDatatype: the source's field and the target's have different datatypes.
	ErrDatatype = errors.New("datatypes differ")
	// ErrModel: the target's model can't be filled by copying columns.
	ErrModel = errors.New("the target's model doesn't fit")
	// ErrTable: a table of the target is missing, or lacks a column.
	ErrTable = errors.New("the target's table doesn't fit")
	// ErrUnsupported: the database can't be copied from, or to, as it is set up.
	ErrUnsupported = errors.New("unsupported")

	// ErrMismatch: the target holds other rows than were written.
	ErrMismatch = errors.New("the copy differs from the source")
	// ErrForeignRows: a table of the target holds rows that this promotion didn't
	// put there.
	ErrForeignRows = errors.New("foreign rows in the target")
	// ErrSuperseded: another run of the same promotion has taken over.
	ErrSuperseded = errors.New("another run has taken over")
	// ErrValue: a value isn't of its field's datatype, or the target has none
	// that equals it.
	ErrValue = errors.New("a value can't be copied")
	// ErrDatabase: a database failed.
	ErrDatabase = errors.New("database error")
)

// Problem is one reason why a copy isn't possible.
type Problem struct {
	Dataset string
	Field   string // "" when it is about the dataset
	Err     error
}

func (p Problem) String() string {
	if p.Field == "" {
		return fmt.Sprintf("dataset %q: %v", p.Dataset, p.Err)
	}
	return fmt.Sprintf("field %q of dataset %q: %v", p.Field, p.Dataset, p.Err)
}

// PlanError holds every reason why a copy isn't possible. Nothing was copied.
type PlanError struct{ Problems []Problem }

func (e *PlanError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return "transfer: " + strings.Join(lines, "\n")
}

// Unwrap gives the errors of the problems.
func (e *PlanError) Unwrap() []error {
	errs := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		errs[i] = p.Err
	}
	return errs
}

// DatasetError is what went wrong while a dataset was copied. Its text holds no
// row data.
type DatasetError struct {
	Dataset string // "" when it is about none in particular
	Message string
	errs    []error
}

func (e *DatasetError) Error() string {
	if e.Dataset == "" {
		return "transfer: " + e.Message
	}
	return fmt.Sprintf("transfer: dataset %q: %s", e.Dataset, e.Message)
}

// Unwrap gives the sentinel and, for ErrDatabase, the driver's error. The text
// of the latter may hold row data.
func (e *DatasetError) Unwrap() []error { return e.errs }

func fail(dataset string, sentinel error, format string, args ...any) error {
	return &DatasetError{Dataset: dataset, Message: fmt.Sprintf(format, args...), errs: []error{sentinel}}
}

// databaseError keeps the driver's text out of the message: databases quote the
// values that they refuse.
func databaseError(dataset, doing string, err error) error {
	var known *DatasetError
	if err == nil || errors.As(err, &known) {
		return err
	}
	message := doing + " failed; the driver's error is wrapped, and may hold row data"
	switch {
	case errors.Is(err, context.Canceled):
		message = doing + " was cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		message = doing + " took too long"
	}
	return &DatasetError{Dataset: dataset, Message: message, errs: []error{ErrDatabase, err}}
}

// reason is a problem with a text of its own.
func reason(sentinel error, format string, args ...any) error {
	return fmt.Errorf("%w: %s", sentinel, fmt.Sprintf(format, args...))
}
