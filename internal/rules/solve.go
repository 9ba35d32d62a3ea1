package rules

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// solver looks for ways to make formulas true. It is complete over equality,
// null tests, membership and orderings; statements that aren't looked into may be
// either, as long as equal arguments give equal answers.
type solver struct {
	b *builder
	// leaf is asked for each consistent way; true ends the search.
	leaf func(lits []claim, c *classes) bool
	// steps are left before the search gives up.
	steps int
}

// maxSteps bounds one search. Rules that people write take a few dozen.
const maxSteps = 20000

const (
	// plainSize is the size of what is searched with the whole of a bound.
	plainSize = 100
	// largeSize is the size from which each step takes its square's time.
	largeSize = 500
)

// effort is what is left of a bound for a search of formulas: each step takes
// longer the larger they and the sessions are, so that there may be fewer.
func (b *builder) effort(most int, formulas ...*formula) int {
	n := len(b.properties)
	for _, f := range formulas {
		n += f.size()
	}
	most = most * plainSize / max(plainSize, n)
	return max(1, most*largeSize/max(largeSize, n))
}

func (f *formula) size() int {
	n := 1
	for _, kid := range f.kids {
		n += kid.size()
	}
	return n
}

// satisfiable reports whether formulas may be true together; a search that is
// given up counts as yes.
func (b *builder) satisfiable(pending ...*formula) bool {
	s := &solver{b: b, steps: b.effort(maxSteps, pending...), leaf: func([]claim, *classes) bool { return true }}
	return s.search(pending, nil) || s.steps <= 0
}

// search reports whether a leaf was accepted.
func (s *solver) search(pending []*formula, lits []claim) bool {
	if s.steps--; s.steps <= 0 {
		return false
	}
	lits, ors, ok := expand(pending, lits)
	if !ok {
		return false
	}
	c, ok := s.b.classify(lits)
	if !ok {
		return false
	}
	ors, ok = prune(ors, c)
	if !ok {
		return false
	}
	if len(ors) == 0 {
		if split := s.b.split(lits, c); split != nil {
			return s.branch(split, nil, lits)
		}
		return s.leaf(lits, c)
	}
	best := 0
	for i, or := range ors {
		if len(or.kids) < len(ors[best].kids) {
			best = i
		}
	}
	return s.branch(ors[best], append(slices.Clone(ors[:best]), ors[best+1:]...), lits)
}

func (s *solver) branch(or *formula, rest []*formula, lits []claim) bool {
	for _, kid := range or.kids {
		if s.search(append(slices.Clone(rest), kid), slices.Clone(lits)) {
			return true
		}
	}
	return false
}

// expand takes ANDs apart. It fails at a contradiction.
func expand(pending []*formula, lits []claim) ([]claim, []*formula, bool) {
	var ors []*formula
	for len(pending) > 0 {
		f := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		switch f.op {
		case isLit:
			lits = append(lits, f.lit)
		case isAnd:
			pending = append(slices.Clone(pending), f.kids...)
		case isOr:
			switch len(f.kids) {
			case 0:
				return nil, nil, false
			case 1:
				pending = append(slices.Clone(pending), f.kids[0])
			default:
				ors = append(ors, f)
			}
		}
	}
	slices.Reverse(ors) // as they came
	return lits, ors, true
}

// prune drops alternatives that contradict what is known.
func prune(ors []*formula, c *classes) ([]*formula, bool) {
	var out []*formula
	for _, or := range ors {
		kept := &formula{op: isOr}
		done := false
		for _, kid := range or.kids {
			done = done || kid.op == isAnd && len(kid.kids) == 0
			if !c.refutes(kid) {
				kept.kids = append(kept.kids, kid)
			}
		}
		switch {
		case done:
		case len(kept.kids) == 0:
			return nil, false
		default:
			out = append(out, kept)
		}
	}
	return out, true
}

// split makes cases where a branch is still undecided: over the allowed values
// of a property, and over the order of what is ordered and unequal.
func (b *builder) split(lits []claim, c *classes) *formula {
	for id, t := range b.terms {
		if t.kind != propertyTerm || !c.used[id] {
			continue
		}
		p := b.propertyAt(t.property)
		if len(p.Values) == 0 || p.Type.IsList() || p.Type.IsMap() || c.value[c.root(id)] != nil {
			continue
		}
		out := &formula{op: isOr}
		for _, v := range p.Values {
			out.kids = append(out.kids, lit(litEq, id, b.constant(v, t.typ)))
		}
		return out
	}
	for _, l := range lits {
		if l.kind != litNe || !c.ordered[c.root(l.a)] || !c.ordered[c.root(l.b)] {
			continue
		}
		if c.below(lits, l.a, l.b) || c.below(lits, l.b, l.a) {
			continue
		}
		return either(lit(litLt, l.a, l.b), lit(litLt, l.b, l.a))
	}
	return nil
}

// below reports whether an order is stated already.
func (c *classes) below(lits []claim, a, b int) bool {
	for _, l := range lits {
		if l.kind == litLt && c.root(l.a) == c.root(a) && c.root(l.b) == c.root(b) {
			return true
		}
	}
	x, y := c.value[c.root(a)], c.value[c.root(b)]
	return x != nil && y != nil && compareValues(x.value, y.value) < 0
}

// classes are the terms that are equal to one another.
type classes struct {
	b      *builder
	parent []int
	// value is the constant of a class, by its root.
	value map[int]*term
	// used tells the terms that statements name; ordered the roots that have an order.
	used    map[int]bool
	ordered map[int]bool
	// number tells the terms that a comparison shows to be no NaN.
	number map[int]bool
	facts  map[string]bool
	lits   []claim
}

func (c *classes) root(id int) int {
	for c.parent[id] != id {
		id = c.parent[id]
	}
	return id
}

// classify puts equal terms together; ok is false when the statements
// contradict one another.
func (b *builder) classify(lits []claim) (c *classes, ok bool) {
	c = &classes{b: b, parent: make([]int, len(b.terms)), value: map[int]*term{}, used: map[int]bool{},
		ordered: map[int]bool{}, number: map[int]bool{}, facts: map[string]bool{}, lits: lits}
	for i := range c.parent {
		c.parent[i] = i
	}
	for i, t := range b.terms {
		if t.kind == constTerm {
			c.value[i] = &b.terms[i]
		}
	}
	for _, l := range lits {
		if !c.note(l) {
			return nil, false
		}
	}
	if !c.congruent() {
		return nil, false
	}
	for _, l := range lits {
		if !c.allows(l) {
			return nil, false
		}
	}
	return c, c.inDomain() && c.inOrder()
}

// inDomain reports whether every property has one of its allowed values, as far
// as it is known.
func (c *classes) inDomain() bool {
	for id, t := range c.b.terms {
		if t.kind != propertyTerm {
			continue
		}
		p := c.b.propertyAt(t.property)
		v := c.value[c.root(id)]
		if v != nil && len(p.Values) > 0 && !p.Type.IsList() && !p.Type.IsMap() && !slices.Contains(p.Values, v.value) {
			return false
		}
	}
	return true
}

// note takes a statement's equality and marks what it is about.
func (c *classes) note(l claim) bool {
	switch l.kind {
	case litEq:
		c.used[l.a], c.used[l.b] = true, true
		c.number[l.a], c.number[l.b] = true, true
		return c.union(l.a, l.b)
	case litNe, litIn, litNotIn:
		c.used[l.a], c.used[l.b] = true, true
	case litLt, litLe:
		c.used[l.a], c.used[l.b] = true, true
		c.number[l.a], c.number[l.b] = true, true
	case litNull, litNotNull:
		c.used[l.a] = true
	case litHolds, litHoldsNot:
		for _, a := range l.args {
			c.used[a] = true
		}
	}
	return true
}

// union merges two classes, unless their constants differ.
func (c *classes) union(x, y int) bool {
	x, y = c.root(x), c.root(y)
	if x == y {
		return true
	}
	a, b := c.value[x], c.value[y]
	if a != nil && b != nil && compareValues(a.value, b.value) != 0 {
		return false
	}
	c.parent[x] = y
	if a != nil {
		c.value[y] = a
	}
	return true
}

// congruent merges expressions whose arguments are equal.
func (c *classes) congruent() bool {
	for changed := true; changed; {
		changed = false
		seen := map[string]int{}
		for i, t := range c.b.terms {
			if t.kind != exprTerm {
				continue
			}
			key := c.signature(t.name, t.args)
			first, ok := seen[key]
			switch {
			case !ok:
				seen[key] = i
			case c.root(first) != c.root(i):
				changed = true
				if !c.union(first, i) {
					return false
				}
			}
		}
	}
	return true
}

func (c *classes) signature(name string, args []int) string {
	key := []byte(name)
	for _, a := range args {
		r := c.root(a)
		key = append(key, 0, byte(r), byte(r>>8), byte(r>>16))
	}
	return string(key)
}

// fact names what a statement asserts or denies, "" for a comparison.
func (c *classes) fact(l claim) (key string, positive bool) {
	switch l.kind {
	case litNull, litNotNull:
		return c.signatureOf("null", l.a), l.kind == litNull
	case litIn, litNotIn:
		return c.signature("in", []int{l.a, l.b}), l.kind == litIn
	case litHolds, litHoldsNot:
		return c.signature("holds "+l.name, l.args), l.kind == litHolds
	default:
		return "", false
	}
}

// signatureOf names a term itself, not its class: only fields are null.
func (c *classes) signatureOf(name string, id int) string {
	return name + string([]byte{0, byte(id), byte(id >> 8), byte(id >> 16)})
}

// allows checks a statement against those before it.
func (c *classes) allows(l claim) bool {
	switch l.kind {
	case litNe:
		return !c.same(l.a, l.b)
	case litLt:
		return c.root(l.a) != c.root(l.b)
	case litEq, litLe:
		return true
	}
	key, positive := c.fact(l)
	if known, ok := c.facts[key]; ok {
		return known == positive
	}
	c.facts[key] = positive
	return true
}

// same reports that two terms can't differ. A double that nothing has been
// compared with may be NaN, which differs from itself.
func (c *classes) same(x, y int) bool {
	if c.root(x) != c.root(y) {
		return false
	}
	return c.b.terms[x].typ != ast.Float || x != y || c.number[x]
}

// refutes reports that a statement contradicts what is known.
func (c *classes) refutes(f *formula) bool {
	switch f.op {
	case isAnd:
		return slices.ContainsFunc(f.kids, c.refutes)
	case isOr:
		return len(f.kids) == 0
	}
	l := f.lit
	switch l.kind {
	case litEq:
		x, y := c.value[c.root(l.a)], c.value[c.root(l.b)]
		return x != nil && y != nil && compareValues(x.value, y.value) != 0
	case litNe:
		return c.same(l.a, l.b)
	case litLt:
		return c.root(l.a) == c.root(l.b)
	case litLe:
		return false
	}
	key, positive := c.fact(l)
	known, ok := c.facts[key]
	return ok && known != positive
}

// compareValues orders constants of one type.
func compareValues(x, y any) int {
	switch x := x.(type) {
	case string:
		if y, ok := y.(string); ok {
			return strings.Compare(x, y)
		}
	case int64:
		if y, ok := y.(int64); ok {
			return cmp.Compare(x, y)
		}
	case float64:
		if y, ok := y.(float64); ok {
			return cmp.Compare(x, y)
		}
	case time.Time:
		if y, ok := y.(time.Time); ok {
			return x.Compare(y)
		}
	case bool:
		if y, ok := y.(bool); ok && x == y {
			return 0
		}
		if !x { // false is less than true
			return -1
		}
	}
	return 1
}

// edge states that from is at most to plus weight.
type edge struct {
	from, to int
	weight   int64
}

// inOrder reports whether the orderings have no contradiction: in the graph of
// differences no cycle is negative.
func (c *classes) inOrder() bool {
	var edges []edge
	for _, l := range c.lits {
		if l.kind != litLt && l.kind != litLe {
			continue
		}
		x, y := c.root(l.a), c.root(l.b)
		c.ordered[x], c.ordered[y] = true, true
		w := int64(0)
		if l.kind == litLt {
			w = -1
			if v := c.value[y]; v != nil && v.value == "" {
				return false // nothing is less than the empty string
			}
		}
		edges = append(edges, edge{x, y, w})
	}
	if len(edges) == 0 {
		return true
	}
	edges = append(edges, c.constantEdges()...)
	return noNegativeCycle(len(c.parent), edges)
}

// constantEdges orders the constants. Those of integers keep their distance.
func (c *classes) constantEdges() []edge {
	var ids []int
	for i, t := range c.b.terms {
		if t.kind == constTerm && t.typ != ast.Boolean && t.value != nil {
			ids = append(ids, i)
			c.ordered[c.root(i)] = true
		}
	}
	slices.SortFunc(ids, func(x, y int) int {
		a, b := c.b.terms[x], c.b.terms[y]
		return cmp.Or(strings.Compare(string(a.typ), string(b.typ)), compareValues(a.value, b.value))
	})
	var out []edge
	for i := 1; i < len(ids); i++ {
		lo, hi := c.b.terms[ids[i-1]], c.b.terms[ids[i]]
		if lo.typ != hi.typ || compareValues(lo.value, hi.value) == 0 {
			continue
		}
		x, y := c.root(ids[i-1]), c.root(ids[i])
		gap := int64(1)
		if a, ok := lo.value.(int64); ok {
			if b, ok := hi.value.(int64); ok {
				gap = distance(a, b)
				if gap < maxDistance {
					out = append(out, edge{y, x, gap})
				}
			}
		}
		out = append(out, edge{x, y, -gap})
	}
	return out
}

// maxDistance bounds distances so that their sums don't overflow; a longer
// distance counts as this one, at least.
const maxDistance = 1 << 40

func distance(low, high int64) int64 {
	if d := uint64(high) - uint64(low); d < maxDistance {
		return int64(d)
	}
	return maxDistance
}

func noNegativeCycle(nodes int, edges []edge) bool {
	dist := make([]int64, nodes)
	for range nodes + 1 {
		changed := false
		for _, e := range edges {
			if d := dist[e.to] + e.weight; d < dist[e.from] {
				dist[e.from], changed = d, true
			}
		}
		if !changed {
			return true
		}
	}
	return false
}
