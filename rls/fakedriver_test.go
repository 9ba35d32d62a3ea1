package rls

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/session"
	"github.com/stretchr/testify/require"
)

// fakeGate enforces by marking the text and putting the tenant before the
// caller's values. A session with a shape gets another text.
type fakeGate struct{}

func (fakeGate) Enforce(_ context.Context, s session.Session, query string, args ...any) (*Statement, error) {
	if !strings.HasPrefix(query, "SELECT") {
		return nil, newError(fault.New(fault.Unsupported, 1, "only reads"), query)
	}
	if want := strings.Count(query, "?"); want != len(args) {
		return nil, newError(fault.New(fault.Syntax, 1, "%d values for %d placeholders", len(args), want), query)
	}
	tenant, _ := s.Value("tenant")
	shape, _ := s.Value("shape")
	return &Statement{
		SQL:     fmt.Sprintf("ENFORCED%v %s", shape, query),
		Args:    append([]any{tenant}, args...),
		Columns: []Column{{Name: "tenant"}, {Name: "number"}},
	}, nil
}

func (fakeGate) server() Dialect { return Dialect{} }

func (g fakeGate) placeholders(ctx context.Context, s session.Session, query string) (int, error) {
	n := strings.Count(query, "?")
	_, err := g.Enforce(ctx, s, query, make([]any, n)...)
	return n, err
}

func (fakeGate) refused(_ context.Context, _ session.Session, query string, err error) error {
	return newError(err, query)
}

// as gives a context with a session of a tenant.
func as(t testing.TB, tenant string) context.Context { return asShape(t, tenant, "") }

func asShape(t testing.TB, tenant, shape string) context.Context {
	t.Helper()
	schema, err := session.NewSchema(
		session.Property{Name: "tenant", Type: session.String, Required: true},
		session.Property{Name: "shape", Type: session.String},
	)
	require.NoError(t, err)
	s, err := schema.New(map[string]any{"tenant": tenant, "shape": shape})
	require.NoError(t, err)
	return session.NewContext(t.Context(), s)
}

// fakeDB is what the fake driver was asked to do.
type fakeDB struct {
	mu         sync.Mutex
	calls      []fakeCall
	fail       []error // errors of the next calls that carry a text
	failNext   error   // of Next
	width      int     // columns of a result, 2 when zero
	numInput   func(text string) int
	open       int // statements not closed
	rowsClosed int
	cursor     driver.Rows // a value of each row, when set
}

type fakeCall struct {
	op, text string
	args     []any
}

// record notes a call and gives the error that it is to fail with.
func (d *fakeDB) record(op, text string, args []driver.NamedValue) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	call := fakeCall{op: op, text: text}
	for _, a := range args {
		call.args = append(call.args, a.Value)
	}
	d.calls = append(d.calls, call)
	if text == "" || len(d.fail) == 0 {
		return nil
	}
	err := d.fail[0]
	d.fail = d.fail[1:]
	return err
}

func (d *fakeDB) recorded() []fakeCall {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]fakeCall(nil), d.calls...)
}

// count is how often an operation was asked for.
func (d *fakeDB) count(op string) int {
	n := 0
	for _, c := range d.recorded() {
		if c.op == op {
			n++
		}
	}
	return n
}

func (d *fakeDB) openStatements() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open
}

func (d *fakeDB) newRows(source *[]driver.NamedValue) *fakeRows {
	return &fakeRows{db: d, source: source}
}

// legacyConn has only what driver.Conn requires.
type legacyConn struct{ db *fakeDB }

func (c *legacyConn) Prepare(text string) (driver.Stmt, error) {
	if err := c.db.record("prepare", text, nil); err != nil {
		return nil, err
	}
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	c.db.open++
	return &legacyStmt{db: c.db, text: text}, nil
}

func (c *legacyConn) Begin() (driver.Tx, error) {
	return &fakeTx{db: c.db}, c.db.record("begin", "", nil)
}

func (c *legacyConn) Close() error { return c.db.record("close", "", nil) }

// olderConn adds the context-free Query and Exec.
type olderConn struct{ legacyConn }

func (c *olderConn) Query(text string, args []driver.Value) (driver.Rows, error) {
	named := number(args)
	if err := c.db.record("query", text, named); err != nil {
		return nil, err
	}
	return c.db.newRows(&named), nil
}

func (c *olderConn) Exec(text string, args []driver.Value) (driver.Result, error) {
	return driver.RowsAffected(7), c.db.record("exec", text, number(args))
}

// preparingConn prepares with a context, and runs nothing unprepared.
type preparingConn struct{ legacyConn }

func (c *preparingConn) PrepareContext(_ context.Context, text string) (driver.Stmt, error) {
	s, err := c.Prepare(text)
	if err != nil {
		return nil, err
	}
	return &modernStmt{s.(*legacyStmt)}, nil
}

// modernConn has everything.
type modernConn struct {
	preparingConn
	check  func(*driver.NamedValue) error
	broken bool
}

func (c *modernConn) QueryContext(_ context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.db.record("query", text, args); err != nil {
		return nil, err
	}
	return &typedRows{c.db.newRows(&args)}, nil
}

func (c *modernConn) ExecContext(_ context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(7), c.db.record("exec", text, args)
}

func (c *modernConn) BeginTx(_ context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return &fakeTx{db: c.db}, c.db.record(fmt.Sprintf("begin %d %t", opts.Isolation, opts.ReadOnly), "", nil)
}

func (c *modernConn) CheckNamedValue(nv *driver.NamedValue) error {
	if c.check == nil {
		return driver.ErrSkip
	}
	return c.check(nv)
}

func (c *modernConn) Ping(context.Context) error         { return c.db.record("ping", "", nil) }
func (c *modernConn) ResetSession(context.Context) error { return c.db.record("reset", "", nil) }
func (c *modernConn) IsValid() bool                      { return !c.broken }

// skippingConn wants everything prepared, and says so with driver.ErrSkip.
type skippingConn struct{ modernConn }

func (c *skippingConn) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return nil, driver.ErrSkip
}

func (c *skippingConn) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return nil, driver.ErrSkip
}

// legacyStmt is, as in real drivers, one cursor: running it again changes what
// the rows of the last run read.
type legacyStmt struct {
	db   *fakeDB
	text string
	args []driver.NamedValue
}

func (s *legacyStmt) run(op string, args []driver.NamedValue) error {
	s.args = args
	return s.db.record(op, s.text, args)
}

func (s *legacyStmt) Query(args []driver.Value) (driver.Rows, error) {
	if err := s.run("stmt query", number(args)); err != nil {
		return nil, err
	}
	return s.db.newRows(&s.args), nil
}

func (s *legacyStmt) Exec(args []driver.Value) (driver.Result, error) {
	return driver.RowsAffected(7), s.run("stmt exec", number(args))
}

func (s *legacyStmt) NumInput() int {
	if s.db.numInput == nil {
		return -1
	}
	return s.db.numInput(s.text)
}

func (s *legacyStmt) Close() error {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	s.db.open--
	return nil
}

type modernStmt struct{ *legacyStmt }

func (s *modernStmt) QueryContext(_ context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.run("stmt query", args); err != nil {
		return nil, err
	}
	return s.db.newRows(&s.args), nil
}

func (s *modernStmt) ExecContext(_ context.Context, args []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(7), s.run("stmt exec", args)
}

type fakeTx struct{ db *fakeDB }

func (t *fakeTx) Commit() error   { return t.db.record("commit", "", nil) }
func (t *fakeTx) Rollback() error { return t.db.record("rollback", "", nil) }

// fakeRows gives two rows: the tenant in the first argument, and a number.
type fakeRows struct {
	db     *fakeDB
	source *[]driver.NamedValue
	n      int64
}

func (r *fakeRows) Columns() []string {
	if r.db.width == 0 {
		return []string{"physical_a", "physical_b"}
	}
	return make([]string, r.db.width)
}

func (r *fakeRows) Next(dest []driver.Value) error {
	if r.db.failNext != nil {
		return r.db.failNext
	}
	if r.n == 2 {
		return io.EOF
	}
	r.n++
	if args := *r.source; len(args) > 0 {
		dest[0] = args[0].Value
	}
	dest[1] = r.n
	if r.db.cursor != nil {
		dest[1] = r.db.cursor
	}
	return nil
}

func (r *fakeRows) Close() error {
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	r.db.rowsClosed++
	return nil
}

// typedRows tells column types, and has a second result set which nobody may see.
type typedRows struct{ *fakeRows }

func (typedRows) ColumnTypeDatabaseTypeName(i int) string { return fmt.Sprint("TYPE", i) }
func (typedRows) ColumnTypeLength(i int) (int64, bool)    { return int64(i) + 40, true }
func (typedRows) ColumnTypeNullable(i int) (_, _ bool)    { return i == 1, true }
func (typedRows) ColumnTypeScanType(int) reflect.Type     { return reflect.TypeFor[int64]() }
func (typedRows) HasNextResultSet() bool                  { return true }
func (typedRows) NextResultSet() error                    { return nil }
func (typedRows) ColumnTypePrecisionScale(i int) (p, s int64, ok bool) {
	return int64(i) + 10, 2, true
}

// fakeConnector connects to connections that open makes.
type fakeConnector struct {
	open   func() driver.Conn
	closed bool
}

func (c *fakeConnector) Connect(context.Context) (driver.Conn, error) { return c.open(), nil }
func (c *fakeConnector) Driver() driver.Driver                        { return fakeDriver{c} }
func (c *fakeConnector) Close() error                                 { c.closed = true; return nil }

// fakeDriver is a driver of the older kind, with Open only.
type fakeDriver struct{ c *fakeConnector }

func (d fakeDriver) Open(dsn string) (driver.Conn, error) {
	if dsn != "right" {
		return nil, errors.New("wrong DSN " + dsn)
	}
	return d.c.open(), nil
}

// contextDriver is a driver that makes connectors.
type contextDriver struct{ fakeDriver }

func (d contextDriver) OpenConnector(dsn string) (driver.Connector, error) {
	if dsn != "right" {
		return nil, errors.New("wrong DSN " + dsn)
	}
	return d.c, nil
}

func number(args []driver.Value) []driver.NamedValue {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return named
}
