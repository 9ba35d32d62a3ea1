package dialect

import (
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// Dialect is the SQL of one database, as data. A zero field means that the
// database lacks the construct, and printing it is refused. Dialects are never
// changed after the package is loaded.
type Dialect struct {
	Name string // lower case, as models write it
	// Variant is the rest of the name, as users write it, of a dialect for databases
	// that are set up in another way.
	Variant string

	// Names. MaxName is in bytes, MaxParts counts the parts of a table's name.
	Quote    byte
	MaxName  int
	MaxParts int
	// QuoteEscape: a backslash in a name escapes, and so it escapes the quote.
	QuoteEscape bool
	// BadName lists characters that no name may hold.
	BadName string

	// Parameter is what stands before a parameter's number; "" means that
	// parameters are written ? and have no number.
	Parameter string
	// SlotTypes are the types to which session values are cast.
	SlotTypes map[ast.Type]string
	// ListParameter: a session's list is one parameter, an array cast to the
	// type given for its elements' type ("" for none). The value is bound as the
	// text of a PostgreSQL array. nil means that each element is a parameter.
	ListParameter map[ast.Type]string
	// ManyList: a session's list that is too long for one parameter an element is
	// one parameter, the text of a JSON array. The templates are a query of its
	// elements, by type, with $1 for the parameter and $v for each element.
	ManyList map[ast.Type]string
	// MaxArgs is how many arguments a statement may have; 0 for any number.
	MaxArgs int
	// String writes a string constant.
	String func(s string) string
	// TypedDates: DATE '2006-01-02' is a date. Otherwise dates are text.
	TypedDates bool
	// Moments holds what stands around the text of other constants of time, with
	// $1 for the text; "-" refuses them.
	Moments map[ast.LiteralKind]string
	// Instant is the same for a constant that meets a DateTimeTz and is in UTC; ""
	// means that every time is.
	Instant string

	// NoLimit is the row count that stands for "all" before OFFSET; "" means
	// that OFFSET may stand alone.
	NoLimit string
	// OffsetFirst: OFFSET stands before LIMIT.
	OffsetFirst bool
	// Suffix ends every statement.
	Suffix string
	// Fence is a clause at the end of a query that changes no row and keeps the
	// optimiser from moving outer conditions inside.
	Fence string
	// Unmerged stands before a statement whose derived tables must not be merged
	// into the queries around them.
	Unmerged string
	// Merges: the optimiser is known, or must be feared, to lose conditions where
	// it merges derived tables.
	Merges bool
	// RoundsKeys: a number that is looked up in an index is rounded to the column's
	// decimals, and what the comparison was is forgotten.
	RoundsKeys bool
	// EagerFields: what a derived table selects may be computed before its WHERE.
	EagerFields bool
	// OuterColumns: a derived table may read columns of the queries around the
	// one in whose FROM clause it stands.
	OuterColumns bool
	// Uncached is a condition of HAVING that is always true and keeps the results
	// of a correlated query from being cached; "" where no cache minds collations.
	Uncached string
	// NullsLargest: the database sorts NULL last on ASC, so the order that
	// MySQL has must be spelled out.
	NullsLargest bool
	// Cross is CROSS JOIN, or what doesn't force a join order.
	Cross string
	// Dual is the FROM clause of a SELECT that has none but has a WHERE.
	Dual string
	// HavingColumns: HAVING knows columns that are grouped or selected, and no
	// other expression that the query groups by.
	HavingColumns bool
	// Apart: derived tables and CTEs see no columns of the queries around them.
	Apart bool
	// Loose: a column that is neither grouped nor aggregated has the value of one
	// row of the group, and DISTINCT may be sorted by what isn't selected.
	Loose bool
	// Rollup is the template of GROUP BY … WITH ROLLUP.
	Rollup string
	// RollupOrder: ORDER BY may follow WITH ROLLUP.
	RollupOrder bool
	// RollupTotal: there is a total even of no rows.
	RollupTotal bool
	// RollupExprs: group expressions are NULL inside larger expressions too.
	RollupExprs bool
	// RollupUnion: the levels are written one by one.
	RollupUnion bool
	// WindowClause: windows have names.
	WindowClause bool
	// CTEColumns: WITH name(column, …).
	CTEColumns bool
	// Values: VALUES is a query. ValuesRow is what stands before each row of VALUES.
	Values    bool
	ValuesRow string

	// CompoundParens: operands of set operations may stand in parentheses and
	// INTERSECT binds tighter. Otherwise all set operators bind equally.
	CompoundParens bool
	// CompoundDistinct: a set operation without ALL says DISTINCT.
	CompoundDistinct bool
	// CompoundAll: INTERSECT ALL and EXCEPT ALL.
	CompoundAll bool
	// CompoundWith: an operand in parentheses may begin with WITH.
	CompoundWith bool
	// NestedOrder: ORDER BY and LIMIT may follow a query in parentheses that has
	// its own.
	NestedOrder bool
	// SubqueryLimit: the query behind IN, ANY and ALL may have a LIMIT.
	SubqueryLimit bool

	// FirstArm says how the first SELECT of a recursive CTE gives its columns the
	// types of all: those that it casts to, by their own. The size of text is
	// FirstText, 0 for none.
	FirstArm  map[ast.Type]ast.CastType
	FirstText int

	// FirstRow: a scalar subquery of several rows gives the first of them. It must
	// be written so that it raises an error, as it does elsewhere.
	FirstRow bool

	// Operators. Infix holds those that the shared precedence table covers,
	// Binary the templates of the others.
	Infix      map[ast.BinaryOp]string
	Binary     map[ast.BinaryOp]binaryForm
	NullSafeEq string // "" is written with = and IS NULL
	Xor        string // template
	Quantified bool   // op ANY and op ALL
	// QuantifiedCount: where they are missing, comparisons can be counted.
	QuantifiedCount bool
	// TruthTests: IS TRUE and IS FALSE.
	TruthTests bool
	// InNulls: IN is unknown where NULL keeps it from being decided.
	InNulls bool
	// TruthNumber is the template that makes a truth value the number 1 or 0; ""
	// means that it is one.
	TruthNumber string
	// LooseColumns: a column may hold values of other types than its own.
	LooseColumns bool
	// Mixes: numbers and truth values stand for each other, and all have a text,
	// by the database's own rules, which are those of this package.
	Mixes bool
	// TextNumbers: arithmetic reads text as the number that it begins with.
	TextNumbers bool
	// DateText: dates are text, and text that meets a date is read as one, NULL
	// if it is none.
	DateText bool
	// Decimals: a decimal keeps its digits, also as text.
	Decimals bool
	// Glob: LIKE ignores case, so patterns are written for GLOB, which doesn't.
	Glob bool
	// Overflow is the template of whole-number arithmetic that overflows into
	// a number of another kind; "" means that it raises an error.
	Overflow string
	// BigInts: a whole number over 64 bits is exact.
	BigInts bool
	// Tuples: row values compare element by element.
	Tuples bool
	// RowsIn: without Tuples, row values may stand before IN and a query, and then
	// NULL equals NULL.
	RowsIn bool
	// Converts: values of two types that meet are converted row by row, which
	// may fail.
	Converts bool
	// Clashes lists pairs of types of which values that meet are converted row by
	// row, with an error for some of them.
	Clashes map[[2]ast.Type]clash
	// Collations: columns of text that meet may have collations of which none comes
	// first, and what needs one raises an error then, row by row.
	Collations bool
	// TimeText: a point in time is written as text without zeros at its end.
	TimeText bool
	// LikeOperand is the template of what stands before LIKE; "" is $1.
	LikeOperand string
	// LikePattern guards a pattern $1 that is known only at run time, where LIKE
	// fails for some: it is NULL with more than $most wildcards, and $open is the
	// WHEN for one that ends in an escape character, which then stands for itself.
	LikePattern string
	// LikeEscape: LIKE … ESCAPE. Otherwise a backslash always escapes.
	LikeEscape bool
	// LikeAtRun: without LikeEscape, a pattern may be known only at run time.
	LikeAtRun bool
	// EscapeNone: LIKE … ESCAPE '' turns escapes off; otherwise no ESCAPE does.
	EscapeNone bool
	// Exact says how strings compare by code point.
	Exact exact
	// Domains says how fields are compared as they are, by the function that reads
	// them; those that aren't listed never are.
	Domains map[string]domain
	// NullTest is the template of a rule's test for NULL, if it isn't IS NULL.
	NullTest string

	Casts map[ast.CastType]castForm
	// CastText is what a cast reads instead of an operand of type String.
	CastText  map[ast.CastType]string
	DateAdd   dateAddForm
	RangeUnit string // template of a frame distance in time: $1 the amount, $u the unit

	Functions map[string]form
	// Totals lists what never raises an error here; see Dialect.Total.
	Totals totals
	// Inexact names the functions that the database has with another meaning, and
	// Printed says that it was never run.
	Inexact string
	Printed bool
	// DateFormat maps a specifier of DATE_FORMAT to a template of text; nil
	// means that the database has DATE_FORMAT itself.
	DateFormat map[byte]string
}

// exact is how a dialect compares strings by code point. Left and Right are
// templates of the operands; Plain asks for the plain comparison beside it,
// which can use an index.
type exact struct {
	Left, Right string
	Plain       bool
	// Columns asks for it between two columns too. MariaDB gives wrong rows then:
	// it deduplicates a semi-join by the column's collation.
	Columns bool
	// Beside wraps the exact comparison $1 where the plain one stands before it,
	// if a planner that takes it for a second condition would expect far too few
	// rows. It must be true where $1 is unknown: the plain one is unknown then too.
	Beside string
}

// clash says where values of two types don't get along.
type clash uint8

const (
	clashAlways   clash = iota + 1 // wherever they meet
	clashShared                    // where one of them is the result
	clashConstant                  // wherever they meet, even if one is a constant
)

// castForm holds the templates of a cast: without a size, and with one, where
// $p is the precision or length and $s the scale.
type castForm struct {
	Plain, Sized string
}

// All gives every dialect, in the order in which documents list them.
func All() []*Dialect {
	return []*Dialect{SQLite, PostgreSQL, MySQL, MariaDB, DuckDB, ClickHouse, Trino, Snowflake, BigQuery}
}

// ByName finds a dialect by its lower-case name.
func ByName(name string) (*Dialect, bool) {
	for _, d := range append(All(), PostgreSQLCollations) {
		if d.Name+d.Variant == name {
			return d, true
		}
	}
	return nil, false
}

// Supports tells whether the dialect has a translation of a function, by its
// lower-case name or alias. Some calls of a supported function are refused for
// their arguments.
func (d *Dialect) Supports(name string) bool {
	if f, ok := function.Lookup(name); ok {
		name = f.Name
	}
	if _, ok := d.Functions[name]; ok {
		return true
	}
	if _, ok := common(name); ok {
		return true
	}
	for key := range d.Functions {
		if base, _, cut := cutKey(key); cut && base == name {
			return true
		}
	}
	return false
}

// Refusal is the class of reason for which a function isn't supported: missing,
// inexact or unverified.
func (d *Dialect) Refusal(name string) string {
	switch {
	case slices.Contains(strings.Fields(d.Inexact), name):
		return "inexact"
	case d.Printed:
		return "unverified"
	default:
		return "missing"
	}
}

// Arg says which value a parameter of the printed text takes: the caller's
// placeholder number Param, or the session value Slot, with Param -1.
// List asks for all elements of the slot, as one array, and JSON for all of them
// as the text of a JSON array.
type Arg struct {
	Param int
	Slot  *ast.Slot
	List  bool
	JSON  bool
}

// Print writes a resolved query as SQL for the database, with the arguments in
// the order in which the driver must get them. The error is a *fault.Error:
// Unsupported for what the database can't express, Limit for text over
// MaxText, Internal for a tree that isn't resolved.
func (d *Dialect) Print(q *ast.Query) (sql string, args []Arg, err error) {
	text, args, err := d.PrintIn(nil, q)
	return string(text), args, err
}

// PrintIn is Print into the memory of room, or larger memory if that is too
// small. The text is in what it gives, which the caller may use again.
func (d *Dialect) PrintIn(room []byte, q *ast.Query) (text []byte, args []Arg, err error) {
	p := &printer{d: d, text: room[:0]}
	if q != nil && q.Unmerged {
		p.write(d.Unmerged)
	}
	p.query(q)
	p.write(d.Suffix)
	p.checkSize(0)
	p.checkArgs()
	if p.err != nil {
		return p.text[:0], nil, p.err
	}
	return p.text, p.args, nil
}
