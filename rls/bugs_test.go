package rls_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// bug is a defect that was reported for another product, on data of our own,
// with the values that are right.
type bug struct {
	ID       string                    `json:"id"`
	DDL      []string                  `json:"ddl"`
	DDLOn    map[testdb.Kind][]string  `json:"ddl_on"` // in place of DDL
	Model    string                    `json:"model"`
	Policy   string                    `json:"policy"`
	Sessions map[string]map[string]any `json:"sessions"`
	Checks   []bugCheck                `json:"checks"`
	// Load is "error" where the policies must not load, for a reason that
	// LoadHas is part of; with LoadRefusable they may be refused.
	Load          string `json:"load"`
	LoadHas       string `json:"load_has"`
	LoadRefusable bool   `json:"load_refusable"`
	// Lint is the rule of which the linter must have a finding.
	Lint string `json:"lint"`
}

// bugCheck is a query with its rows, or with the error it must have: "db" is
// one of the database, "session" one of making the session, any other ours.
type bugCheck struct {
	Session   string   `json:"session"`
	Query     string   `json:"query"`
	Args      []any    `json:"args"`
	Rows      [][]any  `json:"rows"`
	Ordered   bool     `json:"ordered"`
	Columns   []string `json:"columns"`
	Error     string   `json:"error"`
	Refusable []string `json:"refusable"` // it may be refused instead, with one of these errors
	Decision  string   `json:"decision"`  // part of the decision's text
}

func TestBugs(t *testing.T) {
	src, err := os.ReadFile("testdata/bugs.json")
	require.NoError(t, err)
	var bugs []bug
	require.NoError(t, json.Unmarshal(src, &bugs))
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		for _, b := range bugs {
			t.Run(b.ID, func(t *testing.T) {
				b.run(t, k)
			})
		}
	})
}

// run tries a bug on one database.
func (b bug) run(t *testing.T, k testdb.Kind) {
	db, schema := b.database(t, k)
	m, err := semantic.Parse("model.yaml", []byte(strings.ReplaceAll(b.Model, "{{S}}", schema)))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(b.Policy), m)
	if b.Load == "error" {
		require.ErrorContains(t, err, b.LoadHas)
		return
	}
	if err != nil && b.LoadRefusable {
		return
	}
	require.NoError(t, err)
	if b.Lint != "" {
		assert.Contains(t, fmt.Sprint(policy.Lint(set)), b.Lint)
	}
	e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
	require.NoError(t, err)
	for _, c := range b.Checks {
		s, err := set.Schema().New(properties(b.Sessions[c.Session]))
		if c.Error == "session" {
			assert.Error(t, err)
			continue
		}
		require.NoError(t, err)
		c.run(t, db, e, s)
	}
}

// database makes the tables of a bug, and gives what stands before their names.
func (b bug) database(t *testing.T, k testdb.Kind) (*sql.DB, string) {
	t.Helper()
	words := map[testdb.Kind][]string{
		testdb.SQLite:     {"{DT}", "DATETIME", "{B}", "BOOLEAN", "{t}", "1", "{f}", "0"},
		testdb.PostgreSQL: {"{DT}", "TIMESTAMP", "{B}", "BOOLEAN", "{t}", "TRUE", "{f}", "FALSE"},
		testdb.MariaDB:    {"{DT}", "DATETIME", "{B}", "BOOLEAN", "{t}", "TRUE", "{f}", "FALSE"},
	}
	ddl := b.DDL
	if own, ok := b.DDLOn[k]; ok {
		ddl = own
	}
	db := testdb.Open(t, k)
	for _, statement := range ddl {
		_, err := db.Exec(strings.NewReplacer(words[k]...).Replace(statement))
		require.NoError(t, err, statement)
	}
	schema := map[testdb.Kind]string{testdb.SQLite: "main", testdb.PostgreSQL: "public"}[k]
	if k == testdb.MariaDB {
		require.NoError(t, db.QueryRow("SELECT DATABASE()").Scan(&schema))
	}
	return db, schema
}

// properties gives the values of a session: whole numbers as such, and the
// lists that the file abbreviates written out.
func properties(values map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range values {
		out[name] = property(v)
	}
	return out
}

func property(v any) any {
	switch v := v.(type) {
	case float64:
		return int64(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = property(v[i])
		}
		return list
	case string:
		kind, count, _ := strings.Cut(v, ":")
		n, err := strconv.Atoi(count)
		if err != nil || kind != "range" && kind != "names" {
			return v
		}
		list := make([]any, n)
		for i := range list {
			list[i] = int64(i)
			if kind == "names" {
				list[i] = fmt.Sprintf("n%d", i)
			}
		}
		return list
	default:
		return v
	}
}

func (c bugCheck) run(t *testing.T, db *sql.DB, e *rls.Enforcer, s session.Session) {
	t.Helper()
	got, st, err := ask(db, e, s, c.Query, c.Args...)
	switch refused := st == nil; {
	case refused && (c.Error != "" || len(c.Refusable) > 0):
		requireTyped(t, err)
		for _, want := range append([]string{c.Error}, c.Refusable...) {
			if want == "any" || sentinelOf[want] != nil && errors.Is(err, sentinelOf[want]) {
				return
			}
		}
		assert.Fail(t, "refused for another reason", "%s: %v", c.Query, err)
	case c.Error == "db":
		assert.Error(t, err, "%s\n%v", c.Query, got.rows)
	case c.Error != "":
		assert.Fail(t, "accepted", "%s\n%v %v", c.Query, got.rows, err)
	case !assert.NoError(t, err, c.Query):
	default:
		c.compare(t, got, st)
	}
}

// sentinelOf gives the error that a check's word stands for.
var sentinelOf = map[string]error{"unknown_name": rls.ErrUnknownName, "denied": rls.ErrDenied, "unsupported": rls.ErrUnsupported}

func (c bugCheck) compare(t *testing.T, got answer, st *rls.Statement) {
	t.Helper()
	want := make([][]string, len(c.Rows))
	for i, row := range c.Rows {
		for _, v := range row {
			want[i] = append(want[i], text(v))
		}
	}
	if c.Ordered {
		assert.Equal(t, want, got.rows, "%s\n%s", c.Query, st.SQL)
	} else {
		assert.Equal(t, canonicalRows(want), canonicalRows(got.rows), "%s\n%s", c.Query, st.SQL)
	}
	if c.Columns != nil {
		assert.Equal(t, c.Columns, got.columns, c.Query)
	}
	assert.Contains(t, fmt.Sprint(st.Decision), c.Decision, c.Query)
}
