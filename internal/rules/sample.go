package rules

import (
	"maps"
	"slices"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/semantic"
)

// Piece is a part of a policy that becomes SQL: a row rule, or a mask.
type Piece struct {
	Policy int    // its place in the file, from 0
	Key    string // "rows", or "mask", a blank and a field
	Field  int    // the index of the field that a mask stands for; -1 for rows
	// Expr is what some session could make of it: no branch is left out, and
	// every list has one element.
	Expr   ast.Expr
	places places
}

// places tells where in an expression's text what became a function of SQL
// stands, in bytes.
type places map[string]int

// Place is the byte offset in the policy's text of what became a function of
// SQL, 0 if there is none.
func (p Piece) Place(function string) int { return p.places[function] }

// Pieces lists what becomes SQL in the policies of a dataset.
func (s *Set) Pieces(d *semantic.Dataset) []Piece {
	var out []Piece
	for _, p := range s.byDataset[d] {
		rule := p.Rules[d]
		if rule.Rows != nil {
			out = append(out, Piece{p.index, "rows", -1, sample(rule.Rows), rule.places})
		}
		for _, f := range slices.Sorted(maps.Keys(rule.Mask)) {
			out = append(out, Piece{p.index, "mask " + d.Fields[f].Name, f, sample(rule.Mask[f]), rule.maskPlaces[f]})
		}
	}
	return out
}

// sample replaces what only a session decides.
func sample(e ast.Expr) ast.Expr {
	out, ok := ast.Rewrite(e, func(x ast.Expr) ast.Expr {
		switch x := x.(type) {
		case *ast.Slot:
			if x.Type == ast.Boolean {
				return ast.True()
			}
			if x.Elem < -1 { // the variable of a macro
				return element(x, 0)
			}
		case *ast.InList:
			return sampleList(x)
		case *ast.Call:
			return sampleCall(x)
		}
		return x
	})
	if !ok {
		return nil
	}
	return out
}

func sampleList(in *ast.InList) ast.Expr {
	if len(in.List) != 1 {
		return in
	}
	s, ok := in.List[0].(*ast.Slot)
	if !ok || s.Elem != -1 {
		return in
	}
	list := *s
	list.Count = 1
	return &ast.InList{X: in.X, List: []ast.Expr{&list}, Not: in.Not, Exact: in.Exact, Definite: in.Definite}
}

func sampleCall(c *ast.Call) ast.Expr {
	if len(c.Args) < 2 {
		return c
	}
	if isLoop(c) {
		return combined(c.Func, c.Args[2:])
	}
	list, ok := c.Args[0].(*ast.Slot)
	if c.Func != lookup || !ok {
		return c
	}
	key := &ast.Slot{ID: list.ID, Elem: 0, Name: list.Name, Type: ast.String}
	return &ast.Case{Whens: []ast.When{{
		Cond: &ast.Compare{Op: ast.Eq, Left: c.Args[1], Right: key, Exact: true}, Then: withType(element(list, 1)),
	}}}
}
