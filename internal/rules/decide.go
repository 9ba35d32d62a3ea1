package rules

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// Ruling is what one session may see. It is immutable and safe for concurrent use.
type Ruling struct {
	set     *Set
	session session.Session
	values  []value // by slot
	shape   Shape
}

// value is the value of a slot.
type value struct {
	v   any
	err error
	// bound is v as a database gets it; of a list it is the elements'.
	bound any
	array *array // of a list
}

// Access is what a session may see of one dataset.
type Access struct {
	Dataset *semantic.Dataset
	// Denied says that no permissive policy applies.
	Denied bool
	// Rows is the predicate that a visible row fulfils, nil when every row is visible.
	Rows ast.Expr
	// Hidden and Masks go by index of field; they are nil when there are none.
	Hidden []bool
	Masks  []ast.Expr
	// Applied and Skipped name the policies of the dataset, in file order.
	Applied []*Policy
	Skipped []*Policy
}

// MissingError says that a policy needs a property that the session lacks, or
// a value that CEL could not compute from it. It holds no value.
type MissingError struct {
	Policy string
	// Property names the property or properties.
	Property string
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("policy %q needs session property %s, which this session lacks or which has no usable value", e.Policy, e.Property)
}

// ErrSession is returned for a session of another schema, or none.
var ErrSession = errors.New("the session does not belong to these policies")

// Decide gives the ruling for a session. It is made once and kept with the
// session.
func (s *Set) Decide(sess session.Session) (*Ruling, error) {
	if !sess.Valid() || !s.Schema.Equivalent(sess.Schema()) {
		return nil, ErrSession
	}
	if known, ok := sess.Memo().Get(s); ok {
		return known.(*Ruling), nil
	}
	r := &Ruling{set: s, session: sess, values: make([]value, len(s.slots))}
	for i, slot := range s.slots {
		v, err := r.compute(slot)
		r.values[i] = bindings(v, err)
	}
	r.shape = r.describe()
	sess.Memo().Put(s, r)
	return r, nil
}

// Dataset decides what the session may see of a dataset: of the permissive row
// rules that apply any must hold, of the restrictive ones all.
func (r *Ruling) Dataset(d *semantic.Dataset) (*Access, error) {
	a := &Access{Dataset: d}
	var permissive, restrictive []ast.Expr
	permitted := false
	for _, p := range r.set.byDataset[d] {
		applies, err := r.applies(p)
		if err != nil {
			return nil, err
		}
		if !applies {
			a.Skipped = append(a.Skipped, p)
			continue
		}
		a.Applied = append(a.Applied, p)
		rule := p.Rules[d]
		if rule.Rows != nil {
			rows, err := r.residual(p, rule.Rows)
			if err != nil {
				return nil, err
			}
			if p.Restrictive {
				restrictive = append(restrictive, rows)
			} else {
				permitted = true
				permissive = append(permissive, rows)
			}
		}
		if err := r.fields(a, p, rule); err != nil {
			return nil, err
		}
	}
	a.Denied = !permitted
	a.Rows = simplify(&ast.And{X: append(restrictive, simplify(&ast.Or{X: permissive}))})
	if isLiteral(a.Rows, "true") {
		a.Rows = nil
	}
	return a, nil
}

// applies decides a policy's when.
func (r *Ruling) applies(p *Policy) (bool, error) {
	if p.When == nil {
		return true, nil
	}
	when, err := r.residual(p, p.When)
	if err != nil {
		return false, err
	}
	lit, ok := when.(*ast.Literal)
	if !ok || lit.Kind != ast.BoolLiteral {
		return false, &MissingError{Policy: p.Name, Property: "of its when"}
	}
	return lit.Text == "true", nil
}

// fields notes what a policy hides and masks. Hidden wins over masked; of two
// masks the first in the file stands.
func (r *Ruling) fields(a *Access, p *Policy, rule *Rule) error {
	for _, i := range rule.Hide {
		if a.Hidden == nil {
			a.Hidden = make([]bool, len(a.Dataset.Fields))
		}
		a.Hidden[i] = true
	}
	for i, mask := range rule.Mask {
		if a.Masks == nil {
			a.Masks = make([]ast.Expr, len(a.Dataset.Fields))
		}
		if a.Masks[i] != nil {
			continue
		}
		m, err := r.residual(p, mask)
		if err != nil {
			return err
		}
		a.Masks[i] = m
	}
	return nil
}

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
	ast.Walk(out, func(x ast.Expr) bool {
		if s, ok := x.(*ast.Slot); ok && missing == nil && s.Count == 0 {
			if _, err := r.Value(s); err != nil {
				missing = s
			}
		}
		return missing == nil
	})
	if missing != nil {
		return nil, &MissingError{Policy: p.Name, Property: missing.Name}
	}
	return out, nil
}

// nullTest decides whether a value of the session is NULL, which stands for what
// CEL can't compute. One that the session lacks stays a slot.
func (r *Ruling) nullTest(x *ast.Is) ast.Expr {
	if x.Kind != ast.IsNull {
		return x
	}
	null := isNullLiteral(x.X)
	if s, ok := x.X.(*ast.Slot); ok && s.Elem >= -1 {
		if _, err := r.Value(s); err != nil {
			return x
		}
	} else if !null {
		return x
	}
	if null != x.Not {
		return ast.True()
	}
	return ast.False()
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
	out := &ast.InList{X: in.X, Not: in.Not, Exact: in.Exact}
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

// Value is the value of a slot, or of one element of its list: a string,
// int64, float64, bool or time.Time in UTC. A duration is an int64 of microseconds.
func (r *Ruling) Value(s *ast.Slot) (any, error) {
	v, err := r.slot(s.ID)
	if err != nil {
		return nil, err
	}
	return pick(v, s)
}

// pick gives the element of a list that a slot stands for, or the value itself.
func pick(v any, s *ast.Slot) (any, error) {
	if m, ok := v.(pairsOf); ok {
		v = []any(m)
	}
	list, ok := v.([]any)
	if !ok {
		return v, nil
	}
	at := s.Elem
	if s.Count > 0 {
		at = min(at, len(list)-1)
	}
	if at < 0 || at >= len(list) {
		return nil, errors.New("a list stands where one value is needed")
	}
	return list[at], nil
}

// slot gives the value of a slot.
func (r *Ruling) slot(id int) (any, error) {
	if id < 0 || id >= len(r.values) {
		return nil, errors.New("unknown session value")
	}
	return r.values[id].v, r.values[id].err
}

func (r *Ruling) compute(s slot) (any, error) {
	if s.property >= 0 {
		v, ok := r.session.At(s.property)
		if !ok {
			return nil, errors.New("the session lacks property " + s.name)
		}
		return bindable(v)
	}
	out, _, err := s.program.Eval(activation{r.session})
	if err == nil {
		return fromCEL(out)
	}
	for _, i := range s.reads {
		if _, ok := r.session.At(i); !ok {
			return nil, errors.New("the session lacks property " + s.name)
		}
	}
	return nil, errUnknown
}

// errUnknown is the value of what CEL can't compute though all properties are
// there, as a division by zero: like an unknown, it makes no rule true.
var errUnknown = errors.New("CEL could not compute the value")

// activation shows a session to CEL under the names that the compiler declared.
type activation struct{ session session.Session }

var _ interpreter.Activation = activation{}

func (a activation) Parent() interpreter.Activation { return nil }

func (a activation) ResolveName(name string) (any, bool) {
	if len(name) > len(hasPrefix) && name[:len(hasPrefix)] == hasPrefix {
		_, ok := a.session.Value(name[len(hasPrefix)+len(sessionPrefix):])
		return ok, true
	}
	if len(name) <= len(sessionPrefix) || name[:len(sessionPrefix)] != sessionPrefix {
		return nil, false
	}
	return a.session.Value(name[len(sessionPrefix):])
}

// fromCEL converts CEL's value to one that can be bound.
func fromCEL(v ref.Val) (any, error) {
	switch v := v.(type) {
	case types.Bool:
		return bool(v), nil
	case types.Int:
		return int64(v), nil
	case types.Double:
		return bindable(float64(v))
	case types.String:
		return bindable(string(v))
	case types.Timestamp:
		return bindable(v.Time)
	case types.Duration:
		return bindable(v.Duration)
	case traits.Lister:
		size, ok := v.Size().(types.Int)
		if !ok {
			return nil, errUnusable
		}
		out := make([]any, size)
		for i := range out {
			item, err := fromCEL(v.Get(types.Int(i)))
			if err != nil {
				return nil, err
			}
			out[i] = item
		}
		return out, nil
	case traits.Mapper:
		native, err := v.ConvertToNative(reflect.TypeFor[map[string]any]())
		if err != nil {
			return nil, errUnusable
		}
		return bindable(native)
	default:
		return nil, errUnusable
	}
}

// pairsOf is a map as a list: each key, then its value, in the order of the keys.
type pairsOf []any

func flatten(m map[string]any) pairsOf {
	out := make(pairsOf, 0, 2*len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, key, m[key])
	}
	return out
}

var errUnusable = errors.New("a value of this kind can't be bound")

// bindable refuses values that a database would read differently.
func bindable(v any) (any, error) {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errUnusable
		}
	case string:
		for i := 0; i < len(v); i++ {
			if v[i] == 0 {
				return nil, errUnusable
			}
		}
	case []any:
		out, err := bindableAll(v)
		return out, err
	case map[string]any:
		out, err := bindableAll(flatten(v))
		return pairsOf(out), err
	case time.Time:
		if v.Nanosecond()%1000 != 0 { // databases keep microseconds and would round
			return nil, errUnusable
		}
		return v.UTC(), nil
	case time.Duration:
		if v%time.Microsecond != 0 {
			return nil, errUnusable
		}
		return v.Microseconds(), nil
	}
	return v, nil
}

// bindableAll is bindable for each element of a list.
func bindableAll(list []any) ([]any, error) {
	out := make([]any, len(list))
	for i, v := range list {
		var err error
		if out[i], err = bindable(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}
