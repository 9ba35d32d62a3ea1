package function

import (
	"slices"

	"github.com/hedgerow/hedgerow/internal/ast"
)

func always(t ast.Type) result { return func([]ast.Type) ast.Type { return t } }

func first(args []ast.Type) ast.Type {
	if len(args) == 0 {
		return ast.Unknown
	}
	return args[0]
}

// counted is the type of a function that gives a number of its argument's type.
func counted(args []ast.Type) ast.Type {
	if t := first(args); t != ast.Boolean {
		return t
	}
	return ast.Integer
}

// kept is the type of NULLIF: a truth value that meets a number is one.
func kept(args []ast.Type) ast.Type {
	if first(args) == ast.Boolean {
		return common(args)
	}
	return first(args)
}

// shifts is the type of LAG and LEAD: that of the value and the default.
func shifts(args []ast.Type) ast.Type {
	if len(args) == 3 {
		return Common(args[0], args[2])
	}
	return first(args)
}

// common is the type of a value that is one of several: with strings among
// numbers, all become strings.
func common(args []ast.Type) ast.Type {
	t := Common(args...)
	if t != ast.Unknown || !slices.Contains(args, ast.String) {
		return t
	}
	numbers := false
	for _, a := range args {
		switch a {
		case ast.Integer, ast.Decimal, ast.Float, ast.Boolean:
			numbers = true
		case ast.Unknown:
			return ast.Unknown
		}
	}
	if !numbers {
		return ast.Unknown
	}
	return ast.String
}

// Common is the type that values of several types share in one column: numbers
// are promoted, other types must be equal, or it is ast.Unknown.
func Common(args ...ast.Type) ast.Type {
	if len(args) == 0 {
		return ast.Unknown
	}
	t := args[0]
	for _, a := range args[1:] {
		switch {
		case t == nothing:
			t = a
		case t != a && a != nothing:
			t = promote(t, a)
		}
	}
	if t == nothing {
		return ast.Unknown
	}
	return t
}

// nothing is the type of NULL while the types of a call's arguments are
// combined; it never leaves this package.
const nothing ast.Type = "NULL"

// branches is common for IF, whose first argument is the condition.
func branches(args []ast.Type) ast.Type {
	if len(args) != 3 {
		return ast.Unknown
	}
	return common(args[1:])
}

func promoted(args []ast.Type) ast.Type {
	if len(args) != 2 {
		return ast.Unknown
	}
	return promote(args[0], args[1])
}

// rounded is the type of CEIL and FLOOR: a Float stays one.
func rounded(args []ast.Type) ast.Type {
	switch t := first(args); t {
	case ast.Integer, ast.Float:
		return t
	case ast.Decimal:
		return ast.Integer
	default:
		return ast.Unknown
	}
}

func summed(args []ast.Type) ast.Type {
	switch t := first(args); t {
	case ast.Integer, ast.Decimal, ast.Float:
		return t
	case ast.Boolean:
		return ast.Integer
	default:
		return ast.Unknown
	}
}

func averaged(args []ast.Type) ast.Type {
	switch first(args) {
	case ast.Integer, ast.Decimal, ast.Boolean:
		return ast.Decimal
	case ast.Float:
		return ast.Float
	default:
		return ast.Unknown
	}
}

// truncated is the type of DATE_TRUNC(unit, x): a date stays a date.
func truncated(args []ast.Type) ast.Type {
	if len(args) == 2 && args[1] == ast.Date {
		return ast.Date
	}
	return ast.DateTime
}

// promote is the type of an operation on two numbers; a truth value is one.
func promote(a, b ast.Type) ast.Type {
	rank := func(t ast.Type) int {
		switch t {
		case ast.Integer, ast.Boolean:
			return 1
		case ast.Decimal:
			return 2
		case ast.Float:
			return 3
		default:
			return 0
		}
	}
	switch ra, rb := rank(a), rank(b); {
	case ra == 0 || rb == 0:
		return ast.Unknown
	case ra == 1 && rb == 1:
		return ast.Integer
	case ra > rb:
		return a
	default:
		return b
	}
}

// TypeOf gives the type of an expression from its parts, or ast.Unknown. It
// reads columns' and slots' own types; a caller's placeholder has none.
func TypeOf(e ast.Expr) ast.Type { return (&typing{}).of(e) }

// typing finds types. The types that it is about to combine stand in one list, so
// that the parts of nested calls, which are asked again and again, cost no memory.
type typing struct{ args []ast.Type }

func (t *typing) of(e ast.Expr) ast.Type {
	switch n := e.(type) {
	case *ast.Literal:
		return literalType(n.Kind)
	case *ast.Slot:
		return n.Type
	case *ast.Column:
		return n.Type
	case *ast.And, *ast.Or, *ast.Xor, *ast.Not, *ast.Compare, *ast.Quantified, *ast.Is,
		*ast.Between, *ast.Like, *ast.InList, *ast.InQuery, *ast.Exists:
		return ast.Boolean
	case *ast.Case:
		return t.caseType(n)
	case *ast.Cast:
		return castType(n.Type)
	case *ast.Binary:
		return t.binaryType(n)
	case *ast.Neg:
		return promote(t.of(n.X), ast.Integer)
	case *ast.BitNot, *ast.Extract:
		return ast.Integer
	case *ast.DateAdd:
		return t.dateAddType(n)
	case *ast.Subquery:
		return t.queryType(n.Query)
	case *ast.Call:
		return t.callType(n)
	default:
		return ast.Unknown
	}
}

func literalType(k ast.LiteralKind) ast.Type {
	switch k {
	case ast.BoolLiteral:
		return ast.Boolean
	case ast.IntLiteral:
		return ast.Integer
	case ast.DecimalLiteral:
		return ast.Decimal
	case ast.FloatLiteral:
		return ast.Float
	case ast.StringLiteral:
		return ast.String
	case ast.DateLiteral:
		return ast.Date
	case ast.TimeLiteral:
		return ast.Time
	case ast.TimestampLiteral:
		return ast.DateTime
	default:
		return ast.Unknown
	}
}

func (t *typing) caseType(n *ast.Case) ast.Type {
	first := len(t.args)
	add := func(e ast.Expr) {
		if l, ok := e.(*ast.Literal); e == nil || ok && l.Kind == ast.NullLiteral {
			return
		}
		t.args = append(t.args, t.of(e))
	}
	for _, w := range n.Whens {
		add(w.Then)
	}
	add(n.Else)
	typ := common(t.args[first:])
	t.args = t.args[:first]
	return typ
}

func castType(t ast.CastType) ast.Type {
	switch t {
	case ast.CastChar:
		return ast.String
	case ast.CastInteger, ast.CastUnsigned:
		return ast.Integer
	case ast.CastDecimal:
		return ast.Decimal
	case ast.CastFloat, ast.CastDouble:
		return ast.Float
	case ast.CastDate:
		return ast.Date
	case ast.CastTime:
		return ast.Time
	case ast.CastDateTime:
		return ast.DateTime
	default:
		return ast.Unknown
	}
}

func (t *typing) binaryType(n *ast.Binary) ast.Type {
	switch n.Op {
	case ast.Add, ast.Sub, ast.Mul, ast.Mod:
		return promote(t.of(n.Left), t.of(n.Right))
	case ast.Div:
		if typ := promote(t.of(n.Left), t.of(n.Right)); typ != ast.Integer {
			return typ
		}
		return ast.Decimal
	case ast.IntDiv, ast.BitAnd, ast.BitOr, ast.BitXor, ast.ShiftLeft, ast.ShiftRight:
		return ast.Integer
	default:
		return ast.Unknown
	}
}

func (t *typing) dateAddType(n *ast.DateAdd) ast.Type {
	switch typ := t.of(n.X); {
	case typ == ast.Date && !WholeDays(n.Unit):
		return ast.DateTime
	case typ == ast.Date, typ == ast.DateTime, typ == ast.DateTimeTz, typ == ast.Time:
		return typ
	default:
		return ast.Unknown
	}
}

// WholeDays tells whether a unit is a day or longer, so that adding it to a
// date gives a date.
func WholeDays(u ast.Unit) bool {
	switch u {
	case ast.Day, ast.Week, ast.Month, ast.Quarter, ast.Year:
		return true
	default:
		return false
	}
}

func (t *typing) queryType(q *ast.Query) ast.Type {
	if q == nil {
		return ast.Unknown
	}
	if types := t.bodyTypes(q.Body); len(types) == 1 && types[0] != nothing {
		return types[0]
	}
	return ast.Unknown
}

// ColumnTypes gives the types of a resolved query's columns, nil for what isn't
// made of SELECTs.
func ColumnTypes(q *ast.Query) []ast.Type {
	if q == nil {
		return nil
	}
	types := (&typing{}).bodyTypes(q.Body)
	for i, t := range types {
		if t == nothing {
			types[i] = ast.Unknown
		}
	}
	return types
}

func (t *typing) bodyTypes(b ast.Body) []ast.Type {
	switch b := b.(type) {
	case *ast.Select:
		types := make([]ast.Type, len(b.Items))
		for i, it := range b.Items {
			types[i] = t.orNothing(it.Expr)
		}
		return types
	case *ast.Query:
		return t.bodyTypes(b.Body)
	case *ast.SetOp:
		left, right := t.bodyTypes(b.Left), t.bodyTypes(b.Right)
		if len(left) != len(right) {
			return nil
		}
		for i := range left {
			if left[i] != right[i] {
				left[i] = Common(left[i], right[i])
			}
		}
		return left
	default:
		return nil
	}
}

// orNothing is of, and nothing for NULL.
func (t *typing) orNothing(e ast.Expr) ast.Type {
	if l, ok := e.(*ast.Literal); ok && l.Kind == ast.NullLiteral {
		return nothing
	}
	return t.of(e)
}

func (t *typing) callType(n *ast.Call) ast.Type {
	f, ok := Lookup(n.Func)
	if !ok {
		return policyType(n.Func)
	}
	first := len(t.args)
	for _, a := range n.Args {
		t.args = append(t.args, t.orNothing(a))
	}
	typ := f.Type(t.args[first:])
	t.args = t.args[:first]
	if typ == nothing {
		return ast.Unknown
	}
	return typ
}

// policyType knows the functions that only policies call.
func policyType(name string) ast.Type {
	switch name {
	case "cel.starts_with", "cel.ends_with", "cel.contains", "cel.from_boolean", "cel.is_null":
		return ast.Boolean
	case "cel.size", "cel.add", "cel.sub", "cel.mul", "cel.neg", "cel.div", "cel.mod",
		"cel.elapsed", "cel.truncate", "cel.index_of", "cel.last_index_of", "cel.from_integer":
		return ast.Integer
	case "cel.from_float", "cel.from_decimal":
		return ast.Float
	case "cel.from_string", "cel.concat", "cel.lower_ascii", "cel.upper_ascii", "cel.trim", "cel.reverse", "cel.char_at",
		"cel.substring", "cel.substring_from", "cel.replace":
		return ast.String
	default:
		return ast.Unknown
	}
}
