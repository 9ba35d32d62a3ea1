package project_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls/project"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(crashStore); dsn != "" {
		crash(os.Getenv(crashDriver), dsn)
	}
	os.Exit(testdb.Main(m))
}

// The fixture's model is notes with owners; a session sees its own.
const notesModel = `version: "0.2.0"
semantic_model:
  - name: notes
    datasets:
      - name: notes
        source: notes
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: owner, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: owner}]}}
          - {name: body, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: body}]}}
`

const notesPolicies = `session:
  - {name: user, type: string, required: true}
policies:
  - {name: own, datasets: [notes], rows: row.owner == session.user}
`

// everyonesPolicies lets each session see all.
const everyonesPolicies = `session:
  - {name: user, type: string, required: true}
policies:
  - {name: all, datasets: [notes], rows: "true"}
`

// stores runs a test on each database that projects can be kept in. open gives
// a registry over it, as another instance of the host would have.
func stores(t *testing.T, test func(t *testing.T, db *sql.DB, s project.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "projects.db"))
		require.NoError(t, err)
		t.Cleanup(func() { db.Close() })
		test(t, db, project.SQLiteStore(db))
	})
	t.Run("postgresql", func(t *testing.T) {
		db := testdb.Open(t, testdb.PostgreSQL)
		db.SetMaxOpenConns(20) // the server has a hundred
		test(t, db, project.PostgreSQLStore(db))
	})
}

// sqliteStore is a store of one test's own.
func sqliteStore(t testing.TB) (project.Store, *sql.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "projects.db")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	return project.SQLiteStore(db), db, path
}

// faults collects what a registry reports in the background.
type faults struct {
	mu   sync.Mutex
	errs []error
}

func (f *faults) add(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs = append(f.errs, err)
}

func (f *faults) all() []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]error(nil), f.errs...)
}

func key(id string) project.Key { return project.Key{ID: id, Secret: []byte(fmt.Sprintf("%-32s", id))} }

// open gives a registry that hears of changes by Refresh alone, unless the
// configuration says otherwise. Whatever it reports fails the test.
func open(t testing.TB, s project.Store, cfg ...func(*project.Config)) *project.Registry {
	t.Helper()
	c := project.Config{Keys: []project.Key{key("one")}, Poll: time.Hour, OnError: func(err error) { assert.NoError(t, err) }}
	for _, f := range cfg {
		f(&c)
	}
	r, err := project.Open(t.Context(), s, c)
	require.NoError(t, err)
	t.Cleanup(func() { // rows that a failed test left open don't keep it for ever
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		assert.NoError(t, r.Close(ctx))
	})
	return r
}

// notes makes a database of notes and gives its DSN.
func notes(t testing.TB, bodies ...string) project.DSN {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notes.db")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(`CREATE TABLE notes (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, body TEXT NOT NULL)`)
	require.NoError(t, err)
	for i, body := range bodies {
		owner := "ann"
		if i%2 == 1 {
			owner = "bob"
		}
		_, err = db.Exec(`INSERT INTO notes (owner, body) VALUES (?, ?)`, owner, body)
		require.NoError(t, err)
	}
	return project.DSN(path)
}

func spec(name string, dsn project.DSN) project.Spec {
	return project.Spec{
		Name:       name,
		Model:      project.File{Name: "model.yaml", Text: []byte(notesModel)},
		Policies:   project.File{Name: "policy.yaml", Text: []byte(notesPolicies)},
		Connection: project.Connection{Driver: "sqlite", Dialect: "SQLite", DSN: dsn},
	}
}

func create(t testing.TB, r *project.Registry, s project.Spec) *project.Project {
	t.Helper()
	p, err := r.Create(t.Context(), s)
	require.NoError(t, err)
	return p
}

// bodies asks a project for its notes as a user.
func bodies(t testing.TB, p *project.Project, user string) ([]string, error) {
	t.Helper()
	s, err := p.Session(map[string]any{"user": user})
	if err != nil {
		return nil, err
	}
	rows, err := p.Query(t.Context(), s, "SELECT body FROM notes ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		out = append(out, body)
	}
	return out, rows.Err()
}

// dump gives all that a store holds, as text.
func dump(t testing.TB, db *sql.DB) string {
	t.Helper()
	var out string
	for _, table := range []string{"hedgerow_projects", "hedgerow_texts"} {
		rows, err := db.Query("SELECT * FROM " + table + " ORDER BY 1")
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			require.NoError(t, rows.Scan(values...))
			for _, v := range values {
				out += fmt.Sprintf("%v|", *v.(*any))
			}
			out += "\n"
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	return out
}
