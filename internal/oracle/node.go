package oracle

import "strings"

// node is a piece of a query's text that the shrinker may replace: by a piece of
// the same kind inside it, by a plain one, or by nothing where it is optional.
type node struct {
	kind     string
	optional bool
	parts    []any // strings and nodes
}

func piece(kind string, parts ...any) *node { return &node{kind: kind, parts: parts} }

// join puts pieces together with a word between.
func join(pieces []*node, between string) *node {
	out := &node{}
	for i, p := range pieces {
		if i > 0 {
			out.parts = append(out.parts, between)
		}
		out.parts = append(out.parts, p)
	}
	return out
}

// maybe makes a piece that can be left out.
func maybe(parts ...any) *node { return &node{optional: true, parts: parts} }

func (n *node) String() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *node) write(b *strings.Builder) {
	for _, p := range n.parts {
		switch p := p.(type) {
		case string:
			b.WriteString(p)
		case *node:
			p.write(b)
		}
	}
}

// all lists a piece and all below it, larger ones first.
func (n *node) all() []*node {
	out := []*node{n}
	for i := 0; i < len(out); i++ {
		for _, p := range out[i].parts {
			if child, ok := p.(*node); ok {
				out = append(out, child)
			}
		}
	}
	return out
}

// with is the tree with one piece replaced.
func (n *node) with(old, new *node) *node {
	if n == old {
		return new
	}
	out := *n
	out.parts = make([]any, len(n.parts))
	for i, p := range n.parts {
		if child, ok := p.(*node); ok {
			p = child.with(old, new)
		}
		out.parts[i] = p
	}
	return &out
}

// plain are the simplest pieces of a kind.
var plain = map[string][]string{
	string(whole): {"1"}, string(decimal): {"1.5"}, string(float): {"1e0"}, string(text): {"'a'"}, string(truth): {"TRUE", "1 = 0"},
	string(day): {"DATE '2024-01-31'"}, string(instant): {"TIMESTAMP '2024-01-31 10:00:00'"},
}

// smaller gives the trees with one piece less.
func (n *node) smaller() (out []*node) {
	for _, old := range n.all() {
		if old.optional {
			out = append(out, n.with(old, &node{}))
		}
		if old.kind == "" {
			continue
		}
		length := len(old.String())
		for _, p := range plain[old.kind] {
			if length > len(p) {
				out = append(out, n.with(old, piece(old.kind, p)))
			}
		}
		for _, inner := range old.all()[1:] {
			if inner.kind == old.kind {
				out = append(out, n.with(old, inner))
			}
		}
	}
	return out
}
