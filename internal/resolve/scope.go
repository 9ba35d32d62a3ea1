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

// find gives the positions of the columns with a folded name.
func (rel *relation) find(folded string) []int {
	if rel.occurrence != nil {
		if i, ok := rel.occurrence.Dataset.index[folded]; ok {
			return []int{i}
		}
		return nil
	}
	var found []int
	for i, c := range rel.columns {
		if semantic.Fold(c.name) == folded {
			found = append(found, i)
		}
	}
	return found
}

// ref is one column of one relation.
type ref struct {
	rel *relation
	col int
}

func (x ref) name() string { return x.rel.columns[x.col].name }

// column makes the bound node and marks the field as used.
func (x ref) column(pos ast.Pos) *ast.Column {
	if o := x.rel.occurrence; o != nil {
		o.used[x.col] = true
	}
	c := x.rel.columns[x.col]
	return &ast.Column{Pos: pos, Table: x.rel.printed, Name: c.printed, Rel: x.rel.id, Type: c.typ}
}

// from is a node of the tree of joins: a relation, or a join of two nodes.
type from struct {
	rel         *relation
	left, right *from
	// using holds the folded names that the join merges; keepRight says that
	// the right column stands for both, as in a RIGHT JOIN.
	using     map[string]bool
	keepRight bool
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

// find appends the columns that an unqualified folded name may mean.
func (f *from) find(folded string, dst []ref) []ref {
	if f.rel != nil {
		for _, i := range f.rel.find(folded) {
			dst = append(dst, ref{f.rel, i})
		}
		return dst
	}
	merged := f.merges(folded)
	if !merged || !f.keepRight {
		dst = f.left.find(folded, dst)
	}
	if !merged || f.keepRight {
		dst = f.right.find(folded, dst)
	}
	return dst
}

// all lists the columns of * in MySQL's order: merged ones first, then the
// left side's, then the right side's.
func (f *from) all() []ref {
	if f.rel != nil {
		refs := make([]ref, len(f.rel.columns))
		for i := range refs {
			refs[i] = ref{f.rel, i}
		}
		return refs
	}
	left, right := f.left.all(), f.right.all()
	if len(f.using) == 0 {
		return append(left, right...)
	}
	kept := left
	if f.keepRight {
		kept = right
	}
	var merged, rest []ref
	for _, x := range kept {
		if f.merges(semantic.Fold(x.name())) {
			merged = append(merged, x)
		}
	}
	for _, x := range append(left, right...) {
		if !f.merges(semantic.Fold(x.name())) {
			rest = append(rest, x)
		}
	}
	return append(merged, rest...)
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
	roots  []*from
	ctes   *cteScope
	// aliases are select items that a name may mean when no column has it.
	aliases []alias
	// windows maps the folded names of the WINDOW clause to printed ones.
	windows map[string]string
}

// alias is a select item by its output name.
type alias struct {
	folded string
	expr   ast.Expr
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
	from, to int // its relations
	selfRefs []int
	defining bool
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
	inner := s
	folded := semantic.Fold(n.Parts[len(n.Parts)-1])
	qualifier := semantic.Fold(strings.Join(n.Parts[:len(n.Parts)-1], "."))
	for ; s != nil; s = s.parent {
		if !r.look(n.Pos, 1+s.width()+len(s.aliases)) {
			return ast.Null()
		}
		refs, known := s.lookup(qualifier, folded)
		switch {
		case len(refs) == 1:
			return refs[0].column(n.Pos)
		case len(refs) > 1:
			r.refuse(fault.UnknownName, n.Pos, "field %s is ambiguous", quote(n.Parts)).
				WithHint("put the alias of its dataset before it")
			return ast.Null()
		case known:
			return r.unknownField(n.Pos, n.Parts, inner)
		}
		if qualifier == "" {
			if a, ok := r.alias(n, s.aliases, folded); ok {
				r.produce(n.Pos, size(a.expr))
				return a.expr
			}
		}
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
func (s *scope) lookup(qualifier, folded string) (refs []ref, known bool) {
	if qualifier == "" {
		for _, f := range s.roots {
			refs = f.find(folded, refs)
		}
		return refs, false
	}
	for _, f := range s.roots {
		for _, rel := range f.relations(nil) {
			if rel.name != qualifier {
				continue
			}
			known = true
			for _, i := range rel.find(folded) {
				refs = append(refs, ref{rel, i})
			}
		}
	}
	return refs, known
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
		for _, f := range s.roots {
			for _, rel := range f.relations(nil) {
				if o := rel.occurrence; o != nil && o.Dataset.hides(folded) {
					e.Reason = fmt.Sprintf("field %q of dataset %q is hidden from this session", parts[len(parts)-1], o.Dataset.Name)
				}
			}
		}
	}
	return ast.Null()
}

// quote writes a name for a message.
func quote(parts []string) string {
	return `"` + strings.Join(parts, ".") + `"`
}
