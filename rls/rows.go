package rls

import (
	"database/sql/driver"
	"errors"
	"reflect"
)

// rows has no driver.RowsNextResultSet: one statement gives one result.
var (
	_ driver.Rows                           = (*rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeLength           = (*rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*rows)(nil)
	_ driver.RowsColumnTypePrecisionScale   = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
	_ driver.Result                         = readResult{}
)

var (
	errWidth    = errors.New("rls: the database gave other columns than the statement has; the result was refused")
	errCursor   = errors.New("rls: the database gave a cursor as a value; it was refused")
	errNoInsert = errors.New("rls: a statement that only reads has no insert id")
)

// rows is a result under its logical column names.
type rows struct {
	inner   driver.Rows
	names   []string
	release func() error // nil when there is nothing to do after closing
	run     *run         // nil when nobody watches
}

// newRows takes over the inner rows, also when it returns an error.
func newRows(inner driver.Rows, columns []Column, release func() error) (driver.Rows, error) {
	r := &rows{inner: inner, names: make([]string, len(columns)), release: release}
	for i, c := range columns {
		r.names[i] = c.Name
	}
	if len(inner.Columns()) != len(columns) {
		return nil, errors.Join(errWidth, r.Close())
	}
	return r, nil
}

func (r *rows) Columns() []string { return r.names }

// Next refuses nested rows: they would be the driver's own, out of our hands.
func (r *rows) Next(dest []driver.Value) error {
	err := r.inner.Next(dest)
	r.run.next(err)
	if err != nil {
		return err
	}
	for i, v := range dest {
		if nested, ok := v.(driver.Rows); ok {
			dest[i] = nil
			return errors.Join(errCursor, nested.Close())
		}
	}
	return nil
}

func (r *rows) Close() error {
	err := r.inner.Close()
	if release := r.release; release != nil {
		r.release = nil
		if releaseErr := release(); err == nil {
			err = releaseErr
		}
	}
	r.run.end(err)
	r.run = nil
	return err
}

// The column types are the driver's where it tells them; where it doesn't, the
// answers are those that database/sql gives for such a driver.

func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	if inner, ok := r.inner.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return inner.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}

func (r *rows) ColumnTypeLength(i int) (length int64, ok bool) {
	if inner, ok := r.inner.(driver.RowsColumnTypeLength); ok {
		return inner.ColumnTypeLength(i)
	}
	return 0, false
}

func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	if inner, ok := r.inner.(driver.RowsColumnTypeNullable); ok {
		return inner.ColumnTypeNullable(i)
	}
	return false, false
}

func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	if inner, ok := r.inner.(driver.RowsColumnTypePrecisionScale); ok {
		return inner.ColumnTypePrecisionScale(i)
	}
	return 0, 0, false
}

func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	if inner, ok := r.inner.(driver.RowsColumnTypeScanType); ok {
		return inner.ColumnTypeScanType(i)
	}
	return reflect.TypeFor[any]()
}

// readResult is the result of every Exec. The driver's own would tell the last
// insert id and the changes of whatever the connection ran before.
type readResult struct{}

func (readResult) LastInsertId() (int64, error) { return 0, errNoInsert }
func (readResult) RowsAffected() (int64, error) { return 0, nil }
