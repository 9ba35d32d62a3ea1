package rls

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// variants are the kinds of driver that there are, by the interfaces they have.
var variants = map[string]func(*fakeDB) driver.Conn{
	"legacy":    func(d *fakeDB) driver.Conn { return &legacyConn{d} },
	"older":     func(d *fakeDB) driver.Conn { return &olderConn{legacyConn{d}} },
	"preparing": func(d *fakeDB) driver.Conn { return &preparingConn{legacyConn{d}} },
	"modern":    func(d *fakeDB) driver.Conn { return newModern(d) },
	"skipping":  func(d *fakeDB) driver.Conn { return &skippingConn{*newModern(d)} },
}

func newModern(d *fakeDB) *modernConn {
	return &modernConn{preparingConn: preparingConn{legacyConn{d}}}
}

// openFake opens a database on a fake connection.
func openFake(t testing.TB, open func() driver.Conn) *sql.DB {
	t.Helper()
	db := sql.OpenDB(&connector{inner: &fakeConnector{open: open}, gate: fakeGate{}})
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

func openVariant(t testing.TB, name string) (*sql.DB, *fakeDB) {
	t.Helper()
	fake := &fakeDB{}
	return openFake(t, func() driver.Conn { return variants[name](fake) }), fake
}

// tenants reads the first column of a result.
func tenants(t testing.TB, rows *sql.Rows, err error) []string {
	t.Helper()
	require.NoError(t, err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var tenant string
		var n int64
		require.NoError(t, rows.Scan(&tenant, &n))
		all = append(all, tenant)
	}
	require.NoError(t, rows.Err())
	return all
}

const logical = "SELECT tenant, number FROM things WHERE a = ?"

// entries are the ways through which database/sql sends a text to a driver.
// Each gives the tenants it read, nil for an Exec.
var entries = map[string]func(t testing.TB, ctx context.Context, db *sql.DB, query string, arg any) ([]string, error){
	"Query": func(t testing.TB, ctx context.Context, db *sql.DB, query string, arg any) ([]string, error) {
		return collect(db.QueryContext(ctx, query, arg))
	},
	"QueryRow": func(t testing.TB, ctx context.Context, db *sql.DB, query string, arg any) ([]string, error) {
		var tenant string
		var n int64
		err := db.QueryRowContext(ctx, query, arg).Scan(&tenant, &n)
		return []string{tenant, tenant}, err
	},
	"Exec": func(t testing.TB, ctx context.Context, db *sql.DB, query string, arg any) ([]string, error) {
		_, err := db.ExecContext(ctx, query, arg)
		return nil, err
	},
	"Prepare": func(t testing.TB, ctx context.Context, db *sql.DB, query string, arg any) ([]string, error) {
		s, err := db.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		defer s.Close()
		if _, err := s.ExecContext(ctx, arg); err != nil {
			return nil, err
		}
		return collect(s.QueryContext(ctx, arg))
	},
	"Tx": func(t testing.TB, ctx context.Context, db *sql.DB, query string, arg any) ([]string, error) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		defer tx.Rollback()
		if _, err := tx.ExecContext(ctx, query, arg); err != nil {
			return nil, err
		}
		return collect(tx.QueryContext(ctx, query, arg))
	},
	"Tx.Stmt": func(t testing.TB, ctx context.Context, db *sql.DB, query string, arg any) ([]string, error) {
		s, err := db.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		defer s.Close()
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		defer tx.Rollback()
		return collect(tx.StmtContext(ctx, s).QueryContext(ctx, arg))
	},
	"Conn": func(t testing.TB, ctx context.Context, db *sql.DB, query string, arg any) ([]string, error) {
		c, err := db.Conn(ctx)
		require.NoError(t, err)
		defer c.Close()
		return collect(c.QueryContext(ctx, query, arg))
	},
	"Conn.Prepare": func(t testing.TB, ctx context.Context, db *sql.DB, query string, arg any) ([]string, error) {
		c, err := db.Conn(ctx)
		require.NoError(t, err)
		defer c.Close()
		s, err := c.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		defer s.Close()
		return collect(s.QueryContext(ctx, arg))
	},
	"Conn.Raw": func(t testing.TB, ctx context.Context, db *sql.DB, query string, arg any) (got []string, err error) {
		c, err := db.Conn(ctx)
		require.NoError(t, err)
		defer c.Close()
		return got, c.Raw(func(raw any) error {
			rows, err := raw.(driver.QueryerContext).QueryContext(ctx, query, number([]driver.Value{arg}))
			if err != nil {
				return err
			}
			dest := make([]driver.Value, 2)
			for rows.Next(dest) == nil {
				got = append(got, dest[0].(string))
			}
			return rows.Close()
		})
	},
}

func collect(rows *sql.Rows, err error) (all []string, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var tenant string
		var n int64
		if err := rows.Scan(&tenant, &n); err != nil {
			return nil, err
		}
		all = append(all, tenant)
	}
	return all, rows.Err()
}

// eachDoor runs a test for every kind of driver and every way to it.
func eachDoor(t *testing.T, test func(t *testing.T, entry string, db *sql.DB, fake *fakeDB)) {
	for variant := range variants {
		for entry := range entries {
			t.Run(variant+"/"+entry, func(t *testing.T) {
				db, fake := openVariant(t, variant)
				test(t, entry, db, fake)
				assert.Zero(t, fake.openStatements(), "statements left open")
			})
		}
	}
}

func TestRawTextNeverReachesTheDriver(t *testing.T) {
	eachDoor(t, func(t *testing.T, entry string, db *sql.DB, fake *fakeDB) {
		got, err := entries[entry](t, as(t, "acme"), db, logical, int64(5))
		require.NoError(t, err)
		if entry != "Exec" {
			assert.Equal(t, []string{"acme", "acme"}, got)
		}
		texts := 0
		for _, call := range fake.recorded() {
			if call.text == "" {
				continue
			}
			texts++
			assert.Equal(t, "ENFORCED "+logical, call.text)
			if call.op != "prepare" {
				assert.Equal(t, []any{"acme", int64(5)}, call.args)
			}
		}
		assert.Positive(t, texts)
	})
}

func TestNoSession(t *testing.T) {
	eachDoor(t, func(t *testing.T, entry string, db *sql.DB, fake *fakeDB) {
		_, err := entries[entry](t, t.Context(), db, logical, int64(5))
		require.ErrorIs(t, err, ErrNoSession)
		for _, call := range fake.recorded() {
			assert.Contains(t, []string{"reset", "close"}, call.op)
		}
	})
}

func TestRefusedQuery(t *testing.T) {
	eachDoor(t, func(t *testing.T, entry string, db *sql.DB, fake *fakeDB) {
		_, err := entries[entry](t, as(t, "acme"), db, "DELETE FROM things WHERE a = ?", int64(5))
		require.ErrorIs(t, err, ErrUnsupported)
		for _, call := range fake.recorded() {
			assert.Empty(t, call.text)
		}
	})
}

func TestCallsWithoutContext(t *testing.T) {
	db, fake := openVariant(t, "modern")
	s, err := db.PrepareContext(as(t, "acme"), logical)
	require.NoError(t, err)
	defer s.Close()
	calls := map[string]func() error{
		"Query":      func() error { _, err := db.Query(logical, 5); return err },
		"QueryRow":   func() error { return db.QueryRow(logical, 5).Err() },
		"Exec":       func() error { _, err := db.Exec(logical, 5); return err },
		"Prepare":    func() error { _, err := db.Prepare(logical); return err },
		"Begin":      func() error { _, err := db.Begin(); return err },
		"Stmt.Query": func() error { _, err := s.Query(5); return err },
		"Stmt.Exec":  func() error { _, err := s.Exec(5); return err },
	}
	for name, call := range calls {
		assert.ErrorIs(t, call(), ErrNoSession, name)
	}
	raw := &conn{inner: newModern(fake), gate: fakeGate{}}
	_, err = raw.Prepare(logical)
	assert.ErrorIs(t, err, ErrNoSession)
	_, err = raw.Begin()
	assert.ErrorIs(t, err, ErrNoSession)
	inner, err := raw.PrepareContext(as(t, "acme"), logical)
	require.NoError(t, err)
	_, err = inner.Query([]driver.Value{int64(5)})
	assert.ErrorIs(t, err, ErrNoSession)
	_, err = inner.Exec([]driver.Value{int64(5)})
	assert.ErrorIs(t, err, ErrNoSession)
	for _, call := range fake.recorded() {
		assert.Empty(t, call.text)
	}
}

// Only these methods are in reach of somebody who got hold of a wrapper, so
// none gives the inner value, and database/sql finds these interfaces only.
func TestWhatTheWrappersHave(t *testing.T) {
	methods := map[reflect.Type]string{
		reflect.TypeFor[*connector](): "Close Connect Driver",
		reflect.TypeFor[*conn](): "Begin BeginTx CheckNamedValue Close ExecContext IsValid Ping Prepare " +
			"PrepareContext QueryContext ResetSession",
		reflect.TypeFor[*stmt](): "Close Exec ExecContext NumInput Query QueryContext",
		reflect.TypeFor[*tx]():   "Commit Rollback",
		reflect.TypeFor[*rows](): "Close ColumnTypeDatabaseTypeName ColumnTypeLength ColumnTypeNullable " +
			"ColumnTypePrecisionScale ColumnTypeScanType Columns Next",
		reflect.TypeFor[readResult]():   "LastInsertId RowsAffected",
		reflect.TypeFor[sealedDriver](): "Open",
	}
	for typ, want := range methods {
		var have []string
		for m := range typ.Methods() {
			have = append(have, m.Name)
		}
		assert.Equal(t, strings.Fields(want), have, typ)
		if typ.Kind() == reflect.Pointer {
			for f := range typ.Elem().Fields() {
				assert.False(t, f.IsExported(), "%v.%s", typ, f.Name)
			}
		}
	}
}

func TestPreparedStatementIsEnforcedAtExecution(t *testing.T) {
	for variant := range variants {
		t.Run(variant, func(t *testing.T) {
			db, fake := openVariant(t, variant)
			db.SetMaxOpenConns(1)
			s, err := db.PrepareContext(as(t, "acme"), logical)
			require.NoError(t, err)
			for _, tenant := range []string{"acme", "evil", "acme"} {
				rows, err := s.QueryContext(as(t, tenant), 5)
				assert.Equal(t, []string{tenant, tenant}, tenants(t, rows, err))
			}
			assert.Equal(t, 1, fake.count("prepare"), "one text serves all tenants")

			rows, err := s.QueryContext(asShape(t, "acme", "-admin"), 5)
			assert.Equal(t, []string{"acme", "acme"}, tenants(t, rows, err))
			last := fake.recorded()[len(fake.recorded())-1]
			assert.Equal(t, "ENFORCED-admin "+logical, last.text)
			assert.Equal(t, 2, fake.count("prepare"), "another text is prepared anew")
			assert.Equal(t, 1, fake.openStatements(), "and takes the place of the old one")

			_, err = s.QueryContext(t.Context(), 5)
			assert.ErrorIs(t, err, ErrNoSession)
			require.NoError(t, s.Close())
			assert.Zero(t, fake.openStatements())
		})
	}
}

// Rows that are open in a transaction keep reading their own session's data
// while their statement runs for another one.
func TestOpenRowsOfAPreparedStatement(t *testing.T) {
	for _, shape := range []string{"", "-admin"} {
		t.Run("shape"+shape, func(t *testing.T) {
			db, fake := openVariant(t, "modern")
			tx, err := db.BeginTx(as(t, "acme"), nil)
			require.NoError(t, err)
			defer tx.Rollback()
			s, err := tx.PrepareContext(as(t, "acme"), logical)
			require.NoError(t, err)

			first, err := s.QueryContext(as(t, "acme"), 5)
			require.NoError(t, err)
			require.True(t, first.Next())
			second, err := s.QueryContext(asShape(t, "evil", shape), 5)
			assert.Equal(t, []string{"evil", "evil"}, tenants(t, second, err))
			assert.Equal(t, 2, fake.openStatements())
			assert.Equal(t, []string{"acme"}, tenants(t, first, nil))
			assert.Equal(t, 1, fake.openStatements(), "the older statement closes with its rows")

			require.NoError(t, s.Close())
			assert.Zero(t, fake.openStatements())
		})
	}
}

func TestStatementClosedBeforeItsRows(t *testing.T) {
	fake := &fakeDB{}
	c := &conn{inner: newModern(fake), gate: fakeGate{}}
	s, err := c.PrepareContext(as(t, "acme"), logical)
	require.NoError(t, err)
	args := number([]driver.Value{int64(5)})
	rows, err := s.(driver.StmtQueryContext).QueryContext(as(t, "acme"), args)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	assert.Equal(t, 1, fake.openStatements())
	require.NoError(t, rows.Close())
	require.NoError(t, rows.Close())
	assert.Zero(t, fake.openStatements())
	_, err = s.(driver.StmtQueryContext).QueryContext(as(t, "acme"), args)
	require.ErrorIs(t, err, errStmtClosed)
	_, err = s.(driver.StmtExecContext).ExecContext(as(t, "acme"), args)
	require.ErrorIs(t, err, errStmtClosed)
}

func TestSkippedStatementClosesWithItsRows(t *testing.T) {
	db, fake := openVariant(t, "skipping")
	rows, err := db.QueryContext(as(t, "acme"), logical, 5)
	require.NoError(t, err)
	assert.Equal(t, 1, fake.openStatements())
	require.NoError(t, rows.Close())
	assert.Zero(t, fake.openStatements())

	fake.fail = []error{nil, errors.New("no")}
	_, err = db.QueryContext(as(t, "acme"), logical, 5)
	require.EqualError(t, err, "no")
	assert.Zero(t, fake.openStatements(), "closed after a failure")
}

// A driver that skips where it may not must not make database/sql prepare the
// caller's text.
func TestErrSkipStaysInside(t *testing.T) {
	wrapped := errors.Join(driver.ErrSkip)
	for name, fail := range map[string][]error{
		"from prepare":   {driver.ErrSkip},
		"from statement": {nil, driver.ErrSkip},
		"wrapped":        {wrapped},
	} {
		for _, exec := range []bool{false, true} {
			fake := &fakeDB{fail: fail}
			c := &conn{inner: variants["preparing"](fake), gate: fakeGate{}}
			if name == "wrapped" {
				c.inner = newModern(fake)
			}
			var err error
			if exec {
				_, err = c.ExecContext(as(t, "acme"), logical, number([]driver.Value{int64(5)}))
			} else {
				_, err = c.QueryContext(as(t, "acme"), logical, number([]driver.Value{int64(5)}))
			}
			assert.ErrorIs(t, err, errSkipped, name)
			assert.NotErrorIs(t, err, driver.ErrSkip, name)
			assert.Zero(t, fake.openStatements(), name)
		}
	}
}

type status string

type cents struct{ n int64 }

func (c cents) Value() (driver.Value, error) { return c.n, nil }

func TestCallerArguments(t *testing.T) {
	now := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	text := "x"
	for name, c := range map[string]struct{ in, want any }{
		"int":         {5, int64(5)},
		"uint8":       {uint8(5), int64(5)},
		"string kind": {status("open"), "open"},
		"pointer":     {&text, "x"},
		"nil pointer": {(*string)(nil), nil},
		"nil":         {nil, nil},
		"bytes":       {[]byte("b"), []byte("b")},
		"bool":        {true, true},
		"time":        {now, now},
		"valuer":      {cents{7}, int64(7)},
		"null":        {sql.NullString{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			db, fake := openVariant(t, "modern")
			rows, err := db.QueryContext(as(t, "acme"), logical, c.in)
			tenants(t, rows, err)
			assert.Equal(t, []any{"acme", c.want}, fake.recorded()[0].args)
		})
	}
}

func TestRefusedArguments(t *testing.T) {
	var out string
	for name, c := range map[string]struct {
		arg  any
		want string
	}{
		"named":  {sql.Named("tenant", "evil"), "named arguments are not supported"},
		"out":    {sql.Out{Dest: &out}, "output arguments are not supported"},
		"struct": {struct{}{}, "unsupported type"},
		"slice":  {[]string{"a"}, "unsupported type"},
	} {
		t.Run(name, func(t *testing.T) {
			for entry := range entries {
				if entry == "Conn.Raw" {
					continue // below, with values that no converter saw
				}
				db, fake := openVariant(t, "skipping")
				_, err := entries[entry](t, as(t, "acme"), db, logical, c.arg)
				require.ErrorContains(t, err, c.want, entry)
				for _, call := range fake.recorded() {
					assert.NotContains(t, []string{"stmt query", "stmt exec"}, call.op)
				}
			}
			raw := &conn{inner: newModern(&fakeDB{}), gate: fakeGate{}}
			_, err := raw.QueryContext(as(t, "acme"), logical, number([]driver.Value{c.arg}))
			require.ErrorContains(t, err, c.want)
		})
	}
	raw := &conn{inner: newModern(&fakeDB{}), gate: fakeGate{}}
	_, err := raw.QueryContext(as(t, "acme"), logical, []driver.NamedValue{{Name: "tenant", Ordinal: 1, Value: "evil"}})
	require.ErrorIs(t, err, ErrUnsupported)
}

func TestArgumentCount(t *testing.T) {
	db, fake := openVariant(t, "modern")
	s, err := db.PrepareContext(as(t, "acme"), logical)
	require.NoError(t, err)
	defer s.Close()
	for _, args := range [][]any{{}, {1, 2}} {
		_, err = s.QueryContext(as(t, "acme"), args...)
		require.ErrorContains(t, err, "expected 1 arguments, got")
		_, err = db.QueryContext(as(t, "acme"), logical, args...)
		require.ErrorIs(t, err, ErrSyntax)
	}
	assert.Empty(t, fake.recorded()[0].text)

	fake.numInput = func(string) int { return 1 }
	_, err = s.QueryContext(as(t, "acme"), 5)
	require.ErrorContains(t, err, "the enforced statement has 2 arguments, the driver expects 1")
	fake.numInput = func(string) int { return 2 }
	rows, err := s.QueryContext(as(t, "acme"), 5)
	assert.Len(t, tenants(t, rows, err), 2)
}

// checkedStmt and columnStmt are statements with converters of their own.
type checkedStmt struct{ *legacyStmt }

func (checkedStmt) CheckNamedValue(nv *driver.NamedValue) error {
	nv.Value = "checked"
	return nil
}

type columnStmt struct{ *legacyStmt }

func (columnStmt) ColumnConverter(i int) driver.ValueConverter { return columnConverter(i) }

type columnConverter int

func (c columnConverter) ConvertValue(v any) (driver.Value, error) {
	if v == "struct" {
		return struct{}{}, nil
	}
	return []any{"zero", "one"}[c], nil
}

func TestInnerConverters(t *testing.T) {
	mark := func(nv *driver.NamedValue) error { nv.Value = "conn"; return nil }
	stmt := &legacyStmt{db: &fakeDB{}}
	modern := newModern(&fakeDB{})
	for name, c := range map[string]struct {
		conn  driver.Conn
		check func(*driver.NamedValue) error
		stmt  driver.Stmt
		want  []any
	}{
		"none":                {conn: &legacyConn{}, stmt: stmt, want: []any{int64(1), int64(2)}},
		"connection":          {conn: modern, check: mark, stmt: stmt, want: []any{"conn", "conn"}},
		"connection, no stmt": {conn: modern, check: mark, want: []any{"conn", "conn"}},
		"statement first":     {conn: modern, check: mark, stmt: checkedStmt{stmt}, want: []any{"checked", "checked"}},
		"column":              {conn: &legacyConn{}, stmt: columnStmt{stmt}, want: []any{"zero", "one"}},
		"column after skip":   {conn: modern, stmt: columnStmt{stmt}, want: []any{"zero", "one"}},
	} {
		modern.check = c.check
		bound, err := bind(c.conn, c.stmt, []any{1, int32(2)})
		require.NoError(t, err, name)
		assert.Equal(t, []driver.NamedValue{{Ordinal: 1, Value: c.want[0]}, {Ordinal: 2, Value: c.want[1]}}, bound, name)
	}

	_, err := bind(&legacyConn{}, columnStmt{stmt}, []any{"struct"})
	require.ErrorIs(t, err, errNotValue)
	modern.check = func(*driver.NamedValue) error { return driver.ErrRemoveArgument }
	_, err = bind(modern, nil, []any{1})
	require.ErrorIs(t, err, errRemoved)
	require.NotErrorIs(t, err, driver.ErrRemoveArgument)
}

func TestColumns(t *testing.T) {
	for variant := range variants {
		db, _ := openVariant(t, variant)
		rows, err := db.QueryContext(as(t, "acme"), logical, 5)
		require.NoError(t, err)
		names, err := rows.Columns()
		require.NoError(t, err)
		assert.Equal(t, []string{"tenant", "number"}, names, variant)
		for rows.Next() {
		}
		assert.False(t, rows.NextResultSet(), variant)
		require.NoError(t, rows.Close())
	}
}

func TestColumnTypes(t *testing.T) {
	types := func(variant string) *sql.ColumnType {
		db, _ := openVariant(t, variant)
		rows, err := db.QueryContext(as(t, "acme"), logical, 5)
		require.NoError(t, err)
		defer rows.Close()
		all, err := rows.ColumnTypes()
		require.NoError(t, err)
		require.Len(t, all, 2)
		return all[1]
	}
	told := types("modern")
	assert.Equal(t, "number", told.Name())
	assert.Equal(t, "TYPE1", told.DatabaseTypeName())
	assert.Equal(t, reflect.TypeFor[int64](), told.ScanType())
	length, ok := told.Length()
	assert.Equal(t, []any{int64(41), true}, []any{length, ok})
	nullable, ok := told.Nullable()
	assert.Equal(t, []any{true, true}, []any{nullable, ok})
	precision, scale, ok := told.DecimalSize()
	assert.Equal(t, []any{int64(11), int64(2), true}, []any{precision, scale, ok})

	untold := types("legacy")
	assert.Equal(t, "number", untold.Name())
	assert.Empty(t, untold.DatabaseTypeName())
	assert.Equal(t, reflect.TypeFor[any](), untold.ScanType())
	_, ok = untold.Length()
	assert.False(t, ok)
	_, ok = untold.Nullable()
	assert.False(t, ok)
	_, _, ok = untold.DecimalSize()
	assert.False(t, ok)
}

func TestStrangeResults(t *testing.T) {
	for variant := range variants {
		db, fake := openVariant(t, variant)
		fake.width = 3
		_, err := db.QueryContext(as(t, "acme"), logical, 5)
		require.ErrorIs(t, err, errWidth, variant)
		assert.Equal(t, 1, fake.rowsClosed, variant)
		assert.Zero(t, fake.openStatements(), variant)

		fake.width, fake.cursor = 0, &fakeRows{db: fake}
		_, err = collect(db.QueryContext(as(t, "acme"), logical, 5))
		require.ErrorIs(t, err, errCursor, variant)
	}
}

func TestExecTellsNothingOfTheConnection(t *testing.T) {
	for variant := range variants {
		db, _ := openVariant(t, variant)
		result, err := db.ExecContext(as(t, "acme"), logical, 5)
		require.NoError(t, err)
		n, err := result.RowsAffected()
		require.NoError(t, err)
		assert.Zero(t, n, variant)
		_, err = result.LastInsertId()
		require.ErrorIs(t, err, errNoInsert, variant)
	}
}

func TestDriverErrors(t *testing.T) {
	for entry := range entries {
		if entry == "Conn.Raw" || strings.HasPrefix(entry, "Tx") || entry == "Conn" || entry == "Conn.Prepare" {
			continue // database/sql retries nothing on a connection of the caller's
		}
		t.Run(entry, func(t *testing.T) {
			db, fake := openVariant(t, "modern")
			fake.fail = []error{driver.ErrBadConn}
			_, err := entries[entry](t, as(t, "acme"), db, logical, 5)
			require.NoError(t, err, "a lost connection is retried")
			assert.Equal(t, 1, fake.count("close"))
			for _, call := range fake.recorded() {
				assert.True(t, call.text == "" || strings.HasPrefix(call.text, "ENFORCED "), call.text)
			}
			failure := errors.New("disk full")
			fake.fail = []error{failure}
			_, err = entries[entry](t, as(t, "acme"), db, logical, 5)
			assert.Same(t, failure, err, "other errors pass as they are")
		})
	}
	db, fake := openVariant(t, "modern")
	fake.failNext = errors.New("lost")
	_, err := collect(db.QueryContext(as(t, "acme"), logical, 5))
	assert.Same(t, fake.failNext, err)
}

func TestTransactionOptions(t *testing.T) {
	db, fake := openVariant(t, "modern")
	tx, err := db.BeginTx(as(t, "acme"), &sql.TxOptions{Isolation: sql.LevelSerializable, ReadOnly: true})
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	assert.Equal(t, 1, fake.count("begin 6 true"))
	assert.Equal(t, 1, fake.count("commit"))

	db, fake = openVariant(t, "legacy")
	_, err = db.BeginTx(as(t, "acme"), &sql.TxOptions{Isolation: sql.LevelSerializable})
	require.ErrorIs(t, err, errTxLevel)
	_, err = db.BeginTx(as(t, "acme"), &sql.TxOptions{ReadOnly: true})
	require.ErrorIs(t, err, errTxRead)
	tx, err = db.BeginTx(as(t, "acme"), nil)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback())
	assert.Equal(t, 1, fake.count("begin"))
	assert.Equal(t, 1, fake.count("rollback"))
}

// A transaction may be used for several sessions; each call has its own.
func TestTransactionEnforcesEachCall(t *testing.T) {
	db, _ := openVariant(t, "modern")
	tx, err := db.BeginTx(as(t, "acme"), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	for _, tenant := range []string{"acme", "evil"} {
		rows, err := tx.QueryContext(as(t, tenant), logical, 5)
		assert.Equal(t, []string{tenant, tenant}, tenants(t, rows, err))
	}
	_, err = tx.QueryContext(t.Context(), logical, 5)
	require.ErrorIs(t, err, ErrNoSession)
}

// After a cancelled transaction a connection stays in the pool only if its
// driver can reset and validate it.
func TestCancelledTransaction(t *testing.T) {
	for variant, keeps := range map[string]bool{"modern": true, "legacy": false} {
		db, fake := openVariant(t, variant)
		ctx, cancel := context.WithCancel(as(t, "acme"))
		_, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		cancel()
		require.Eventually(t, func() bool { return db.Stats().InUse == 0 }, 5*time.Second, time.Millisecond)
		assert.Equal(t, 1, fake.count("rollback"), variant)
		assert.Equal(t, keeps, db.Stats().Idle == 1, variant)
	}
}

func TestCancelledCalls(t *testing.T) {
	for variant := range variants {
		for entry := range entries {
			db, fake := openVariant(t, variant)
			c, err := db.Conn(t.Context())
			require.NoError(t, err)
			require.NoError(t, c.Close())
			ctx, cancel := context.WithCancel(as(t, "acme"))
			cancel()
			if entry == "Conn" || entry == "Conn.Prepare" || entry == "Conn.Raw" {
				continue // these need a live context to get a connection
			}
			_, err = entries[entry](t, ctx, db, logical, 5)
			require.ErrorIs(t, err, context.Canceled, "%s/%s", variant, entry)
			assert.Zero(t, fake.openStatements())
		}
	}
	for _, inner := range []string{"legacy", "older"} {
		ctx, cancel := context.WithCancel(as(t, "acme"))
		cancel()
		fake := &fakeDB{}
		c := &conn{inner: variants[inner](fake), gate: fakeGate{}}
		args := number([]driver.Value{int64(5)})
		_, err := c.QueryContext(ctx, logical, args)
		require.ErrorIs(t, err, context.Canceled)
		_, err = c.ExecContext(ctx, logical, args)
		require.ErrorIs(t, err, context.Canceled)
		_, err = c.BeginTx(ctx, driver.TxOptions{})
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, fake.openStatements())
		assert.Equal(t, fake.count("begin"), fake.count("rollback"))
		assert.Zero(t, fake.count("query")+fake.count("exec")+fake.count("stmt query")+fake.count("stmt exec"))
	}
}

func TestConnectionState(t *testing.T) {
	fake := &fakeDB{}
	inner := newModern(fake)
	db := openFake(t, func() driver.Conn { return inner })
	require.NoError(t, db.PingContext(t.Context()), "a ping needs no session")
	require.NoError(t, db.PingContext(t.Context()))
	assert.Equal(t, 2, fake.count("ping"))
	assert.Equal(t, 1, fake.count("reset"), "reset when used again")
	inner.broken = true
	require.NoError(t, db.PingContext(t.Context()))
	assert.Zero(t, db.Stats().Idle, "an invalid connection leaves the pool")

	db, _ = openVariant(t, "legacy")
	require.NoError(t, db.PingContext(t.Context()))
	require.NoError(t, db.PingContext(t.Context()))
	assert.Equal(t, 1, db.Stats().Idle)
}

func TestConnectorWithoutParts(t *testing.T) {
	inner := &fakeConnector{open: func() driver.Conn { return &legacyConn{&fakeDB{}} }}
	_, err := NewConnector(inner, nil).Connect(t.Context())
	require.ErrorIs(t, err, errNoEnforcer)
	_, err = NewConnector(nil, &Enforcer{}).Connect(t.Context())
	require.ErrorIs(t, err, errNoConnector)
	_, err = NewConnector(nil, nil).Connect(t.Context())
	require.Error(t, err)
	require.NoError(t, sql.OpenDB(NewConnector(nil, nil)).Close())
	_, err = Open("sqlite", "", nil)
	require.ErrorIs(t, err, errNoEnforcer)
	_, err = Open("no such driver", "", &Enforcer{})
	require.ErrorContains(t, err, "unknown driver")
}

func TestConnectorHidesItsDriver(t *testing.T) {
	inner := &fakeConnector{open: func() driver.Conn { return &legacyConn{&fakeDB{}} }}
	db := sql.OpenDB(NewConnector(inner, &Enforcer{}))
	_, isContext := db.Driver().(driver.DriverContext)
	assert.False(t, isContext)
	_, err := db.Driver().Open("right")
	require.ErrorIs(t, err, errSealed)
	require.NoError(t, db.Close())
	assert.True(t, inner.closed, "closing passes through")
}

// registerOnce: database/sql has no way to take a driver away again.
var registerOnce = sync.OnceValue(func() *fakeConnector {
	c := &fakeConnector{open: func() driver.Conn { return &legacyConn{&fakeDB{}} }}
	sql.Register("rls-fake-older", fakeDriver{c})
	sql.Register("rls-fake-context", contextDriver{fakeDriver{c}})
	return c
})

func TestOpenFindsTheDriver(t *testing.T) {
	registerOnce()
	for _, name := range []string{"rls-fake-older", "rls-fake-context"} {
		db, err := Open(name, "right", &Enforcer{})
		require.NoError(t, err, name)
		require.NoError(t, db.PingContext(t.Context()), name)
		c, err := db.Conn(t.Context())
		require.NoError(t, err)
		require.NoError(t, c.Raw(func(raw any) error {
			assert.IsType(t, (*conn)(nil), raw, name)
			return nil
		}))
		require.NoError(t, c.Close())
		require.NoError(t, db.Close())
	}
	_, err := Open("rls-fake-context", "wrong", &Enforcer{})
	require.EqualError(t, err, "wrong DSN wrong")
	db, err := Open("rls-fake-older", "wrong", &Enforcer{})
	require.NoError(t, err)
	require.EqualError(t, db.PingContext(t.Context()), "wrong DSN wrong")
}

func TestConcurrentSessions(t *testing.T) {
	db, _ := openVariant(t, "skipping")
	s, err := db.PrepareContext(as(t, "acme"), logical)
	require.NoError(t, err)
	defer s.Close()
	var group sync.WaitGroup
	for i := range 8 {
		tenant := string(rune('a' + i))
		ctx := as(t, tenant)
		group.Go(func() {
			for range 50 {
				got, err := collect(s.QueryContext(ctx, 5))
				assert.NoError(t, err)
				assert.Equal(t, []string{tenant, tenant}, got)
				got, err = collect(db.QueryContext(ctx, logical, 5))
				assert.NoError(t, err)
				assert.Equal(t, []string{tenant, tenant}, got)
			}
		})
	}
	group.Wait()
}
