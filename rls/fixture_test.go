package rls_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// threats is the fixture of two tenants and an unmodelled table of secrets: the
// shared database, and its twin that holds only what one member of acme sees.
type threats struct {
	kind         testdb.Kind
	full, twin   *sql.DB
	shared, open *rls.Enforcer
	acme, anyone session.Session
}

// newThreats is the fixture on SQLite.
func newThreats(t testing.TB, cfg ...func(*rls.Config)) *threats {
	t.Helper()
	return newThreatsOn(t, testdb.SQLite, cfg...)
}

func newThreatsOn(t testing.TB, k testdb.Kind, cfg ...func(*rls.Config)) *threats {
	t.Helper()
	set := loadSet(t, "model.yaml", "policy.yaml")
	open := loadSet(t, "twin_model.yaml", "twin_policy.yaml")
	config := rls.Config{Policies: set, Dialect: dialectOf[k]}
	for _, c := range cfg {
		c(&config)
	}
	shared, err := rls.New(config)
	require.NoError(t, err)
	twin, err := rls.New(rls.Config{Policies: open, Dialect: dialectOf[k]})
	require.NoError(t, err)
	f := &threats{kind: k, full: loadDB(t, k, "full.sql"), twin: loadDB(t, k, "twin.sql"), shared: shared, open: twin}
	f.acme = newSession(t, set, map[string]any{"organization_id": "acme"})
	f.anyone = newSession(t, open, nil)
	return f
}

func threatsFile(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", "threats", name))
	require.NoError(t, err)
	return src
}

func loadSet(t testing.TB, model, policies string) *policy.Set {
	t.Helper()
	m, err := semantic.Parse(model, threatsFile(t, model))
	require.NoError(t, err)
	set, err := policy.Parse(policies, threatsFile(t, policies), m)
	require.NoError(t, err)
	return set
}

func newSession(t testing.TB, set *policy.Set, values map[string]any) session.Session {
	t.Helper()
	s, err := set.Schema().New(values)
	require.NoError(t, err)
	return s
}

func sqliteDB(t testing.TB, script string) *sql.DB {
	t.Helper()
	return loadDB(t, testdb.SQLite, script)
}

// loadDB runs a script of one statement a line on a new database.
func loadDB(t testing.TB, k testdb.Kind, script string) *sql.DB {
	t.Helper()
	db := testdb.Open(t, k)
	for statement := range strings.Lines(string(threatsFile(t, script))) {
		_, err := db.Exec(statement)
		require.NoError(t, err, statement)
	}
	return db
}

// answer is what a caller sees of a query: columns and rows, as text.
type answer struct {
	columns []string
	rows    [][]string
}

// ask enforces a query and runs it.
func ask(db *sql.DB, e *rls.Enforcer, s session.Session, query string, args ...any) (answer, *rls.Statement, error) {
	st, err := e.Enforce(context.Background(), s, query, args...)
	if err != nil {
		return answer{}, nil, err
	}
	a, err := run(db, st)
	return a, st, err
}

func run(db *sql.DB, st *rls.Statement) (answer, error) {
	rows, err := db.Query(st.SQL, st.Args...)
	if err != nil {
		return answer{}, fmt.Errorf("database: %w", err)
	}
	defer rows.Close()
	var a answer
	if a.columns, err = rows.Columns(); err != nil {
		return a, err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return a, err
	}
	for rows.Next() {
		values := make([]any, len(a.columns))
		into := make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return a, err
		}
		row := make([]string, len(values))
		for i, v := range values {
			if day, ok := v.(time.Time); ok && types[i].DatabaseTypeName() == "DATE" {
				v = day.Format(time.DateOnly) // drivers give a point in time
			}
			row[i] = text(v)
		}
		a.rows = append(a.rows, row)
	}
	if err := rows.Err(); err != nil {
		return answer{}, fmt.Errorf("database: %w", err)
	}
	return a, nil
}

// text writes a value so that equal values have equal text on every database:
// numbers to nine decimals, without trailing zeros.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case []byte:
		return number(string(v))
	case time.Time:
		return v.Format(time.DateTime)
	case bool:
		if v {
			return "1"
		}
		return "0"
	default:
		return number(fmt.Sprint(v))
	}
}

func number(s string) string {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return s
	}
	s = strconv.FormatFloat(f, 'f', 9, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

func parsePolicies(m *semantic.Model, text string) (*policy.Set, error) {
	return policy.Parse("policy.yaml", []byte(text), m)
}
