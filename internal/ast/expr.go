package ast

// Expr is a scalar expression, a row value or a truth value.
type Expr interface{ expr() }

// LiteralKind is the kind of a literal.
type LiteralKind uint8

// The kinds of literal, with the form of Literal.Text.
const (
	NullLiteral      LiteralKind = iota + 1 // ""
	BoolLiteral                             // "true" or "false"
	IntLiteral                              // digits only, no sign
	DecimalLiteral                          // digits "." digits, no sign
	FloatLiteral                            // digits ["." digits] "e" ["-"] digits, no sign
	StringLiteral                           // the decoded string, valid UTF-8 without NUL
	DateLiteral                             // 2006-01-02
	TimeLiteral                             // 15:04:05 with up to six decimals
	TimestampLiteral                        // 2006-01-02 15:04:05 with up to six decimals; printers add Z for an instant
)

// Literal is a constant. Text is normalised as its kind says; front ends
// validate it and printers may rely on it.
type Literal struct {
	Pos  Pos
	Kind LiteralKind
	Text string
	// DoubleQuoted marks a string in double quotes, which another syntax would
	// read as a name. It is false after resolution.
	DoubleQuoted bool
}

// Param is the caller's placeholder number Index, counted from 0 in the order
// of the text.
type Param struct {
	Pos   Pos
	Index int
}

// Slot is a value that the session gives: slot number ID of the policy set
// (see policy.Set). Elem picks an element of a list value, counted from 0; -1
// is the whole value. Count is the number of elements of a list that stands in
// an InList, or ManyElements; an Elem beyond it is the last element. Name is for
// people.
type Slot struct {
	ID    int
	Elem  int
	Count int
	Name  string
	Type  Type
}

// ManyElements is the Count of every list that is too long for one argument an
// element.
const ManyElements = 1 << 30

// Name is a column as the caller named it: Parts are one to three identifiers.
// It exists only before resolution.
type Name struct {
	Pos   Pos
	Parts []string
}

// Star is * or t.*, as a select item before resolution only.
type Star struct {
	Pos       Pos
	Qualifier []string
}

// Column is a bound column: Table is the printed alias of a relation in scope,
// Name the printed column name. Rel identifies the relation among those of the
// statement (resolve.Bound), or is -1 inside a policy's own query.
type Column struct {
	Pos   Pos
	Table string
	Name  string
	Rel   int
	Type  Type
}

// And is the conjunction of two or more expressions.
type And struct{ X []Expr }

// Or is the disjunction of two or more expressions.
type Or struct{ X []Expr }

// Xor is exclusive or.
type Xor struct{ Left, Right Expr }

// Not is logical negation.
type Not struct{ X Expr }

// CompareOp is a comparison operator.
type CompareOp uint8

// The comparison operators.
const (
	Eq CompareOp = iota + 1
	Ne
	Lt
	Le
	Gt
	Ge
	NullSafeEq // <=>: IS NOT DISTINCT FROM
)

// Compare compares two expressions. Exact makes strings compare by code point
// whatever the column's collation; policies set it, callers can't. Definite lets
// the comparison be false where it is unknown, because nothing around it tells
// the two apart: an index can serve more of those.
type Compare struct {
	Op          CompareOp
	Left, Right Expr
	Exact       bool
	Definite    bool
}

// Quantified is X op ANY (query) or X op ALL (query).
type Quantified struct {
	Pos   Pos
	Op    CompareOp
	All   bool
	X     Expr
	Query *Query
}

// IsKind is what an IS test asks for.
type IsKind uint8

// The IS tests.
const (
	IsNull IsKind = iota + 1
	IsTrue
	IsFalse
	IsUnknown
)

// Is is X IS [NOT] NULL, TRUE, FALSE or UNKNOWN.
type Is struct {
	X    Expr
	Kind IsKind
	Not  bool
}

// Between is X [NOT] BETWEEN Low AND High.
type Between struct {
	X, Low, High Expr
	Not          bool
}

// Like is X [NOT] LIKE Pattern. Escape is nil for the default, a backslash.
type Like struct {
	Pos        Pos
	X, Pattern Expr
	Escape     Expr
	Not        bool
}

// InList is X [NOT] IN (…). List is never empty when printed. Exact and Definite
// are as in Compare.
type InList struct {
	X        Expr
	List     []Expr
	Not      bool
	Exact    bool
	Definite bool
}

// InQuery is X [NOT] IN (query).
type InQuery struct {
	Pos   Pos
	X     Expr
	Query *Query
	Not   bool
}

// Exists is EXISTS (query).
type Exists struct {
	Pos   Pos
	Query *Query
}

// Subquery is a query used as a value: a scalar or a row.
type Subquery struct {
	Pos   Pos
	Query *Query
}

// Tuple is a row value of two or more expressions.
type Tuple struct {
	Pos Pos
	X   []Expr
}

// Case is CASE; Operand and Else may be nil.
type Case struct {
	Operand Expr
	Whens   []When
	Else    Expr
}

// When is one branch of a Case.
type When struct{ Cond, Then Expr }

// CastType is the target of a Cast.
type CastType uint8

// The cast types that front ends may produce.
const (
	CastChar CastType = iota + 1
	CastInteger
	CastUnsigned
	CastDecimal
	CastFloat
	CastDouble
	CastDate
	CastTime
	CastDateTime
	CastBinary // the bytes of a string
)

// Cast is CAST(X AS Type). Precision and Scale are -1 when absent; Precision
// is the length for CastChar and the fractional digits for times.
type Cast struct {
	Pos       Pos
	X         Expr
	Type      CastType
	Precision int
	Scale     int
}

// BinaryOp is an arithmetic operator.
type BinaryOp uint8

// The arithmetic operators, with MySQL's meaning: Div always divides exactly,
// IntDiv truncates toward zero, Mod keeps the dividend's sign.
const (
	Add BinaryOp = iota + 1
	Sub
	Mul
	Div
	IntDiv
	Mod
	BitAnd
	BitOr
	BitXor
	ShiftLeft
	ShiftRight
)

// Binary is an arithmetic operation.
type Binary struct {
	Pos         Pos
	Op          BinaryOp
	Left, Right Expr
}

// Neg is unary minus.
type Neg struct{ X Expr }

// BitNot is unary ~.
type BitNot struct {
	Pos Pos
	X   Expr
}

// Unit is a unit of time in lower case, as in INTERVAL 1 day.
type Unit string

// The units of time.
const (
	Microsecond Unit = "microsecond"
	Second      Unit = "second"
	Minute      Unit = "minute"
	Hour        Unit = "hour"
	Day         Unit = "day"
	Week        Unit = "week"
	Month       Unit = "month"
	Quarter     Unit = "quarter"
	Year        Unit = "year"
)

// DateAdd is X + INTERVAL Amount Unit, or minus when Sub is set.
type DateAdd struct {
	Pos    Pos
	X      Expr
	Amount Expr
	Unit   Unit
	Sub    bool
}

// Extract is EXTRACT(Unit FROM X).
type Extract struct {
	Pos  Pos
	Unit Unit
	X    Expr
}

// Call is a function call. Func is a lower-case name, which resolution looks
// up in internal/function. Star is the * of COUNT(*). Distinct, OrderBy and
// Separator belong to aggregates, Over to window functions, Unit to functions
// that take a unit of time as argument (TIMESTAMPDIFF).
type Call struct {
	Pos       Pos
	Func      string
	Args      []Expr
	Star      bool
	Distinct  bool
	OrderBy   []OrderItem
	Separator *string
	Unit      Unit
	Over      *Window
	// IgnoreNulls is IGNORE NULLS of a window function.
	IgnoreNulls bool
}

func (*Literal) expr()    {}
func (*Param) expr()      {}
func (*Slot) expr()       {}
func (*Name) expr()       {}
func (*Star) expr()       {}
func (*Column) expr()     {}
func (*And) expr()        {}
func (*Or) expr()         {}
func (*Xor) expr()        {}
func (*Not) expr()        {}
func (*Compare) expr()    {}
func (*Quantified) expr() {}
func (*Is) expr()         {}
func (*Between) expr()    {}
func (*Like) expr()       {}
func (*InList) expr()     {}
func (*InQuery) expr()    {}
func (*Exists) expr()     {}
func (*Subquery) expr()   {}
func (*Tuple) expr()      {}
func (*Case) expr()       {}
func (*Cast) expr()       {}
func (*Binary) expr()     {}
func (*Neg) expr()        {}
func (*BitNot) expr()     {}
func (*DateAdd) expr()    {}
func (*Extract) expr()    {}
func (*Call) expr()       {}

// Null, True and False are the literals that rewriting needs.
func Null() Expr  { return &Literal{Kind: NullLiteral} }
func True() Expr  { return &Literal{Kind: BoolLiteral, Text: "true"} }
func False() Expr { return &Literal{Kind: BoolLiteral, Text: "false"} }
