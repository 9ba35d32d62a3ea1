package rules

import (
	"fmt"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/semantic"
)

// hop is one step along a relationship: from the many side to the one row that
// it belongs to, or from the one side to the list of its rows.
type hop struct {
	to     *semantic.Dataset
	toMany bool
	// columns holds the physical columns of the two ends, pair by pair.
	columns [][2]string
}

// findHop finds the step that a name means: the name of a relationship, or of
// the dataset at its other end if just one relationship leads there.
func findHop(m *semantic.Model, d *semantic.Dataset, name string) (hop, bool) {
	hops := hopsNamed(m, d, name)
	if len(hops) != 1 {
		return hop{}, false
	}
	return hops[0], true
}

// ambiguousHop says why a name that leads somewhere can't be followed.
func ambiguousHop(m *semantic.Model, d *semantic.Dataset, name string) string {
	if n := len(hopsNamed(m, d, name)); n > 1 {
		return fmt.Sprintf("%q is ambiguous: %d relationships lead from dataset %q to it", name, n, d.Name)
	}
	return ""
}

func hopsNamed(m *semantic.Model, d *semantic.Dataset, name string) []hop {
	var byName, byDataset []hop
	for r := range m.Relationships() {
		for _, end := range []struct {
			from, to *semantic.Dataset
			h        hop
		}{
			{r.From, r.To, hop{to: r.To, columns: pairs(r.FromColumns, r.ToColumns)}},
			{r.To, r.From, hop{to: r.From, toMany: true, columns: pairs(r.ToColumns, r.FromColumns)}},
		} {
			switch {
			case end.from != d:
			case r.Name == name && !(r.From == r.To && end.h.toMany): // of a tree's two directions the name is the parent's
				byName = append(byName, end.h)
			case end.to.Name == name:
				byDataset = append(byDataset, end.h)
			}
		}
	}
	if len(byName) > 0 {
		return byName
	}
	return byDataset
}

func pairs(from, to []string) [][2]string {
	out := make([][2]string, len(from))
	for i := range from {
		out[i] = [2]string{from[i], to[i]}
	}
	return out
}

// rowScope is a row that an expression can read: row itself, the row that a
// path leads to, or the variable of a macro over rows. Alias is the printed
// name of its table.
type rowScope struct {
	dataset *semantic.Dataset
	alias   string
}

// join is the condition that ties the far end of a hop to its near end: the
// relationship's columns, and the tenant's field where both ends have it.
func (t *translator) join(h hop, near, far rowScope) ast.Expr {
	var terms []ast.Expr
	for _, pair := range h.columns {
		terms = append(terms, &ast.Compare{
			Op:    ast.Eq,
			Left:  &ast.Column{Table: far.alias, Name: pair[1], Rel: -1},
			Right: &ast.Column{Table: near.alias, Name: pair[0], Rel: -1},
			Exact: mayBeString(far.dataset, pair[1]) && mayBeString(near.dataset, pair[0]),
		})
	}
	if key := t.c.tenantField; key != "" {
		a, okA := exactField(far.dataset, key)
		b, okB := exactField(near.dataset, key)
		if okA && okB {
			terms = append(terms, &ast.Compare{Op: ast.Eq, Left: far.name(a), Right: near.name(b), Exact: a.Datatype == semantic.String})
		}
	}
	return conjunction(terms)
}

// mayBeString reports whether a physical column can hold strings: unless a field
// that is just this column has another datatype, it can.
func mayBeString(d *semantic.Dataset, column string) bool {
	for _, f := range d.Fields {
		if name, ok := f.Column(""); ok && name == column && f.Datatype != semantic.Unknown && f.Datatype != semantic.Opaque {
			return f.Datatype == semantic.String
		}
	}
	return true
}

// name is a field of the row, by its dataset's table.
func (s rowScope) name(f *semantic.Field) ast.Expr {
	return &ast.Name{Parts: []string{s.alias, f.Name}}
}

// table is the row's dataset in a FROM clause.
func (s rowScope) table() ast.TableExpr {
	return &ast.TableName{Parts: []string{s.dataset.Name}, Alias: s.alias}
}

// parents collects the rows on to-one paths that one condition reads. They are
// joined in one subquery, and a path that is used twice is joined once.
type parents struct {
	order  []parent
	byPath map[string]rowScope
	// datasets are those of all aliases of the rule.
	datasets map[string]*semantic.Dataset
}

func (t *translator) noParents() parents { return parents{datasets: t.datasets} }

type parent struct {
	scope rowScope
	on    ast.Expr
}

// reach gives the row at the end of a to-one path, and joins what is needed.
func (t *translator) reach(near rowScope, name string, h hop) rowScope {
	path := near.alias + "." + name
	if far, ok := t.parents.byPath[path]; ok {
		return far
	}
	far := t.newScope(h.to)
	if t.parents.byPath == nil {
		t.parents.byPath = map[string]rowScope{}
	}
	t.parents.byPath[path] = far
	t.parents.order = append(t.parents.order, parent{far, t.join(h, near, far)})
	return far
}

func (t *translator) newScope(d *semantic.Dataset) rowScope {
	t.tables++
	s := rowScope{dataset: d, alias: fmt.Sprintf("%s%d", rootAlias, t.tables+1)}
	t.datasets[s.alias] = d
	return s
}

// rootAlias is the alias of the dataset's own table; those of paths are
// numbered from 2.
const rootAlias = "t"

// over is SELECT item FROM the parents WHERE they join AND where.
func (p parents) over(item, where ast.Expr) *ast.Query {
	sel := &ast.Select{Items: []ast.SelectItem{{Expr: item, Alias: "v"}}}
	var terms []ast.Expr
	for _, x := range p.order {
		sel.From = append(sel.From, x.scope.table())
		terms = append(terms, x.on)
	}
	if where != nil {
		terms = append(terms, definitely(where))
	}
	sel.Where = conjunction(terms)
	sel.Uncached = p.readsOuterStrings(sel.Where) || p.readsOuterStrings(item)
	return &ast.Query{Body: sel}
}

// readsOuterStrings reports whether an expression reads, from a row outside of
// the subquery, a column that may hold strings.
func (p parents) readsOuterStrings(e ast.Expr) bool {
	own := map[string]bool{}
	for _, x := range p.order {
		own[x.scope.alias] = true
	}
	found := false
	ast.Walk(e, func(x ast.Expr) bool {
		switch x := x.(type) {
		case *ast.Name:
			f, ok := exactField(p.datasets[x.Parts[0]], x.Parts[1])
			found = found || !own[x.Parts[0]] && (!ok || f.Datatype == semantic.String)
		case *ast.Column:
			found = found || !own[x.Table] && mayBeString(p.datasets[x.Table], x.Name)
		}
		return !found
	})
	return found
}

func (p parents) exists(where ast.Expr) ast.Expr {
	return &ast.Exists{Query: p.over(one(), where)}
}

func one() ast.Expr { return &ast.Literal{Kind: ast.IntLiteral, Text: "1"} }

// onParents puts a condition over parents' fields into subqueries. It is true
// or false where the parents exist and the condition is; without a parent it is
// unknown.
func (p parents) onParents(cond ast.Expr) ast.Expr {
	if len(p.order) == 0 {
		return cond
	}
	return &ast.Case{Whens: []ast.When{
		{Cond: p.exists(cond), Then: ast.True()},
		{Cond: p.exists(&ast.Not{X: cond}), Then: ast.False()},
	}}
}

// definitely gives a condition that is true exactly where e is, but may be
// false where e is unknown. Databases plan a bare EXISTS better than one
// inside CASE, and at the top of a rule the difference doesn't matter.
func definitely(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.And:
		return &ast.And{X: definitelyAll(e.X)}
	case *ast.Or:
		return &ast.Or{X: definitelyAll(e.X)}
	case *ast.Not:
		return definitelyNot(e)
	case *ast.Compare:
		return definiteCompare(e.Op, e)
	case *ast.InList:
		out := *e
		out.Definite = true
		return &out
	case *ast.Call:
		if read, ok := readIn(e); ok { // no value that CEL lacks is NULL
			return call(e.Func, read.Args[0])
		}
	case *ast.Case:
		if decided(e) {
			return e.Whens[0].Cond
		}
	}
	return e
}

// definitelyNot is definitely of a negation, which moves inside.
func definitelyNot(e *ast.Not) ast.Expr {
	switch x := e.X.(type) {
	case *ast.Case:
		if decided(x) && len(x.Whens) == 2 && x.Else == nil {
			return x.Whens[1].Cond
		}
	case *ast.Compare:
		if op, ok := opposites[x.Op]; ok {
			return definiteCompare(op, x)
		}
	case *ast.Call:
		if read, ok := readIn(x); ok {
			return &ast.Is{X: read, Kind: ast.IsNull, Not: true}
		}
	}
	return e
}

// opposites are true where a comparison is false: rules compare nothing that has
// no order, as NaN.
var opposites = map[ast.CompareOp]ast.CompareOp{
	ast.Eq: ast.Ne, ast.Ne: ast.Eq, ast.Lt: ast.Ge, ast.Ge: ast.Lt, ast.Gt: ast.Le, ast.Le: ast.Gt,
}

// definiteCompare is a comparison by another operator that may be false where it
// is unknown. What isn't one truth value is the other one.
func definiteCompare(op ast.CompareOp, e *ast.Compare) ast.Expr {
	out := *e
	out.Op, out.Definite = op, true
	if op == ast.Ne && isLiteral(e.Right, "true") {
		out.Op, out.Right = ast.Eq, ast.False()
	} else if op == ast.Ne && isLiteral(e.Right, "false") {
		out.Op, out.Right = ast.Eq, ast.True()
	}
	return &out
}

// readIn gives the field that a test for null reads.
func readIn(c *ast.Call) (read *ast.Call, ok bool) {
	if c.Func != isNullTest {
		return nil, false
	}
	read, ok = c.Args[0].(*ast.Call)
	return read, ok
}

func definitelyAll(list []ast.Expr) []ast.Expr {
	out := make([]ast.Expr, len(list))
	for i, x := range list {
		out[i] = definitely(x)
	}
	return out
}

// decided reports whether a CASE is TRUE in its first branch, which tests for
// existence, and nowhere else.
func decided(c *ast.Case) bool {
	if c.Operand != nil || len(c.Whens) == 0 || !isLiteral(c.Whens[0].Then, "true") {
		return false
	}
	if _, ok := c.Whens[0].Cond.(*ast.Exists); !ok {
		return false
	}
	for _, w := range c.Whens[1:] {
		if _, ok := w.Cond.(*ast.Exists); !ok || !isConstant(w.Then) || isLiteral(w.Then, "true") {
			return false
		}
	}
	return c.Else == nil || isLiteral(c.Else, "false")
}

func isConstant(e ast.Expr) bool {
	_, ok := e.(*ast.Literal)
	return ok
}
