package enginetest

import (
	"fmt"
	"math"
	"strings"

	"github.com/hedgerow/hedgerow/internal/enginetest/warehouse"
)

// edges is the table of values at the edges of what types can hold. g names a
// group of rows, of which most have one, and n numbers its rows.
func edges() *warehouse.Table {
	t := &warehouse.Table{Name: "edge_values", Columns: []warehouse.Column{
		{Name: "g", Type: warehouse.Text}, {Name: "n", Type: warehouse.Integer},
		{Name: "i", Type: warehouse.Long}, {Name: "d", Type: warehouse.Number}, {Name: "f", Type: warehouse.Float},
		{Name: "b", Type: warehouse.Boolean}, {Name: "s", Type: warehouse.Text}, {Name: "u", Type: warehouse.Text},
		{Name: "dt", Type: warehouse.Date}, {Name: "ts", Type: warehouse.DateTime}, {Name: "tm", Type: warehouse.Time},
	}}
	add := func(g string, n int, i, d, f, b, s, u, dt, ts, tm any) {
		t.Rows = append(t.Rows, []any{g, n, i, d, f, b, s, u, dt, ts, tm})
	}
	dec := func(f float64) any { return warehouse.Decimal(f * 100) }
	text := func(g, s, u string) {
		add(g, 1, 1, dec(1), 1.0, true, s, u, "2024-01-01", "2024-01-01 00:00:00", "00:00:00")
	}
	when := func(g, dt, clock string) {
		add(g, 1, 1, dec(1), 1.0, true, "a", "b", dt, dt+" "+clock, clock)
	}

	text("one", "a", "b")
	add("null", 1, nil, nil, nil, nil, nil, nil, nil, nil, nil)
	add("zero", 1, 0, dec(0), 0.0, false, "", "", "1970-01-01", "1970-01-01 00:00:00", "00:00:00")
	add("neg", 1, -7, dec(-2.5), -2.5, false, "-7", " ", "1969-12-31", "1969-12-31 23:59:59", "23:59:59")
	add("max", 1, math.MaxInt64, dec(1), 1e300, true, "z", "z", "9999-12-31", "9999-12-31 23:59:59.999999", "23:59:59.999999")
	add("min", 1, math.MinInt64, dec(-1), -1e300, false, "-", "-", "0001-01-01", "0001-01-01 00:00:00", "00:00:00")
	text("text", "aé𐍈z", "𐍈")
	text("blank", "  a b ", " ")
	text("case", "Straße", "STRASSE")
	text("wild", `50%_\`, "it's")
	when("leap", "2024-02-29", "13:14:15.678901")
	when("end", "2023-12-31", "23:59:59")
	when("jan", "2024-01-31", "10:00:00")
	when("dst", "2024-03-31", "02:30:00")  // a local time that Berlin doesn't have
	when("fall", "2024-10-27", "02:30:00") // one that it has twice
	for n := range 2 {
		add("big", n+1, math.MaxInt64, dec(1), 1.0, true, "x", "x", "2024-01-01", "2024-01-01 00:00:00", "00:00:00")
	}
	for n, r := range []struct{ i, d, f, b, s any }{
		{3, dec(1.5), 1.5, true, "b"}, {nil, nil, nil, nil, nil}, {1, dec(2.5), 2.5, false, "é"},
		{3, dec(1.5), 1.5, true, "B"}, {7, dec(-1), -1.0, true, ""},
	} {
		day := fmt.Sprintf("2024-01-0%d", n+1)
		add("set", n+1, r.i, r.d, r.f, r.b, r.s, "u", day, day+" 00:00:00", "00:00:00")
	}
	return t
}

// edgesModel is the model of the table, as the dataset edges.
func edgesModel() string {
	datatypes := map[warehouse.Type]string{
		warehouse.Text: "String", warehouse.Integer: "Integer", warehouse.Long: "Integer", warehouse.Number: "Decimal", warehouse.Float: "Float",
		warehouse.Boolean: "Boolean", warehouse.Date: "Date", warehouse.DateTime: "DateTime", warehouse.Time: "Time",
	}
	var b strings.Builder
	b.WriteString("version: 0.2.0.dev0\nsemantic_model:\n- name: edges\n  datasets:\n  - name: edges\n    source: edge_values\n    fields:\n")
	for _, c := range edges().Columns {
		fmt.Fprintf(&b, "    - {name: %[1]s, expression: {dialects: [{dialect: ANSI_SQL, expression: %[1]s}]}, datatype: %[2]s}\n", c.Name, datatypes[c.Type])
	}
	return b.String()
}
