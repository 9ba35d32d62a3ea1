package resolve

import (
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/semantic"
)

// fromClause resolves a FROM clause into the scope's relations.
func (r *resolver) fromClause(tables []ast.TableExpr, s *scope) []ast.TableExpr {
	if len(tables) == 0 {
		return nil
	}
	out := make([]ast.TableExpr, len(tables))
	s.roots = s.rootRoom[:0]
	for i, t := range tables {
		x, f := r.tableExpr(t, s)
		out[i], s.roots = x, append(s.roots, f)
	}
	r.checkAliases(tables, s.relations())
	return out
}

// checkAliases refuses two relations of one name in the same FROM clause.
func (r *resolver) checkAliases(tables []ast.TableExpr, rels []*relation) {
	var seen nameSet
	for _, rel := range rels {
		if seen.has(rel.name) {
			r.refuse(fault.UnknownName, position(tables, rel.name), "two relations in one FROM clause are named %q", rel.name).
				WithHint("give each an alias of its own")
			return
		}
		seen.add(rel.name)
	}
}

// position finds where the last relation of a name stands, for messages.
func position(tables []ast.TableExpr, name string) ast.Pos {
	pos := 0
	for _, t := range tables {
		switch t := t.(type) {
		case *ast.TableName:
			if exposed(t) == name {
				pos = t.Pos
			}
		case *ast.Derived:
			if semantic.Fold(t.Alias) == name {
				pos = t.Pos
			}
		case *ast.Join:
			if p := position([]ast.TableExpr{t.Left, t.Right}, name); p > 0 {
				pos = p
			}
		}
	}
	return pos
}

// exposed is the folded name by which the rest of the query calls a table.
func exposed(t *ast.TableName) string {
	if t.Alias != "" {
		return semantic.Fold(t.Alias)
	}
	return qualifierOf(t.Parts)
}

// qualifierOf is the folded name that a qualifier means.
func qualifierOf(parts []string) string { return semantic.Fold(strings.Join(parts, ".")) }

func (r *resolver) tableExpr(t ast.TableExpr, s *scope) (ast.TableExpr, *from) {
	switch t := t.(type) {
	case *ast.TableName:
		return r.tableName(t, s)
	case *ast.Derived:
		return r.derived(t, s)
	case *ast.Join:
		return r.join(t, s)
	default:
		r.refuse(fault.Internal, 0, "unknown kind of table expression")
		return t, &from{rel: &relation{}}
	}
}

// relation registers a relation. It reads from the relations first up to last.
func (r *resolver) relation(name string, cols []column) *relation {
	rel := &relation{}
	r.register(rel, name, cols)
	return rel
}

// register sets a relation up and gives it its id and printed name.
func (r *resolver) register(rel *relation, name string, cols []column) {
	*rel = relation{
		id:      len(r.bound.Relations),
		name:    semantic.Fold(name),
		printed: r.names.unique(name, "r", nil),
		columns: cols,
	}
	r.relations = append(r.relations, rel)
	r.bound.Relations = append(r.bound.Relations, -1)
}

// tableName resolves a name in FROM: a CTE in scope, else a dataset.
func (r *resolver) tableName(t *ast.TableName, s *scope) (ast.TableExpr, *from) {
	if len(t.Parts) == 1 {
		if c, ok := r.findCTE(t, s.ctes); ok {
			return r.cteRef(t, c, s)
		}
	}
	d, err := r.catalog.Dataset(strings.Join(t.Parts, "."), t.Pos)
	if err != nil {
		r.fail(err)
		return t, &from{rel: &relation{name: exposed(t)}}
	}
	return r.occurrence(t, d)
}

func (r *resolver) unknownDataset(pos ast.Pos, parts []string) {
	r.fail(UnknownDataset(strings.Join(parts, "."), pos))
}

// UnknownDataset is the one error for a dataset that doesn't exist, one that
// the model lacks and one that is hidden.
func UnknownDataset(name string, pos ast.Pos) *fault.Error {
	return fault.New(fault.UnknownName, pos, "unknown dataset %q", name).
		WithHint("name a dataset that this session may see, without a database or schema before it")
}

func (r *resolver) cteRef(t *ast.TableName, c *cte, s *scope) (ast.TableExpr, *from) {
	if c.defining {
		r.refuse(fault.Unsupported, t.Pos, "CTE %q refers to itself before it has columns", t.Parts[0]).
			WithHint("write WITH RECURSIVE name AS (first SELECT UNION ALL SELECT … FROM name)")
		return t, &from{rel: &relation{name: exposed(t)}}
	}
	name := t.Alias
	if name == "" {
		name = t.Parts[0]
	}
	rel := r.relation(name, c.columns)
	if !c.closed {
		r.checkSelf(t, c, s)
		c.refersToSelf = true
	}
	return &ast.CTERef{Name: c.printed, Alias: rel.printed}, &from{rel: rel}
}

// place is all that stands for an occurrence of a dataset, in one piece of memory.
type place struct {
	rel        relation
	from       from
	occurrence Occurrence
	hole       ast.Query
	derived    ast.Derived
	used       [16]bool
}

// occurrence leaves a hole where a dataset is read.
func (r *resolver) occurrence(t *ast.TableName, d *Dataset) (ast.TableExpr, *from) {
	name := t.Alias
	if name == "" {
		name = d.Name
	}
	r.produce(t.Pos, occurrenceNodes)
	at := &place{}
	rel, o := &at.rel, &at.occurrence
	r.register(rel, name, d.columns)
	rel.name, rel.occurrence = exposed(t), o
	*o = Occurrence{
		Pos: t.Pos, Dataset: d, Alias: name, Name: rel.printed,
		Hole: &at.hole,
	}
	if o.used = at.used[:]; len(d.Fields) > len(o.used) {
		o.used = make([]bool, len(d.Fields))
	}
	r.bound.Relations[rel.id] = len(r.bound.Occurrences)
	r.bound.Occurrences = append(r.bound.Occurrences, o)
	at.from.rel = rel
	at.derived = ast.Derived{Pos: t.Pos, Query: &at.hole, Alias: rel.printed}
	return &at.derived, &at.from
}

// derived resolves a subquery in FROM. It sees the enclosing query's outer
// scopes but not its siblings.
func (r *resolver) derived(t *ast.Derived, s *scope) (ast.TableExpr, *from) {
	q, cols := r.query(t.Query, s.parent.apartFrom(), s.ctes, false)
	if len(t.Columns) > 0 && len(t.Columns) != len(cols) {
		r.refuse(fault.Syntax, t.Pos, "%q has %d columns but its column list names %d", t.Alias, len(cols), len(t.Columns))
	} else {
		cols = append([]column(nil), cols...)
		for i, n := range t.Columns {
			cols[i].name = n
		}
	}
	if t.Alias == "" {
		r.refuse(fault.Syntax, t.Pos, "a subquery in FROM needs an alias")
	}
	rel := r.relation(t.Alias, cols)
	return &ast.Derived{Pos: t.Pos, Query: q, Alias: rel.printed}, &from{rel: rel}
}

// join resolves a join. Its ON clause sees its own two sides only.
func (r *resolver) join(j *ast.Join, s *scope) (ast.TableExpr, *from) {
	left, lf := r.tableExpr(j.Left, s)
	right, rf := r.tableExpr(j.Right, s)
	f := &from{left: lf, right: rf, keepRight: j.Kind == ast.RightJoin}
	out := &ast.Join{Pos: j.Pos, Kind: j.Kind, Left: left, Right: right}
	switch {
	case j.Natural:
		if r.look(j.Pos, listSteps*(lf.count()+rf.count())) && r.list(j.Pos, lf) && r.list(j.Pos, rf) {
			out.On = r.usingOn(j, f, commonNames(lf, rf))
		}
	case len(j.Using) > 0:
		names := make([]string, len(j.Using))
		for i, u := range j.Using {
			names[i] = semantic.Fold(u)
		}
		out.On = r.usingOn(j, f, names)
	case j.On != nil:
		on := &scope{parent: s.parent, roots: []*from{lf, rf}, ctes: s.ctes}
		out.On = r.predicate(j.On, on)
		r.onlyRows(out.On, on, "ON")
	}
	if out.On == nil && j.Kind == ast.InnerJoin {
		out.Kind = ast.CrossJoin
	}
	return out, f
}

// commonNames lists the folded names that both sides of a NATURAL join show.
func commonNames(left, right *from) []string {
	shown := map[string]bool{}
	for _, x := range right.all(nil) {
		shown[semantic.Fold(x.name())] = true
	}
	var names []string
	for _, x := range left.all(nil) {
		if folded := semantic.Fold(x.name()); shown[folded] {
			names = append(names, folded)
			delete(shown, folded)
		}
	}
	return names
}

// usingOn writes USING or NATURAL as an ON clause: no database then has to
// match names by its own rules.
func (r *resolver) usingOn(j *ast.Join, f *from, names []string) ast.Expr {
	var terms []ast.Expr
	f.using = make(map[string]bool, len(names))
	for _, name := range names {
		f.using[name] = true
		if !r.produce(j.Pos, 3) || !r.look(j.Pos, f.width()) {
			return nil
		}
		left, okL := r.usingColumn(j, f.left, name)
		right, okR := r.usingColumn(j, f.right, name)
		if !okL || !okR {
			return nil
		}
		terms = append(terms, &ast.Compare{Op: ast.Eq, Left: left, Right: right})
	}
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	default:
		return &ast.And{X: terms}
	}
}

func (r *resolver) usingColumn(j *ast.Join, side *from, folded string) (ast.Expr, bool) {
	var found hits
	side.find(folded, &found)
	switch found.n {
	case 1:
		return r.column(found.first, j.Pos), true
	case 0:
		r.unknownField(j.Pos, []string{folded}, &scope{roots: []*from{side}})
	default:
		r.refuse(fault.UnknownName, j.Pos, "field %q of USING or NATURAL is ambiguous", folded).
			WithHint("write the join with ON")
	}
	return nil, false
}
