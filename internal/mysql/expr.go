package mysql

import (
	"slices"

	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

func (c *conv) exprs(list []sqlparser.Expr) []ast.Expr {
	out := c.slabs.exprs.Slice(len(list))
	for i, e := range list {
		if c.err != nil {
			return nil
		}
		out[i] = c.expr(e)
	}
	return out
}

// expr converts any expression. Function calls are in call.go.
func (c *conv) expr(e sqlparser.Expr) ast.Expr {
	if !c.enter() {
		return nil
	}
	defer c.leave()
	switch e := e.(type) {
	case *sqlparser.ColName:
		return c.column(e)
	case *sqlparser.Literal:
		return c.literal(e)
	case *sqlparser.NullVal:
		return c.newLiteral(c.claim(sqlparser.NULL), ast.NullLiteral, "")
	case sqlparser.BoolVal:
		return c.boolean(e)
	case *sqlparser.Argument:
		return c.param(e)
	case *sqlparser.AndExpr:
		return &ast.And{X: c.exprs(andOperands(e))}
	case *sqlparser.OrExpr:
		return &ast.Or{X: c.exprs(orOperands(e))}
	case *sqlparser.XorExpr:
		return &ast.Xor{Left: c.expr(e.Left), Right: c.expr(e.Right)}
	case *sqlparser.NotExpr:
		return &ast.Not{X: c.expr(e.Expr)}
	case *sqlparser.ComparisonExpr:
		return c.comparison(e)
	case *sqlparser.IsExpr:
		return c.is(e)
	case *sqlparser.BetweenExpr:
		return &ast.Between{X: c.expr(e.Left), Low: c.expr(e.From), High: c.expr(e.To), Not: !e.IsBetween}
	case *sqlparser.BinaryExpr:
		return c.binary(e)
	case *sqlparser.UnaryExpr:
		return c.unary(e)
	case *sqlparser.IntervalDateExpr:
		return c.dateAdd(e)
	case *sqlparser.CaseExpr:
		return c.caseExpr(e)
	case *sqlparser.CastExpr:
		return c.cast(e.Expr, e.Type, e.Array)
	case *sqlparser.ConvertExpr:
		return c.cast(e.Expr, e.Type, false)
	case sqlparser.ValTuple:
		return c.tuple(e)
	case *sqlparser.Subquery:
		pos := c.queryParen()
		return c.whenQuery(&ast.Subquery{Pos: pos, Query: c.subquery(e)})
	case *sqlparser.ExistsExpr:
		pos := c.claim(sqlparser.EXISTS)
		return c.whenQuery(&ast.Exists{Pos: pos, Query: c.subquery(e.Subquery)})
	}
	return c.call(e)
}

// andOperands and orOperands flatten a chain; long ones lean to the left.
func andOperands(e *sqlparser.AndExpr) []sqlparser.Expr {
	n := 2
	for left, ok := e.Left.(*sqlparser.AndExpr); ok; left, ok = left.Left.(*sqlparser.AndExpr) {
		n++
	}
	out := make([]sqlparser.Expr, 0, n)
	for {
		out = append(out, e.Right)
		left, ok := e.Left.(*sqlparser.AndExpr)
		if !ok {
			out = append(out, e.Left)
			slices.Reverse(out)
			return out
		}
		e = left
	}
}

func orOperands(e *sqlparser.OrExpr) []sqlparser.Expr {
	n := 2
	for left, ok := e.Left.(*sqlparser.OrExpr); ok; left, ok = left.Left.(*sqlparser.OrExpr) {
		n++
	}
	out := make([]sqlparser.Expr, 0, n)
	for {
		out = append(out, e.Right)
		left, ok := e.Left.(*sqlparser.OrExpr)
		if !ok {
			out = append(out, e.Left)
			slices.Reverse(out)
			return out
		}
		e = left
	}
}

func (c *conv) column(e *sqlparser.ColName) ast.Expr {
	n := c.slabs.names.New()
	out := &n.Name
	out.Parts, out.Pos = c.parts(n.parts[:0], e.Qualifier.Qualifier.String(), e.Qualifier.Name.String(), e.Name.String())
	if len(out.Parts) == 0 {
		c.refuse("a name is empty", "")
	}
	if c.model && len(out.Parts) > 2 {
		c.fail(fault.Unsupported, out.Pos, "a column's name has at most two parts here", "write column or dataset.column")
	}
	return out
}

// subquery converts a query inside an expression.
func (c *conv) subquery(e *sqlparser.Subquery) *ast.Query {
	if c.model {
		c.refuse("a subquery is not allowed in a model's expression", "use a relationship")
		return nil
	}
	return c.query(e.Select)
}

// whenQuery drops the node of a query that failed.
func (c *conv) whenQuery(e ast.Expr) ast.Expr {
	if c.err != nil {
		return nil
	}
	return e
}

// queryParen is the position of the parenthesis before the next query.
func (c *conv) queryParen() ast.Pos {
	i := c.find(sqlparser.WITH, sqlparser.SELECT, sqlparser.VALUES)
	if i > 0 && c.toks[i-1].typ == '(' {
		return c.tokenPos(i - 1)
	}
	return c.here()
}

func (c *conv) tuple(e sqlparser.ValTuple) ast.Expr {
	if len(e) == 1 { // ROW(a) is a
		c.claim(sqlparser.ROW)
		return c.expr(e[0])
	}
	if len(e) == 0 {
		c.refuse("an empty row value is not supported", "")
		return nil
	}
	return &ast.Tuple{Pos: c.claim(sqlparser.ROW, '('), X: c.exprs(e)}
}

func compareOp(op sqlparser.ComparisonExprOperator) (ast.CompareOp, bool) {
	switch op {
	case sqlparser.EqualOp:
		return ast.Eq, true
	case sqlparser.NotEqualOp:
		return ast.Ne, true
	case sqlparser.LessThanOp:
		return ast.Lt, true
	case sqlparser.LessEqualOp:
		return ast.Le, true
	case sqlparser.GreaterThanOp:
		return ast.Gt, true
	case sqlparser.GreaterEqualOp:
		return ast.Ge, true
	case sqlparser.NullSafeEqualOp:
		return ast.NullSafeEq, true
	}
	return 0, false
}

func (c *conv) comparison(e *sqlparser.ComparisonExpr) ast.Expr {
	left := c.expr(e.Left)
	if op, ok := compareOp(e.Operator); ok {
		return c.compare(e, op, left)
	}
	switch e.Operator {
	case sqlparser.InOp, sqlparser.NotInOp:
		return c.in(e, left)
	case sqlparser.LikeOp, sqlparser.NotLikeOp:
		out := &ast.Like{Pos: c.claim(sqlparser.LIKE), X: left, Not: e.Operator == sqlparser.NotLikeOp}
		out.Pattern = c.expr(e.Right)
		if e.Escape != nil {
			c.claim(sqlparser.ESCAPE)
			out.Escape = c.expr(e.Escape)
		}
		return out
	case sqlparser.RegexpOp, sqlparser.NotRegexpOp:
		pos := c.claim(sqlparser.REGEXP, sqlparser.RLIKE)
		like := &ast.Call{Pos: pos, Func: "regexp_like", Args: []ast.Expr{left, c.expr(e.Right)}}
		if e.Operator == sqlparser.NotRegexpOp {
			return &ast.Not{X: like}
		}
		return like
	}
	c.refuse("this comparison is not supported", "")
	return nil
}

func (c *conv) compare(e *sqlparser.ComparisonExpr, op ast.CompareOp, left ast.Expr) ast.Expr {
	if e.Modifier == sqlparser.Missing {
		out := c.slabs.compares.New()
		*out = ast.Compare{Op: op, Left: left, Right: c.expr(e.Right)}
		return out
	}
	sub, ok := e.Right.(*sqlparser.Subquery)
	if !ok {
		c.refuse("ANY, SOME and ALL need a subquery", "")
		return nil
	}
	out := &ast.Quantified{Op: op, All: e.Modifier == sqlparser.All, X: left}
	out.Pos = c.claim(sqlparser.ANY, sqlparser.SOME, sqlparser.ALL)
	out.Query = c.subquery(sub)
	return out
}

func (c *conv) in(e *sqlparser.ComparisonExpr, left ast.Expr) ast.Expr {
	not := e.Operator == sqlparser.NotInOp
	pos := c.claim(sqlparser.IN)
	switch r := e.Right.(type) {
	case *sqlparser.Subquery:
		return c.whenQuery(&ast.InQuery{Pos: pos, X: left, Query: c.subquery(r), Not: not})
	case sqlparser.ValTuple:
		if len(r) > c.lim.ListItems {
			c.fail(fault.Limit, pos, "an IN list is too long", "pass the values in a table or split the query")
			return nil
		}
		return &ast.InList{X: left, List: c.exprs(r), Not: not}
	}
	c.refuse("IN needs a list or a subquery", "")
	return nil
}

func (c *conv) is(e *sqlparser.IsExpr) ast.Expr {
	out := &ast.Is{X: c.expr(e.Left)}
	c.claim(sqlparser.IS)
	switch e.Right {
	case sqlparser.IsNullOp:
		out.Kind = ast.IsNull
	case sqlparser.IsNotNullOp:
		out.Kind, out.Not = ast.IsNull, true
	case sqlparser.IsTrueOp:
		out.Kind = ast.IsTrue
	case sqlparser.IsNotTrueOp:
		out.Kind, out.Not = ast.IsTrue, true
	case sqlparser.IsFalseOp:
		out.Kind = ast.IsFalse
	case sqlparser.IsNotFalseOp:
		out.Kind, out.Not = ast.IsFalse, true
	default:
		c.refuse("this IS test is not supported", "")
		return nil
	}
	c.claim(sqlparser.NULL, sqlparser.UNKNOWN, sqlparser.TRUE, sqlparser.FALSE)
	if out.Kind == ast.IsNull && c.last().typ == sqlparser.UNKNOWN { // Vitess doesn't tell it from NULL
		out.Kind = ast.IsUnknown
	}
	return out
}

// binaryOp gives the operator and the types that its token may have.
func binaryOp(op sqlparser.BinaryExprOperator) (out ast.BinaryOp, token, other int) {
	switch op {
	case sqlparser.PlusOp:
		return ast.Add, '+', '+'
	case sqlparser.MinusOp:
		return ast.Sub, '-', '-'
	case sqlparser.MultOp:
		return ast.Mul, '*', '*'
	case sqlparser.DivOp:
		return ast.Div, '/', '/'
	case sqlparser.IntDivOp:
		return ast.IntDiv, sqlparser.DIV, sqlparser.DIV
	case sqlparser.ModOp:
		return ast.Mod, '%', sqlparser.MOD
	case sqlparser.BitAndOp:
		return ast.BitAnd, '&', '&'
	case sqlparser.BitOrOp:
		return ast.BitOr, '|', '|'
	case sqlparser.BitXorOp:
		return ast.BitXor, '^', '^'
	case sqlparser.ShiftLeftOp:
		return ast.ShiftLeft, sqlparser.SHIFT_LEFT, sqlparser.SHIFT_LEFT
	case sqlparser.ShiftRightOp:
		return ast.ShiftRight, sqlparser.SHIFT_RIGHT, sqlparser.SHIFT_RIGHT
	}
	return 0, 0, 0
}

func (c *conv) binary(e *sqlparser.BinaryExpr) ast.Expr {
	op, token, other := binaryOp(e.Operator)
	if op == 0 {
		c.refuse("this operator is not supported", "")
		return nil
	}
	left := c.expr(e.Left)
	pos := c.claim(token, other)
	right := c.expr(e.Right)
	if c.ansi && op == ast.ShiftLeft {
		return concat(pos, left, right)
	}
	out := c.slabs.binaries.New()
	*out = ast.Binary{Pos: pos, Op: op, Left: left, Right: right}
	return out
}

// concat makes the concatenation of || and flattens chains of it.
func concat(pos ast.Pos, left, right ast.Expr) ast.Expr {
	if l, ok := left.(*ast.Call); ok && l.Func == concatOperator {
		return &ast.Call{Pos: l.Pos, Func: concatOperator, Args: append(slices.Clone(l.Args), right)}
	}
	return &ast.Call{Pos: pos, Func: concatOperator, Args: []ast.Expr{left, right}}
}

// concatOperator is the function that || stands for: NULL if any side is.
const concatOperator = "concat"

func (c *conv) unary(e *sqlparser.UnaryExpr) ast.Expr {
	switch e.Operator {
	case sqlparser.UMinusOp:
		c.claim('-')
		return &ast.Neg{X: c.expr(e.Expr)}
	case sqlparser.UPlusOp:
		c.claim('+')
		return c.expr(e.Expr)
	case sqlparser.TildaOp:
		return &ast.BitNot{Pos: c.claim('~'), X: c.expr(e.Expr)}
	case sqlparser.BangOp:
		c.claim('!')
		return &ast.Not{X: c.expr(e.Expr)}
	}
	c.refuse("this prefix operator is not supported", "")
	return nil
}

func (c *conv) caseExpr(e *sqlparser.CaseExpr) ast.Expr {
	out := &ast.Case{}
	c.claim(sqlparser.CASE)
	if e.Expr != nil {
		out.Operand = c.expr(e.Expr)
	}
	for _, w := range e.Whens {
		if c.err != nil {
			return nil
		}
		out.Whens = append(out.Whens, ast.When{Cond: c.expr(w.Cond), Then: c.expr(w.Val)})
	}
	if e.Else != nil {
		out.Else = c.expr(e.Else)
	}
	c.claim(sqlparser.END)
	return out
}
