package rls

import (
	"context"

	"github.com/hedgerow/hedgerow/session"
)

// placeholders refuses a query that no values could make acceptable, and counts
// the caller's placeholders in any other. The decision hook hears of a refusal
// only: nothing has run yet, and each execution is decided anew.
func (e *Enforcer) placeholders(ctx context.Context, s session.Session, query string) (int, error) {
	if e.parser == nil { // not made by New
		_, err := e.Enforce(ctx, s, query)
		return 0, err
	}
	ruling, p, err := e.plan(s, query)
	if err == nil {
		_, err = p.bind(ruling, make([]any, p.params))
	}
	if err != nil {
		return 0, e.refused(ctx, s, query, err)
	}
	return p.params, nil
}
