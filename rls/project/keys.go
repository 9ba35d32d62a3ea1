package project

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hedgerow/hedgerow/internal/keys"
	"github.com/hedgerow/hedgerow/internal/store"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

// APIKey is what the store knows of a key: all but its token, of which it has a
// hash. Its Properties are those of the sessions that the key gives.
type APIKey = keys.Key

// IssueKey makes a key and gives its token, which is shown this once. Sessions
// of the key have the properties, and nothing that its holder says changes them.
// The name is unique among the project's live keys; a zero expiry is never.
// Errors are ErrInvalid, also for properties that the session schema doesn't
// take, ErrNameTaken and ErrNotFound.
func (p *Project) IssueKey(ctx context.Context, name string, properties map[string]any, expiry time.Time) (token string, k APIKey, err error) {
	r := p.host()
	if err := r.open(); err != nil {
		return "", APIKey{}, err
	}
	if _, err := p.Session(properties); errors.Is(err, ErrNotFound) {
		return "", APIKey{}, err
	} else if err != nil {
		return "", APIKey{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	err = r.change(ctx, func(tx *store.Tx, revision int64) error {
		if _, err := readRecord(ctx, tx, p.id); err != nil {
			return err
		}
		var err error
		token, k, err = keys.Issue(ctx, tx, p.id, name, properties, expiry, time.Now(), revision)
		return err
	})
	if err != nil {
		return "", APIKey{}, keyError(err)
	}
	return token, k, nil
}

// Keys gives every key of the project, the oldest first; those that were revoked
// or have expired too, for Config.KeepKeys.
func (p *Project) Keys(ctx context.Context) ([]APIKey, error) {
	if err := p.host().open(); err != nil {
		return nil, err
	}
	return p.registry.keys.List(ctx, p.id)
}

// RevokeKey ends a key for ever: here at once, in other instances of the host
// within Config.Poll. It is ErrNotFound when the project has no such key.
func (p *Project) RevokeKey(ctx context.Context, id string) error {
	r := p.host()
	if err := r.open(); err != nil {
		return err
	}
	if !storable(id) {
		return ErrNotFound
	}
	err := r.change(ctx, func(tx *store.Tx, revision int64) error {
		return keys.Revoke(ctx, tx, p.id, id, time.Now(), revision)
	})
	if err != nil {
		return keyError(err)
	}
	r.keys.Forget(id)
	return nil
}

const (
	// pruneEvery is how often dead keys are looked for, and pruneBatch how many one
	// transaction deletes.
	pruneEvery = time.Hour
	pruneBatch = 500
)

// pruneKeys deletes the keys that have been dead for long.
func (r *Registry) pruneKeys(ctx context.Context) error {
	before := time.Now().Add(-r.keepKeys)
	for {
		var n int64
		err := r.db.Tx(ctx, func(tx *store.Tx) (err error) {
			n, err = keys.Prune(ctx, tx, before, pruneBatch)
			return err
		})
		if err != nil {
			return fmt.Errorf("project: deleting dead keys: %w", err)
		}
		if n < pruneBatch {
			return nil
		}
	}
}

// keyError translates the errors of package keys.
func keyError(err error) error {
	switch {
	case errors.Is(err, keys.ErrNameTaken):
		return ErrNameTaken
	case errors.Is(err, keys.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, keys.ErrInvalid):
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	default:
		return err
	}
}

// Authenticate gives the project of a key's token, and a session with the key's
// properties, whose Origin is the key's id. A token that isn't a live key of a
// project is ErrUnauthenticated, whatever the reason. A key whose properties
// don't fit the project's policies any more is rls.ErrNoSession.
func (r *Registry) Authenticate(ctx context.Context, token string) (*Project, session.Session, error) {
	if err := r.open(); err != nil {
		return nil, session.Session{}, err
	}
	k, err := r.keys.Find(ctx, token, time.Now())
	if errors.Is(err, keys.ErrUnknown) {
		return nil, session.Session{}, ErrUnauthenticated
	}
	if err != nil {
		return nil, session.Session{}, err
	}
	p, err := r.Get(ctx, k.Project)
	if errors.Is(err, ErrNotFound) {
		return nil, session.Session{}, ErrUnauthenticated
	}
	if err != nil {
		return nil, session.Session{}, err
	}
	s, err := p.Session(k.Properties())
	if errors.Is(err, ErrNotFound) {
		return nil, session.Session{}, ErrUnauthenticated
	}
	if err != nil {
		return nil, session.Session{}, fmt.Errorf("%w: the key's properties don't fit the project's policies: %w", rls.ErrNoSession, err)
	}
	return p, s.WithOrigin(k.ID), nil
}
