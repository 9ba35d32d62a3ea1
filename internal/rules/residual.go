package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// residual puts the session's values into a rule: truth values as constants,
// lists as their elements. What still needs a value that can't be had after
// that makes the rule undecidable, and the dataset is refused.
func (r *Ruling) residual(p *Policy, e ast.Expr) (ast.Expr, error) {
	out, ok := ast.Rewrite(e, func(x ast.Expr) ast.Expr {
		switch x := x.(type) {
		case *ast.Slot:
			return r.truthOf(x)
		case *ast.InList:
			if r.unknownIn(x.List...) || slices.ContainsFunc(x.List, isNullLiteral) {
				return ast.Null() // in CEL a list with an error in it is one
			}
			return r.expand(x)
		case *ast.Call:
			if strings.HasPrefix(x.Func, "cel.") && slices.ContainsFunc(x.Args, isNullLiteral) {
				return ast.Null()
			}
			return r.unroll(x)
		case *ast.Is:
			return r.nullTest(x)
		case *ast.Subquery:
			if sel, ok := x.Query.Body.(*ast.Select); ok && isNullLiteral(sel.Items[0].Expr) {
				return ast.Null()
			}
			return x
		default:
			return simplify(x)
		}
	})
	if !ok {
		return nil, fmt.Errorf("policy %q holds an expression that can't be decided", p.Name)
	}
	var missing *ast.Slot
	var why unusableError
	ast.Walk(out, func(x ast.Expr) bool {
		if s, ok := x.(*ast.Slot); ok && missing == nil && s.Count == 0 {
			if _, err := r.Value(s); err != nil {
				missing = s
				errors.As(err, &why)
			}
		}
		return missing == nil
	})
	if missing != nil {
		return nil, &MissingError{Policy: p.Name, Property: missing.Name, Why: string(why)}
	}
	return out, nil
}

// truth replaces a truth value of the session; one that can't be had stays a slot.
func (r *Ruling) truth(s *ast.Slot) ast.Expr {
	v, err := r.Value(s)
	b, ok := v.(bool)
	switch {
	case err != nil || !ok:
		return s
	case b:
		return ast.True()
	default:
		return ast.False()
	}
}

// expand says how many elements a session's list in an IN list has, rounded up
// to the length that such lists share: how they become arguments is the
// dialect's. The keys of a map are written out.
func (r *Ruling) expand(in *ast.InList) ast.Expr {
	if len(in.List) != 1 {
		return in
	}
	s, ok := in.List[0].(*ast.Slot)
	if !ok {
		return in
	}
	n, step, ok := r.elements(s)
	if !ok {
		return in
	}
	if n == 0 {
		return nowhere(in.X)
	}
	out := &ast.InList{X: in.X, Not: in.Not, Exact: in.Exact, Definite: in.Definite}
	if step == 1 {
		out.List = []ast.Expr{&ast.Slot{ID: s.ID, Elem: -1, Count: roundUp(n), Name: s.Name, Type: s.Type}}
		return out
	}
	for i := range n {
		out.List = append(out.List, element(s, step*i))
	}
	return out
}

// elements counts the elements of a list slot, or the keys of a map slot, which
// are every second element.
func (r *Ruling) elements(s *ast.Slot) (n, step int, ok bool) {
	if s.Elem != -1 {
		return 0, 0, false
	}
	switch v, err := r.slot(s.ID); v := v.(type) {
	case []any:
		return len(v), 1, err == nil
	case pairsOf:
		return len(v) / 2, 2, err == nil
	default:
		return 0, 0, false
	}
}

func element(s *ast.Slot, i int) *ast.Slot {
	return &ast.Slot{ID: s.ID, Elem: i, Name: s.Name, Type: s.Type}
}

// unroll writes a macro over a session's list as the bodies of its elements,
// and the look-up in a session's map as a CASE.
func (r *Ruling) unroll(c *ast.Call) ast.Expr {
	if len(c.Args) < 2 {
		return c
	}
	if isLoop(c) || c.Func == lookup {
		if r.unknownIn(c.Args[0]) {
			return ast.Null()
		}
	}
	list, ok := c.Args[0].(*ast.Slot)
	if !ok {
		return c
	}
	n, step, known := r.elements(list)
	switch {
	case !known:
		return c
	case c.Func == lookup:
		out := &ast.Case{}
		for i := range n {
			key := &ast.Compare{Op: ast.Eq, Left: c.Args[1], Right: element(&ast.Slot{ID: list.ID, Name: list.Name, Type: ast.String}, step*i), Exact: true}
			out.Whens = append(out.Whens, ast.When{Cond: key, Then: withType(element(list, step*i+1))})
		}
		if n == 0 {
			return ast.Null()
		}
		return out
	case !isLoop(c) || len(c.Args) != 3:
		return c
	}
	each, ok := c.Args[1].(*ast.Slot)
	if !ok {
		return c
	}
	var terms []ast.Expr
	for i := range n {
		body, ok := ast.Rewrite(c.Args[2], func(x ast.Expr) ast.Expr {
			switch x := x.(type) {
			case *ast.Slot:
				if x.ID == each.ID && x.Elem == each.Elem {
					return r.truthOf(element(x, i))
				}
				return x
			case *ast.Is:
				return r.nullTest(x)
			default:
				return simplify(x)
			}
		})
		if !ok {
			return c
		}
		terms = append(terms, body)
	}
	return combined(c.Func, terms)
}

func isLoop(c *ast.Call) bool { return c.Func == eachAny || c.Func == eachAll || c.Func == eachOne }

// unknownIn reports whether a list or map of the session can't be computed.
func (r *Ruling) unknownIn(list ...ast.Expr) bool {
	for _, e := range list {
		if s, ok := e.(*ast.Slot); ok {
			if _, err := r.slot(s.ID); err == errUnknown {
				return true
			}
		}
	}
	return false
}

func isNullLiteral(e ast.Expr) bool {
	lit, ok := e.(*ast.Literal)
	return ok && lit.Kind == ast.NullLiteral
}

// truthOf decides a slot that is a truth value or unknown, and leaves any other.
func (r *Ruling) truthOf(s *ast.Slot) ast.Expr {
	if s.Elem == -1 {
		if _, err := r.slot(s.ID); err == errUnknown {
			return ast.Null()
		}
	}
	if s.Type == ast.Boolean {
		return r.truth(s)
	}
	return s
}
