package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/session"
)

// assignment gives values to the classes of a branch, so that what it states
// about equality and order holds.
type assignment struct {
	b      *builder
	claims []claim
	c      *classes
	// roots are the classes to choose for; values is what was chosen, by root.
	roots  []int
	values map[int]any
	null   map[int]bool // fields
	denied map[string]bool
	// steps are left before the search gives up.
	steps *int
}

func newAssignment(b *builder, claims []claim, c *classes, steps *int) *assignment {
	a := &assignment{b: b, claims: claims, c: c, values: map[int]any{}, null: map[int]bool{}, denied: map[string]bool{}, steps: steps}
	for _, l := range claims {
		switch {
		case l.kind == litNull:
			a.null[l.a] = true
		case l.kind == litHoldsNot:
			a.denied[l.name] = true
		}
	}
	for id, t := range b.terms {
		root := c.root(id)
		if t.kind == constTerm {
			a.values[root] = t.value
		}
		named := t.kind == fieldTerm || t.kind == elementTerm || t.kind == propertyTerm || t.indexed
		if named && !a.null[id] && !slices.Contains(a.roots, root) {
			a.roots = append(a.roots, root)
		}
	}
	a.roots = slices.DeleteFunc(a.roots, func(root int) bool { _, known := a.values[root]; return known })
	inside := a.inside()
	slices.SortStableFunc(a.roots, func(x, y int) int { return cmp.Compare(inside[x], inside[y]) })
	return a
}

// inside gives 1 to the classes that statements read without saying what of
// them: their values are varied first.
func (a *assignment) inside() map[int]int {
	out := map[int]int{}
	mark := func(args []int) {
		for _, id := range args {
			out[a.c.root(id)] = 1
		}
	}
	for _, l := range a.claims {
		mark(l.args)
		if l.kind == litHolds || l.kind == litHoldsNot {
			continue
		}
		mark(a.b.terms[l.a].args)
		mark(a.b.terms[l.b].args)
	}
	return out
}

// search tries values for the classes from i on; leaf is asked for each whole
// assignment, as often as the budget allows.
func (a *assignment) search(i int, budget *int, leaf func(*assignment) bool) bool {
	if *a.steps--; *budget <= 0 || *a.steps <= 0 {
		return false
	}
	if i == len(a.roots) {
		*budget--
		return leaf(a)
	}
	root := a.roots[i]
	for _, v := range a.candidates(root, i) {
		a.values[root] = v
		if a.holds(root) && a.search(i+1, budget, leaf) {
			return true
		}
	}
	delete(a.values, root)
	return false
}

// candidates are the values to try for a class: new ones, which differ from
// class to class, then the constants and their neighbours.
func (a *assignment) candidates(root, turn int) []any {
	typ := ast.Unknown
	for id, t := range a.b.terms {
		if a.c.root(id) != root {
			continue
		}
		if t.kind == propertyTerm {
			p := a.b.propertyAt(t.property)
			switch {
			case p.Type.IsList() || p.Type.IsMap():
				return a.contents(p)
			case len(p.Values) > 0:
				return p.Values
			case p.Type == session.Duration:
				return []any{time.Hour, time.Duration(0), 1000 * time.Hour}
			}
		}
		if typ == ast.Unknown {
			typ = t.typ
		}
	}
	fresh := freshValues(typ, len(a.roots))
	if len(fresh) > 0 && typ != ast.Boolean {
		turn %= len(fresh)
		fresh = append(slices.Clone(fresh[turn:]), fresh[:turn]...)
	}
	return append(fresh, a.constants(typ)...)
}

// constants are the constants of a type and their neighbours.
func (a *assignment) constants(typ ast.Type) []any {
	var out []any
	for _, t := range a.b.terms {
		if t.kind == constTerm && t.typ == typ {
			out = append(out, neighbours(t.value)...)
		}
	}
	return out
}

// contents are what a list or map may hold besides the elements that statements
// put into it: nothing, something, and what the rules name.
func (a *assignment) contents(p session.Property) []any {
	elem := typed(propertyType(p.Type.Elem()))
	if p.Type.IsMap() {
		elem = ast.String
	}
	pool := append(freshValues(elem, 1), a.constants(elem)...)
	if len(p.Values) > 0 && p.Type.IsList() {
		pool = p.Values
	}
	if elem == ast.Unknown || len(pool) == 0 {
		return []any{[]any{}}
	}
	return []any{[]any{}, pool[:1], pool[:min(2, len(pool))], pool}
}

// freshValues are values of a type that rules hardly name: of strings some that
// begin, end or contain one another, or differ in case.
func freshValues(typ ast.Type, n int) []any {
	var out []any
	switch typ {
	case ast.String:
		out = []any{"a", "b", "c", "ab", "ba", "", "A"}
		for i := range n {
			out = append(out, fmt.Sprintf("x%02d", i))
		}
	case ast.Integer:
		for i := range n + 4 {
			out = append(out, int64(i+1))
		}
		out = append(out, int64(0), int64(-1), int64(1000))
	case ast.Float:
		for i := range n + 4 {
			out = append(out, float64(i+1))
		}
		out = append(out, 0.0, -1.0, 0.5)
	case ast.Boolean:
		out = []any{true, false}
	case ast.DateTimeTz:
		for i := range n + 2 {
			out = append(out, time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC))
		}
	}
	return out
}

// neighbours are a constant, and what is just before and behind it.
func neighbours(v any) []any {
	switch v := v.(type) {
	case string:
		out := []any{v, v + "a", v + "b", "a" + v}
		if v != "" {
			out = append(out, v[:len(v)-1], strings.ToUpper(v))
		}
		return out
	case int64:
		return []any{v, v + 1, v - 1, v + 2, v - 2}
	case float64:
		return []any{v, v + 1, v - 1, v + 0.5, v - 0.5}
	case time.Time:
		return []any{v, v.Add(time.Second), v.Add(-time.Second), v.Add(time.Hour), v.Add(-time.Hour), v.Add(time.Millisecond), v.Add(-time.Millisecond)}
	default:
		return []any{v}
	}
}

// holds checks the comparisons of a class with those that have a value already.
func (a *assignment) holds(root int) bool {
	for _, l := range a.claims {
		if l.kind != litNe && l.kind != litLt && l.kind != litLe {
			continue
		}
		x, y := a.c.root(l.a), a.c.root(l.b)
		v, okX := a.values[x]
		w, okY := a.values[y]
		if x != root && y != root || !okX || !okY {
			continue
		}
		switch order := compareValues(v, w); {
		case l.kind == litNe && order == 0, l.kind == litLt && order >= 0, l.kind == litLe && order > 0:
			return false
		}
	}
	return true
}

// row is the row with the rows that it leads to.
func (a *assignment) row() map[string]any {
	out := map[string]any{}
	for id, t := range a.b.terms {
		if t.kind != fieldTerm || !a.c.used[id] && len(t.path) > 0 {
			continue
		}
		at := out
		for _, step := range t.path {
			at = follow(at, step)
		}
		if v, ok := a.values[a.c.root(id)]; ok && !a.null[id] {
			at[t.field] = v
		} else {
			at[t.field] = nil
		}
	}
	out = flattened(out)
	for _, path := range a.b.lists {
		path = slices.Clone(path)
		for i := range path {
			path[i], _, _ = strings.Cut(path[i], apartMark)
		}
		emptyRows(out, path)
	}
	return out
}

// emptyRows puts an empty list where a to-many step leads to no rows, as far as
// there are rows on the way.
func emptyRows(row map[string]any, path []string) {
	for _, step := range path[:len(path)-1] {
		next, ok := row[step].(map[string]any)
		if !ok {
			return
		}
		row = next
	}
	if last := path[len(path)-1]; row[last] == nil {
		row[last] = []map[string]any{}
	}
}

// follow goes one step, to a row that is made when first needed. Rows of to-many
// steps go by their number.
func follow(row map[string]any, step string) map[string]any {
	next, ok := row[step].(map[string]any)
	if !ok {
		next = map[string]any{}
		row[step] = next
	}
	return next
}

// flattened turns numbered rows into lists.
func flattened(row map[string]any) map[string]any {
	out := map[string]any{}
	for key, v := range row {
		if next, ok := v.(map[string]any); ok {
			v = flattened(next)
		}
		key, _, _ = strings.Cut(key, apartMark)
		if name, _, many := strings.Cut(key, "#"); many {
			list, _ := out[name].([]any)
			out[name] = append(list, v)
			continue
		}
		if known, ok := out[key].(map[string]any); ok {
			if next, ok := v.(map[string]any); ok {
				maps.Copy(known, next)
				continue
			}
		}
		out[key] = v
	}
	for key, v := range out {
		if list, ok := v.([]any); ok {
			rows := make([]map[string]any, 0, len(list))
			for _, r := range list {
				if m, ok := r.(map[string]any); ok {
					rows = append(rows, m)
				}
			}
			out[key] = rows
		}
	}
	return out
}

// session gives values to all properties, but those that must be absent.
func (a *assignment) session(side int) map[string]any {
	out := map[string]any{}
	for i, p := range a.b.properties {
		if a.denied[fmt.Sprintf("has %d %s", side, p.Name)] {
			continue
		}
		id, named := a.b.byKey[fmt.Sprintf("property %d %d", side, i)]
		switch {
		case p.Type.IsList():
			out[p.Name] = a.elements(id, named)
		case p.Type.IsMap():
			out[p.Name] = a.entries(id, named, p)
		case named && a.values[a.c.root(id)] != nil:
			out[p.Name] = a.values[a.c.root(id)]
		default:
			out[p.Name] = plainValue(p)
		}
	}
	return out
}

// plainValue is any allowed value of a property.
func plainValue(p session.Property) any {
	switch {
	case p.Default != nil:
		return p.Default
	case len(p.Values) > 0:
		return p.Values[0]
	case p.Type == session.Duration:
		return time.Hour
	default:
		return freshValues(typed(propertyType(p.Type)), 1)[0]
	}
}

// elements are the values that are said to be in a list.
func (a *assignment) elements(list int, named bool) []any {
	out := []any{}
	if !named {
		return out
	}
	if extra, ok := a.values[a.c.root(list)].([]any); ok {
		for _, v := range extra {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	for _, l := range a.claims {
		if l.kind != litIn || a.c.root(l.b) != a.c.root(list) {
			continue
		}
		if v, ok := a.values[a.c.root(l.a)]; ok && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// entries are the keys that are said to be in a map.
func (a *assignment) entries(m int, named bool, p session.Property) map[string]any {
	out := map[string]any{}
	for _, key := range a.elements(m, named) {
		if key, ok := key.(string); ok {
			out[key] = plainValue(session.Property{Type: p.Type.Elem(), Values: p.Values})
		}
	}
	for id, t := range a.b.terms {
		if !named || !t.indexed || a.c.root(t.of) != a.c.root(m) {
			continue
		}
		if key, ok := a.values[a.c.root(t.key)].(string); ok && a.values[a.c.root(id)] != nil {
			out[key] = a.values[a.c.root(id)]
		}
	}
	return out
}
