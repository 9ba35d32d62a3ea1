package rls_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log"

	"modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

const exampleModel = `
version: "0.2.0"
semantic_model:
  - name: shop
    datasets:
      - name: orders
        source: shop_orders
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: organization_id, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
          - {name: status, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: status}]}}
`

const examplePolicies = `
session:
  - {name: organization_id, type: string, required: true}
policies:
  - name: own-organization
    datasets: [orders]
    rows: row.organization_id == session.organization_id
`

// exampleEnforcer is what a host makes once, when it starts.
func exampleEnforcer() (*rls.Enforcer, *policy.Set) {
	model, err := semantic.Parse("model.yaml", []byte(exampleModel))
	if err != nil {
		log.Fatal(err)
	}
	policies, err := policy.Parse("policy.yaml", []byte(examplePolicies), model)
	if err != nil {
		log.Fatal(err)
	}
	enforcer, err := rls.New(rls.Config{Policies: policies, Dialect: rls.SQLite})
	if err != nil {
		log.Fatal(err)
	}
	return enforcer, policies
}

func ExampleEnforcer_Enforce() {
	enforcer, policies := exampleEnforcer()
	who, err := policies.Schema().New(map[string]any{"organization_id": "acme"})
	if err != nil {
		log.Fatal(err)
	}
	st, err := enforcer.Enforce(context.Background(), who, "SELECT id FROM orders WHERE status = ?", "open")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(st.SQL)
	fmt.Println(st.Args)
	fmt.Println(st.Columns)
	fmt.Println(st.Decision)
	// Output:
	// SELECT "orders"."id" AS "id" FROM (SELECT "t"."id" AS "id", "t"."status" AS "status" FROM "shop_orders" AS "t" WHERE ("t"."org" COLLATE BINARY = ?1)) AS "orders" WHERE "orders"."status" = ?2
	// [acme open]
	// [{id Integer}]
	// orders: filtered rows
	//   + own-organization: always; permits rows
}

func ExampleError() {
	enforcer, policies := exampleEnforcer()
	who, err := policies.Schema().New(map[string]any{"organization_id": "acme"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = enforcer.Enforce(context.Background(), who, "SELECT id, total\nFROM orders")
	var refused *rls.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Detail())
	}
	fmt.Println(errors.Is(err, rls.ErrUnknownName))
	// Output:
	// 1:12: unknown field "total"; use a field of a dataset or CTE in this query's FROM clause
	//   SELECT id, total
	//              ^
	// true
}

// memory is a connector as drivers have it, to a database in memory.
type memory struct{}

func (memory) Connect(context.Context) (driver.Conn, error) {
	return new(sqlite.Driver).Open(":memory:")
}
func (memory) Driver() driver.Driver { return new(sqlite.Driver) }

func ExampleNewConnector() {
	enforcer, policies := exampleEnforcer()
	db := sql.OpenDB(rls.NewConnector(memory{}, enforcer))
	defer db.Close()
	who, err := policies.Schema().New(map[string]any{"organization_id": "acme"})
	if err != nil {
		log.Fatal(err)
	}
	// Without a session nothing runs, and with one only what it may ask.
	_, err = db.QueryContext(context.Background(), "SELECT id FROM orders")
	fmt.Println(errors.Is(err, rls.ErrNoSession))
	_, err = db.QueryContext(session.NewContext(context.Background(), who), "SELECT * FROM sqlite_master")
	fmt.Println(errors.Is(err, rls.ErrUnknownName))
	// Output:
	// true
	// true
}
