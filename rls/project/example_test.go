package project_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/rls/project"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// Two tenants have a project each: the same model and policies over databases
// of their own. A key leads to the one that it belongs to.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "projects")
	check(err)
	defer os.RemoveAll(dir)

	secret := make([]byte, 32) // keep it where the host keeps its secrets
	_, err = rand.Read(secret)
	check(err)
	db, err := sql.Open("sqlite", filepath.Join(dir, "projects.db"))
	check(err)
	defer db.Close()
	registry, err := project.Open(ctx, project.SQLiteStore(db), project.Config{Keys: []project.Key{{ID: "2026", Secret: secret}}})
	check(err)

	var token string
	for _, tenant := range []string{"acme", "globex"} {
		dsn := filepath.Join(dir, tenant+".db")
		check(fill(dsn, tenant))
		p, err := registry.Create(ctx, project.Spec{
			Name:       tenant,
			Model:      project.File{Name: "model.yaml", Text: []byte(notesModel)},
			Policies:   project.File{Name: "policy.yaml", Text: []byte(notesPolicies)},
			Connection: project.Connection{Driver: "sqlite", Dialect: "SQLite", DSN: project.DSN(dsn)},
		})
		check(err)
		token, _, err = p.IssueKey(ctx, "reports", map[string]any{"user": "ann"}, time.Time{})
		check(err)
	}

	p, who, err := registry.Authenticate(ctx, token)
	check(err)
	rows, err := p.Query(ctx, who, "SELECT id, body FROM notes ORDER BY id")
	check(err)
	for rows.Next() {
		var id int
		var body string
		check(rows.Scan(&id, &body))
		fmt.Println(p.Name(), id, body)
	}
	check(rows.Err())
	check(rows.Close())

	_, _, err = registry.Authenticate(ctx, token+"x")
	fmt.Println(errors.Is(err, project.ErrUnauthenticated))
	_, err = registry.Update(ctx, p.ID(), p.Version(), func(s *project.Spec) { s.Policies.Text = []byte("policies: nonsense") })
	fmt.Println(errors.Is(err, project.ErrInvalid), p.Version())

	check(registry.FlushHistory(ctx))
	page, err := p.History(ctx, project.Filter{})
	check(err)
	for _, e := range page.Entries {
		fmt.Println(e.Query, e.Status, e.Rows)
	}
	check(registry.Close(ctx))
	// Output:
	// globex 1 for ann at globex
	// true
	// true 1
	// SELECT id, body FROM notes ORDER BY id ok 1
}

func fill(dsn, tenant string) error {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(`CREATE TABLE notes (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, body TEXT NOT NULL);
		INSERT INTO notes (owner, body) VALUES ('ann', 'for ann at ' || ?), ('bob', 'for bob')`, tenant)
	return err
}
