package project

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// record is a project as the store has it.
type record struct {
	id, name          string
	version, revision int64
	model, policies   stored
	driver, dialect   string
	// dsn is sealed, or a template without secrets.
	dsn string
	// connection is the version that changed the connection last.
	connection       int64
	metadata         map[string]string
	active, deleted  bool
	created, updated time.Time
}

// stored is a file of which the store has the text under its hash.
type stored struct{ name, hash string }

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// reader is what reads from the store, within a transaction or without.
type reader interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}

const recordColumns = `id, COALESCE(name, ''), version, revision, model_name, model_hash, policies_name, policies_hash,
	driver, dialect, dsn, connection, metadata, active, created, updated, deleted`

func scanRecord(scan func(dest ...any) error) (record, error) {
	var r record
	var metadata string
	var active, created, updated, deleted int64
	err := scan(&r.id, &r.name, &r.version, &r.revision, &r.model.name, &r.model.hash, &r.policies.name, &r.policies.hash,
		&r.driver, &r.dialect, &r.dsn, &r.connection, &metadata, &active, &created, &updated, &deleted)
	if err != nil {
		return record{}, err
	}
	if err := json.Unmarshal([]byte(metadata), &r.metadata); err != nil {
		return record{}, &InvalidError{Metadata: errors.New("what the store has is no JSON object of texts")}
	}
	r.active, r.deleted = active == 1, deleted != 0
	r.created, r.updated = store.Time(created), store.Time(updated)
	return r, nil
}

// readRecord finds a project; it is ErrNotFound when it never was or was deleted.
func readRecord(ctx context.Context, from reader, id string) (record, error) {
	if !validID(id) {
		return record{}, ErrNotFound
	}
	r, err := scanRecord(from.QueryRow(ctx, `SELECT `+recordColumns+` FROM hedgerow_projects WHERE id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) || err == nil && r.deleted {
		return record{}, ErrNotFound
	}
	return r, err
}

// readRecords finds the projects that a condition, and what follows it, chooses.
func readRecords(ctx context.Context, from reader, where string, args ...any) (out []record, err error) {
	rows, err := from.Query(ctx, `SELECT `+recordColumns+` FROM hedgerow_projects WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanRecord(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// readIDs gives the ids that a query finds.
func readIDs(ctx context.Context, from reader, query string, args ...any) (ids []string, err error) {
	rows, err := from.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// readText gives a text by its hash; sql.ErrNoRows when nothing refers to it any more.
func readText(ctx context.Context, from reader, hash string) ([]byte, error) {
	var text string
	err := from.QueryRow(ctx, `SELECT content FROM hedgerow_texts WHERE hash = ?`, hash).Scan(&text)
	return []byte(text), err
}

// readFiles gives a record's model and policies.
func readFiles(ctx context.Context, from reader, r record) (model, policies File, err error) {
	model.Name, policies.Name = r.model.name, r.policies.name
	if model.Text, err = readText(ctx, from, r.model.hash); err != nil {
		return File{}, File{}, err
	}
	policies.Text, err = readText(ctx, from, r.policies.hash)
	return model, policies, err
}

func saveText(ctx context.Context, tx *store.Tx, hash string, text []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO hedgerow_texts (hash, content) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING`, hash, string(text))
	return err
}

// references are the columns that refer to texts.
func references() []string {
	return []string{
		"hedgerow_projects WHERE model_hash", "hedgerow_projects WHERE policies_hash",
		"hedgerow_rollouts WHERE model_hash", "hedgerow_rollouts WHERE policies_hash",
		"hedgerow_rollout_projects WHERE model_hash", "hedgerow_rollout_projects WHERE policies_hash",
	}
}

// dropTexts removes those of some texts that nothing refers to any more.
func dropTexts(ctx context.Context, tx *store.Tx, hashes ...string) error {
	statement := `DELETE FROM hedgerow_texts WHERE hash = ?`
	for _, r := range references() {
		statement += ` AND NOT EXISTS (SELECT 1 FROM ` + r + ` = hedgerow_texts.hash)`
	}
	for _, h := range hashes {
		if _, err := tx.Exec(ctx, statement, h); err != nil {
			return err
		}
	}
	return nil
}

// nameTaken tells whether another project has a name.
func nameTaken(ctx context.Context, tx *store.Tx, name, id string) (bool, error) {
	var n int64
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM hedgerow_projects WHERE name = ? AND id <> ?`, name, id).Scan(&n)
	return n > 0, err
}

func (r record) metadataJSON() (string, error) {
	if r.metadata == nil {
		return "{}", nil
	}
	out, err := json.Marshal(r.metadata)
	return string(out), err
}

// insert writes a new project.
func (r record) insert(ctx context.Context, tx *store.Tx) error {
	metadata, err := r.metadataJSON()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO hedgerow_projects (id, name, version, revision, model_name, model_hash, policies_name, policies_hash,
		driver, dialect, dsn, connection, metadata, active, created, updated, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
		r.id, r.name, r.version, r.revision, r.model.name, r.model.hash, r.policies.name, r.policies.hash,
		r.driver, r.dialect, r.dsn, r.connection, metadata, flag(r.active), store.Micros(r.created), store.Micros(r.updated))
	return err
}

// update writes a project that is there.
func (r record) update(ctx context.Context, tx *store.Tx) error {
	metadata, err := r.metadataJSON()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE hedgerow_projects SET name = ?, version = ?, revision = ?, model_name = ?, model_hash = ?,
		policies_name = ?, policies_hash = ?, driver = ?, dialect = ?, dsn = ?, connection = ?, metadata = ?, active = ?, updated = ? WHERE id = ?`,
		r.name, r.version, r.revision, r.model.name, r.model.hash, r.policies.name, r.policies.hash,
		r.driver, r.dialect, r.dsn, r.connection, metadata, flag(r.active), store.Micros(r.updated), r.id)
	return err
}

// bury leaves nothing of a project but that it was.
func (r record) bury(ctx context.Context, tx *store.Tx, revision int64, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE hedgerow_projects SET name = NULL, version = version + 1, revision = ?, model_name = '', model_hash = '',
		policies_name = '', policies_hash = '', driver = '', dialect = '', dsn = '', metadata = '{}', active = 0, updated = ?, deleted = ? WHERE id = ?`,
		revision, store.Micros(now), store.Micros(now), r.id)
	return err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
