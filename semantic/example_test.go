package semantic_test

import (
	"fmt"

	"github.com/hedgerow/hedgerow/semantic"
)

func ExampleParse() {
	model, err := semantic.Parse("shop.yaml", []byte(`
version: 0.2.0
semantic_model:
  - name: shop
    datasets:
      - name: orders
        source: main.orders
        fields:
          - name: amount
            datatype: Decimal
            expression: {dialects: [{dialect: ANSI_SQL, expression: amount}]}
          - name: status
            datatype: String
            expression: {dialects: [{dialect: ANSI_SQL, expression: upper(state)}]}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for d := range model.Datasets() {
		for _, f := range d.Fields {
			column, plain := f.Column("sqlite")
			fmt.Printf("%s.%s %s %q %t\n", d.Name, f.Name, f.Datatype, column, plain)
		}
	}
	// Output:
	// orders.amount Decimal "amount" true
	// orders.status String "" false
}

func ExampleParse_problems() {
	_, err := semantic.Parse("shop.yaml", []byte(`version: 0.2.0
semantic_model:
  - name: shop
    datasets:
      - name: orders
        sorce: main.orders
      - name: Orders
        source: orders
`))
	fmt.Println(err)
	// Output:
	// shop.yaml:5:9: a dataset lacks the key "source"
	//         - name: orders
	//           ^
	// shop.yaml:6:9: unknown key "sorce" in a dataset; did you mean "source"?
	//           sorce: main.orders
	//           ^
	// shop.yaml:7:15: the dataset names "Orders" and "orders" (line 5) differ only in case; names fold ASCII case; rename one
	//         - name: Orders
	//                 ^
}
