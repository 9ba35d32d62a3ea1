package rls

import (
	"context"
	"database/sql/driver"

	"github.com/hedgerow/hedgerow/session"
)

// Live is the enforcement of a database whose policies may change while it is open.
type Live struct {
	// Choose gives the enforcer that serves one call, and the session with which
	// it does: the one that the call's context carries, or one that stands for it.
	// A call without a session has the zero Session here. Its error is the call's.
	// Required; it must be safe for concurrent use.
	Choose func(ctx context.Context, s session.Session) (*Enforcer, session.Session, error)
	// OnResult takes the place of the enforcers' Isolation.OnResult; nil is none.
	OnResult func(ctx context.Context, result Result)
}

// NewLiveConnector is NewConnector for policies that may change: every call asks
// anew which enforcer serves it, so that neither a connection nor a transaction
// nor a prepared statement outlives the policies. When c or l.Choose is nil,
// Connect of the result fails. A connection's settings are checked before the
// first statement that it runs, and again for a statement of another dialect.
func NewLiveConnector(c driver.Connector, l Live) driver.Connector {
	if l.Choose == nil {
		return &connector{inner: c}
	}
	return &connector{inner: c, gate: liveGate(l), observe: l.OnResult}
}

type liveGate Live

// server is no dialect: which one serves is known when there is a call.
func (liveGate) server() Dialect { return Dialect{} }

func (l liveGate) Enforce(ctx context.Context, s session.Session, query string, args ...any) (*Statement, error) {
	e, s, err := l.Choose(ctx, s)
	if err != nil {
		return nil, err
	}
	return e.Enforce(ctx, s, query, args...)
}

func (l liveGate) placeholders(ctx context.Context, s session.Session, query string) (int, error) {
	e, s, err := l.Choose(ctx, s)
	if err != nil {
		return 0, err
	}
	if e == nil {
		e = &Enforcer{} // refuses everything
	}
	return e.placeholders(ctx, s, query)
}

func (l liveGate) refused(ctx context.Context, s session.Session, query string, err error) error {
	e, s, chooseErr := l.Choose(ctx, s)
	if chooseErr != nil || e == nil {
		return newError(err, query)
	}
	return e.refused(ctx, s, query, err)
}
