package session

import "context"

type contextKey struct{}

// NewContext gives a context that carries the session, for interfaces such as
// database/sql that have no parameter for it. The zero Session hides one that
// an outer context carries.
func NewContext(ctx context.Context, s Session) context.Context {
	return context.WithValue(ctx, contextKey{}, s)
}

// FromContext gives the session that a context carries; false when there is
// none or it is the zero Session.
func FromContext(ctx context.Context) (Session, bool) {
	s, _ := ctx.Value(contextKey{}).(Session)
	return s, s.Valid()
}
