package dialect_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/function"
)

// TestFunctionsDocument holds FUNCTIONS.md against the code it is written from.
func TestFunctionsDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString(documentHead)
	names, _ := function.Names()
	header(&b, "Function", "Arguments", "Result", "Meaning", "Never fails")
	for _, name := range names {
		f, ok := function.Lookup(name)
		require.True(t, ok)
		assert.NotEmpty(t, f.Meaning, name)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |", strings.ToUpper(name), arguments(f), resultOf(f), f.Meaning, totalOn(f))
		for _, d := range dialect.All() {
			fmt.Fprintf(&b, " %s |", support(d, name))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Operators and constructs\n\n")
	header(&b, "Construct", "Meaning")
	for _, c := range constructs() {
		fmt.Fprintf(&b, "| %s | %s |", c.name, c.meaning)
		for _, d := range dialect.All() {
			answer := "yes"
			if _, _, err := d.Print(c.query); err != nil {
				answer = "no"
			}
			fmt.Fprintf(&b, " %s |", answer)
		}
		b.WriteString("\n")
	}
	if *update {
		require.NoError(t, os.WriteFile("FUNCTIONS.md", []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile("FUNCTIONS.md")
	require.NoError(t, err)
	assert.True(t, string(want) == b.String(), "FUNCTIONS.md is stale: run go test -run TestFunctionsDocument -update")
}

const documentHead = `# Functions, operators and what they mean

Written by go test -run TestFunctionsDocument -update; don't edit.

The meaning is the same on every database that says yes. "partly" takes some calls only: those of certain numbers of
arguments or units of time. "no" is refused with an error that names the function and the database, because the
database has nothing like it (missing), has something that means something else (inexact), or because it wasn't
run there and its manual leaves doubt (unverified). Any function gives NULL where an argument is NULL, unless its meaning
says otherwise. A function that never fails needs no fence around a dataset with policies; where a list
stands, that holds on these databases, for the types of operands in the dialect's table.

## Functions

`

func header(b *strings.Builder, columns ...string) {
	for _, d := range dialect.All() {
		columns = append(columns, d.Name)
	}
	fmt.Fprintf(b, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
}

// arguments writes a function's signature.
func arguments(f *function.Func) string {
	words := map[function.Arg]string{
		function.Any: "any", function.Compared: "value", function.Shared: "value", function.Truth: "condition", function.Number: "number",
		function.Whole: "whole number", function.Text: "text", function.Moment: "date", function.Name: "constant",
	}
	var out []string
	for i := range max(f.Min, f.Max, 1) {
		word := words[f.Arg(i)]
		if f.Max == 0 {
			word = "none"
		}
		if i >= f.Min && f.Max != 0 {
			word = "[" + word + "]"
		}
		out = append(out, word)
	}
	if f.Max < 0 {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// resultOf tries a function's result type with several types of arguments.
func resultOf(f *function.Func) string {
	probes := []ast.Type{ast.Integer, ast.Decimal, ast.Float}
	switch f.Arg(max(f.Min-1, 0)) {
	case function.Any, function.Compared, function.Shared:
		probes = append(probes, ast.String, ast.Date)
	case function.Moment:
		probes = []ast.Type{ast.Date, ast.DateTime}
	case function.Text:
		probes = []ast.Type{ast.String}
	}
	same, first, constant := true, ast.Type("?"), true
	var each []string
	for _, probe := range probes {
		args := slices.Repeat([]ast.Type{probe}, max(f.Min, 1))
		got := f.Type(args)
		same = same && got == probe
		constant = constant && (first == "?" || got == first)
		first = got
		each = append(each, fmt.Sprintf("%s of %s", orUnknown(got), probe))
	}
	switch {
	case constant:
		return orUnknown(first)
	case same:
		return "as the argument"
	default:
		return strings.Join(each, ", ")
	}
}

func orUnknown(t ast.Type) string {
	if t == ast.Unknown {
		return "unknown"
	}
	return string(t)
}

func totalOn(f *function.Func) string {
	if f.Total {
		return "everywhere"
	}
	var on []string
	for _, d := range dialect.All() {
		for key := range d.Totals {
			if base, _, _ := strings.Cut(key, "/"); base == f.Name {
				on = append(on, d.Name)
			}
		}
	}
	if len(on) == 0 {
		return "no"
	}
	return strings.Join(on, ", ")
}

func support(d *dialect.Dialect, name string) string {
	_, whole := d.Functions[name]
	switch {
	case whole, name == "log" && d.Functions["log/2"] != nil:
		return "yes"
	case d.Supports(name):
		return "partly"
	default:
		return "no: " + d.Refusal(name)
	}
}

// constructs are operators and clauses, each with a query that uses it.
func constructs() []struct {
	name, meaning string
	query         *ast.Query
} {
	n, m := typed("a", ast.Integer), typed("b", ast.Integer)
	x, dec := typed("s", ast.String), typed("c", ast.Decimal)
	type c = struct {
		name, meaning string
		query         *ast.Query
	}
	expr := func(e ast.Expr) *ast.Query {
		return body(&ast.Select{Items: []ast.SelectItem{named("n", e)}, From: []ast.TableExpr{t1}})
	}
	operator := func(op ast.BinaryOp) *ast.Query { return expr(binary(op, n, m)) }
	one := body(&ast.Select{Items: []ast.SelectItem{named("n", n)}, From: []ast.TableExpr{t1}})
	rollup := scan(nil, "s")
	rollup.GroupBy, rollup.Rollup = []ast.Expr{col("s")}, true
	pair := func(a, b any) ast.Expr { return &ast.Tuple{X: lits(a, b)} }
	return []c{
		{"`+` `-` `*` on whole numbers", "exact; NULL or an error beyond the range of the type, never another number", operator(ast.Mul)},
		{"`+` `-` `*` on decimals", "exact in decimals; binary on SQLite", expr(binary(ast.Add, dec, dec))},
		{"`/`", "never cut to whole numbers; NULL by zero", operator(ast.Div)},
		{"`DIV`", "cut toward zero; NULL by zero", operator(ast.IntDiv)},
		{"`DIV` on decimals", "cut toward zero; NULL by zero", expr(binary(ast.IntDiv, dec, dec))},
		{"`%`", "the sign of the dividend; NULL by zero", operator(ast.Mod)},
		{"`&` with a constant", "the common bits", expr(binary(ast.BitAnd, n, 6))},
		{"other bitwise operators", "unsigned, 64 bits", operator(ast.BitOr)},
		{"number as a condition", "true unless 0", expr(&ast.Not{X: n})},
		{"truth value as a number", "1 or 0", expr(binary(ast.Add, compare(ast.Eq, n, m), dec))},
		{"`<=>`", "equal, or both NULL", expr(compare(ast.NullSafeEq, n, m))},
		{"`IS TRUE`", "true, and not NULL", expr(&ast.Is{X: compare(ast.Eq, n, m), Kind: ast.IsTrue})},
		{"`LIKE` constant", "`%`, `_` and a backslash before them; by the collation, code points without one; code points always on SQLite", expr(&ast.Like{X: x, Pattern: text("a%")})},
		{"`LIKE` with an escaped wildcard", "the wildcard itself", expr(&ast.Like{X: x, Pattern: text(`a\%`)})},
		{"`LIKE` pattern known at run time", "the same", expr(&ast.Like{X: x, Pattern: param(0)})},
		{"comparison of date and quoted text", "the text is read as a date or an ISO 8601 moment, in UTC where it has Z or an offset", expr(compare(ast.Gt, typed("d", ast.Date), "2024-01-31"))},
		{"comparison of number and quoted text", "the text is read as a number; for `=`, `<>`, `<=>` and `IN` of a whole number, only as it is written", expr(compare(ast.Gt, n, "5"))},
		{"`=` `<>` `<=>` `IN` of whole number and string", "equal if the string is the number as it is written: not '010', '10.0', ' 10'", expr(compare(ast.Eq, n, x))},
		{"other comparisons of number and string column", "refused: CAST one of them", expr(compare(ast.Gt, n, x))},
		{"row values", "element by element, NULL makes unknown", expr(compare(ast.Lt, pair(n, m), pair(1, 2)))},
		{"`IN` list", "unknown where NULL keeps it open", expr(&ast.InList{X: n, List: lits(1, 2)})},
		{"`IN` query", "unknown where NULL keeps it open", expr(&ast.InQuery{X: n, Query: one})},
		{"row value `IN` query", "the same", expr(&ast.InQuery{X: pair(n, m), Query: body(scan(nil, "a", "b"))})},
		{"`> ANY` `> ALL`", "as in the standard", expr(&ast.Quantified{Op: ast.Gt, X: n, Query: one})},
		{"`CAST` to CHAR", "whole numbers, dates, and decimals with a fixed scale", expr(cast(n, ast.CastChar))},
		{"`CAST` of a decimal to CHAR", "all its decimals", expr(cast(dec, ast.CastChar))},
		{"`CAST` of a string to SIGNED", "the whole number that it begins with, else 0", expr(cast(x, ast.CastInteger))},
		{"`CAST` of a string to DECIMAL", "the number that it begins with, else 0", expr(cast(x, ast.CastDecimal, 10, 2))},
		{"`CAST` to DECIMAL(p, s)", "rounded half away from zero", expr(cast(dec, ast.CastDecimal, 10, 2))},
		{"`CAST` to UNSIGNED", "64 bits without a sign", expr(cast(n, ast.CastUnsigned))},
		{"`INTERVAL` in days and longer", "a date stays one; the last day of a month if it has no such day", expr(plus(typed("d", ast.Date), 1, ast.Month))},
		{"`INTERVAL` in hours and shorter", "a date becomes a point in time", expr(plus(typed("d", ast.Date), 1, ast.Hour))},
		{"`INTERVAL` in a window frame", "the same", expr(over(call("count", n), &ast.Window{Inline: true, OrderBy: by(typed("d", ast.Date)), Frame: &ast.Frame{Range: true,
			Start: ast.FrameBound{Kind: ast.Preceding, Offset: lit(1), Unit: ast.Day}, End: &ast.FrameBound{Kind: ast.CurrentRow}}}))},
		{"`WITH ROLLUP`", "subtotals from the right and a total, none of no rows", body(rollup)},
		{"`ORDER BY`", "NULL is the smallest value", &ast.Query{Body: one.Body, OrderBy: by(1)}},
		{"`OFFSET` without `LIMIT`", "all rows but the first", &ast.Query{Body: one.Body, OrderBy: by(1), Limit: limit(nil, 1)}},
		{"`WINDOW` clause", "windows with names", body(&ast.Select{Items: []ast.SelectItem{named("n", over(call("rank"), &ast.Window{Name: "w"}))}, From: []ast.TableExpr{t1},
			Windows: []ast.NamedWindow{{Name: "w", Window: &ast.Window{Inline: true, OrderBy: by(col("a"))}}}})},
		{"`INTERSECT` `EXCEPT`", "without equal rows", body(setOp(ast.Except, false, one.Body, one.Body))},
		{"`INTERSECT ALL` `EXCEPT ALL`", "with equal rows", body(setOp(ast.Except, true, one.Body, one.Body))},
		{"`VALUES`", "rows of constants", body(&ast.Values{Rows: [][]ast.Expr{lits(1, "a")}})},
		{"expressions that can fail, over policies", "behind a fence", body(&ast.Select{Items: items(at("q", "a")), From: []ast.TableExpr{derived(&ast.Query{Body: scan(nil, "a"), Fence: true}, "q")}})},
	}
}
