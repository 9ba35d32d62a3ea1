package dialect

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

func (p *printer) from(s *ast.Select) {
	if len(s.From) == 0 {
		if s.Where != nil || len(s.GroupBy) > 0 || s.Having != nil || len(s.Windows) > 0 {
			p.write(p.d.Dual)
		}
		return
	}
	p.write(" FROM ")
	p.list(len(s.From), func(i int) {
		// SQLite reads a comma like a JOIN from the left, which only a RIGHT JOIN can tell.
		p.table(s.From[i], i > 0 && startsRight(s.From[i]))
	})
}

// startsRight tells whether a RIGHT JOIN is on the left spine of a join.
func startsRight(t ast.TableExpr) bool {
	j, ok := t.(*ast.Join)
	return ok && j != nil && (j.Kind == ast.RightJoin || startsRight(j.Left))
}

// table writes a table expression; joins stand in parentheses when nested.
func (p *printer) table(t ast.TableExpr, nested bool) {
	defer p.leave()
	if !p.enter(0) {
		return
	}
	switch t := t.(type) {
	case *ast.Physical:
		p.physical(t)
	case *ast.CTERef:
		p.ident(0, t.Name)
		p.alias(0, t.Alias)
	case *ast.Derived:
		p.derived(t)
	case *ast.Join:
		if nested {
			p.write("(")
			defer p.write(")")
		}
		p.join(t)
	case *ast.TableName:
		p.fail(fault.Internal, t.Pos, "a table name is not resolved")
	default:
		p.fail(fault.Internal, 0, "unknown table expression %T", t)
	}
}

func (p *printer) alias(pos ast.Pos, name string) {
	p.write(" AS ")
	p.ident(pos, name)
}

func (p *printer) physical(t *ast.Physical) {
	p.name(t.Parts)
	p.alias(0, t.Alias)
}

// name writes the name of a physical table.
func (p *printer) name(parts []string) {
	if len(parts) == 0 {
		p.fail(fault.Internal, 0, "a table has no name")
	}
	if len(parts) > p.d.MaxParts {
		p.unsupported(0, "a table name of that many parts").
			WithHint("a source has at most %d parts here", p.d.MaxParts)
	}
	for i, part := range parts {
		if i > 0 {
			p.write(".")
		}
		p.ident(0, part)
	}
}

func (p *printer) derived(t *ast.Derived) {
	if len(t.Columns) > 0 {
		p.fail(fault.Internal, t.Pos, "a derived table still has a column list")
	}
	p.write("(")
	p.query(t.Query)
	p.write(")")
	p.alias(t.Pos, t.Alias)
}

func (p *printer) join(j *ast.Join) {
	if j.Natural || len(j.Using) > 0 {
		p.fail(fault.Internal, j.Pos, "NATURAL and USING are not resolved")
		return
	}
	p.table(j.Left, false)
	on := j.On
	switch j.Kind {
	case ast.CrossJoin, ast.InnerJoin:
		if on == nil {
			p.write(" ", p.d.Cross, " ")
		} else {
			p.write(" JOIN ")
		}
	case ast.LeftJoin, ast.RightJoin:
		p.write(either(j.Kind == ast.LeftJoin, " LEFT JOIN ", " RIGHT JOIN "))
		if on == nil {
			on = ast.True()
		}
	default:
		p.fail(fault.Internal, j.Pos, "unknown kind of join %d", j.Kind)
		return
	}
	p.table(j.Right, true)
	p.condition(" ON ", on)
}
