package rls_test

import (
	"context"
	"database/sql"
	"fmt"
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

// One database, one query: the session in the context decides what it counts.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	check(err)
	defer os.RemoveAll(dir)
	dsn := filepath.Join(dir, "shop.db")
	tables, err := sql.Open("sqlite", dsn)
	check(err)
	check(shop.Create(ctx, tables))
	check(tables.Close())

	model, err := semantic.Parse("model.yaml", shop.Model())
	check(err)
	policies, err := policy.Parse("policy.yaml", shop.Policy(), model)
	check(err)
	enforcer, err := rls.New(rls.Config{Policies: policies, Dialect: rls.SQLite})
	check(err)
	db, err := rls.Open("sqlite", dsn, enforcer)
	check(err)
	defer db.Close()

	const query = "SELECT COUNT(*) FROM products"
	var n int
	for _, organization := range []string{"acme", "globex"} {
		s, err := policies.Schema().New(map[string]any{
			"organization_id": organization, "user_id": 1, "role": "admin",
		})
		check(err)
		check(db.QueryRowContext(session.NewContext(ctx, s), query).Scan(&n))
		fmt.Println(organization, n)
	}
	fmt.Println(db.QueryRowContext(ctx, query).Scan(&n))
	// Output:
	// acme 40
	// globex 32
	// no session in the context of this call; put one in with session.NewContext and use the methods that take a context
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
