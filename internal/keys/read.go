package keys

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hedgerow/hedgerow/internal/store"
)

// record is a key with the hash of its secret.
type record struct {
	Key
	hash [sha256.Size]byte
}

// List gives every key of a project, the oldest first, those that are no longer
// live too.
func (r *Ring) List(ctx context.Context, project string) ([]Key, error) {
	rows, err := r.db.Query(ctx, `SELECT `+columns+` FROM hedgerow_keys WHERE project = ? ORDER BY created, id`, project)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	defer rows.Close()
	var list []Key
	for rows.Next() {
		rec, err := scan(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
		list = append(list, rec.Key)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return list, nil
}

func (r *Ring) read(ctx context.Context, id string) (record, error) {
	return scan(r.db.QueryRow(ctx, `SELECT `+columns+` FROM hedgerow_keys WHERE id = ?`, id).Scan)
}

const columns = `id, project, name, hash, properties, created, expires, revoked, last_used`

// row is a key as the table has it.
type row struct {
	id, project, name, hash, properties string
	created, expires, revoked, lastUsed int64
}

func scan(into func(...any) error) (record, error) {
	var w row
	if err := into(&w.id, &w.project, &w.name, &w.hash, &w.properties, &w.created, &w.expires, &w.revoked, &w.lastUsed); err != nil {
		return record{}, err
	}
	k, err := w.key()
	if err != nil {
		return record{}, err
	}
	rec := record{Key: k}
	hash, err := hex.DecodeString(w.hash)
	if err != nil || copy(rec.hash[:], hash) != len(rec.hash) {
		return record{}, errors.New("the stored hash can't be read")
	}
	return rec, nil
}

func (w row) key() (Key, error) {
	properties, err := decodeProperties(w.properties)
	if err != nil {
		return Key{}, err
	}
	return Key{
		ID: w.id, Project: w.project, Name: w.name,
		Created: store.Time(w.created), Expires: store.Time(w.expires),
		Revoked: store.Time(w.revoked), LastUsed: store.Time(w.lastUsed),
		properties: func() map[string]any { return copied(properties) },
	}, nil
}

// copied protects remembered properties from whoever they are handed to. Their
// elements are scalars.
func copied(properties map[string]any) map[string]any {
	out := maps.Clone(properties)
	for name, v := range out {
		switch v := v.(type) {
		case []any:
			out[name] = slices.Clone(v)
		case map[string]any:
			out[name] = maps.Clone(v)
		}
	}
	return out
}
