package diag

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Keys declares the keys of a mapping, by name.
type Keys map[string]Presence

// Presence says whether a key must be there.
type Presence bool

// The presences of a key.
const (
	Optional Presence = false
	Required Presence = true
)

// Mapping gives typed values of a mapping's keys. A getter whose key is absent
// or has a value of another type gives the zero value; the latter is reported.
type Mapping struct {
	Node   *yaml.Node
	file   *File
	keys   map[string]*yaml.Node
	values map[string]*yaml.Node
}

// Mapping reads a node as a mapping with the given keys and reports any other
// type, unknown keys and missing ones; what names the thing in messages, as "a
// dataset". A nil node gives an empty mapping without a report.
func (f *File) Mapping(n *yaml.Node, what string, keys Keys) *Mapping {
	m := &Mapping{Node: n, file: f, keys: map[string]*yaml.Node{}, values: map[string]*yaml.Node{}}
	if absent(n) {
		return m
	}
	if n.Kind != yaml.MappingNode {
		f.ReportNode(n, "%s must be a mapping, not %s", what, kindName(n))
		return m
	}
	known := slices.Sorted(maps.Keys(keys))
	for key, value := range Pairs(n) {
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" || m.values[key.Value] != nil {
			continue // Document reported it
		}
		if _, ok := keys[key.Value]; !ok {
			p := f.ReportNode(key, "unknown key %q in %s", key.Value, what)
			p.Hint = DidYouMean(key.Value, known)
			if p.Hint == "" {
				p.Hint = "known keys are " + strings.Join(known, ", ")
			}
			continue
		}
		m.keys[key.Value], m.values[key.Value] = key, value
	}
	for _, name := range known {
		if keys[name] == Required && m.values[name] == nil {
			f.ReportNode(n, "%s lacks the key %q", what, name)
		}
	}
	return m
}

// Key is the node of a key's name, nil when absent.
func (m *Mapping) Key(key string) *yaml.Node { return m.keys[key] }

// Value is the node of a key's value, nil when absent.
func (m *Mapping) Value(key string) *yaml.Node { return m.values[key] }

// String is a key's string value.
func (m *Mapping) String(key string) string {
	s, _ := m.file.String(m.values[key], strconv.Quote(key))
	return s
}

// Bool is a key's boolean value; ok is false when there is none.
func (m *Mapping) Bool(key string) (value, ok bool) {
	return m.file.Bool(m.values[key], strconv.Quote(key))
}

// Int is a key's integer value; ok is false when there is none.
func (m *Mapping) Int(key string) (value int, ok bool) {
	return m.file.Int(m.values[key], strconv.Quote(key))
}

// List gives the elements of a key's list.
func (m *Mapping) List(key string) []*yaml.Node {
	return m.file.List(m.values[key], strconv.Quote(key))
}

// Strings gives a key's list of strings; ok is false when there is none or any
// element is no string.
func (m *Mapping) Strings(key string) (values []string, ok bool) {
	return m.file.Strings(m.values[key], strconv.Quote(key))
}

// String reads a node as a string; what names it in messages. As in all of
// these, a nil node gives false without a report.
func (f *File) String(n *yaml.Node, what string) (value string, ok bool) {
	if !f.scalar(n, what, "a string", "!!str", "!!timestamp") {
		return "", false
	}
	return n.Value, true
}

// Bool reads a node as a boolean: true or false.
func (f *File) Bool(n *yaml.Node, what string) (value, ok bool) {
	if !f.scalar(n, what, "true or false", "!!bool") {
		return false, false
	}
	return strings.EqualFold(n.Value, "true"), true
}

// Int reads a node as an integer.
func (f *File) Int(n *yaml.Node, what string) (value int, ok bool) {
	if !f.scalar(n, what, "an integer", "!!int") {
		return 0, false
	}
	if err := n.Decode(&value); err != nil {
		f.ReportNode(n, "%s is out of range for an integer", what)
		return 0, false
	}
	return value, true
}

// List reads a node as a list and gives its elements.
func (f *File) List(n *yaml.Node, what string) []*yaml.Node {
	if absent(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		f.ReportNode(n, "%s must be a list, not %s", what, kindName(n))
		return nil
	}
	return n.Content
}

// Strings reads a node as a list of strings; ok is false when it is none or any
// element is no string.
func (f *File) Strings(n *yaml.Node, what string) (values []string, ok bool) {
	ok = n != nil && n.Kind == yaml.SequenceNode
	for _, elem := range f.List(n, what) {
		s, good := f.String(elem, "an element of "+what)
		ok = ok && good
		values = append(values, s)
	}
	return values, ok
}

// scalar reports a node whose tag, which YAML derives from the spelling of an
// unquoted value, is none of the given ones.
func (f *File) scalar(n *yaml.Node, what, want string, tags ...string) bool {
	if absent(n) {
		return false
	}
	if n.Kind == yaml.ScalarNode && slices.Contains(tags, n.ShortTag()) {
		return true
	}
	p := f.ReportNode(n, "%s must be %s, not %s", what, want, kindName(n))
	if tags[0] == "!!str" && n.Kind == yaml.ScalarNode && n.Value != "" {
		p.WithHint("write it in quotes: %q", n.Value)
	}
	return false
}

// absent is true for what a getter is silent about: no node, and an alias,
// which Document reported.
func absent(n *yaml.Node) bool { return n == nil || n.Kind == yaml.AliasNode }

// Pairs gives the keys and values of a mapping node in order.
func Pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(k, v *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch n.ShortTag() {
	case "!!null":
		return "null"
	case "!!bool":
		return "a boolean"
	case "!!int", "!!float":
		return "a number"
	default:
		return "a string"
	}
}
