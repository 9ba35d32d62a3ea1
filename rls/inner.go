package rls

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/hedgerow/hedgerow/internal/fault"
)

// This file is the only one that calls the inner driver. Drivers have newer and
// older forms of each call; a wrapper must choose among them as database/sql does.

var (
	errSkipped  = errors.New("rls: the driver skipped the enforced statement")
	errRemoved  = errors.New("the driver would leave it out, which would shift the policies' values")
	errTxLevel  = errors.New("rls: the driver has no isolation levels other than the default")
	errTxRead   = errors.New("rls: the driver has no read-only transactions")
	errNotValue = errors.New("the driver's converter gave something that is no driver.Value")
)

// noSkip replaces driver.ErrSkip, which must not reach database/sql.
func noSkip(err error) error {
	if errors.Is(err, driver.ErrSkip) {
		return errSkipped
	}
	return err
}

// queryDirect runs a statement without preparing it; driver.ErrSkip says that
// the driver wants it prepared.
func queryDirect(ctx context.Context, c driver.Conn, st *Statement) (driver.Rows, error) {
	newer, hasNewer := c.(driver.QueryerContext)
	older, hasOlder := c.(driver.Queryer)
	if !hasNewer && !hasOlder {
		return nil, driver.ErrSkip
	}
	args, err := bind(c, nil, st.Args)
	if err != nil {
		return nil, err
	}
	if hasNewer {
		return newer.QueryContext(ctx, st.SQL, args)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return older.Query(st.SQL, plain(args))
}

// execDirect is queryDirect for statements whose rows nobody wants.
func execDirect(ctx context.Context, c driver.Conn, st *Statement) error {
	newer, hasNewer := c.(driver.ExecerContext)
	older, hasOlder := c.(driver.Execer)
	if !hasNewer && !hasOlder {
		return driver.ErrSkip
	}
	args, err := bind(c, nil, st.Args)
	if err != nil {
		return err
	}
	if hasNewer {
		_, err = newer.ExecContext(ctx, st.SQL, args)
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err = older.Exec(st.SQL, plain(args))
	return err
}

func prepareDirect(ctx context.Context, c driver.Conn, text string) (driver.Stmt, error) {
	if newer, ok := c.(driver.ConnPrepareContext); ok {
		return newer.PrepareContext(ctx, text)
	}
	s, err := c.Prepare(text)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func queryPrepared(ctx context.Context, s driver.Stmt, args []driver.NamedValue) (driver.Rows, error) {
	if newer, ok := s.(driver.StmtQueryContext); ok {
		return newer.QueryContext(ctx, args)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.Query(plain(args))
}

func execPrepared(ctx context.Context, s driver.Stmt, args []driver.NamedValue) error {
	if newer, ok := s.(driver.StmtExecContext); ok {
		_, err := newer.ExecContext(ctx, args)
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := s.Exec(plain(args))
	return err
}

func begin(ctx context.Context, c driver.Conn, opts driver.TxOptions) (driver.Tx, error) {
	if newer, ok := c.(driver.ConnBeginTx); ok {
		return newer.BeginTx(ctx, opts)
	}
	if opts.Isolation != driver.IsolationLevel(sql.LevelDefault) {
		return nil, errTxLevel
	}
	if opts.ReadOnly {
		return nil, errTxRead
	}
	t, err := c.Begin()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(err, t.Rollback())
	}
	return t, nil
}

// callerValue takes one of the caller's arguments. Enforce sees plain driver
// values, so that what it checks is what the database gets.
func callerValue(nv driver.NamedValue) (any, error) {
	_, isNamed := nv.Value.(sql.NamedArg)
	if nv.Name != "" || isNamed {
		return nil, newError(fault.New(fault.Unsupported, 0, "named arguments are not supported").
			WithHint("write ? for each value and pass the values in that order"), "")
	}
	if _, isOut := nv.Value.(sql.Out); isOut {
		return nil, newError(fault.New(fault.Unsupported, 0, "output arguments are not supported").
			WithHint("read the values from the rows of a SELECT"), "")
	}
	return driver.DefaultParameterConverter.ConvertValue(nv.Value)
}

// bind converts a statement's arguments as the inner driver wants them; s is
// nil when nothing is prepared.
func bind(c driver.Conn, s driver.Stmt, args []any) ([]driver.NamedValue, error) {
	if s != nil {
		if want := s.NumInput(); want >= 0 && want != len(args) {
			return nil, fmt.Errorf("rls: the enforced statement has %d arguments, the driver expects %d", len(args), want)
		}
	}
	bound := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		bound[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
		if err := convert(c, s, &bound[i]); err != nil {
			return nil, fmt.Errorf("rls: converting argument %d of the enforced statement: %w", i+1, err)
		}
	}
	return bound, nil
}

// convert asks the statement, else the connection, else the statement's column,
// else the default converter.
func convert(c driver.Conn, s driver.Stmt, nv *driver.NamedValue) (err error) {
	checker, ok := s.(driver.NamedValueChecker)
	if !ok {
		checker, ok = c.(driver.NamedValueChecker)
	}
	if ok {
		switch err := checker.CheckNamedValue(nv); err {
		case driver.ErrRemoveArgument:
			return errRemoved
		case driver.ErrSkip: // the driver leaves it to the converters
		default:
			return err
		}
	}
	if columns, ok := s.(driver.ColumnConverter); ok {
		nv.Value, err = columns.ColumnConverter(nv.Ordinal - 1).ConvertValue(nv.Value)
		if err == nil && !driver.IsValue(nv.Value) {
			err = errNotValue
		}
		return err
	}
	nv.Value, err = driver.DefaultParameterConverter.ConvertValue(nv.Value)
	return err
}

// plain drops the ordinals, for the older interfaces.
func plain(args []driver.NamedValue) []driver.Value {
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		values[i] = arg.Value
	}
	return values
}
