package rules

import (
	"errors"

	"cel.dev/cel-go/interpreter"

	"github.com/hedgerow/hedgerow/internal/ast"
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
