package totality

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/function"
)

// Violation is an expression that is called total and raised an error.
type Violation struct {
	Shape    string // the function or operator
	Operands string // the columns and constants
	SQL      string
	Err      error
}

func (v Violation) String() string {
	return fmt.Sprintf("%s of %s: %.150v\n    %.400s", v.Shape, v.Operands, v.Err, v.SQL)
}

// Classes gives one violation for each shape and kind of error, with the number
// of those like it.
func (r *Report) Classes() (out []string) {
	first, n := map[string]Violation{}, map[string]int{}
	for _, v := range r.Violations {
		key := strings.TrimSuffix(v.Shape, nestedMark) + ": " + digits.ReplaceAllString(fmt.Sprintf("%.150v", v.Err), "9")
		if n[key]++; n[key] == 1 {
			first[key] = v
		}
	}
	for key, v := range first {
		out = append(out, fmt.Sprintf("%d × %v", n[key], v))
	}
	slices.Sort(out)
	return out
}

var digits = regexp.MustCompile(`\d+`)

// nestedMark is behind the names of the shapes of random expressions.
const nestedMark = " nested"

// Options say how much to try.
type Options struct {
	// Full tries every combination, and not only those of one column for each
	// type where an expression has two operands or more.
	Full bool
	// Every tries only one of so many combinations of two operands or more, and 20
	// times as many single ones; 0 is 1.
	Every int
	// Nested is the number of random expressions of several levels.
	Nested int
	Seed   uint64
	// Found, if set, gets each violation at once.
	Found func(Violation)
}

// Report is what Check found.
type Report struct {
	Violations []Violation
	// Tried counts expressions that ran, by shape.
	Tried map[string]int
	Total int
	Slow  []string // took longer than the limit for one statement
}

// Check runs all that a dialect calls total over the extreme values.
func Check(ctx context.Context, db *sql.DB, d *dialect.Dialect, o Options) (*Report, error) {
	if err := create(ctx, db, d.Name); err != nil {
		return nil, err
	}
	c := &checker{ctx: ctx, db: db, d: d, found: o.Found, report: &Report{Tried: map[string]int{}}}
	all := shapes()
	for arity := 0; arity <= 3; arity++ {
		n := 0
		for operands := range c.operands(arity, o.Full) {
			every := o.Every
			if arity == 1 {
				every /= 20
			}
			if n++; arity > 0 && every > 1 && n%every != 0 {
				continue
			}
			var batch []expression
			for _, s := range all {
				if s.arity == arity {
					batch = c.add(batch, s, operands)
				}
			}
			c.run(batch)
		}
	}
	c.nested(all, o)
	return c.report, ctx.Err()
}

type checker struct {
	ctx    context.Context
	db     *sql.DB
	d      *dialect.Dialect
	found  func(Violation)
	report *Report
}

// operand is a column or a constant.
type operand struct {
	name   string
	column string // "" for a constant
	expr   ast.Expr
}

type expression struct {
	shape
	operands []operand
	expr     ast.Expr
}

// add adds a shape of some operands to a batch if it is total and can be printed.
func (c *checker) add(batch []expression, s shape, operands []operand) []expression {
	x := make([]ast.Expr, len(operands))
	for i, o := range operands {
		x[i] = o.expr
	}
	e := s.make(x)
	if e == nil || !c.total(e) {
		return batch
	}
	one := expression{s, operands, e}
	if _, err := c.text([]expression{one}, "x_"); err != nil {
		return batch
	}
	return append(batch, one)
}

// total tells whether every node of an expression is.
func (c *checker) total(e ast.Expr) bool {
	total := true
	ast.Walk(e, func(x ast.Expr) bool {
		call, ok := x.(*ast.Call)
		total = total && (ok && strings.HasPrefix(call.Func, "cel.") || c.d.Total(x))
		return total
	})
	return total
}

// text prints expressions over the tables of a prefix.
func (c *checker) text(batch []expression, prefix string) (string, error) {
	sel := &ast.Select{}
	for i, o := range batch[0].operands {
		if o.column != "" {
			sel.From = append(sel.From, &ast.Physical{Parts: []string{prefix + o.column}, Alias: alias(i)})
		}
	}
	if len(sel.From) == 0 && prefix == "e_" {
		sel.Where = ast.False()
	}
	for i, e := range batch {
		sel.Items = append(sel.Items, ast.SelectItem{Expr: e.expr, Alias: fmt.Sprint("c", i)})
	}
	sql, _, err := c.d.Print(&ast.Query{Body: sel})
	return sql, err
}

func alias(i int) string { return string(rune('a' + i)) }

// operands gives the lists of so many operands.
func (c *checker) operands(arity int, full bool) iter.Seq[[]operand] {
	return func(yield func([]operand) bool) {
		list := make([]operand, arity)
		var fill func(i int) bool
		fill = func(i int) bool {
			if i == arity {
				return yield(slices.Clone(list))
			}
			for _, o := range c.choices(i, arity, full) {
				list[i] = o
				if !fill(i + 1) {
					return false
				}
			}
			return true
		}
		fill(0)
	}
}

// choices are the columns and constants for one of some operands.
func (c *checker) choices(i, arity int, full bool) (out []operand) {
	for _, col := range columns[c.d.Name] {
		if arity == 3 && col.name == "sl" {
			continue // long texts by long texts by long texts
		}
		if col.plain || arity == 1 || arity == 2 && full {
			out = append(out, operand{col.name, col.name, &ast.Column{Table: alias(i), Name: "v", Type: col.typ}})
		}
	}
	constants := constants()
	switch {
	case arity == 3 && !full:
		return append(out, constants[:2]...)
	case arity == 3 || arity == 2 && !full:
		return append(out, constants[:6]...)
	}
	return append(out, constants...)
}

// constants are constants at limits, the most telling ones first.
func constants() (out []operand) {
	for _, l := range []ast.Literal{
		{Kind: ast.IntLiteral, Text: "1"}, {Kind: ast.StringLiteral, Text: "a"}, {Kind: ast.IntLiteral, Text: "9223372036854775807"},
		{Kind: ast.IntLiteral, Text: "1073741824"}, {Kind: ast.DecimalLiteral, Text: "0.5"}, {Kind: ast.FloatLiteral, Text: "1.7e308"},
		{Kind: ast.NullLiteral}, {Kind: ast.IntLiteral, Text: "0"}, {Kind: ast.IntLiteral, Text: "1000"},
		{Kind: ast.StringLiteral, Text: ""}, {Kind: ast.StringLiteral, Text: "%"}, {Kind: ast.StringLiteral, Text: "2024-02-29"},
		{Kind: ast.IntLiteral, Text: strings.Repeat("9", 30)}, {Kind: ast.DecimalLiteral, Text: strings.Repeat("9", 60) + ".99999"},
		{Kind: ast.BoolLiteral, Text: "true"}, {Kind: ast.DateLiteral, Text: "9999-12-31"}, {Kind: ast.TimeLiteral, Text: "23:59:59"},
		{Kind: ast.TimestampLiteral, Text: "0001-01-01 00:00:00"},
	} {
		out = append(out, operand{"constant " + l.Text, "", &l})
		if l.Text == "1" || l.Kind == ast.IntLiteral && len(l.Text) > 9 && len(l.Text) < 20 {
			out = append(out, operand{"constant -" + l.Text, "", &ast.Neg{X: &l}})
		}
	}
	return append(out, operand{"the lowest number", "", &ast.Neg{X: &ast.Literal{Kind: ast.IntLiteral, Text: "9223372036854775808"}}})
}

// batchSize is what one SELECT holds.
const batchSize = 60

// run runs expressions of the same operands, scalars, aggregates and windows
// by themselves.
func (c *checker) run(all []expression) {
	for _, kind := range []function.Kind{function.Scalar, function.Aggregate, function.Window} {
		var same []expression
		for _, e := range all {
			if e.kind == kind {
				same = append(same, e)
			}
		}
		for batch := range slices.Chunk(same, batchSize) {
			c.batch(batch)
		}
	}
}

// batch runs expressions together, and in halves if one of them fails.
func (c *checker) batch(batch []expression) {
	if c.ctx.Err() != nil {
		return
	}
	query, err := c.text(batch, "x_")
	if err == nil {
		err = c.query(query)
	}
	switch {
	case err == nil:
		for _, e := range batch {
			c.report.Tried[e.shape.name]++
		}
		c.report.Total += len(batch)
	case len(batch) > 1:
		c.batch(batch[:len(batch)/2])
		c.batch(batch[len(batch)/2:])
	default:
		c.failed(batch, query, err)
	}
}

// failed notes a violation, unless the statement fails whatever the rows.
func (c *checker) failed(one []expression, query string, err error) {
	if empty, e := c.text(one, "e_"); e != nil || c.query(empty) != nil {
		return
	}
	var names []string
	for _, o := range one[0].operands {
		names = append(names, o.name)
	}
	v := Violation{one[0].shape.name, strings.Join(names, ", "), query, err}
	c.report.Violations = append(c.report.Violations, v)
	if c.found != nil {
		c.found(v)
	}
}

// limit is the time for one statement.
const limit = 20 * time.Second

// query runs a statement and reads all of its rows.
func (c *checker) query(query string) error {
	ctx, cancel := context.WithTimeout(c.ctx, limit)
	defer cancel()
	err := c.read(ctx, query)
	if ctx.Err() != nil {
		c.report.Slow = append(c.report.Slow, fmt.Sprintf("%.300s", query))
	}
	return err
}

func (c *checker) read(ctx context.Context, query string) error {
	rows, err := c.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	into := make([]any, len(columns))
	for i := range into {
		into[i] = new(sql.RawBytes)
	}
	for rows.Next() {
		if err := ignored(rows.Scan(into...)); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ignored leaves out what only the driver can't convert.
func ignored(err error) error {
	if err != nil && strings.HasPrefix(err.Error(), "sql: Scan error") {
		return nil
	}
	return err
}

// nested tries random expressions of two to four levels.
func (c *checker) nested(all []shape, o Options) {
	r := rand.New(rand.NewPCG(o.Seed, 1))
	var scalars []shape
	for _, s := range all {
		if s.kind == function.Scalar && s.arity > 0 && s.name != "in query" && s.name != "any" && s.name != "all" {
			scalars = append(scalars, s)
		}
	}
	operands := c.choices(0, 1, true)
	for done, tries := 0, 0; done < o.Nested && tries < 20*o.Nested && c.ctx.Err() == nil; {
		list := []operand{operands[r.IntN(len(operands))], c.choices(1, 1, true)[r.IntN(len(operands))]}
		pool := []ast.Expr{list[0].expr, list[1].expr}
		var batch []expression
		for range 200 {
			tries++
			s := scalars[r.IntN(len(scalars))]
			x := make([]ast.Expr, s.arity)
			for i := range x {
				x[i] = pool[r.IntN(len(pool))]
			}
			e := s.make(x)
			if e == nil || depth(e) > 4 || !c.total(e) {
				continue
			}
			one := expression{shape{s.name + nestedMark, 2, nil, function.Scalar}, list, e}
			if _, err := c.text([]expression{one}, "x_"); err == nil {
				batch, pool = append(batch, one), append(pool, e)
			}
		}
		done += len(batch)
		c.run(batch)
	}
}

func depth(e ast.Expr) int {
	n := 0
	ast.Walk(e, func(ast.Expr) bool {
		n++
		return true
	})
	return n / 2
}
