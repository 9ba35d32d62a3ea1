package keys

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// maxName is the length of a key's name in bytes.
const maxName = 200

// Issue makes a key of a project and gives its token, which nobody can learn
// again. The properties are what session.Schema.New takes; a zero expiry is
// never. The name of a revoked or expired key is free again. It fails with
// ErrInvalid or ErrNameTaken.
func Issue(ctx context.Context, tx *store.Tx, project, name string, properties map[string]any, expiry, now time.Time, revision int64) (string, Key, error) {
	text, err := checkIssue(project, name, properties, expiry, now)
	if err != nil {
		return "", Key{}, err
	}
	const free = `UPDATE hedgerow_keys SET holds_name = 0
		WHERE project = ? AND name = ? AND holds_name = 1 AND expires <> 0 AND expires <= ?`
	if _, err := tx.Exec(ctx, free, project, name, store.Micros(now)); err != nil {
		return "", Key{}, fmt.Errorf("keys: %w", err)
	}
	token, id, hash := newToken()
	const insert = `INSERT INTO hedgerow_keys (id, project, name, hash, properties, created, expires, revoked, last_used, holds_name, revision)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 1, ?) ON CONFLICT (project, name) WHERE holds_name = 1 DO NOTHING`
	n, err := tx.Exec(ctx, insert, id, project, name, hex.EncodeToString(hash[:]), text, store.Micros(now), store.Micros(expiry), revision)
	if err != nil {
		return "", Key{}, fmt.Errorf("keys: %w", err)
	}
	if n == 0 {
		return "", Key{}, ErrNameTaken
	}
	k, err := row{id: id, project: project, name: name, properties: text, created: store.Micros(now), expires: store.Micros(expiry)}.key()
	return token, k, err
}

// checkIssue gives the properties as the store keeps them.
func checkIssue(project, name string, properties map[string]any, expiry, now time.Time) (string, error) {
	switch {
	case project == "":
		return "", fmt.Errorf("%w: it has no project", ErrInvalid)
	case name == "" || len(name) > maxName:
		return "", fmt.Errorf("%w: its name must have 1 to %d bytes", ErrInvalid, maxName)
	case store.Micros(now) <= 0:
		return "", fmt.Errorf("%w: the present time is not known", ErrInvalid)
	case !expiry.IsZero() && store.Micros(expiry) <= store.Micros(now):
		return "", fmt.Errorf("%w: it would have expired already", ErrInvalid)
	}
	if err := checkText(name); err != nil {
		return "", fmt.Errorf("%w: its name %w", ErrInvalid, err)
	}
	return encodeProperties(properties)
}

// Revoke ends a key for ever. A key that was revoked before stays as it is. It
// fails with ErrNotFound when the project has no such key. When the transaction
// is committed, call Ring.Forget.
func Revoke(ctx context.Context, tx *store.Tx, project, id string, now time.Time, revision int64) error {
	var revoked int64
	rows, err := tx.Query(ctx, `SELECT revoked FROM hedgerow_keys WHERE id = ? AND project = ?`, id, project)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	found := rows.Next()
	if found {
		err = rows.Scan(&revoked)
	}
	if err := firstOf(err, rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if !found {
		return ErrNotFound
	}
	if revoked != 0 {
		return nil
	}
	_, err = revoke(ctx, tx, `project = ? AND id = ?`, now, revision, project, id)
	return err
}

// RevokeAll ends every key of a project and tells how many. When the transaction
// is committed, call Ring.Sync.
func RevokeAll(ctx context.Context, tx *store.Tx, project string, now time.Time, revision int64) (int64, error) {
	return revoke(ctx, tx, `project = ?`, now, revision, project)
}

func revoke(ctx context.Context, tx *store.Tx, where string, now time.Time, revision int64, args ...any) (int64, error) {
	at := max(store.Micros(now), 1) // 0 would be a key that isn't revoked
	n, err := tx.Exec(ctx, `UPDATE hedgerow_keys SET revoked = ?, holds_name = 0, revision = ? WHERE revoked = 0 AND `+where,
		append([]any{at, revision}, args...)...)
	if err != nil {
		return 0, fmt.Errorf("keys: %w", err)
	}
	return n, nil
}

// Prune deletes up to limit keys that were revoked or had expired before a time,
// and tells how many. Without it they are kept for ever.
func Prune(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	n, err := tx.Exec(ctx, `DELETE FROM hedgerow_keys WHERE id IN (SELECT id FROM hedgerow_keys
		WHERE (revoked <> 0 AND revoked < ?) OR (expires <> 0 AND expires < ?) ORDER BY id LIMIT ?)`,
		store.Micros(before), store.Micros(before), limit)
	if err != nil {
		return 0, fmt.Errorf("keys: %w", err)
	}
	return n, nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
