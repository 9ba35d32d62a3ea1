package secure

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/resolve"
)

// physical puts physical tables and expressions into a rule. The rule's own
// subqueries, along relationships, read other datasets as the policy's author:
// unfiltered. Their tables are named by the model alone, so that nothing of the
// caller's can stand in for them.
func (m *Model) physical(ds *dataset, rule ast.Expr) (ast.Expr, error) {
	p := &physical{model: m, tables: map[string]*dataset{resolve.TableAlias: ds}}
	ast.Walk(rule, func(e ast.Expr) bool {
		p.collect(queryOf(e))
		return true
	})
	out, ok := ast.Rewrite(rule, p.expr)
	if !ok || p.failed {
		return nil, fault.New(fault.Internal, 0, "a policy of dataset %q can't be put into SQL", ds.d.Name)
	}
	return out, nil
}

// physical is one such rewriting.
type physical struct {
	model *Model
	// tables are the datasets by the aliases that the rule gives them.
	tables map[string]*dataset
	failed bool
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
				return p.at(ds.exprs[i], n.Parts[0])
			}
		}
	}
	p.failed = true
	return n
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
