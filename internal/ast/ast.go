// Package ast is the small, closed, dialect-neutral SQL tree that every stage
// of Hedgerow works on. A front end builds it, internal/resolve binds its
// names, internal/secure puts the policies into it and internal/dialect prints
// it. What has no node here cannot reach a database.
//
// Two nodes exist only before resolution (Name, TableName, and Star as an
// item) and two only after it (Column, Physical and CTERef): printing a node of
// the first kind is an error, so an unresolved name cannot slip through.
//
// A tree may share subtrees; therefore no pass changes a node that it didn't
// make itself.
package ast

// Pos is a 1-based byte offset in the logical query; 0 is unknown, as for
// nodes that Hedgerow generated.
type Pos = int

// Type is a logical datatype in the words of the Apache Ossie core spec, or
// Unknown. The zero value is Unknown.
type Type string

// The datatypes of the Ossie core spec 0.2.
const (
	Unknown    Type = ""
	String     Type = "String"
	Integer    Type = "Integer"
	Decimal    Type = "Decimal"
	Float      Type = "Float"
	Boolean    Type = "Boolean"
	Date       Type = "Date"
	Time       Type = "Time"
	DateTime   Type = "DateTime"
	DateTimeTz Type = "DateTimeTz"
	Opaque     Type = "Opaque"
)

// Query is a whole query expression: WITH, a body, ORDER BY and LIMIT.
type Query struct {
	Pos     Pos
	With    *With // nil when there is none
	Body    Body
	OrderBy []OrderItem
	Limit   *Limit // nil when there is none
	// Fence keeps the database from moving conditions of the enclosing query
	// into this one. Only internal/secure sets it.
	Fence bool
	// Unmerged keeps the database from merging derived tables into the queries
	// around them. Only internal/secure sets it, and on a whole statement only.
	Unmerged bool
}

// With is the list of common table expressions before a query.
type With struct {
	Recursive bool
	CTEs      []*CTE
}

// CTE is one common table expression.
type CTE struct {
	Pos     Pos
	Name    string   // as written before resolution, generated and unique after it
	Columns []string // explicit column list; after resolution always filled
	Query   *Query
}

// Body is what a query's rows come from.
type Body interface{ body() }

// Select is one SELECT block.
type Select struct {
	Pos      Pos
	Distinct bool
	Items    []SelectItem
	From     []TableExpr // comma list; empty means no FROM clause
	Where    Expr        // nil when there is none
	GroupBy  []Expr      // an integer literal is an ordinal
	Implied  int         // the last so many of GroupBy follow from the others
	Rollup   bool        // GROUP BY … WITH ROLLUP
	Having   Expr
	Windows  []NamedWindow
	// Uncached keeps a database from answering a correlated query out of a cache
	// whose keys it compares by collation. Only policies set it.
	Uncached bool
}

// SetOp combines two bodies. An operand that is a *Query stood in parentheses
// and keeps its own WITH, ORDER BY and LIMIT.
type SetOp struct {
	Pos         Pos
	Op          SetOperator
	All         bool
	Left, Right Body
}

// Values is VALUES ROW(…), ROW(…).
type Values struct {
	Pos  Pos
	Rows [][]Expr
}

func (*Select) body() {}
func (*SetOp) body()  {}
func (*Values) body() {}
func (*Query) body()  {}

// SetOperator is UNION, INTERSECT or EXCEPT.
type SetOperator uint8

// The set operators.
const (
	Union SetOperator = iota + 1
	Intersect
	Except
)

// SelectItem is one item of a select list. Expr is a *Star only before
// resolution. Alias is the caller's alias, and after resolution the name to
// print, if any. Text is the item as written; after resolution it is set only
// where it is what Alias was taken from.
type SelectItem struct {
	Pos   Pos
	Expr  Expr
	Alias string
	Text  string
}

// OrderItem is one item of an ORDER BY. An integer literal as Expr is an
// ordinal in a query's ORDER BY, and a constant in a window's.
type OrderItem struct {
	Expr Expr
	Desc bool
}

// Limit holds a row count and an offset: each an integer Literal, a Param, or
// nil for none.
type Limit struct {
	Count, Offset Expr
}

// NamedWindow is one item of a WINDOW clause.
type NamedWindow struct {
	Pos    Pos
	Name   string
	Window *Window
}

// Window is what stands behind OVER. With only Name set it is OVER name;
// with Inline set it is OVER (…), where Name may extend a named window.
type Window struct {
	Pos         Pos
	Name        string
	Inline      bool
	PartitionBy []Expr
	OrderBy     []OrderItem
	Frame       *Frame // nil when there is none
}

// Frame is a window's frame. End is nil for the short form without BETWEEN.
type Frame struct {
	Range bool // RANGE instead of ROWS
	Start FrameBound
	End   *FrameBound
}

// FrameBound is one end of a frame. Offset is set for Preceding and Following
// with a distance, nil for UNBOUNDED. Unit is set when the distance is an
// INTERVAL.
type FrameBound struct {
	Kind   BoundKind
	Offset Expr
	Unit   Unit
}

// BoundKind is where a frame bound lies.
type BoundKind uint8

// The kinds of frame bound.
const (
	CurrentRow BoundKind = iota + 1
	UnboundedPreceding
	UnboundedFollowing
	Preceding
	Following
)

// TableExpr is what may stand in a FROM clause.
type TableExpr interface{ tableExpr() }

// TableName is a relation as the caller named it. It exists only before
// resolution. Parts has one to three elements.
type TableName struct {
	Pos   Pos
	Parts []string
	Alias string // "" when there is none
}

// Derived is a subquery in FROM. Columns renames its columns from the left.
// After resolution Columns is empty: the names are in the query's items.
type Derived struct {
	Pos     Pos
	Query   *Query
	Alias   string
	Columns []string
}

// Join is a join of two table expressions. Natural and Using exist only before
// resolution. On is nil for CROSS JOIN.
type Join struct {
	Pos         Pos
	Kind        JoinKind
	Natural     bool
	Left, Right TableExpr
	On          Expr
	Using       []string
}

// JoinKind is the kind of a join.
type JoinKind uint8

// The kinds of join.
const (
	InnerJoin JoinKind = iota + 1
	LeftJoin
	RightJoin
	CrossJoin
)

// Physical is a table of the database. Only internal/secure makes one, from a
// dataset's source.
type Physical struct {
	Parts []string
	Alias string
}

// CTERef is a reference to a CTE in scope, made by internal/resolve.
type CTERef struct {
	Name  string
	Alias string
}

func (*TableName) tableExpr() {}
func (*Derived) tableExpr()   {}
func (*Join) tableExpr()      {}
func (*Physical) tableExpr()  {}
func (*CTERef) tableExpr()    {}
