package mysql

import (
	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// from converts a FROM clause. Vitess makes FROM dual of a missing one.
func (c *conv) from(list []sqlparser.TableExpr) []ast.TableExpr {
	if len(list) == 1 && isDual(list[0]) {
		return nil
	}
	out := make([]ast.TableExpr, 0, len(list))
	for _, t := range list {
		out = append(out, c.table(t))
	}
	return out
}

// isDual tells the bare table dual.
func isDual(t sqlparser.TableExpr) bool {
	a, ok := t.(*sqlparser.AliasedTableExpr)
	if !ok || a.As.NotEmpty() || len(a.Partitions)+len(a.Hints)+len(a.Columns) > 0 {
		return false
	}
	name, ok := a.Expr.(sqlparser.TableName)
	return ok && name.Qualifier.IsEmpty() && foldEqual(name.Name.String(), "dual")
}

func (c *conv) table(t sqlparser.TableExpr) ast.TableExpr {
	if !c.enter() {
		return nil
	}
	defer c.leave()
	switch t := t.(type) {
	case *sqlparser.AliasedTableExpr:
		return c.aliasedTable(t)
	case *sqlparser.JoinTableExpr:
		return c.join(t)
	case *sqlparser.ParenTableExpr:
		return c.parenTable(t)
	case *sqlparser.JSONTableExpr:
		c.refuse("JSON_TABLE is not supported", "model the values as a dataset")
		return nil
	}
	c.refuse("this table expression is not supported", "use a dataset, a subquery or a join")
	return nil
}

// parenTable flattens parentheses; a comma inside them is a cross join.
func (c *conv) parenTable(t *sqlparser.ParenTableExpr) ast.TableExpr {
	var out ast.TableExpr
	for i, e := range t.Exprs {
		if i == 0 {
			out = c.table(e)
			continue
		}
		pos := c.claim(',')
		out = &ast.Join{Pos: pos, Kind: ast.CrossJoin, Left: out, Right: c.table(e)}
	}
	return out
}

func (c *conv) aliasedTable(t *sqlparser.AliasedTableExpr) ast.TableExpr {
	switch e := t.Expr.(type) {
	case sqlparser.TableName:
		return c.namedTable(t, e)
	case *sqlparser.DerivedTable:
		if e.Lateral {
			c.refuse("LATERAL is not supported", "use a subquery in the select list or a join")
			return nil
		}
		out := &ast.Derived{Pos: c.queryParen()}
		out.Query = c.query(e.Select)
		out.Alias = c.tableAlias(t.As)
		out.Columns = c.columns(t.Columns)
		return out
	}
	c.refuse("this table expression is not supported", "use a dataset, a subquery or a join")
	return nil
}

func (c *conv) namedTable(t *sqlparser.AliasedTableExpr, name sqlparser.TableName) ast.TableExpr {
	n := c.slabs.tables.New()
	out := &n.TableName
	out.Parts, out.Pos = c.tableParts(n.parts[:0], name)
	switch {
	case name.Qualifier.IsEmpty() && foldEqual(name.Name.String(), "dual"):
		c.refuse("dual can only stand alone, without an alias", "leave out FROM dual")
	case len(t.Partitions) > 0:
		c.refuse("PARTITION is not supported", "filter with WHERE")
	case len(t.Hints) > 0:
		c.refuse("index hints are not supported", "leave the hint out")
	case len(t.Columns) > 0:
		c.refuse("a column list is only for subqueries", "leave it out")
	}
	out.Alias = c.tableAlias(t.As)
	return out
}

// tableParts claims the parts of a table name and appends them to room.
func (c *conv) tableParts(room []string, name sqlparser.TableName) ([]string, ast.Pos) {
	return c.parts(room, name.Qualifier.String(), name.Name.String())
}

// parts claims the parts of a dotted name, of which leading ones may be empty,
// and appends them to room.
func (c *conv) parts(room []string, names ...string) ([]string, ast.Pos) {
	for len(names) > 0 && names[0] == "" {
		names = names[1:]
	}
	if len(names) == 0 {
		return nil, c.here()
	}
	pos := c.claimName(names[0])
	for _, n := range names[1:] {
		c.claimName(n)
	}
	return append(room, names...), pos
}

func (c *conv) tableAlias(as sqlparser.IdentifierCS) string {
	if as.IsEmpty() {
		return ""
	}
	for c.cur < len(c.toks) && (c.toks[c.cur].typ == ')' || c.toks[c.cur].typ == sqlparser.AS) {
		c.cur++
	}
	if c.cur < len(c.toks) && c.toks[c.cur].typ == sqlparser.STRING {
		c.refuse("a table alias cannot be a string", "write it without quotes or in backticks")
		return ""
	}
	name, _ := c.relationName(as.String())
	return name
}

// joins maps the kinds of join; those with a condition or NATURAL are refined
// in join.
var joins = map[sqlparser.JoinType]struct {
	kind    ast.JoinKind
	natural bool
}{
	sqlparser.NormalJoinType:       {ast.InnerJoin, false},
	sqlparser.LeftJoinType:         {ast.LeftJoin, false},
	sqlparser.RightJoinType:        {ast.RightJoin, false},
	sqlparser.NaturalJoinType:      {ast.InnerJoin, true},
	sqlparser.NaturalLeftJoinType:  {ast.LeftJoin, true},
	sqlparser.NaturalRightJoinType: {ast.RightJoin, true},
}

func (c *conv) join(j *sqlparser.JoinTableExpr) ast.TableExpr {
	kind, found := joins[j.Join]
	if !found {
		c.refuse("this kind of join is not supported", "write JOIN, LEFT JOIN, RIGHT JOIN or CROSS JOIN")
		return nil
	}
	out := &ast.Join{Kind: kind.kind, Natural: kind.natural, Left: c.table(j.LeftExpr)}
	out.Pos = c.claim(sqlparser.JOIN)
	out.Right = c.table(j.RightExpr)
	conditions := 0
	if on := j.Condition; on != nil {
		if on.On != nil {
			out.On = c.expr(on.On)
			conditions++
		}
		if len(on.Using) > 0 {
			c.claim(sqlparser.USING)
			out.Using = c.columns(on.Using)
			conditions++
		}
	}
	if conditions == 0 && !out.Natural {
		if out.Kind != ast.InnerJoin {
			c.refuse("an outer join needs a condition", "add ON or USING")
		}
		out.Kind = ast.CrossJoin
	}
	return out
}
