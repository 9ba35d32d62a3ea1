package rls

import (
	"errors"
	"strings"

	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/resolve"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/session"
)

// plan is what a text compiles to for all sessions of one shape: everything of
// a Statement but the values. It is immutable.
type plan struct {
	sql      string
	slots    []dialect.Arg
	params   int // the caller's placeholders
	types    dialect.Expected
	columns  []Column
	decision *Decision
}

// planKey is by what plans are kept.
type planKey struct {
	of    *compiled
	shape rules.Shape
	text  string
}

// compiled tells what was compiled from what by its address, and keeps nothing
// of it alive.
type compiled struct{ _ byte }

// planBytes is about what a plan takes in memory.
func planBytes(k planKey, p *plan) int {
	const fixed, perSlot, perColumn, perOccurrence = 512, 128, 64, 512
	return fixed + len(k.text) + len(p.sql) + perSlot*len(p.slots) + perColumn*len(p.columns) +
		perOccurrence*len(p.decision.Occurrences)
}

// plan finds the plan of a query for a session, or compiles it.
func (e *Enforcer) plan(s session.Session, query string) (*rules.Ruling, *plan, error) {
	ruling, err := e.rules.Decide(s)
	if err != nil || s.Schema() != e.schema {
		return nil, nil, fault.New(fault.NoSession, 0, "no session of this enforcer's schema was given").
			WithHint("make one with policies.Schema().New")
	}
	key := planKey{e.compiled, ruling.Shape(), query}
	if p, ok := e.plans.Get(key); ok {
		return ruling, p, nil
	}
	key.text = strings.Clone(query) // the caller's may be a part of something large
	p, err := e.compile(ruling, key.text)
	if err != nil {
		return nil, nil, err
	}
	e.plans.Offer(key, p)
	return ruling, p, nil
}

// compile is the whole way of a query: text, tree, bound tree, secured tree, SQL.
func (e *Enforcer) compile(ruling *rules.Ruling, query string) (*plan, error) {
	tree, params, err := e.parser.Parse(query, e.limits)
	if err != nil {
		return nil, err
	}
	view := e.model.View(ruling)
	bound, err := resolve.Resolve(tree, view, e.limits.Nodes)
	if err != nil {
		return nil, err
	}
	switch d := e.cfg.Dialect.d; {
	case bound.Loose != nil && !d.Loose:
		return nil, bound.Loose
	case bound.Correlated != nil && d.Apart:
		return nil, bound.Correlated
	}
	if err := view.Secure(bound); err != nil {
		return nil, err
	}
	types := e.cfg.Dialect.d.Expected(bound.Query)
	sql, slots, err := e.print(bound)
	if err != nil {
		return nil, err
	}
	return &plan{
		types: types, sql: sql, slots: slots, params: params,
		columns: columns(bound), decision: newDecision(bound),
	}, nil
}

// mostRoom is how large memory for printing is kept.
const mostRoom = 1 << 16

// print writes a query in memory that the next may use again.
func (e *Enforcer) print(b *resolve.Bound) (sql string, slots []dialect.Arg, err error) {
	room, ok := e.rooms.Get().(*[]byte)
	if !ok {
		room = new([]byte)
	}
	*room, slots, err = e.cfg.Dialect.d.PrintIn(*room, b.Query)
	if err == nil {
		sql = string(*room)
	}
	if cap(*room) <= mostRoom {
		e.rooms.Put(room)
	}
	return sql, slots, err
}

// roomy is a statement with room for the arguments of most.
type roomy struct {
	Statement
	room [3]any
}

// bind makes the statement of a plan: each argument is the caller's where the
// caller wrote a placeholder, the session's everywhere else.
func (p *plan) bind(ruling *rules.Ruling, args []any) (*Statement, error) {
	if p.params != len(args) {
		return nil, fault.New(fault.Syntax, 0, "the query has %d placeholders, but %d values were given", p.params, len(args))
	}
	args, err := p.types.Arguments(args)
	if err != nil {
		return nil, err
	}
	out := &roomy{}
	st := &out.Statement
	st.SQL, st.Columns, st.Decision = p.sql, p.columns, p.decision
	st.Args = out.room[:0]
	if len(p.slots) > len(out.room) {
		st.Args = make([]any, 0, len(p.slots))
	}
	for i := range p.slots {
		v, err := p.value(&p.slots[i], ruling, args)
		if err != nil {
			return nil, err
		}
		st.Args = append(st.Args, v)
	}
	st.Args = st.Args[:len(st.Args):len(st.Args)] // nobody appends into room
	st.Fingerprint.sql = p.sql
	st.Fingerprint.values.set(st.Args)
	return st, nil
}

// value is the value of one argument.
func (p *plan) value(arg *dialect.Arg, ruling *rules.Ruling, args []any) (any, error) {
	switch {
	case arg.Slot != nil:
		v, err := ruling.Bind(arg.Slot, wholeOf(arg))
		switch {
		case errors.Is(err, rules.ErrTooLong):
			return nil, fault.New(fault.Limit, 0, "the session's list %s is too long to be one argument", arg.Slot.Name).
				WithHint("it may have 8 MiB in all and %d characters an element", rules.MostElementLength)
		case err != nil:
			return nil, fault.New(fault.Denied, 0, "the policies need session property %s, which this session lacks", arg.Slot.Name)
		}
		return v, nil
	case arg.Param >= 0 && arg.Param < len(args):
		return args[arg.Param], checkArg(args[arg.Param])
	default:
		return nil, fault.New(fault.Internal, 0, "an argument has no value")
	}
}

// wholeOf says how an argument binds a list.
func wholeOf(arg *dialect.Arg) rules.Whole {
	switch {
	case arg.JSON:
		return rules.AsJSON
	case arg.List:
		return rules.AsArray
	default:
		return rules.OneElement
	}
}
