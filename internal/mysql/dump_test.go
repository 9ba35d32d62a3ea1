package mysql_test

import (
	"fmt"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// dump writes a tree as a compact s-expression for comparison in tests.
func dump(n any) string {
	switch n := n.(type) {
	case nil:
		return "-"
	case *ast.Query:
		return dumpQuery(n)
	case *ast.Select:
		return dumpSelect(n)
	case *ast.SetOp:
		op := map[ast.SetOperator]string{ast.Union: "union", ast.Intersect: "intersect", ast.Except: "except"}[n.Op]
		if n.All {
			op += "-all"
		}
		return list(op, dump(n.Left), dump(n.Right))
	case *ast.Values:
		rows := make([]string, len(n.Rows))
		for i, r := range n.Rows {
			rows[i] = list("row", each(r)...)
		}
		return list("values", rows...)
	case ast.TableExpr:
		return dumpTable(n)
	case ast.Expr:
		return dumpExpr(n)
	}
	return fmt.Sprintf("?%T", n)
}

func list(head string, parts ...string) string {
	all := []string{head}
	for _, p := range parts {
		if p != "" {
			all = append(all, p)
		}
	}
	return "(" + strings.Join(all, " ") + ")"
}

func each[T any](xs []T) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = dump(x)
	}
	return out
}

func clause[T any](name string, xs []T) string {
	if len(xs) == 0 {
		return ""
	}
	return list(name, each(xs)...)
}

func optional(name string, e ast.Expr) string {
	if e == nil {
		return ""
	}
	return list(name, dump(e))
}

func dumpQuery(q *ast.Query) string {
	var with, limit string
	if q.With != nil {
		head := "with"
		if q.With.Recursive {
			head = "with-recursive"
		}
		var ctes []string
		for _, c := range q.With.CTEs {
			ctes = append(ctes, list(c.Name, cols(c.Columns), dump(c.Query)))
		}
		with = list(head, ctes...)
	}
	if q.Limit != nil {
		limit = list("limit", optional("count", q.Limit.Count), optional("offset", q.Limit.Offset))
	}
	if with == "" && limit == "" && len(q.OrderBy) == 0 {
		if _, nested := q.Body.(*ast.Query); !nested {
			return dump(q.Body)
		}
	}
	return list("query", with, dump(q.Body), order(q.OrderBy), limit)
}

func cols(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "[" + strings.Join(names, " ") + "]"
}

func order(items []ast.OrderItem) string {
	if len(items) == 0 {
		return ""
	}
	var out []string
	for _, o := range items {
		s := dump(o.Expr)
		if o.Desc {
			s += " desc"
		}
		out = append(out, s)
	}
	return list("order", out...)
}

func dumpSelect(s *ast.Select) string {
	head := "select"
	if s.Distinct {
		head = "select-distinct"
	}
	var items []string
	for _, it := range s.Items {
		x := dump(it.Expr)
		if it.Alias != "" {
			x += ":" + it.Alias
		}
		items = append(items, x)
	}
	var windows []string
	for _, w := range s.Windows {
		windows = append(windows, list("window", w.Name, window(w.Window)))
	}
	group := clause("group", s.GroupBy)
	if s.Rollup {
		group += " rollup"
	}
	parts := append([]string{}, items...)
	parts = append(parts, clause("from", s.From), optional("where", s.Where), group, optional("having", s.Having))
	return list(head, append(parts, windows...)...)
}

func dumpTable(t ast.TableExpr) string {
	switch t := t.(type) {
	case *ast.TableName:
		if t.Alias != "" {
			return strings.Join(t.Parts, ".") + ":" + t.Alias
		}
		return strings.Join(t.Parts, ".")
	case *ast.Derived:
		return list("derived:"+t.Alias, cols(t.Columns), dump(t.Query))
	case *ast.Join:
		kind := map[ast.JoinKind]string{ast.InnerJoin: "join", ast.LeftJoin: "left", ast.RightJoin: "right", ast.CrossJoin: "cross"}[t.Kind]
		if t.Natural {
			kind = "natural-" + kind
		}
		return list(kind, dump(t.Left), dump(t.Right), optional("on", t.On), cols(t.Using))
	}
	return fmt.Sprintf("?%T", t)
}

func dumpExpr(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Literal:
		switch e.Kind {
		case ast.NullLiteral:
			return "null"
		case ast.StringLiteral:
			return fmt.Sprintf("%q", e.Text)
		case ast.DateLiteral:
			return "date'" + e.Text + "'"
		case ast.TimeLiteral:
			return "time'" + e.Text + "'"
		case ast.TimestampLiteral:
			return "timestamp'" + e.Text + "'"
		}
		return e.Text
	case *ast.Param:
		return fmt.Sprintf("?%d", e.Index)
	case *ast.Name:
		return strings.Join(e.Parts, ".")
	case *ast.Star:
		return strings.Join(append(append([]string{}, e.Qualifier...), "*"), ".")
	case *ast.And:
		return list("and", each(e.X)...)
	case *ast.Or:
		return list("or", each(e.X)...)
	case *ast.Xor:
		return list("xor", dump(e.Left), dump(e.Right))
	case *ast.Not:
		return list("not", dump(e.X))
	case *ast.Compare:
		return list(compareName(e.Op), dump(e.Left), dump(e.Right))
	case *ast.Quantified:
		q := "any"
		if e.All {
			q = "all"
		}
		return list(compareName(e.Op)+"-"+q, dump(e.X), dump(e.Query))
	case *ast.Is:
		kind := map[ast.IsKind]string{ast.IsNull: "null", ast.IsTrue: "true", ast.IsFalse: "false", ast.IsUnknown: "unknown"}[e.Kind]
		return list(not(e.Not, "is-"+kind), dump(e.X))
	case *ast.Between:
		return list(not(e.Not, "between"), dump(e.X), dump(e.Low), dump(e.High))
	case *ast.Like:
		return list(not(e.Not, "like"), dump(e.X), dump(e.Pattern), optional("escape", e.Escape))
	case *ast.InList:
		return list(not(e.Not, "in"), dump(e.X), list("list", each(e.List)...))
	case *ast.InQuery:
		return list(not(e.Not, "in"), dump(e.X), dump(e.Query))
	case *ast.Exists:
		return list("exists", dump(e.Query))
	case *ast.Subquery:
		return list("sub", dump(e.Query))
	case *ast.Tuple:
		return list("row", each(e.X)...)
	case *ast.Case:
		out := []string{optional("of", e.Operand)}
		for _, w := range e.Whens {
			out = append(out, list("when", dump(w.Cond), dump(w.Then)))
		}
		return list("case", append(out, optional("else", e.Else))...)
	case *ast.Cast:
		typ := map[ast.CastType]string{ast.CastChar: "char", ast.CastInteger: "int", ast.CastUnsigned: "unsigned", ast.CastDecimal: "decimal",
			ast.CastFloat: "float", ast.CastDouble: "double", ast.CastDate: "date", ast.CastTime: "time", ast.CastDateTime: "datetime",
			ast.CastBinary: "binary"}[e.Type]
		if e.Precision >= 0 {
			typ += fmt.Sprintf(":%d", e.Precision)
		}
		if e.Scale >= 0 {
			typ += fmt.Sprintf(":%d", e.Scale)
		}
		return list("cast", dump(e.X), typ)
	case *ast.Binary:
		op := map[ast.BinaryOp]string{ast.Add: "+", ast.Sub: "-", ast.Mul: "*", ast.Div: "/", ast.IntDiv: "div", ast.Mod: "%",
			ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.ShiftLeft: "<<", ast.ShiftRight: ">>"}[e.Op]
		return list(op, dump(e.Left), dump(e.Right))
	case *ast.Neg:
		return list("neg", dump(e.X))
	case *ast.BitNot:
		return list("~", dump(e.X))
	case *ast.DateAdd:
		op := "date+"
		if e.Sub {
			op = "date-"
		}
		return list(op, dump(e.X), dump(e.Amount), string(e.Unit))
	case *ast.Extract:
		return list("extract", string(e.Unit), dump(e.X))
	case *ast.Call:
		return dumpCall(e)
	}
	return fmt.Sprintf("?%T", e)
}

func compareName(op ast.CompareOp) string {
	return map[ast.CompareOp]string{ast.Eq: "=", ast.Ne: "<>", ast.Lt: "<", ast.Le: "<=", ast.Gt: ">", ast.Ge: ">=", ast.NullSafeEq: "<=>"}[op]
}

func not(n bool, name string) string {
	if n {
		return "not-" + name
	}
	return name
}

func dumpCall(e *ast.Call) string {
	parts := each(e.Args)
	if e.Star {
		parts = append(parts, "*")
	}
	if e.Distinct {
		parts = append(parts, "distinct")
	}
	parts = append(parts, order(e.OrderBy))
	if e.Separator != nil {
		parts = append(parts, fmt.Sprintf("sep%q", *e.Separator))
	}
	if e.Unit != "" {
		parts = append(parts, "unit:"+string(e.Unit))
	}
	if e.IgnoreNulls {
		parts = append(parts, "ignore-nulls")
	}
	if e.Over != nil {
		parts = append(parts, "over:"+window(e.Over))
	}
	return list(e.Func, parts...)
}

func window(w *ast.Window) string {
	if !w.Inline {
		return w.Name
	}
	var frame string
	if f := w.Frame; f != nil {
		frame = "rows"
		if f.Range {
			frame = "range"
		}
		frame = list(frame, bound(&f.Start), bound(f.End))
	}
	return list("w", w.Name, clause("by", w.PartitionBy), order(w.OrderBy), frame)
}

func bound(b *ast.FrameBound) string {
	if b == nil {
		return ""
	}
	name := map[ast.BoundKind]string{ast.CurrentRow: "current", ast.UnboundedPreceding: "start", ast.UnboundedFollowing: "end",
		ast.Preceding: "preceding", ast.Following: "following"}[b.Kind]
	if b.Offset == nil {
		return name
	}
	return list(name, dump(b.Offset), string(b.Unit))
}
