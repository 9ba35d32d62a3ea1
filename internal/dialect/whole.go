package dialect

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// Text and a whole number are equal if the text is the number as it is written:
// '10' is 10, and '010', '10.0' and ' 10' are not. Databases convert one of them
// in ways of their own, which may fail on a row, so the comparison is made one
// of two texts, or of two numbers where the text is a constant. It can't fail
// then, as CAST of a whole number to text can't.

// wholeText gives a comparison for equality in which no text meets a whole
// number, and other expressions as they are.
func (p *printer) wholeText(e ast.Expr) ast.Expr {
	switch n := e.(type) {
	case *ast.Compare:
		if !n.Exact && (n.Op == ast.Eq || n.Op == ast.Ne || n.Op == ast.NullSafeEq) {
			return p.wholeCompare(n)
		}
	case *ast.InList:
		if !n.Exact && mixesAny(n.X, n.List) {
			return p.wholeList(n)
		}
	case *ast.InQuery:
		if x, q := p.wholeQuery(n.X, n.Query); q != nil {
			return &ast.InQuery{Pos: n.Pos, X: x, Query: q, Not: n.Not}
		}
	case *ast.Quantified:
		if n.Op != ast.Eq && n.Op != ast.Ne {
			return e
		}
		if x, q := p.wholeQuery(n.X, n.Query); q != nil {
			return &ast.Quantified{Pos: n.Pos, Op: n.Op, All: n.All, X: x, Query: q}
		}
	case *ast.Case:
		if n.Operand != nil && slices.ContainsFunc(n.Whens, func(w ast.When) bool { return mixes(n.Operand, w.Cond) }) {
			return searched(n)
		}
	case *ast.Call:
		if n.Func == "nullif" && len(n.Args) == 2 && mixes(n.Args[0], n.Args[1]) {
			equal := &ast.Compare{Op: ast.Eq, Left: n.Args[0], Right: n.Args[1]}
			return &ast.Case{Whens: []ast.When{{Cond: equal, Then: ast.Null()}}, Else: n.Args[0]}
		}
	}
	return e
}

// mixes reports whether one of two values is text and the other a whole number,
// or two row values have such elements in one place.
func mixes(a, b ast.Expr) bool {
	if left, right, ok := bothTuples(a, b); ok {
		for i := range left {
			if mixes(left[i], right[i]) {
				return true
			}
		}
		return false
	}
	return differ(function.TypeOf(a), function.TypeOf(b))
}

func differ(t, u ast.Type) bool {
	return t == ast.String && u == ast.Integer || t == ast.Integer && u == ast.String
}

// mixesAny reports whether a value mixes with one of a list, which may be long.
func mixesAny(x ast.Expr, list []ast.Expr) bool {
	if _, row := x.(*ast.Tuple); row {
		return slices.ContainsFunc(list, func(e ast.Expr) bool { return mixes(x, e) })
	}
	t := function.TypeOf(x)
	return slices.ContainsFunc(list, func(e ast.Expr) bool { return differ(t, function.TypeOf(e)) })
}

func (p *printer) wholeCompare(n *ast.Compare) ast.Expr {
	if !mixes(n.Left, n.Right) {
		return n
	}
	if left, right, ok := bothTuples(n.Left, n.Right); ok {
		return compareRows(n.Op, left, right)
	}
	text, whole := n.Left, n.Right
	if function.TypeOf(text) == ast.Integer {
		text, whole = whole, text
	}
	if number, ok := wholeNumber(text); ok {
		return &ast.Compare{Op: n.Op, Left: whole, Right: number}
	}
	return &ast.Compare{Op: n.Op, Left: comparable(text), Right: p.asDigits(whole)}
}

// wholeList is IN of values that mix: one IN over those that are compared with
// X as it is, and one over those that are compared with it as text.
func (p *printer) wholeList(n *ast.InList) ast.Expr {
	_, quoted := stringValue(n.X)
	if _, row := n.X.(*ast.Tuple); row || quoted {
		return listed(n)
	}
	if function.TypeOf(n.X) == ast.String {
		out := &ast.InList{X: n.X, Not: n.Not, List: slices.Clone(n.List)}
		for i, x := range out.List {
			if function.TypeOf(x) == ast.Integer {
				out.List[i] = p.asDigits(x)
			}
		}
		return out
	}
	plain, text := &ast.InList{X: n.X}, &ast.InList{X: p.asDigits(n.X)}
	for _, x := range n.List {
		number, whole := wholeNumber(x)
		switch {
		case whole:
			plain.List = append(plain.List, number)
		case function.TypeOf(x) == ast.String:
			text.List = append(text.List, comparable(x))
		default:
			plain.List = append(plain.List, x)
		}
	}
	switch {
	case len(plain.List) == 0:
		text.Not = n.Not
		return text
	case len(text.List) == 0:
		plain.Not = n.Not
		return plain
	default:
		return negated(n.Not, &ast.Or{X: []ast.Expr{plain, text}})
	}
}

// searched is a CASE without its operand.
func searched(n *ast.Case) *ast.Case {
	out := &ast.Case{Else: n.Else}
	for _, w := range n.Whens {
		out.Whens = append(out.Whens, ast.When{Cond: &ast.Compare{Op: ast.Eq, Left: n.Operand, Right: w.Cond}, Then: w.Then})
	}
	return out
}

// wholeQuery prepares a value, or a row value, that is looked for in a query. It
// gives no query if nothing mixes.
func (p *printer) wholeQuery(x ast.Expr, q *ast.Query) (ast.Expr, *ast.Query) {
	row, isRow := x.(*ast.Tuple)
	values := []ast.Expr{x}
	if isRow {
		values = slices.Clone(row.X)
	}
	types := function.ColumnTypes(q)
	if len(types) != len(values) {
		return x, nil
	}
	mixed := false
	digits := make([]bool, len(values)) // the columns that are compared as text
	for i, v := range values {
		switch t := function.TypeOf(v); {
		case t == ast.Integer && types[i] == ast.String:
			values[i] = p.asDigits(v)
			mixed = true
		case t == ast.String && types[i] == ast.Integer:
			number, ok := wholeNumber(v)
			if !ok {
				number = comparable(v)
			}
			values[i], digits[i], mixed = number, !ok, true
		}
	}
	switch {
	case !mixed:
		return x, nil
	case slices.Contains(digits, true):
		q = p.digitsOf(q, digits)
	}
	if isRow {
		return &ast.Tuple{Pos: row.Pos, X: values}, q
	}
	return values[0], q
}

// digitsOf is a query some of whose columns, which are whole numbers, are text
// instead. They become it where they are computed, because not every database
// takes a derived table that reads rows from outside. Only where the order counts,
// which is by number, the query moves into one.
func (p *printer) digitsOf(q *ast.Query, columns []bool) *ast.Query {
	if q.Limit == nil && !q.Fence {
		return &ast.Query{Pos: q.Pos, With: q.With, Body: p.digitsOfBody(q.Body, columns)}
	}
	outer := &ast.Select{From: []ast.TableExpr{&ast.Derived{Pos: q.Pos, Query: q, Alias: "q"}}}
	names := map[string]bool{}
	for i, it := range firstSelect(q).Items {
		name := p.shortened(it)
		if name == "" || names[name] {
			p.unsupported(q.Pos, "a query of this form, whose numbers are compared with text,").WithHint("CAST them in the query")
			return q
		}
		names[name] = true
		column := ast.Expr(&ast.Column{Pos: q.Pos, Table: "q", Name: name, Rel: -1, Type: ast.Integer})
		if columns[i] {
			column = p.asDigits(column)
		}
		outer.Items = append(outer.Items, ast.SelectItem{Expr: column, Alias: name})
	}
	return &ast.Query{Pos: q.Pos, Body: outer}
}

func (p *printer) digitsOfBody(b ast.Body, columns []bool) ast.Body {
	switch b := b.(type) {
	case *ast.Select:
		out := *b
		out.GroupBy, out.Items = p.groups(b), slices.Clone(b.Items)
		for i, it := range out.Items {
			if columns[i] && !isNullLiteral(it.Expr) {
				out.Items[i].Expr = p.asDigits(it.Expr)
			}
		}
		return &out
	case *ast.SetOp:
		out := *b
		out.Left, out.Right = p.digitsOfBody(b.Left, columns), p.digitsOfBody(b.Right, columns)
		return &out
	case *ast.Query:
		return p.digitsOf(b, columns)
	default: // has no known types
		return b
	}
}

// firstSelect is the SELECT that names a query's columns.
func firstSelect(b ast.Body) *ast.Select {
	for {
		switch x := b.(type) {
		case *ast.Query:
			b = x.Body
		case *ast.SetOp:
			b = x.Left
		case *ast.Select:
			return x
		default:
			return &ast.Select{}
		}
	}
}

// asDigits is a whole number as text.
func (p *printer) asDigits(e ast.Expr) ast.Expr {
	if digits, ok := constantDigits(e); ok {
		return &ast.Literal{Pos: ast.PosOf(e), Kind: ast.StringLiteral, Text: digits}
	}
	if !p.d.Mixes {
		return &ast.Cast{Pos: ast.PosOf(e), X: e, Type: ast.CastChar, Precision: -1, Scale: -1}
	}
	// The collation of a CAST would be at odds with that of a column, and that of
	// CONCAT gives way. Adding 0 takes ZEROFILL's zeros away.
	zero := &ast.Literal{Kind: ast.IntLiteral, Text: "0"}
	return &ast.Call{Pos: ast.PosOf(e), Func: "concat", Args: []ast.Expr{&ast.Binary{Op: ast.Add, Left: e, Right: zero}}}
}

// constantDigits writes a constant whole number.
func constantDigits(e ast.Expr) (string, bool) {
	sign := ""
	if n, ok := e.(*ast.Neg); ok {
		sign, e = "-", n.X
	}
	l, ok := e.(*ast.Literal)
	if !ok || l.Kind != ast.IntLiteral {
		return "", false
	}
	digits := strings.TrimLeft(l.Text, "0")
	if digits == "" {
		return "0", true
	}
	return sign + digits, true
}

var wholeShape = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// wholeNumber gives the number that a constant text writes. One that is too
// large for 64 bits is left to be compared as text.
func wholeNumber(e ast.Expr) (ast.Expr, bool) {
	s, ok := stringValue(e)
	if !ok || !wholeShape.MatchString(s) {
		return e, false
	}
	if _, err := strconv.ParseInt(s, 10, 64); err != nil {
		return e, false
	}
	return numeral(e)
}

// comparable prepares text that is compared with the digits of a number. A
// constant that writes no number, which equals none, becomes one that equals
// none under any collation.
func comparable(e ast.Expr) ast.Expr {
	if s, ok := stringValue(e); ok && !wholeShape.MatchString(s) {
		return &ast.Literal{Pos: ast.PosOf(e), Kind: ast.StringLiteral, Text: "x"}
	}
	return e
}

func isNullLiteral(e ast.Expr) bool {
	l, ok := e.(*ast.Literal)
	return ok && l.Kind == ast.NullLiteral
}
