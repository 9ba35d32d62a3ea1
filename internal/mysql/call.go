package mysql

import (
	"strconv"
	"strings"

	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

// call converts what Vitess parses as a function call: by name, or as a node of
// its own.
func (c *conv) call(e sqlparser.Expr) ast.Expr {
	switch e := e.(type) {
	case *sqlparser.FuncExpr:
		return c.namedCall(e)
	case *sqlparser.CurTimeFuncExpr:
		return c.currentTime(e)
	case *sqlparser.SubstrExpr:
		return c.fixedCall("substring", []int{sqlparser.SUBSTRING, sqlparser.MID}, e.Name, e.From, e.To)
	case *sqlparser.LocateExpr:
		return c.fixedCall("locate", []int{sqlparser.LOCATE, sqlparser.POSITION}, e.SubStr, e.Str, e.Pos)
	case *sqlparser.InsertExpr:
		return c.fixedCall("insert", []int{sqlparser.INSERT}, e.Str, e.Pos, e.Len, e.NewStr)
	case *sqlparser.CharExpr:
		if e.Charset != "" {
			c.refuse("CHAR(… USING …) is not supported", "leave out USING")
			return nil
		}
		return c.fixedCall("char", []int{sqlparser.CHAR}, e.Exprs...)
	case *sqlparser.TrimFuncExpr:
		return c.trim(e)
	case *sqlparser.ExtractFuncExpr:
		out := &ast.Extract{Pos: c.claim(sqlparser.EXTRACT)}
		c.cur += 2 // the parenthesis and the unit
		out.Unit = c.unit(e.IntervalType)
		out.X = c.expr(e.Expr)
		return out
	case *sqlparser.TimestampDiffExpr:
		out := &ast.Call{Pos: c.claim(sqlparser.TIMESTAMPDIFF), Func: "timestampdiff"}
		c.cur += 2
		out.Unit = c.unit(e.Unit)
		out.Args = []ast.Expr{c.expr(e.Expr1), c.expr(e.Expr2)}
		return out
	case *sqlparser.RegexpLikeExpr:
		return c.fixedCall("regexp_like", []int{sqlparser.REGEXP_LIKE}, e.Expr, e.Pattern, e.MatchType)
	case *sqlparser.RegexpInstrExpr:
		return c.fixedCall("regexp_instr", []int{sqlparser.REGEXP_INSTR},
			e.Expr, e.Pattern, e.Position, e.Occurrence, e.ReturnOption, e.MatchType)
	case *sqlparser.RegexpReplaceExpr:
		return c.fixedCall("regexp_replace", []int{sqlparser.REGEXP_REPLACE},
			e.Expr, e.Pattern, e.Repl, e.Position, e.Occurrence, e.MatchType)
	case *sqlparser.RegexpSubstrExpr:
		return c.fixedCall("regexp_substr", []int{sqlparser.REGEXP_SUBSTR},
			e.Expr, e.Pattern, e.Position, e.Occurrence, e.MatchType)
	case *sqlparser.IntervalFuncExpr:
		return c.fixedCall("interval", []int{sqlparser.INTERVAL}, append([]sqlparser.Expr{e.Expr}, e.Exprs...)...)
	}
	return c.aggregate(e)
}

// aggregate converts aggregates, with or without OVER.
func (c *conv) aggregate(e sqlparser.Expr) ast.Expr {
	switch e := e.(type) {
	case *sqlparser.CountStar:
		out := c.fixedCall("count", []int{sqlparser.COUNT})
		out.Star = true
		c.claim('*')
		out.Over = c.over(e.OverClause)
		return out
	case *sqlparser.Count:
		return c.overCall("count", sqlparser.COUNT, e.Distinct, e.OverClause, e.Args...)
	case *sqlparser.Sum:
		return c.overCall("sum", sqlparser.SUM, e.Distinct, e.OverClause, e.Arg)
	case *sqlparser.Avg:
		return c.overCall("avg", sqlparser.AVG, e.Distinct, e.OverClause, e.Arg)
	case *sqlparser.Min:
		return c.overCall("min", sqlparser.MIN, e.Distinct, e.OverClause, e.Arg)
	case *sqlparser.Max:
		return c.overCall("max", sqlparser.MAX, e.Distinct, e.OverClause, e.Arg)
	case *sqlparser.BitAnd:
		return c.overCall("bit_and", sqlparser.BIT_AND, false, e.OverClause, e.Arg)
	case *sqlparser.BitOr:
		return c.overCall("bit_or", sqlparser.BIT_OR, false, e.OverClause, e.Arg)
	case *sqlparser.BitXor:
		return c.overCall("bit_xor", sqlparser.BIT_XOR, false, e.OverClause, e.Arg)
	case *sqlparser.Std:
		return c.overCall("std", sqlparser.STD, false, e.OverClause, e.Arg)
	case *sqlparser.StdDev:
		return c.overCall("stddev", sqlparser.STDDEV, false, e.OverClause, e.Arg)
	case *sqlparser.StdPop:
		return c.overCall("stddev_pop", sqlparser.STDDEV_POP, false, e.OverClause, e.Arg)
	case *sqlparser.StdSamp:
		return c.overCall("stddev_samp", sqlparser.STDDEV_SAMP, false, e.OverClause, e.Arg)
	case *sqlparser.VarPop:
		return c.overCall("var_pop", sqlparser.VAR_POP, false, e.OverClause, e.Arg)
	case *sqlparser.VarSamp:
		return c.overCall("var_samp", sqlparser.VAR_SAMP, false, e.OverClause, e.Arg)
	case *sqlparser.Variance:
		return c.overCall("variance", sqlparser.VARIANCE, false, e.OverClause, e.Arg)
	case *sqlparser.AnyValue:
		return c.overCall("any_value", sqlparser.ANY_VALUE, false, nil, e.Arg)
	case *sqlparser.GroupConcatExpr:
		return c.groupConcat(e)
	}
	return c.windowCall(e)
}

// windowCall converts the functions that need OVER.
func (c *conv) windowCall(e sqlparser.Expr) ast.Expr {
	switch e := e.(type) {
	case *sqlparser.ArgumentLessWindowExpr:
		name, typ := rankName(e.Type)
		if name == "" {
			break
		}
		return c.overCall(name, typ, false, e.OverClause)
	case *sqlparser.FirstOrLastValueExpr:
		name, typ := "first_value", sqlparser.FIRST_VALUE
		if e.Type == sqlparser.LastValueExprType {
			name, typ = "last_value", sqlparser.LAST_VALUE
		}
		return c.nullsCall(name, typ, e.NullTreatmentClause, e.OverClause, e.Expr)
	case *sqlparser.NtileExpr:
		return c.overCall("ntile", sqlparser.NTILE, false, e.OverClause, e.N)
	case *sqlparser.NTHValueExpr:
		if e.FromFirstLastClause != nil {
			c.refuse("FROM FIRST and FROM LAST are not supported", "leave it out, or reverse the window's ORDER BY")
			return nil
		}
		return c.nullsCall("nth_value", sqlparser.NTH_VALUE, e.NullTreatmentClause, e.OverClause, e.Expr, e.N)
	case *sqlparser.LagLeadExpr:
		name, typ := "lag", sqlparser.LAG
		if e.Type == sqlparser.LeadExprType {
			name, typ = "lead", sqlparser.LEAD
		}
		return c.nullsCall(name, typ, e.NullTreatmentClause, e.OverClause, e.Expr, e.N, e.Default)
	}
	c.refuseExpr(e)
	return nil
}

func rankName(t sqlparser.ArgumentLessWindowExprType) (name string, typ int) {
	switch t {
	case sqlparser.CumeDistExprType:
		return "cume_dist", sqlparser.CUME_DIST
	case sqlparser.DenseRankExprType:
		return "dense_rank", sqlparser.DENSE_RANK
	case sqlparser.PercentRankExprType:
		return "percent_rank", sqlparser.PERCENT_RANK
	case sqlparser.RankExprType:
		return "rank", sqlparser.RANK
	case sqlparser.RowNumberExprType:
		return "row_number", sqlparser.ROW_NUMBER
	}
	return "", 0
}

// fixedCall makes a call of arguments of which the last may be absent.
func (c *conv) fixedCall(name string, types []int, args ...sqlparser.Expr) *ast.Call {
	out := c.slabs.calls.New()
	out.Pos, out.Func = c.claim(types...), name
	out.Args = c.slabs.exprs.Slice(len(args))[:0]
	for _, a := range args {
		if a != nil {
			out.Args = append(out.Args, c.expr(a))
		}
	}
	return out
}

func (c *conv) overCall(name string, typ int, distinct bool, over *sqlparser.OverClause, args ...sqlparser.Expr) ast.Expr {
	out := c.fixedCall(name, []int{typ}, args...)
	out.Distinct = distinct
	out.Over = c.over(over)
	return out
}

func (c *conv) nullsCall(name string, typ int, nulls *sqlparser.NullTreatmentClause, over *sqlparser.OverClause, args ...sqlparser.Expr) ast.Expr {
	out := c.fixedCall(name, []int{typ}, args...)
	out.IgnoreNulls = nulls != nil && nulls.Type == sqlparser.IgnoreNullsType
	out.Over = c.over(over)
	return out
}

// namedCall passes any function on by name; internal/function knows which
// exist.
func (c *conv) namedCall(e *sqlparser.FuncExpr) ast.Expr {
	if e.Qualifier.NotEmpty() {
		c.claimName(e.Qualifier.String())
		c.refuse("functions of a schema are not allowed", "use a built-in function")
		return nil
	}
	out := &ast.Call{Pos: c.claimName(e.Name.String()), Func: asciiLower(e.Name.String())}
	if out.Func == "curdate" {
		out.Func = "current_date"
	}
	out.Args = c.exprs(e.Exprs)
	return out
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// currentTime converts the clock functions under one name each; an argument is
// the number of fractional digits.
func (c *conv) currentTime(e *sqlparser.CurTimeFuncExpr) ast.Expr {
	name := asciiLower(e.Name.String())
	out := &ast.Call{Pos: c.claimName(name), Func: name}
	switch name {
	case "curtime":
		out.Func = "current_time"
	case "current_timestamp", "localtime", "localtimestamp":
		out.Func = "now"
	}
	if e.Fsp < 0 || e.Fsp > 6 {
		c.refuse("fractional seconds have 0 to 6 digits", "")
		return nil
	}
	if e.Fsp > 0 {
		out.Args = []ast.Expr{&ast.Literal{Pos: c.claim(sqlparser.INTEGRAL), Kind: ast.IntLiteral, Text: strconv.Itoa(e.Fsp)}}
	}
	return out
}

// trim converts TRIM in all its forms. The string comes first in Args, what to
// trim second.
func (c *conv) trim(e *sqlparser.TrimFuncExpr) ast.Expr {
	out := &ast.Call{Pos: c.claim(sqlparser.TRIM, sqlparser.LTRIM, sqlparser.RTRIM), Func: "trim"}
	var what ast.Expr
	if e.TrimArg != nil {
		what = c.expr(e.TrimArg)
	}
	out.Args = []ast.Expr{c.expr(e.StringArg)}
	if what != nil {
		out.Args = append(out.Args, what)
	}
	switch {
	case e.TrimFuncType == sqlparser.LTrimType, e.Type == sqlparser.LeadingTrimType && what == nil:
		out.Func = "ltrim"
	case e.TrimFuncType == sqlparser.RTrimType, e.Type == sqlparser.TrailingTrimType && what == nil:
		out.Func = "rtrim"
	case e.Type == sqlparser.LeadingTrimType:
		out.Func = "trim_leading"
	case e.Type == sqlparser.TrailingTrimType:
		out.Func = "trim_trailing"
	}
	return out
}

func (c *conv) groupConcat(e *sqlparser.GroupConcatExpr) ast.Expr {
	out := c.fixedCall("group_concat", []int{sqlparser.GROUP_CONCAT}, e.Exprs...)
	out.Distinct = e.Distinct
	out.OrderBy = c.orderBy(e.OrderBy)
	if e.Limit != nil {
		c.refuse("LIMIT inside GROUP_CONCAT is not supported", "limit the rows in a subquery")
		return nil
	}
	if e.Separator == "" {
		return out
	}
	c.claim(sqlparser.SEPARATOR)
	c.claim(sqlparser.STRING)
	sep := c.last().text // Vitess keeps it only in quoted form
	if c.last().typ != sqlparser.STRING || strings.IndexByte(sep, 0) >= 0 {
		c.refuse("this SEPARATOR is not supported", "write a plain string")
		return nil
	}
	out.Separator = &sep
	return out
}

// cast converts CAST, CONVERT(x, type) and BINARY x.
func (c *conv) cast(x sqlparser.Expr, t *sqlparser.ConvertType, array bool) ast.Expr {
	out := &ast.Cast{Pos: c.claim(sqlparser.CAST, sqlparser.CONVERT, sqlparser.BINARY), Precision: -1, Scale: -1}
	start := c.cur
	out.X = c.expr(x)
	if t == nil || array || t.Charset.Name != "" || t.Charset.Binary {
		c.refuse("arrays and character sets are not supported in a cast", "name a plain type such as CHAR or DECIMAL(10, 2)")
		return nil
	}
	if out.Type = castType(t.Type); out.Type == 0 {
		c.refuse("this cast type is not supported", "use CHAR, SIGNED, UNSIGNED, DECIMAL, FLOAT, DOUBLE, DATE, TIME, DATETIME or BINARY")
		return nil
	}
	if start < len(c.toks) && c.toks[start].typ == '(' && c.toks[start-1].typ != sqlparser.BINARY {
		c.cur = c.toks[start].match + 1
	}
	if t.Length != nil {
		out.Precision = *t.Length
	}
	if t.Scale != nil {
		out.Scale = *t.Scale
	}
	if !plausible(out) {
		c.fail(fault.Unsupported, out.Pos, "the length or precision of a cast is out of range", "")
		return nil
	}
	return out
}

func castType(name string) ast.CastType {
	switch strings.ToLower(name) {
	case "char", "nchar":
		return ast.CastChar
	case "signed":
		return ast.CastInteger
	case "unsigned":
		return ast.CastUnsigned
	case "decimal":
		return ast.CastDecimal
	case "float":
		return ast.CastFloat
	case "double", "real":
		return ast.CastDouble
	case "date":
		return ast.CastDate
	case "time":
		return ast.CastTime
	case "datetime":
		return ast.CastDateTime
	case "binary":
		return ast.CastBinary
	}
	return 0
}

// plausible checks the length, precision and scale of a cast by MySQL's bounds.
func plausible(t *ast.Cast) bool {
	p, s := t.Precision, t.Scale
	switch t.Type {
	case ast.CastDecimal:
		return p <= maxDigits && s <= 30 && s <= max(p, 0)
	case ast.CastTime, ast.CastDateTime:
		return p <= 6
	case ast.CastFloat:
		return p <= 53
	}
	return p <= 1<<31-1
}
