package policy_test

import (
	"fmt"
	"log"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
)

const exampleModel = `
version: "0.2.0"
semantic_model:
  - name: shop
    datasets:
      - name: orders
        source: shop_orders
        fields:
          - {name: organization_id, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
          - {name: region, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: region}]}}
`

const examplePolicies = `
session:
  - {name: organization_id, type: string, required: true}
  - {name: regions, type: list(string)}
policies:
  - name: own-organization
    datasets: [orders]
    kind: restrictive
    rows: row.organization_id == session.organization_id
  - name: regional
    datasets: [orders]
    rows: row.region in session.regions
`

func exampleSet() *policy.Set {
	model, err := semantic.Parse("model.yaml", []byte(exampleModel))
	if err != nil {
		log.Fatal(err)
	}
	set, err := policy.Parse("policy.yaml", []byte(examplePolicies), model)
	if err != nil {
		log.Fatal(err)
	}
	return set
}

func ExampleParse() {
	for _, p := range exampleSet().Policies() {
		fmt.Println(p.Name, p.Kind, p.Rows)
	}
	// Output:
	// own-organization restrictive row.organization_id == session.organization_id
	// regional permissive row.region in session.regions
}

func ExampleParse_problems() {
	model, err := semantic.Parse("model.yaml", []byte(exampleModel))
	if err != nil {
		log.Fatal(err)
	}
	_, err = policy.Parse("policy.yaml", []byte("policies:\n  - name: regional\n    datasets: [orders]\n    rows: row.regoin == 'EU'\n"), model)
	fmt.Println(err)
	// Output:
	// policy.yaml:4:11: dataset "orders" has no field "regoin"; did you mean "region"?
	//       rows: row.regoin == 'EU'
	//             ^
}

func ExampleSet_Visible() {
	set := exampleSet()
	who, err := set.Schema().New(map[string]any{"organization_id": "acme", "regions": []string{"EU"}})
	if err != nil {
		log.Fatal(err)
	}
	v, err := set.Visible(who, "orders", map[string]any{"organization_id": "acme", "region": "US"})
	fmt.Println(v.Visible, err)
	for _, r := range v.Rules {
		fmt.Println(r.Policy, r.Outcome)
	}
	// Output:
	// false <nil>
	// own-organization true
	// regional false
}
