package policytest_test

import (
	"fmt"
	"log"
	"testing"
	"testing/fstest"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/policy/policytest"
	"github.com/hedgerow/hedgerow/semantic"
)

const exampleModel = `
version: "0.2.0"
semantic_model:
  - name: shop
    datasets:
      - name: orders
        source: shop_orders
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: organization_id, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: organization_id}]}}
          - {name: status, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: status}]}}
`

const examplePolicies = `
session:
  - {name: organization_id, type: string, required: true}
policies:
  - name: own-organization
    datasets: [orders]
    rows: row.organization_id == session.organization_id && row.status != 'draft'
`

const exampleTests = `
fixtures:
  orders:
    - {id: 1, organization_id: acme, status: paid}
    - {id: 2, organization_id: globex, status: paid}
sessions:
  ann: {organization_id: acme}
cases:
  - {name: own orders, session: ann, dataset: orders, rows: [1]}
  - {name: their number, session: ann, query: SELECT COUNT(*) FROM orders, rows: [1]}
`

// An application's test has a *testing.T and, for example, os.DirFS("testdata").
func ExampleRun() {
	model, err := semantic.Parse("model.yaml", []byte(exampleModel))
	if err != nil {
		log.Fatal(err)
	}
	policies, err := policy.Parse("policy.yaml", []byte(examplePolicies), model)
	if err != nil {
		log.Fatal(err)
	}
	var t printing
	files := fstest.MapFS{"orders.yaml": {Data: []byte(exampleTests)}}
	policytest.Run(t, policies, files, "*.yaml", policytest.MinCoverage(0.9))
	// Output:
	// policy coverage:
	// policy.yaml:5:5:  own-organization  85.7%
	// total:                              85.7%
	// not shown by any case:
	// policy.yaml:7:61: own-organization: never false: row.status != "draft"
	// policy coverage is 85.7%, less than 90.0%
}

// printing stands for a *testing.T.
type printing struct{ testing.TB }

func (printing) Helper()                           {}
func (printing) Log(args ...any)                   { fmt.Println(args...) }
func (printing) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
