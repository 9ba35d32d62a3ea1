package rls

import (
	"context"

	"github.com/hedgerow/hedgerow/session"
)

// placeholders refuses a query that no values could make acceptable, and counts
// the caller's placeholders in any other. The decision hook hears of a refusal
// only: nothing has run yet, and each execution is decided anew.
func (e *Enforcer) placeholders(ctx context.Context, s session.Session, query string) (int, error) {
	_, n, err := e.parser.Parse(query, e.limits)
	if err == nil {
		_, err = e.enforce(s, query, make([]any, n))
	}
	if err != nil {
		refusal := newError(err, query)
		e.decided(ctx, Outcome{Session: s, Query: query, Err: refusal, Reason: refusal.reason})
		return 0, refusal
	}
	return n, nil
}
