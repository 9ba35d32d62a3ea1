// Package keys keeps the credentials of projects. A key is a random token that
// its holder is shown once, and the session properties that are bound to it.
// The store has the token's hash only.
//
// [Issue], [Revoke], [RevokeAll] and [Prune] change keys in a transaction that
// the caller commits, under a revision number that the caller counts. A [Ring]
// reads: it remembers the keys it found, and [Ring.Sync] makes it forget those
// that other instances have changed since a revision.
package keys

import (
	"errors"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// Errors of the package. None holds a token or a property's value.
var (
	// ErrUnknown is the answer to every token that isn't a live key, whatever the
	// reason; errors.As finds the reason in a *Refusal.
	ErrUnknown = errors.New("keys: the token is not a live key")
	// ErrNameTaken: another live key of the project has the name.
	ErrNameTaken = errors.New("keys: a live key of the project has this name")
	// ErrNotFound: the project has no key with the id.
	ErrNotFound = errors.New("keys: the project has no such key")
	// ErrInvalid: a key can't be issued as asked.
	ErrInvalid = errors.New("keys: invalid key")
)

// Key is what the store knows of a credential, without its secret. Times are in
// UTC and whole microseconds.
type Key struct {
	ID      string // public and random
	Project string
	Name    string
	Created time.Time
	Expires time.Time // zero: never
	Revoked time.Time // zero: not revoked
	// LastUsed is exact to a minute or so; zero: never used.
	LastUsed time.Time
	// properties is a function because printers follow maps, also in unexported
	// fields, and the values may be secrets.
	properties func() map[string]any
}

// Properties gives the session properties that are bound to the key, as
// session.Schema.New takes them. The caller may change what it gets.
func (k Key) Properties() map[string]any {
	if k.properties == nil {
		return nil
	}
	return k.properties()
}

// live tells whether a key may be used at a time, and if not, why.
func (k Key) live(now time.Time) (Reason, bool) {
	switch {
	case !k.Revoked.IsZero():
		return Revoked, false
	case !k.Expires.IsZero() && !now.Before(k.Expires):
		return Expired, false
	default:
		return "", true
	}
}

// Reason is why a token was refused.
type Reason string

// The reasons to refuse a token.
const (
	Malformed   Reason = "malformed"    // it isn't a token, or was mistyped
	Missing     Reason = "missing"      // no key has its id
	WrongSecret Reason = "wrong secret" // the key of its id has another secret
	Revoked     Reason = "revoked"
	Expired     Reason = "expired"
)

// Refusal is an ErrUnknown that knows why. Its text doesn't tell, so that it may
// be shown to the caller; the fields are for logs.
type Refusal struct {
	Reason Reason
	KeyID  string // "" for a malformed token
	// Project is the key's, "" unless the token had the right secret.
	Project string
}

// Error gives the same text for every reason.
func (*Refusal) Error() string { return ErrUnknown.Error() }

// Unwrap gives ErrUnknown.
func (*Refusal) Unwrap() error { return ErrUnknown }

// Migrations make the table of keys.
func Migrations() []store.Migration {
	return []store.Migration{{Name: "keys", Statements: []string{
		`CREATE TABLE hedgerow_keys (
			id TEXT PRIMARY KEY,
			project TEXT NOT NULL,
			name TEXT NOT NULL,
			hash TEXT NOT NULL,
			properties TEXT NOT NULL,
			created BIGINT NOT NULL,
			expires BIGINT NOT NULL,
			revoked BIGINT NOT NULL,
			last_used BIGINT NOT NULL,
			holds_name BIGINT NOT NULL,
			revision BIGINT NOT NULL
		)`,
		`CREATE UNIQUE INDEX hedgerow_keys_name ON hedgerow_keys (project, name) WHERE holds_name = 1`,
		`CREATE INDEX hedgerow_keys_project ON hedgerow_keys (project, created, id)`,
		`CREATE INDEX hedgerow_keys_revision ON hedgerow_keys (revision)`,
	}}}
}
