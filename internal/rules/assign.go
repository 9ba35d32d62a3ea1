package rules

import (
	"fmt"
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
	steps  int
}

func newAssignment(b *builder, claims []claim, c *classes) *assignment {
	a := &assignment{b: b, claims: claims, c: c, values: map[int]any{}, null: map[int]bool{}, denied: map[string]bool{}, steps: 20 * maxTries}
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
		named := t.kind == fieldTerm || t.kind == elementTerm || t.kind == propertyTerm && scalar(b.propertyAt(t.property).Type)
		if named && !a.null[id] && !slices.Contains(a.roots, root) {
			a.roots = append(a.roots, root)
		}
	}
	a.roots = slices.DeleteFunc(a.roots, func(root int) bool { _, known := a.values[root]; return known })
	return a
}

func scalar(t session.Type) bool { return !t.IsList() && !t.IsMap() }

// search tries values for the classes from i on; leaf is asked for each whole
// assignment, as often as the budget allows.
func (a *assignment) search(i int, budget *int, leaf func(*assignment) bool) bool {
	if a.steps--; *budget <= 0 || a.steps <= 0 {
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
		if t.kind == propertyTerm && len(a.b.propertyAt(t.property).Values) > 0 {
			return a.b.propertyAt(t.property).Values
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
	for _, t := range a.b.terms {
		if t.kind == constTerm && t.typ == typ {
			fresh = append(fresh, neighbours(t.value)...)
		}
	}
	return fresh
}

// freshValues are values of a type that rules hardly name: of strings some that
// begin, end or contain one another.
func freshValues(typ ast.Type, n int) []any {
	var out []any
	switch typ {
	case ast.String:
		out = []any{"a", "b", "c", "ab", "ba", ""}
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
		return []any{v, v.Add(time.Second), v.Add(-time.Second), v.Add(time.Hour), v.Add(-time.Hour)}
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
	return flattened(out)
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
		if name, _, many := strings.Cut(key, "#"); many {
			list, _ := out[name].([]any)
			out[name] = append(list, v)
			continue
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
	return out
}
