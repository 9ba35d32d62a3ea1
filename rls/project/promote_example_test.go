package project_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/semantic"
)

// moveOut gives one owner of shared notes a project of its own.
func moveOut(ctx context.Context, registry *project.Registry, notes project.Shared, owner, database string) (*project.Project, error) {
	p, err := registry.Create(ctx, project.Spec{
		Name:       owner,
		Model:      project.File{Name: "model.yaml", Text: []byte(notesModel)},
		Policies:   project.File{Name: "policy.yaml", Text: []byte(`policies: [{name: all, datasets: "*", rows: "true"}]`)},
		Connection: project.Connection{Driver: "sqlite", Dialect: "SQLite", DSN: project.DSN(database)},
		Inactive:   true, // until the copy is complete
	})
	if err != nil {
		return nil, err
	}
	who, err := notes.Enforcer.Schema().New(map[string]any{"user": owner})
	if err != nil {
		return nil, err
	}
	_, err = project.Promote(ctx, notes, who, p, project.PromoteOptions{
		Create:   true,
		Progress: func(at project.PromoteProgress) { fmt.Println(at.Dataset, at.Phase, at.Rows, "of", at.Total) },
	})
	return p, err
}

// An owner of notes that many share moves into a project with a database of
// its own.
func ExamplePromote() {
	must := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "promote")
	must(err)
	defer os.RemoveAll(dir)
	shared, err := sql.Open("sqlite", filepath.Join(dir, "shared.db"))
	must(err)
	defer shared.Close()
	_, err = shared.Exec(`CREATE TABLE notes (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, body TEXT NOT NULL);
		INSERT INTO notes (owner, body) VALUES ('ann', 'buy rye'), ('bob', 'secret'), ('ann', 'call Mina')`)
	must(err)
	model, err := semantic.Parse("model.yaml", []byte(notesModel))
	must(err)
	policies, err := policy.Parse("policy.yaml", []byte(notesPolicies), model)
	must(err)
	enforcer, err := rls.New(rls.Config{Policies: policies, Dialect: rls.SQLite})
	must(err)

	store, err := sql.Open("sqlite", filepath.Join(dir, "projects.db"))
	must(err)
	defer store.Close()
	registry, err := project.Open(ctx, project.SQLiteStore(store), project.Config{})
	must(err)
	p, err := moveOut(ctx, registry, project.Shared{DB: shared, Enforcer: enforcer}, "ann", filepath.Join(dir, "ann.db"))
	must(err)

	who, err := p.Session(nil)
	must(err)
	rows, err := p.Query(ctx, who, "SELECT id, body FROM notes ORDER BY id")
	must(err)
	for rows.Next() {
		var id int
		var body string
		must(rows.Scan(&id, &body))
		fmt.Println(id, body)
	}
	must(rows.Err())
	must(rows.Close())
	must(registry.Close(ctx))
	// Output:
	// notes prepared 0 of 0
	// notes copying 2 of 2
	// notes copied 2 of 2
	// notes verified 2 of 2
	// 1 buy rye
	// 3 call Mina
}
