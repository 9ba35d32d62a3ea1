package main

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"path/filepath"
	"time"

	"github.com/hedgerow/hedgerow/examples/shop"
	"github.com/hedgerow/hedgerow/rls/project"
)

//go:embed models
var models embed.FS

// tenant is a project with its database and its keys.
type tenant struct {
	name            string
	model, policies []byte
	fill            func(ctx context.Context, db *sql.DB) error
	keys            []grant
}

// grant is a key: the session that it stands for.
type grant struct {
	name       string
	properties map[string]any
}

// tenants are two projects of one customer each, and one that two customers of
// a shop share.
func tenants() []tenant {
	return []tenant{
		{"bakery", file("bakery.yaml"), file("bakery-policy.yaml"), script(`
			CREATE TABLE sales (id INTEGER PRIMARY KEY, bread TEXT NOT NULL, loaves INTEGER NOT NULL, sold_on TEXT NOT NULL);
			INSERT INTO sales (bread, loaves, sold_on) VALUES ('rye', 40, '2026-03-02'), ('spelt', 25, '2026-03-02'), ('rye', 35, '2026-03-03')`),
			[]grant{{"the baker", nil}}},
		{"clinic", file("clinic.yaml"), file("clinic-policy.yaml"), script(`
			CREATE TABLE appointments (id INTEGER PRIMARY KEY, doctor TEXT NOT NULL, patient TEXT NOT NULL, reason TEXT NOT NULL);
			INSERT INTO appointments (doctor, patient, reason) VALUES ('Adeyemi', 'Mina', 'cough'), ('Adeyemi', 'Oskar', 'knee'), ('Brandt', 'Pia', 'back')`),
			[]grant{{"Dr Adeyemi", map[string]any{"role": "doctor", "doctor": "Adeyemi"}}, {"the front desk", map[string]any{"role": "desk"}}}},
		{"shop", shop.Model(), shop.Policy(), shop.Create,
			[]grant{{"acme", map[string]any{"organization_id": "acme", "user_id": 2, "role": "manager"}}, {"globex", map[string]any{"organization_id": "globex", "user_id": 14, "role": "manager"}}}},
	}
}

// createProject makes a tenant's project over its own database.
func createProject(ctx context.Context, registry *project.Registry, t tenant, database string) (*project.Project, error) {
	return registry.Create(ctx, project.Spec{
		Name:     t.name,
		Model:    project.File{Name: "model.yaml", Text: t.model},
		Policies: project.File{Name: "policy.yaml", Text: t.policies},
		Connection: project.Connection{
			Driver: "sqlite", Dialect: "SQLite",
			DSN: project.DSN(database), // with a password: ${env:…}, or Config.Keys to seal it
		},
		Metadata: map[string]string{"plan": "demo"},
	})
}

// create fills a tenant's database, makes its project and gives the tokens of its
// keys by the keys' names.
func create(ctx context.Context, registry *project.Registry, dir string, t tenant) (tokens map[string]string, err error) {
	database := filepath.Join(dir, t.name+".db")
	db, err := sql.Open("sqlite", database)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(t.fill(ctx, db), db.Close()); err != nil {
		return nil, err
	}
	p, err := createProject(ctx, registry, t, database)
	if err != nil {
		return nil, err
	}
	tokens = map[string]string{}
	for _, k := range t.keys {
		if tokens[k.name], _, err = p.IssueKey(ctx, k.name, k.properties, time.Time{}); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// script fills a database with statements.
func script(statements string) func(context.Context, *sql.DB) error {
	return func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, statements)
		return err
	}
}

func file(name string) []byte {
	text, _ := models.ReadFile("models/" + name) // a name that isn't there is an empty model, which Create refuses
	return text
}
