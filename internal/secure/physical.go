package secure

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/resolve"
	"github.com/hedgerow/hedgerow/semantic"
)

// physical puts physical tables and expressions into a rule. The rule's own
// subqueries, along relationships, read other datasets as the policy's author:
// unfiltered. Their tables are named by the model alone, so that nothing of the
// caller's can stand in for them.
func (m *Model) physical(ds *dataset, rule ast.Expr) (ast.Expr, error) {
	out, _, err := m.physicalRule(ds, rule)
	return out, err
}

// physicalRule is physical, and also names a field that the rule reads and that
// can raise an error when it is computed, "" if there is none.
func (m *Model) physicalRule(ds *dataset, rule ast.Expr) (out ast.Expr, failing string, err error) {
	p := &physical{model: m, tables: map[string]*dataset{resolve.TableAlias: ds}}
	ast.Walk(rule, func(e ast.Expr) bool {
		p.collect(queryOf(e))
		return true
	})
	out, ok := ast.Rewrite(rule, p.expr)
	if !ok || p.failed {
		return nil, "", fault.New(fault.Internal, 0, "a policy of dataset %q can't be put into SQL", ds.d.Name)
	}
	return out, p.failing, nil
}

// physical is one such rewriting.
type physical struct {
	model *Model
	// tables are the datasets by the aliases that the rule gives them.
	tables map[string]*dataset
	failed bool
	// failing is a field that can raise an error when it is computed.
	failing string
}

// queryOf is the query that a rule may hold in an expression.
func queryOf(e ast.Expr) *ast.Query {
	switch e := e.(type) {
	case *ast.Exists:
		return e.Query
	case *ast.Subquery:
		return e.Query
	default:
		return nil
	}
}

// collect notes the datasets that a query of the rule reads.
func (p *physical) collect(q *ast.Query) {
	if q == nil {
		return
	}
	sel, ok := q.Body.(*ast.Select)
	if !ok {
		p.failed = true
		return
	}
	for _, t := range sel.From {
		name, ok := t.(*ast.TableName)
		if !ok || len(name.Parts) != 1 {
			p.failed = true
			return
		}
		d, ok := p.model.cfg.Rules.Model.Dataset(name.Parts[0])
		known := p.tables[name.Alias] // a condition and its negation share their tables
		if !ok || known != nil && known.d != d || name.Alias == resolve.TableAlias {
			p.failed = true
			return
		}
		p.tables[name.Alias] = p.model.datasets[d]
	}
}

// expr replaces fields by their expressions, and datasets by their tables.
func (p *physical) expr(e ast.Expr) ast.Expr {
	if n, ok := e.(*ast.Name); ok {
		return p.field(n)
	}
	if q := queryOf(e); q != nil && !p.failed {
		sel := q.Body.(*ast.Select) // by collect; a copy, by ast.Rewrite
		for i, t := range sel.From {
			name := t.(*ast.TableName)
			sel.From[i] = &ast.Physical{Parts: p.tables[name.Alias].d.Source, Alias: name.Alias}
		}
	}
	return e
}

func (p *physical) field(n *ast.Name) ast.Expr {
	if len(n.Parts) == 2 && p.tables[n.Parts[0]] != nil {
		ds := p.tables[n.Parts[0]]
		for i, f := range ds.d.Fields {
			if f.Name == n.Parts[1] && ds.exprs[i] != nil {
				e := ds.exprs[i]
				if ds.risky[i] {
					e = ds.guarded(f, e)
				}
				if ds.risky[i] && canFail(e, p.model.totalInRules) {
					p.failing = f.Name
				}
				return p.at(e, n.Parts[0])
			}
		}
	}
	p.failed = true
	return n
}

// totalInRules is cfg.Total for what a rule reads. Joined strings fail only when
// they get as long as a gigabyte: no fence could keep a rule from that, and to
// refuse all rules over joined strings would help nobody.
func (m *Model) totalInRules(e ast.Expr) bool {
	c, ok := e.(*ast.Call)
	return m.cfg.Total(e) || ok && (c.Func == "concat" || c.Func == "concat_ws")
}

// guarded returns the expression of a field that is a whole number with the
// arithmetic of policies, which is unknown where it would overflow, if it is
// arithmetic over whole numbers; else the expression as it is.
func (ds *dataset) guarded(f *semantic.Field, e ast.Expr) ast.Expr {
	if f.Datatype != semantic.Integer || !ds.whole(e) {
		return e
	}
	names := map[ast.BinaryOp]string{ast.Add: "cel.add", ast.Sub: "cel.sub", ast.Mul: "cel.mul"}
	out, ok := ast.Rewrite(e, func(x ast.Expr) ast.Expr {
		switch x := x.(type) {
		case *ast.Binary:
			return &ast.Call{Func: names[x.Op], Args: []ast.Expr{x.Left, x.Right}}
		case *ast.Neg:
			return &ast.Call{Func: "cel.neg", Args: []ast.Expr{x.X}}
		default:
			return x
		}
	})
	if !ok {
		return e
	}
	return out
}

// whole reports whether an expression adds, subtracts or multiplies whole numbers:
// constants, columns that a field shows as Integer, and what must be one for a
// sum with a constant to be one.
func (ds *dataset) whole(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Literal:
		return e.Kind == ast.IntLiteral
	case *ast.Column:
		for i, f := range ds.d.Fields {
			c, ok := ds.exprs[i].(*ast.Column)
			if ok && f.Datatype == semantic.Integer && c.Name == e.Name {
				return true
			}
		}
		return false
	case *ast.Neg:
		return ds.whole(e.X)
	case *ast.Binary:
		_, column := e.Left.(*ast.Column)
		constant := isWholeLiteral(e.Right)
		if !constant {
			_, column = e.Right.(*ast.Column)
			constant = isWholeLiteral(e.Left)
		}
		sum := e.Op == ast.Add || e.Op == ast.Sub
		return sum && column && constant || (sum || e.Op == ast.Mul) && ds.whole(e.Left) && ds.whole(e.Right)
	default:
		return false
	}
}

func isWholeLiteral(e ast.Expr) bool {
	l, ok := e.(*ast.Literal)
	return ok && l.Kind == ast.IntLiteral
}

// at moves a field's expression to the alias by which its table is known.
func (p *physical) at(e ast.Expr, alias string) ast.Expr {
	if alias == resolve.TableAlias {
		return e
	}
	out, ok := ast.Rewrite(e, func(x ast.Expr) ast.Expr {
		if c, ok := x.(*ast.Column); ok {
			moved := *c
			moved.Table = alias
			return &moved
		}
		return x
	})
	p.failed = p.failed || !ok
	return out
}
