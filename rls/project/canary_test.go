package project_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// watched is SQLite with a count of the connections opened to each database.
type watched struct {
	driver.Driver
	opened sync.Map // of *atomic.Int64 by DSN
}

func (w *watched) Open(dsn string) (driver.Conn, error) {
	n, _ := w.opened.LoadOrStore(dsn, new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
	return w.Driver.Open(dsn)
}

func (w *watched) count(dsn project.DSN) int64 {
	n, ok := w.opened.Load(string(dsn))
	if !ok {
		return 0
	}
	return n.(*atomic.Int64).Load()
}

var registerWatched = sync.OnceValue(func() *watched {
	w := &watched{Driver: &sqlite.Driver{}}
	sql.Register("watched-sqlite", w)
	return w
})

func threats(t *testing.T, name string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "testdata", "threats", name))
	require.NoError(t, err)
	return string(src)
}

// threatsSpec is a project over the corpus's database, in which a canary may
// stand in every text.
func threatsSpec(t *testing.T, name, canary string) project.Spec {
	t.Helper()
	path := filepath.Join(t.TempDir(), "threats.db")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	for line := range strings.Lines(threats(t, "full.sql")) {
		_, err := db.Exec(line)
		require.NoError(t, err)
	}
	if canary != "" {
		for _, set := range []string{"orders SET note", "customers SET name", "regions SET name"} {
			_, err := db.Exec("UPDATE "+set+" = ?", canary)
			require.NoError(t, err)
		}
	}
	s := spec(name, project.DSN(path))
	s.Model.Text, s.Policies.Text = []byte(threats(t, "model.yaml")), []byte(threats(t, "policy.yaml"))
	s.Connection.Driver = "watched-sqlite"
	return s
}

// TestCanaries runs the corpus of attacks inside one of several projects that
// are equal but for their databases: each answer is that of the project's own
// database, and no other is ever opened.
func TestCanaries(t *testing.T) {
	w := registerWatched()
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	attacked := threatsSpec(t, "attacked", "")
	p := create(t, r, attacked)
	var others []project.Spec
	var strangers []session.Session
	for i := range 5 {
		sp := threatsSpec(t, fmt.Sprint("other", i), "CANARY")
		others = append(others, sp)
		q := create(t, r, sp)
		require.Equal(t, p.Hash(), q.Hash())
		stranger, err := q.Session(map[string]any{"organization_id": "acme"})
		require.NoError(t, err)
		strangers = append(strangers, stranger)
	}
	who, err := p.Session(map[string]any{"organization_id": "acme"})
	require.NoError(t, err)

	m, err := semantic.Parse("model.yaml", attacked.Model.Text)
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", attacked.Policies.Text, m)
	require.NoError(t, err)
	direct, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	same, err := set.Schema().New(map[string]any{"organization_id": "acme"})
	require.NoError(t, err)
	raw, err := rls.Open("sqlite", string(attacked.Connection.DSN), direct)
	require.NoError(t, err)
	defer raw.Close()

	var cases []struct{ ID, SQL string }
	require.NoError(t, json.Unmarshal([]byte(threats(t, "adversarial.json")), &cases))
	require.Greater(t, len(cases), 400)
	ran := 0
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			want, wantErr := texts(raw.QueryContext(session.NewContext(t.Context(), same), c.SQL))
			got, err := askProject(t.Context(), p, who, c.SQL)
			viaDB, dbErr := texts(p.DB().QueryContext(session.NewContext(t.Context(), who), c.SQL))
			if wantErr != nil {
				require.Error(t, err)
				require.Equal(t, wantErr.Error(), err.Error())
				require.Equal(t, wantErr.Error(), dbErr.Error())
			} else {
				ran++
				require.NoError(t, err)
				require.NoError(t, dbErr)
				require.Equal(t, want, got)
				require.Equal(t, want, viaDB)
			}
			assert.NotContains(t, strings.Join(got, "\n")+fmt.Sprint(err), "CANARY")
			for _, stranger := range strangers {
				_, err := askProject(t.Context(), p, stranger, c.SQL)
				require.ErrorIs(t, err, rls.ErrNoSession)
			}
		})
	}
	assert.Positive(t, w.count(attacked.Connection.DSN))
	for _, o := range others {
		assert.Zero(t, w.count(o.Connection.DSN), "another project's database was opened")
	}
	t.Logf("%d of %d cases ran", ran, len(cases))
}

func askProject(ctx context.Context, p *project.Project, s session.Session, query string) ([]string, error) {
	rows, err := p.Query(ctx, s, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return texts(rows.Rows, nil)
}

// texts reads all rows as sorted text.
func texts(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var out []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return nil, err
		}
		line := ""
		for _, v := range values {
			line += fmt.Sprintf("%v|", *v.(*any))
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out, rows.Err()
}
