package policy

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/semantic"
)

// Place tells where something stands in the policy file: key is when, rows, or
// mask, a blank and a field, or "" for the policy itself, and offset counts bytes
// in the expression there. The policy goes by its place in the file, from 0.
// Line and column count from 1, and are 0 for what isn't there.
func (s *Set) Place(policy int, key string, offset int) (filename string, line, column int) {
	if policy < 0 || policy >= len(s.places.policies) {
		return s.places.filename, 0, 0
	}
	n := s.node(policy, key)
	if n == nil {
		return s.places.filename, 0, 0
	}
	line, column = diag.NewFile(s.places.filename, s.places.src).InScalar(n, offset)
	return s.places.filename, line, column
}

// Problem makes a problem with such a place.
func (s *Set) Problem(policy int, key string, offset int, format string, args ...any) *semantic.Problem {
	file := diag.NewFile(s.places.filename, s.places.src)
	n := s.node(policy, key)
	if n == nil {
		return file.At(1, 1, format, args...)
	}
	line, column := file.InScalar(n, offset)
	return file.At(line, column, format, args...)
}

// node is the node of a part of a policy, or nil.
func (s *Set) node(policy int, key string) *yaml.Node {
	key, field, _ := strings.Cut(key, " ")
	n := s.places.policies[policy][key]
	if n != nil && key == "mask" {
		return value(n, field)
	}
	return n
}

// value finds a key's value in a mapping node.
func value(n *yaml.Node, name string) *yaml.Node {
	for key, v := range diag.Pairs(n) {
		if semantic.Fold(key.Value) == semantic.Fold(name) {
			return v
		}
	}
	return nil
}
