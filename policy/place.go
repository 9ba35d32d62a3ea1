package policy

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/diag"
)

// Place tells where something stands in the policy file: key is when, rows, or
// mask, a blank and a field, or "" for the policy itself, and offset counts bytes
// in the expression there. The policy goes by its place in the file, from 0.
// Line and column count from 1, and are 0 for what isn't there.
func (s *Set) Place(policy int, key string, offset int) (filename string, line, column int) {
	if policy < 0 || policy >= len(s.places.policies) {
		return s.places.filename, 0, 0
	}
	key, field, _ := strings.Cut(key, " ")
	n := s.places.policies[policy][key]
	if n != nil && key == "mask" {
		n = value(n, field)
	}
	if n == nil {
		return s.places.filename, 0, 0
	}
	line, column = diag.NewFile(s.places.filename, s.places.src).InScalar(n, offset)
	return s.places.filename, line, column
}

// value finds a key's value in a mapping node.
func value(n *yaml.Node, name string) *yaml.Node {
	for key, v := range diag.Pairs(n) {
		if key.Value == name {
			return v
		}
	}
	return nil
}
