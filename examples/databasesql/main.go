// Command databasesql is an ordinary database/sql program whose queries are
// filtered by policies. Its reports, in reports.go, know nothing of Hedgerow:
// the program opens its database with rls.Open instead of sql.Open, and puts
// the session of the person it works for into the context.
//
//	go run ./examples/databasesql
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/examples/shop"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// users are two people of two organizations who use the same program.
var users = []struct {
	name       string
	properties map[string]any
}{
	{"a manager of acme", map[string]any{"organization_id": "acme", "user_id": 2, "role": "manager"}},
	{"a clerk of globex in Japan", map[string]any{"organization_id": "globex", "user_id": 20, "regions": []string{"japan"}}},
}

// run makes the shop in a temporary file and prints the reports of both users.
func run(ctx context.Context, w io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "hedgerow-databasesql")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	dsn := filepath.Join(dir, "shop.db")
	if err := createShop(ctx, dsn); err != nil {
		return err
	}
	policies, err := loadPolicies()
	if err != nil {
		return err
	}
	enforcer, err := rls.New(rls.Config{Policies: policies, Dialect: rls.SQLite})
	if err != nil {
		return err
	}

	db, err := rls.Open("sqlite", dsn, enforcer) // was: sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	for _, user := range users {
		s, err := policies.Schema().New(user.properties)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "=== %s ===\n\n", user.name)
		if err := printReports(session.NewContext(ctx, s), w, db); err != nil {
			return err
		}
	}
	_, err = db.QueryContext(ctx, "SELECT id FROM orders")
	fmt.Fprintln(w, "Without a session:", err)
	return nil
}

// createShop fills an empty database. It needs the tables themselves, so this
// is a connection of the host's own.
func createShop(ctx context.Context, dsn string) error {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	return errors.Join(shop.Create(ctx, db), db.Close())
}

func loadPolicies() (*policy.Set, error) {
	model, err := semantic.Parse("model.yaml", shop.Model())
	if err != nil {
		return nil, err
	}
	return policy.Parse("policy.yaml", shop.Policy(), model)
}
