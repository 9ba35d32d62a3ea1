package dialect

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// totals lists, besides what is total everywhere (function.Total), the
// functions and operators of one database that never raise an error. Keys are
// names of functions, with "/2" appended for one number of arguments, or
// symbols: "+" and so on, "neg", "cast", "interval". The value says for which
// operands, one word for each and the last for all that follow: "*" for any,
// "const" for a small whole constant, or types with "|" between. What a
// database documents or what was tried with extreme values is listed, nothing
// else.
type totals map[string]string

// with gives the table with entries of one value for several keys.
func (t totals) with(operands, keys string) totals {
	for key := range strings.FieldsSeq(keys) {
		t[key] = operands
	}
	return t
}

// Total tells whether a node by itself, apart from its operands and the queries
// in it, never raises an error on this database, whatever values it meets. A
// caller that wants to know about a whole expression asks for every node of it.
func (d *Dialect) Total(e ast.Expr) bool {
	if d.Converts && !d.known(e) || d.clash(e) {
		return false
	}
	if c, ok := e.(*ast.Call); ok && !totalFrame(c.Over) {
		return false
	}
	if function.Total(e) || settled(e) {
		return true
	}
	switch n := e.(type) {
	case *ast.Like:
		_, constant := n.Pattern.(*ast.Literal)
		return d.LikePattern != "" && !constant && n.Escape == nil
	case *ast.Binary:
		return d.totalFor(operatorNames[n.Op], n.Left, n.Right)
	case *ast.Neg:
		return d.totalFor("neg", n.X)
	case *ast.Cast:
		return d.totalFor("cast", n.X)
	case *ast.DateAdd:
		return d.totalFor("interval", n.X, n.Amount)
	case *ast.Extract:
		return d.totalFor(string(n.Unit), n.X)
	case *ast.Call:
		f, ok := function.Lookup(n.Func)
		return ok && (d.totalFor(f.Name+"/"+strconv.Itoa(len(n.Args)), n.Args...) || d.totalFor(f.Name, n.Args...))
	default:
		return false
	}
}

// totalFor looks a function or operator up.
func (d *Dialect) totalFor(key string, operands ...ast.Expr) bool {
	entry, ok := d.Totals[key]
	if !ok {
		return false
	}
	words := strings.Fields(entry)
	for i, x := range operands {
		switch word := words[min(i, len(words)-1)]; word {
		case "*":
		case "const":
			if v, ok := signedValue(x); !ok || v > 1<<30 || v < -1<<30 {
				return false
			}
		default:
			if !slices.Contains(strings.Split(word, "|"), string(function.TypeOf(x))) {
				return false
			}
		}
	}
	return true
}

// totalFrame reports whether a window's frame has no distances but constant
// numbers of rows. Others can be negative or NULL, or lead beyond the values of
// a type: ORDER BY n RANGE 1 PRECEDING computes n - 1.
func totalFrame(w *ast.Window) bool {
	if w == nil || w.Frame == nil {
		return true
	}
	total := func(b ast.FrameBound) bool {
		_, constant := intValue(b.Offset)
		return b.Offset == nil || !w.Frame.Range && constant
	}
	return total(w.Frame.Start) && (w.Frame.End == nil || total(*w.Frame.End))
}

// clash reports whether values of two types meet in a node that the database
// converts into each other row by row, with an error for some.
func (d *Dialect) clash(e ast.Expr) bool {
	if d.Collations && collates(e) {
		return true
	}
	if len(d.Clashes) == 0 {
		return false
	}
	compared, shared := met(e)
	_, plainly := e.(*ast.Compare)
	return d.clashing(compared, meeting{constants: plainly || !d.Converts}) || d.clashing(shared, meeting{shared: true})
}

// meeting is how values meet.
type meeting struct {
	// shared: one of them is the result, which has the type that all share.
	shared bool
	// constants: a constant gets the type of the values that it meets. Otherwise
	// they may get the constant's.
	constants bool
}

// clashing is clash for values that meet.
func (d *Dialect) clashing(values []ast.Expr, m meeting) bool {
	if rows, ok := transposed(values); ok {
		return slices.ContainsFunc(rows, func(column []ast.Expr) bool { return d.clashing(column, m) })
	}
	var before []metValue
	dates := slices.ContainsFunc(values, func(x ast.Expr) bool { return x != nil && function.TypeOf(x) == ast.Date })
	for _, x := range values {
		if _, row := x.(*ast.Tuple); row {
			return true // and no rows that are known
		}
		if _, param := x.(*ast.Param); param || x == nil || isNullLiteral(x) {
			continue
		}
		v := metValue{function.TypeOf(x), m.constants && convertsOnce(x)}
		if l, ok := x.(*ast.Literal); ok && dates && l.Kind == ast.StringLiteral && len(l.Text) > len(time.DateOnly) {
			v.typ = ast.DateTime // as it is printed
		}
		if slices.ContainsFunc(before, func(w metValue) bool { return d.pair(v, w, m.shared) }) {
			return true
		}
		if !slices.Contains(before, v) {
			before = append(before, v)
		}
	}
	return false
}

// metValue is what there is to know of a value that meets others.
type metValue struct {
	typ ast.Type
	// fits: it is a constant, which is converted when the statement is planned.
	fits bool
}

// pair reports whether two values clash. One of no known type may be of any.
func (d *Dialect) pair(v, w metValue, shared bool) bool {
	if v.typ == ast.Unknown || w.typ == ast.Unknown {
		return !v.fits && !w.fits && v.typ != ast.String && w.typ != ast.String
	}
	when, ok := d.Clashes[[2]ast.Type{v.typ, w.typ}]
	if !ok {
		when, ok = d.Clashes[[2]ast.Type{w.typ, v.typ}]
	}
	switch {
	case !ok:
		return false
	case when == clashConstant:
		return true
	default:
		return !v.fits && !w.fits && (shared || when == clashAlways)
	}
}

// collates reports whether several texts meet in a node of which each may have a
// collation of its own. Those of constants and of other arguments have none.
func collates(e ast.Expr) bool {
	if c, ok := e.(*ast.Compare); ok && c.Exact { // a policy's, whose collation is written
		return false
	}
	compared, shared := met(e)
	values := append(compared, shared...)
	if c, ok := e.(*ast.Call); ok {
		values = c.Args
	}
	texts := 0
	for _, x := range values {
		texts += textsIn(x)
	}
	return texts > 1
}

// textsIn counts the operands of a value that are text or of an unknown type.
func textsIn(e ast.Expr) int {
	if row, ok := e.(*ast.Tuple); ok {
		n := 0
		for _, x := range row.X {
			n += textsIn(x)
		}
		return n
	}
	if t := function.TypeOf(e); e == nil || convertsOnce(e) || t != ast.String && t != ast.Unknown {
		return 0
	}
	return 1
}

// convertsOnce reports whether an expression is a constant, which is converted
// when the statement is planned. Of numbers with many digits the values that they
// meet would have to get as many.
func convertsOnce(e ast.Expr) bool {
	const mostDecimals = 15
	if n, ok := e.(*ast.Neg); ok {
		e = n.X
	}
	l, ok := e.(*ast.Literal)
	if !ok {
		_, ok = e.(*ast.Param)
		return ok
	}
	_, decimals, _ := strings.Cut(l.Text, ".")
	return l.Kind != ast.DecimalLiteral || len(l.Text) <= 2*mostDecimals && len(decimals) <= mostDecimals
}

// met returns the values that are compared with each other in a node, and those
// of which one is its result.
func met(e ast.Expr) (compared, shared []ast.Expr) {
	switch n := e.(type) {
	case *ast.Compare:
		compared = []ast.Expr{rowOf(n.Left), rowOf(n.Right)}
	case *ast.Between:
		compared = []ast.Expr{n.X, n.Low, n.High}
	case *ast.InList:
		compared = append([]ast.Expr{n.X}, n.List...)
	case *ast.InQuery:
		compared = []ast.Expr{n.X, columnsOf(n.Query)}
	case *ast.Quantified:
		compared = []ast.Expr{n.X, columnsOf(n.Query)}
	case *ast.Case:
		for _, w := range n.Whens {
			compared, shared = append(compared, w.Cond), append(shared, w.Then)
		}
		if n.Operand == nil {
			compared = nil
		}
		compared, shared = append(compared, n.Operand), append(shared, n.Else)
	case *ast.Call:
		f, ok := function.Lookup(n.Func)
		for i := 0; ok && i < len(n.Args); i++ {
			switch f.Arg(i) {
			case function.Compared: // GREATEST gives one of them, NULLIF doesn't
				compared, shared = append(compared, n.Args[i]), append(shared, n.Args[i])
			case function.Shared:
				shared = append(shared, n.Args[i])
			}
		}
	}
	return compared, shared
}

// rowOf gives the columns of a scalar subquery, as columnsOf does.
func rowOf(e ast.Expr) ast.Expr {
	if q, ok := e.(*ast.Subquery); ok {
		return columnsOf(q.Query)
	}
	return e
}

// columnsOf gives the columns of a query, as a row value if they are several.
// Those of a set operation are of any type.
func columnsOf(q *ast.Query) ast.Expr {
	first := firstSelect(q)
	if len(first.Items) < 2 {
		return &ast.Subquery{Query: q}
	}
	row := &ast.Tuple{}
	_, plain := q.Body.(*ast.Select)
	for _, it := range first.Items {
		if plain {
			row.X = append(row.X, it.Expr)
		} else {
			row.X = append(row.X, &ast.Column{Rel: -1})
		}
	}
	return row
}

// known tells whether what meets in a node has types, so that the database
// converts nothing at run time.
func (d *Dialect) known(e ast.Expr) bool {
	var met []ast.Expr
	switch n := e.(type) {
	case *ast.And:
		met = n.X
	case *ast.Or:
		met = n.X
	case *ast.Xor:
		met = []ast.Expr{n.Left, n.Right}
	case *ast.Not:
		met = []ast.Expr{n.X}
	case *ast.Compare:
		if n.Exact { // a policy's, whose types are checked
			return true
		}
		met = []ast.Expr{n.Left, n.Right}
	case *ast.Between:
		met = []ast.Expr{n.X, n.Low, n.High}
	case *ast.InList:
		if n.Exact {
			return true
		}
		met = append([]ast.Expr{n.X}, n.List...)
	case *ast.InQuery:
		met = []ast.Expr{n.X, &ast.Subquery{Query: n.Query}}
	case *ast.Quantified:
		met = []ast.Expr{n.X, &ast.Subquery{Query: n.Query}}
	case *ast.Like:
		met = []ast.Expr{n.X, n.Pattern}
	case *ast.Case:
		for _, w := range n.Whens {
			met = append(met, w.Cond, w.Then)
		}
		met = append(met, n.Operand, n.Else)
	case *ast.Call:
		met = n.Args
	}
	return !slices.ContainsFunc(met, untyped) || comparesParams(e, met)
}

// comparesParams tells whether all that has no type in a comparison is a
// parameter, beside values that aren't text: the database converts the
// parameter then, once, and not the values, row by row.
func comparesParams(e ast.Expr, met []ast.Expr) bool {
	switch e.(type) {
	case *ast.Compare, *ast.Between, *ast.InList:
	default:
		return false
	}
	typed := false
	for _, x := range met {
		if _, param := x.(*ast.Param); param {
			continue
		}
		if untyped(x) || function.TypeOf(x) == ast.String {
			return false
		}
		typed = true
	}
	return typed
}

// untyped tells whether an expression has no known type and isn't NULL.
func untyped(e ast.Expr) bool {
	if t, ok := e.(*ast.Tuple); ok {
		return slices.ContainsFunc(t.X, untyped)
	}
	if l, ok := e.(*ast.Literal); ok && l.Kind == ast.NullLiteral || e == nil {
		return false
	}
	return function.TypeOf(e) == ast.Unknown
}
