package semantic_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/semantic"
)

var update = flag.Bool("update", false, "write the golden files")

func read(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return src
}

// TestTenMistakes holds every problem of a file, with its place, against a
// golden file whose places were checked by eye.
func TestTenMistakes(t *testing.T) {
	m, err := semantic.Parse("ten.yaml", read(t, "ten.yaml"))
	assert.Nil(t, m)
	require.Error(t, err)
	golden := filepath.Join("testdata", "ten.golden")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(err.Error()+"\n"), 0o644))
	}
	want, readErr := os.ReadFile(golden)
	require.NoError(t, readErr)
	assert.Equal(t, string(want), err.Error()+"\n")
	assert.Equal(t, 10, strings.Count(err.Error(), "ten.yaml:"))
	var p *semantic.Problem
	require.True(t, errors.As(err, &p))
	assert.Equal(t, 1, p.Line)
}

func TestTPCDS(t *testing.T) {
	m, err := semantic.Parse("tpcds.yaml", read(t, "tpcds_semantic_model.yaml"))
	require.NoError(t, err)
	assert.Equal(t, "tpcds_retail_model", m.Name)
	assert.Contains(t, m.AIContext.Instructions, "retail analytics")
	assert.Len(t, m.Extensions, 2)
	var names []string
	for d := range m.Datasets() {
		names = append(names, d.Name)
		assert.Len(t, d.Source, 3, d.Name)
		for _, f := range d.Fields {
			for _, target := range []string{"sqlite", "postgresql", "MySQL", "snowflake", ""} {
				e, err := f.Expr(target)
				require.NoError(t, err, "%s.%s", d.Name, f.Name)
				require.NotNil(t, e)
			}
		}
	}
	assert.Equal(t, []string{"store_sales", "date_dim", "customer", "item", "store"}, names)
	assert.Len(t, slices.Collect(m.Relationships()), 4)
	metrics := slices.Collect(m.Metrics())
	assert.Len(t, metrics, 5)

	sales, ok := m.Dataset("STORE_Sales")
	require.True(t, ok)
	assert.Equal(t, []string{"tpcds", "public", "store_sales"}, sales.Source)
	assert.Equal(t, []string{"ss_item_sk", "ss_ticket_number"}, sales.PrimaryKey)
	assert.Equal(t, []string{"sales transactions", "store purchases", "retail sales", "POS data"}, sales.AIContext.Synonyms)

	customer, ok := m.Dataset("customer")
	require.True(t, ok)
	full, ok := customer.Field("customer_full_name")
	require.True(t, ok)
	e, err := full.Expr("sqlite")
	require.NoError(t, err)
	assert.Equal(t, &ast.Column{Table: "t", Name: "c_first_name", Rel: -1, Type: ast.String}, firstColumn(e))
	_, plain := full.Column("sqlite")
	assert.False(t, plain)
	column, plain := customer.Fields[0].Column("sqlite")
	assert.True(t, plain)
	assert.Equal(t, "c_customer_sk", column)

	share, err := metrics[2].Expr("sqlite")
	require.NoError(t, err)
	assert.Equal(t, &ast.Binary{
		Op:    ast.Div,
		Left:  &ast.Call{Func: "sum", Args: []ast.Expr{&ast.Name{Parts: []string{"store_sales", "ss_ext_sales_price"}}}},
		Right: &ast.Call{Func: "count", Distinct: true, Args: []ast.Expr{&ast.Name{Parts: []string{"customer", "c_customer_sk"}}}},
	}, share)
}

// firstColumn is the leftmost column of a concatenation, however it nests.
func firstColumn(e ast.Expr) ast.Expr {
	for {
		call, ok := e.(*ast.Call)
		if !ok || call.Func != "concat" {
			return e
		}
		e = call.Args[0]
	}
}

// document wraps datasets, and what may follow them, in a whole file.
func document(datasets, rest string) string {
	return "version: 0.2.0\nsemantic_model:\n  - name: shop\n    datasets:\n" + datasets + rest
}

func orders(fields string) string {
	return document("      - name: orders\n        source: main.orders\n        fields:\n"+fields, "")
}

// field makes a field with one ANSI_SQL expression, in single quotes.
func field(name, expression string) string {
	return fmt.Sprintf("          - name: %s\n            expression: {dialects: [{dialect: ANSI_SQL, expression: '%s'}]}\n",
		name, strings.ReplaceAll(expression, "'", "''"))
}

func parse(t *testing.T, src string) *semantic.Model {
	t.Helper()
	m, err := semantic.Parse("m.yaml", []byte(src))
	require.NoError(t, err)
	return m
}

func TestPlainColumns(t *testing.T) {
	for expression, want := range map[string]string{
		"amount": "amount", " amount ": "amount", `"Amount ""net"""`: `Amount "net"`, "order": "order", "NULL": "NULL",
		"select": "select", `"a.b"`: "a.b", "größe": "größe", "_x$1": "_x$1", "current_date": "current_date",
	} {
		m := parse(t, orders(field("f", expression)+"            datatype: Decimal\n"))
		d, _ := m.Dataset("orders")
		column, ok := d.Fields[0].Column("sqlite")
		require.True(t, ok, expression)
		assert.Equal(t, want, column)
		e, err := d.Fields[0].Expr("sqlite")
		require.NoError(t, err)
		assert.Equal(t, &ast.Column{Table: "t", Name: want, Rel: -1, Type: ast.Decimal}, e)
	}
}

func TestFieldExpressions(t *testing.T) {
	amount := &ast.Column{Table: "t", Name: "amount", Rel: -1, Type: ast.Decimal}
	note := &ast.Column{Table: "t", Name: "note", Rel: -1}
	for expression, want := range map[string]ast.Expr{
		"upper(note)":             &ast.Call{Func: "upper", Args: []ast.Expr{note}},
		"ucase(note)":             &ast.Call{Func: "upper", Args: []ast.Expr{note}},
		"UPPER(orders.note)":      &ast.Call{Func: "upper", Args: []ast.Expr{note}},
		"ORDERS.note":             note,
		`"Orders"."note"`:         note,
		"coalesce(amount, 0)":     &ast.Call{Func: "coalesce", Args: []ast.Expr{amount, &ast.Literal{Kind: ast.IntLiteral, Text: "0"}}},
		"coalesce(note, 'it''s')": &ast.Call{Func: "coalesce", Args: []ast.Expr{note, &ast.Literal{Kind: ast.StringLiteral, Text: "it's"}}},
		"amount + amount":         &ast.Binary{Op: ast.Add, Left: amount, Right: amount},
		"CASE WHEN amount = 1 THEN note ELSE NULL END": &ast.Case{
			Whens: []ast.When{{Cond: &ast.Compare{Op: ast.Eq, Left: amount, Right: &ast.Literal{Kind: ast.IntLiteral, Text: "1"}}, Then: note}},
			Else:  &ast.Literal{Kind: ast.NullLiteral},
		},
		"note IS NOT NULL AND NOT amount > 1": &ast.And{X: []ast.Expr{
			&ast.Is{X: note, Kind: ast.IsNull, Not: true},
			&ast.Not{X: &ast.Compare{Op: ast.Gt, Left: amount, Right: &ast.Literal{Kind: ast.IntLiteral, Text: "1"}}},
		}},
	} {
		t.Run(expression, func(t *testing.T) {
			m := parse(t, orders(field("amount", "amount")+"            datatype: Decimal\n"+field("f", expression)))
			d, _ := m.Dataset("orders")
			f, _ := d.Field("F")
			got, err := f.Expr("postgresql")
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

func TestQualifiedColumnIsPlain(t *testing.T) {
	for _, expression := range []string{"orders.note", `"ORDERS"."note"`, "note -- the note"} {
		m := parse(t, orders(field("f", expression)+"            datatype: String\n"+field("g", "upper(note)")))
		d, _ := m.Dataset("orders")
		column, ok := d.Fields[0].Column("sqlite")
		assert.True(t, ok, expression)
		assert.Equal(t, "note", column)
		want := &ast.Column{Table: "t", Name: "note", Rel: -1, Type: ast.String}
		e, err := d.Fields[0].Expr("sqlite")
		require.NoError(t, err)
		assert.Equal(t, want, e)
		e, err = d.Fields[1].Expr("sqlite")
		require.NoError(t, err)
		assert.Equal(t, want, e.(*ast.Call).Args[0], "the other field knows the column's type")
	}
}

func TestColumnTypeDisagreement(t *testing.T) {
	m := parse(t, orders(field("a", "x")+"            datatype: Integer\n"+field("b", "x")+"            datatype: String\n"+field("c", "upper(x)")))
	d, _ := m.Dataset("orders")
	e, err := d.Fields[2].Expr("sqlite")
	require.NoError(t, err)
	assert.Equal(t, ast.Unknown, e.(*ast.Call).Args[0].(*ast.Column).Type)
	e, err = d.Fields[0].Expr("sqlite")
	require.NoError(t, err)
	assert.Equal(t, ast.Integer, e.(*ast.Column).Type)
}

func TestFieldExpressionsRefused(t *testing.T) {
	// col counts from the expression's first character.
	for expression, want := range map[string]struct {
		col  int
		text string
	}{
		"sum(amount)":                  {1, "make it a metric"},
		"1 + sum(amount)":              {5, "aggregate sum"},
		"row_number() over ()":         {1, "window function"},
		"upper(?)":                     {7, "placeholder"},
		"upper((select 1))":            {8, "subquery"},
		"upper(customers.name)":        {7, "is not this dataset"},
		"frobnicate(amount)":           {1, "frobnicate"},
		"sleep(5)":                     {1, "sleep"},
		"upper(note, note)":            {1, "arguments"},
		"upper(":                       {0, ""},
		"amount +":                     {0, ""},
		"":                             {0, ""},
		"   ":                          {0, ""},
		`""`:                           {1, "is empty"},
		"amount; drop table orders":    {0, ""},
		"amount /* note */ + 1 from t": {0, ""},
		"amount, note":                 {0, ""},
		"orders.*":                     {0, ""},
		"*":                            {0, ""},
	} {
		t.Run(expression, func(t *testing.T) {
			m, err := semantic.Parse("m.yaml", []byte(orders(field("f", expression))))
			assert.Nil(t, m)
			require.ErrorContains(t, err, want.text)
			var p *semantic.Problem
			require.True(t, errors.As(err, &p))
			assert.Equal(t, 9, p.Line)
			if want.col > 0 {
				start := strings.Index(p.Source, "expression: '") + len("expression: '")
				assert.Equal(t, start+want.col, p.Column, "%v", p)
			}
		})
	}
}

func TestDialects(t *testing.T) {
	m := parse(t, orders(`
          - name: name
            expression:
              dialects:
                - {dialect: ANSI_SQL, expression: general}
                - {dialect: SNOWFLAKE, expression: special}
                - {dialect: MDX, expression: '[Orders].[Name]'}
          - name: odd
            expression:
              dialects:
                - {dialect: BIGQUERY, expression: 'a ?? b'}
                - {dialect: DATABRICKS, expression: '`+"`my col`"+`'}
          - name: cube
            expression: {dialects: [{dialect: MDX, expression: '[Orders].[Name]'}]}
`))
	d, _ := m.Dataset("orders")
	name, odd, cube := d.Fields[0], d.Fields[1], d.Fields[2]
	for target, want := range map[string]string{"sqlite": "general", "Snowflake": "special", "MDX": "general", "ansi_sql": "general"} {
		column, ok := name.Column(target)
		assert.True(t, ok, target)
		assert.Equal(t, want, column, target)
	}
	column, ok := odd.Column("databricks")
	assert.True(t, ok)
	assert.Equal(t, "my col", column)
	_, err := odd.Expr("bigquery")
	require.Error(t, err)
	var p *semantic.Problem
	require.True(t, errors.As(err, &p), "the error has the place in the file")
	assert.Equal(t, 18, p.Line)
	for _, target := range []string{"sqlite", "", "mdx"} {
		_, err = odd.Expr(target)
		require.ErrorContains(t, err, `the field "odd" has no expression for`)
		_, ok = odd.Column(target)
		assert.False(t, ok)
		_, err = cube.Expr(target)
		require.Error(t, err, "MDX is kept as text only")
	}
	assert.Equal(t, "[Orders].[Name]", cube.Expressions[0].Text)
}

func TestSources(t *testing.T) {
	for source, want := range map[string][]string{
		"orders":                      {"orders"},
		"main.orders":                 {"main", "orders"},
		"db.main.orders":              {"db", "main", "orders"},
		`"my.schema".orders`:          {"my.schema", "orders"},
		`"a ""b""". "c d"`:            nil,
		`"a ""b"""."c d"`:             {`a "b"`, "c d"},
		"my-project.data.Orders":      {"my-project", "data", "Orders"},
		"":                            nil,
		".":                           nil,
		"a.":                          nil,
		".a":                          nil,
		"a..b":                        nil,
		"a.b.c.d":                     nil,
		`"a`:                          nil,
		`"a"b`:                        nil,
		`a"b"`:                        nil,
		`""`:                          nil,
		"my table":                    nil,
		" orders":                     nil,
		"a;b":                         nil,
		"a'b":                         nil,
		"orders\t":                    nil,
		"SELECT * FROM orders":        nil,
		"select\n1":                   nil,
		"(select 1)":                  nil,
		"read_csv('x')":               nil,
		"with x as (select 1) select": nil,
	} {
		src := fmt.Sprintf("{\"version\": \"0.2.0\", \"semantic_model\": [{\"name\": \"m\", \"datasets\": [{\"name\": \"d\", \"source\": %q}]}]}", source)
		m, err := semantic.Parse("m.json", []byte(src))
		if want == nil {
			assert.Error(t, err, "%q", source)
			continue
		}
		require.NoError(t, err, "%q", source)
		d, _ := m.Dataset("d")
		assert.Equal(t, want, d.Source)
	}
}

func TestFold(t *testing.T) {
	assert.Equal(t, "abcäÄ", semantic.Fold("AbCäÄ"))
	assert.Equal(t, "\u212a\u017f", semantic.Fold("\u212a\u017f"))
	assert.Equal(t, "", semantic.Fold(""))
	assert.Equal(t, "a\xffb", semantic.Fold("A\xffB"))
}

func TestLookupFoldsASCIIOnly(t *testing.T) {
	m := parse(t, document("      - name: kings\n        source: kings\n", ""))
	_, ok := m.Dataset("KINGS")
	assert.True(t, ok)
	_, ok = m.Dataset("\u212aings")
	assert.False(t, ok)
}

func TestTimeDimension(t *testing.T) {
	m := parse(t, orders(
		field("a", "a")+"            datatype: DateTimeTz\n"+
			field("b", "b")+"            datatype: Date\n            dimension: {is_time: false}\n"+
			field("c", "c")+"            datatype: Integer\n            dimension: {is_time: true}\n"+
			field("d", "d")+"            dimension: {}\n"))
	d, _ := m.Dataset("orders")
	for i, want := range []bool{true, false, true, false} {
		assert.Equal(t, want, d.Fields[i].IsTime, d.Fields[i].Name)
	}
}

func TestMetrics(t *testing.T) {
	base := "      - name: orders\n        source: orders\n        fields:\n" + field("amount", "amount") + field("id", "id") +
		"      - name: sales.lines\n        source: lines\n        fields:\n" + field("id", "id")
	for expression, want := range map[string]string{
		"SUM(orders.amount)":               "",
		"sum(ORDERS.Amount) / count(*)":    "",
		"SUM(amount)":                      "",
		`COUNT(DISTINCT "sales.lines".id)`: "",
		"SUM(id)":                          "several datasets",
		"SUM(orders.amuont)":               `did you mean "amount"?`,
		"SUM(order.amount)":                "",
		"SUM(nothing)":                     "no dataset has a field",
		"orders.amount":                    "outside of an aggregate",
		"amount":                           "outside of an aggregate",
		"SUM(orders.amount) + orders.id":   "outside of an aggregate",
		"1 + 1":                            "must aggregate",
		"SUM(SUM(orders.amount))":          "in another aggregate",
		"SUM(*)":                           "",
		"SUM(orders.amount) OVER ()":       "window function",
		"SUM(?)":                           "placeholder",
	} {
		t.Run(expression, func(t *testing.T) {
			rest := fmt.Sprintf("    metrics:\n      - name: m\n        expression: {dialects: [{dialect: ANSI_SQL, expression: %q}]}\n", expression)
			_, err := semantic.Parse("m.yaml", []byte(document(base, rest)))
			switch {
			case want != "":
				assert.ErrorContains(t, err, want)
			case expression == "SUM(*)" || strings.Contains(expression, "order."):
				assert.Error(t, err)
			default:
				assert.NoError(t, err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	one := "      - name: orders\n        source: orders\n"
	two := one + "      - name: customers\n        source: customers\n"
	link := "    relationships:\n      - {name: r, from: orders, to: customers, from_columns: [customer_id], to_columns: [id]}\n"
	for name, c := range map[string]struct {
		src  string
		want string
	}{
		"no version":             {"semantic_model: [{name: m, datasets: [{name: d, source: s}]}]", `m.yaml:1:1: the file lacks the key "version"`},
		"old version":            {strings.Replace(document(one, ""), "0.2.0", "0.1.0", 1), `1:10: unsupported version "0.1.0"; write "0.2.0"`},
		"number as version":      {strings.Replace(document(one, ""), "0.2.0", "0.2", 1), `1:10: "version" must be a string`},
		"empty version":          {strings.Replace(document(one, ""), "0.2.0", "''", 1), "the version is empty"},
		"no model":               {"version: 0.2.0\nsemantic_model: []", `2:17: "semantic_model" must have one element`},
		"two models":             {document(one, "  - {name: n, datasets: [{name: d, source: s}]}\n"), "7:5: a second semantic model"},
		"no datasets":            {"version: 0.2.0\nsemantic_model: [{name: m, datasets: []}]", `2:38: "datasets" must have at least one element`},
		"not a mapping":          {"[1]", "the file must be a mapping, not a list"},
		"dual":                   {document(strings.Replace(one, "name: orders", "name: DUAL", 1), ""), "5:15: a dataset can't be named dual"},
		"same dataset":           {document(one+one, ""), `7:15: duplicate dataset name "orders"; line 5 has it already`},
		"folded dataset":         {document(one+strings.ReplaceAll(one, "orders", "Orders"), ""), `7:15: the dataset names "Orders" and "orders" (line 5) differ only in case`},
		"empty name":             {document(strings.Replace(one, "name: orders", "name: ''", 1), ""), "5:15: the dataset name \"\" is empty"},
		"blank name":             {document(strings.Replace(one, "name: orders", "name: 'a '", 1), ""), "begins or ends with a blank"},
		"control name":           {document(strings.Replace(one, "name: orders", `name: "a\x07"`, 1), ""), "holds a control character"},
		"datatype":               {orders(field("f", "f") + "            datatype: decimal\n"), `10:23: unknown datatype "decimal"; did you mean "Decimal"?`},
		"dialect":                {strings.Replace(orders(field("f", "f")), "ANSI_SQL", "ANSI", 1), `9:47: unknown dialect "ANSI"; did you mean "ANSI_SQL"?`},
		"two expressions":        {strings.Replace(orders(field("f", "f")), "}]}", "}, {dialect: ANSI_SQL, expression: g}]}", 1), "a second expression in the dialect ANSI_SQL"},
		"is_time":                {orders(field("f", "f") + "            dimension: {is_time: 1}\n"), "10:34: \"is_time\" must be true or false, not a number"},
		"unknown key":            {document(one+"        primary_keys: [id]\n", ""), `7:9: unknown key "primary_keys" in a dataset; did you mean "primary_key"?`},
		"no source":              {document("      - name: orders\n", ""), `5:9: a dataset lacks the key "source"`},
		"empty key":              {document(one+"        primary_key: []\n", ""), `7:22: "primary_key" must name at least one column`},
		"repeated column":        {document(one+"        unique_keys: [[id], [a, a]]\n", ""), `7:33: an element of "unique_keys" names the column "a" twice`},
		"relationship from":      {document(two, strings.Replace(link, "from: orders", "from: order", 1)), `10:25: unknown dataset "order"; did you mean "orders"?`},
		"relationship columns":   {document(two, strings.Replace(link, "[id]", "[id, x]", 1)), `"from_columns" has 1 columns and "to_columns" 2`},
		"relationship no column": {document(two, strings.Replace(link, "[id]", "[]", 1)), `"to_columns" must name at least one column`},
		"relationship twice":     {document(two, link+strings.Split(link, "\n")[1]), `11:16: duplicate relationship name "r"`},
		"extension data":         {document(one+"        custom_extensions: [{vendor_name: X, data: {a: 1}}]\n", ""), `7:52: "data" must be a string, not a mapping`},
		"AI synonyms":            {document(one+"        ai_context: {synonyms: x}\n", ""), `"synonyms" must be a list, not a string`},
		"AI number":              {document(one+"        ai_context: 5\n", ""), `"ai_context" must be a string, not a number`},
		"duplicate key":          {document(one+"        source: s\n", ""), `7:9: duplicate key "source"`},
		"alias":                  {document("      - name: &n orders\n        source: *n\n", ""), "6:17: YAML aliases aren't supported"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := semantic.Parse("m.yaml", []byte(c.src))
			assert.Nil(t, m)
			assert.ErrorContains(t, err, c.want)
		})
	}
	parse(t, document(two, link))
}

func TestExtras(t *testing.T) {
	m := parse(t, document("      - name: orders\n        source: orders\n        ai_context: {synonyms: [a], owner: {team: x, size: 3, ok: true, none: null, share: 0.5, tags: [b]}}\n", ""))
	d, _ := m.Dataset("orders")
	assert.Equal(t, []string{"a"}, d.AIContext.Synonyms)
	assert.Equal(t, map[string]any{"owner": map[string]any{
		"team": "x", "size": int64(3), "ok": true, "none": nil, "share": 0.5, "tags": []any{"b"},
	}}, d.AIContext.Other)
	assert.Empty(t, d.Fields)
}

func TestJSON(t *testing.T) {
	m, err := semantic.Parse("m.json", []byte(`{"version": "0.2.0.dev0", "semantic_model": [{"name": "smile \ud83d\ude00", "datasets": [
		{"name": "orders", "source": "orders", "fields": [
			{"name": "f", "expression": {"dialects": [{"dialect": "ANSI_SQL", "expression": "upper(\u0022My \ud83d\ude00\u0022)"}]}}]}]}]}`))
	require.NoError(t, err)
	assert.Equal(t, "smile 😀", m.Name)
	d, _ := m.Dataset("orders")
	e, err := d.Fields[0].Expr("sqlite")
	require.NoError(t, err)
	assert.Equal(t, "My 😀", e.(*ast.Call).Args[0].(*ast.Column).Name)
}

func FuzzModel(f *testing.F) {
	f.Add(string(read(f, "ten.yaml")))
	f.Add(orders(field("a", "upper(a)")))
	f.Add(document("      - {name: d, source: '\"a\".b', unique_keys: [[a]], ai_context: {x: [{y: 1}]}}\n", "    metrics: [{name: m, expression: {dialects: [{dialect: ANSI_SQL, expression: count(*)}]}}]\n"))
	f.Add(`{"version": "0.2.0", "semantic_model": [{"name": "m", "datasets": [{"name": "\ud83d", "source": "a..b"}]}]}`)
	f.Add("version: &a [*a]\nsemantic_model: !!x {<<: 1}")
	f.Fuzz(func(t *testing.T, src string) {
		for _, name := range []string{"m.yaml", "m.json"} {
			m, err := semantic.Parse(name, []byte(src))
			if (m == nil) == (err == nil) {
				t.Fatalf("model %v and error %v", m, err)
			}
			if err != nil {
				_ = err.Error()
				continue
			}
			for d := range m.Datasets() {
				for _, field := range d.Fields {
					_, _ = field.Expr("sqlite")
				}
			}
		}
	})
}
