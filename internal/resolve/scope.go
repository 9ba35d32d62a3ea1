package resolve

import (
	"fmt"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/semantic"
)

// column is a column of a relation or of a query's output.
type column struct {
	name    string // logical
	printed string
	typ     ast.Type
	literal string // of a select item that is a string constant
}

// relation is one relation in a FROM clause.
type relation struct {
	id      int
	name    string // folded: the alias, or the name of the dataset or CTE
	printed string
	columns []column
	// occurrence is set for a dataset; its index finds columns quickly.
	occurrence *Occurrence
}

// hits are the columns that a name may mean: how many, and the first of them.
type hits struct {
	first ref
	n     int
}

func (h *hits) add(rel *relation, col int) {
	if h.n == 0 {
		h.first = ref{rel, col}
	}
	h.n++
}

// find adds the columns with a folded name.
func (rel *relation) find(folded string, found *hits) {
	if rel.occurrence != nil {
		if i, ok := rel.occurrence.Dataset.index[folded]; ok {
			found.add(rel, i)
		}
		return
	}
	for i := range rel.columns {
		if rel.columns[i].is(folded) {
			found.add(rel, i)
		}
	}
}

// is tells whether the column has a folded name.
func (c *column) is(folded string) bool {
	return len(c.name) == len(folded) && semantic.Fold(c.name) == folded
}

// ref is one column of one relation.
type ref struct {
	rel *relation
	col int
}

func (x ref) name() string { return x.rel.columns[x.col].name }

// column makes the bound node and marks the field as used.
func (r *resolver) column(x ref, pos ast.Pos) *ast.Column {
	if o := x.rel.occurrence; o != nil && !o.used[x.col] {
		o.used[x.col] = true
		o.uses++
	}
	c := &x.rel.columns[x.col]
	out := r.slabs.columns.New()
	*out = ast.Column{Pos: pos, Table: x.rel.printed, Name: c.printed, Rel: x.rel.id, Type: c.typ}
	return out
}

// from is a node of the tree of joins: a relation, or a join of two nodes.
type from struct {
	rel         *relation
	left, right *from
	// using holds the folded names that the join merges; keepRight says that
	// the right column stands for both, as in a RIGHT JOIN.
	using     map[string]bool
	keepRight bool
	// shown is what all gives for a join that merges, once it was asked.
	shown []ref
}

func (f *from) merges(folded string) bool { return f.using[folded] }

// width is what it costs to find a name: a dataset has an index.
func (f *from) width() int {
	switch {
	case f.rel == nil:
		return 1 + f.left.width() + f.right.width()
	case f.rel.occurrence != nil:
		return 1
	default:
		return 1 + len(f.rel.columns)
	}
}

// count is the number of columns, merged ones counted twice.
func (f *from) count() int {
	if f.rel != nil {
		return len(f.rel.columns)
	}
	return f.left.count() + f.right.count()
}

// find adds the columns that an unqualified folded name may mean.
func (f *from) find(folded string, found *hits) {
	if f.rel != nil {
		f.rel.find(folded, found)
		return
	}
	merged := f.merges(folded)
	if !merged || !f.keepRight {
		f.left.find(folded, found)
	}
	if !merged || f.keepRight {
		f.right.find(folded, found)
	}
}

// all appends the columns of * in MySQL's order: merged ones first, then the
// left side's, then the right side's. MySQL takes a RIGHT JOIN that merges for a
// LEFT JOIN from the other side, so there the right side's come before the left's.
func (f *from) all(dst []ref) []ref {
	if f.shown != nil {
		return append(dst, f.shown...)
	}
	if f.rel != nil {
		for i := range f.rel.columns {
			dst = append(dst, ref{f.rel, i})
		}
		return dst
	}
	if len(f.using) == 0 {
		return f.right.all(f.left.all(dst))
	}
	left, right := f.left.all(nil), f.right.all(nil)
	if f.keepRight {
		left, right = right, left
	}
	var merged, rest []ref
	for _, x := range left {
		if f.merges(semantic.Fold(x.name())) {
			merged = append(merged, x)
		}
	}
	for _, x := range append(left, right...) {
		if !f.merges(semantic.Fold(x.name())) {
			rest = append(rest, x)
		}
	}
	f.shown = append(merged, rest...)
	return append(dst, f.shown...)
}

// relations appends the relations from left to right.
func (f *from) relations(dst []*relation) []*relation {
	if f.rel != nil {
		return append(dst, f.rel)
	}
	return f.right.relations(f.left.relations(dst))
}

// scope is what the names in a clause may mean: the relations of its query,
// then those of the enclosing queries.
type scope struct {
	parent *scope
	block  *ast.Select // as written; nil for an ON clause and for VALUES
	// apart: this is a derived table or VALUES, which some databases compute before
	// the rows of the queries around.
	apart bool
	roots []*from
	rels  []*relation // of roots; see relations
	ctes  *cteScope
	// items are the select items that a name may mean when no column has it, and
	// cols their columns; see named.
	items   []ast.SelectItem
	cols    []column
	aliases []alias
	// Room for the roots and relations of most queries.
	rootRoom [4]*from
	relRoom  [4]*relation
	// windows are those of the WINDOW clause, by folded name.
	windows map[string]*namedWindow
	// computes says that an expression of the query may hold an aggregate or a
	// window function.
	computes bool
	// grouping is set once the query's rows are known to be groups.
	grouping *grouping
}

// apartFrom returns a scope for what stands apart in the query of a scope around.
func (s *scope) apartFrom() *scope {
	if s == nil {
		return nil
	}
	return &scope{parent: s, ctes: s.ctes, apart: true}
}

// alias is a select item by its output name.
type alias struct {
	folded string
	expr   ast.Expr
}

// relations lists the scope's own relations, from left to right.
func (s *scope) relations() []*relation {
	if s.rels == nil && len(s.roots) > 0 {
		s.rels = s.relRoom[:0]
		for _, f := range s.roots {
			s.rels = f.relations(s.rels)
		}
	}
	return s.rels
}

// named lists the select items by their names.
func (s *scope) named() []alias {
	if s.aliases == nil && len(s.items) > 0 {
		s.aliases = make([]alias, len(s.items))
		for i := range s.items {
			s.aliases[i] = alias{folded: semantic.Fold(s.cols[i].name), expr: s.items[i].Expr}
		}
	}
	return s.aliases
}

// cteScope is the list of CTEs in scope, innermost first.
type cteScope struct {
	parent *cteScope
	folded string
	cte    *cte
}

// cte is a CTE in scope. One without columns is still being defined, and must
// not be named.
type cte struct {
	printed  string
	columns  []column
	defining bool
	closed   bool
	// refersToSelf says that its last SELECT does.
	refersToSelf bool
	// arm is the SELECT that may refer to the CTE while that is being defined, and
	// why says why there is none.
	arm *ast.Select
	why string
}

// findCTE finds the CTE that a table name means.
func (r *resolver) findCTE(t *ast.TableName, s *cteScope) (*cte, bool) {
	folded := semantic.Fold(t.Parts[0])
	for ; s != nil && r.look(t.Pos, 1); s = s.parent {
		if s.folded == folded {
			return s.cte, true
		}
	}
	return nil, false
}

// name resolves a column name: in its own query first, then outwards.
func (r *resolver) name(n *ast.Name, s *scope) ast.Expr {
	inner, apart := s, false
	folded := semantic.Fold(n.Parts[len(n.Parts)-1])
	qualifier := semantic.Fold(strings.Join(n.Parts[:len(n.Parts)-1], "."))
	for ; s != nil; s = s.parent {
		if !r.look(n.Pos, 1+s.width()+len(s.items)) {
			return ast.Null()
		}
		found, known := s.lookup(qualifier, folded)
		switch {
		case found.n == 1:
			if apart && r.bound.Correlated == nil {
				r.bound.Correlated = fault.New(fault.Unsupported, n.Pos, "a derived table with %s of a query around it is not supported", quote(n.Parts)).
					WithHint("write the condition in the subquery around it")
			}
			return r.column(found.first, n.Pos)
		case found.n > 1:
			r.refuse(fault.UnknownName, n.Pos, "field %s is ambiguous", quote(n.Parts)).
				WithHint("put the alias of its dataset before it")
			return ast.Null()
		case known:
			return r.unknownField(n.Pos, n.Parts, inner)
		}
		if qualifier == "" {
			if a, ok := r.alias(n, s.named(), folded); ok {
				inner.computes = true // perhaps
				r.produce(n.Pos, size(a.expr))
				return a.expr
			}
		}
		apart = apart || s.apart
	}
	return r.unknownField(n.Pos, n.Parts, inner)
}

// width is what it costs to find a name among the scope's relations.
func (s *scope) width() int {
	n := 0
	for _, f := range s.roots {
		n += f.width()
	}
	return n
}

// lookup finds the columns of a name in one query's relations. known says that
// the qualifier names a relation here, so that no outer one is meant.
func (s *scope) lookup(qualifier, folded string) (found hits, known bool) {
	if qualifier == "" {
		for _, f := range s.roots {
			f.find(folded, &found)
		}
		return found, false
	}
	for _, rel := range s.relations() {
		if rel.name == qualifier {
			known = true
			rel.find(folded, &found)
		}
	}
	return found, known
}

// alias finds the one select item of a name.
func (r *resolver) alias(n *ast.Name, aliases []alias, folded string) (alias, bool) {
	found := -1
	for i, a := range aliases {
		if a.folded != folded {
			continue
		}
		if found >= 0 && a.expr != aliases[found].expr {
			r.refuse(fault.UnknownName, n.Pos, "alias %s is ambiguous", quote(n.Parts)).
				WithHint("give each select item an alias of its own")
			return alias{expr: ast.Null()}, true
		}
		found = i
	}
	if found < 0 {
		return alias{}, false
	}
	return aliases[found], true
}

// unknownField refuses a name that no visible field has. That one is hidden is
// for the decision hook alone.
func (r *resolver) unknownField(pos ast.Pos, parts []string, s *scope) ast.Expr {
	e := r.refuse(fault.UnknownName, pos, "unknown field %s", quote(parts)).
		WithHint("use a field of a dataset or CTE in this query's FROM clause")
	folded := semantic.Fold(parts[len(parts)-1])
	for ; s != nil; s = s.parent {
		for _, rel := range s.relations() {
			if o := rel.occurrence; o != nil && o.Dataset.hides(folded) {
				e.Reason = fmt.Sprintf("field %q of dataset %q is hidden from this session", parts[len(parts)-1], o.Dataset.Name)
			}
		}
	}
	return ast.Null()
}

// quote writes a name for a message.
func quote(parts []string) string {
	return `"` + strings.Join(parts, ".") + `"`
}
