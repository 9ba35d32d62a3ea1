package rls

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hedgerow/hedgerow/internal/dialect"
)

// Queryer is what CheckServer asks: a *sql.DB, *sql.Conn or *sql.Tx that reaches
// the database itself, not one that enforces.
type Queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// SettingError is a setting of a database or of a connection to it under which
// statements wouldn't mean what they say. It is for the host, not for the author
// of a query.
type SettingError struct {
	Dialect Dialect
	// Setting is the name of the setting, Value the value that it has.
	Setting, Value string
	// Why says what would come of it, and Cure what to do.
	Why, Cure string
}

func (e *SettingError) Error() string {
	return fmt.Sprintf("rls: the %s connection has %s = %q: %s; %s", e.Dialect, e.Setting, e.Value, e.Why, e.Cure)
}

var errNotOneRow = errors.New("the database doesn't give one row")

// CheckServer reports whether a connection's settings let the statements of a
// dialect mean what they say; SECURITY.md lists what is looked at. Each setting
// that doesn't is a *SettingError, and all of them are joined. It is for hosts that
// run statements themselves: what Open and NewConnector open is checked already.
//
// Settings belong to connections. Check each one that statements run on: of a
// *sql.DB it is whichever is free, so let the driver give all of them the same.
//
// It is one round trip. Nothing is looked at for ClickHouse, Trino, Snowflake and
// BigQuery.
func CheckServer(ctx context.Context, db Queryer, d Dialect) error {
	s, ok := serverOf(d)
	if !ok {
		return nil
	}
	rows, err := db.QueryContext(ctx, s.query())
	if err != nil {
		return unread(err)
	}
	defer rows.Close()
	values, into := make([]any, len(s)), make([]any, len(s))
	for i := range values {
		into[i] = &values[i]
	}
	if !rows.Next() {
		return unread(errors.Join(errNotOneRow, rows.Err()))
	}
	if err := rows.Scan(into...); err != nil {
		return unread(err)
	}
	if rows.Next() {
		return unread(errNotOneRow)
	}
	if err := rows.Err(); err != nil {
		return unread(err)
	}
	return s.judge(d, values)
}

func unread(err error) error {
	return fmt.Errorf("rls: the settings of the connection can't be read: %w", err)
}

// setting is something that a connection must have.
type setting struct {
	name string
	// read is an expression that gives the value.
	read string
	// fits reports whether a value will do.
	fits func(value string) bool
	why  string
	cure string
}

// server is what is looked at of a database.
type server []setting

// serverOf gives what is looked at for a dialect.
func serverOf(d Dialect) (server, bool) {
	switch d.d {
	case dialect.MySQL:
		return mysqlServer, true
	case dialect.MariaDB:
		return mariaDBServer, true
	case dialect.PostgreSQL:
		return postgreSQLServer, true
	case dialect.PostgreSQLCollations:
		return postgreSQLCommon, true
	case dialect.SQLite:
		return sqliteServer, true
	case dialect.DuckDB:
		return duckDBServer, true
	default:
		return nil, false
	}
}

// query reads all values at once.
func (s server) query() string {
	reads := make([]string, len(s))
	for i, x := range s {
		reads[i] = x.read
	}
	return "SELECT " + strings.Join(reads, ", ")
}

// judge names the values that won't do.
func (s server) judge(d Dialect, values []any) error {
	var problems []error
	for i, x := range s {
		if v := asText(values[i]); !x.fits(v) {
			problems = append(problems, &SettingError{Dialect: d, Setting: x.name, Value: v, Why: x.why, Cure: x.cure})
		}
	}
	return errors.Join(problems...)
}

// asText writes a value as drivers give it; NULL is "".
func asText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []byte:
		return string(v)
	case bool:
		if v {
			return "1"
		}
		return "0"
	default:
		return fmt.Sprint(v)
	}
}

// check is CheckServer for a connection of a driver.
func (s server) check(ctx context.Context, c driver.Conn, d Dialect) error {
	values, err := s.values(ctx, c)
	if err != nil {
		return unread(err)
	}
	return s.judge(d, values)
}

func (s server) values(ctx context.Context, c driver.Conn) (_ []any, err error) {
	st := &Statement{SQL: s.query()}
	rows, err := queryDirect(ctx, c, st)
	if err == driver.ErrSkip {
		var p driver.Stmt
		if p, err = prepareDirect(ctx, c, st.SQL); err != nil {
			return nil, noSkip(err)
		}
		defer func() { err = errors.Join(err, p.Close()) }()
		rows, err = queryPrepared(ctx, p, nil)
	}
	if err != nil {
		return nil, noSkip(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if len(rows.Columns()) != len(s) {
		return nil, errNotOneRow
	}
	row := make([]driver.Value, len(s))
	if err := rows.Next(row); err != nil {
		return nil, errors.Join(errNotOneRow, err)
	}
	values := make([]any, len(s))
	for i, v := range row {
		if b, ok := v.([]byte); ok {
			v = string(b) // the driver's buffer is used again
		}
		values[i] = v
	}
	if err := rows.Next(row); err != io.EOF {
		return nil, errors.Join(errNotOneRow, err)
	}
	return values, nil
}
