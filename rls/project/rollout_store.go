package project

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// rolloutLease is how long a rollout belongs to an instance that doesn't touch it.
const rolloutLease = 30 * time.Second

// rolloutMigration makes the tables of rollouts. A hash is ” for what a change
// leaves as it is, and for a project that has nothing to give back.
func rolloutMigration() store.Migration {
	return store.Migration{Name: "rollouts", Statements: []string{
		`CREATE TABLE hedgerow_rollouts (
			id TEXT PRIMARY KEY, state TEXT NOT NULL, created BIGINT NOT NULL, keep_going BIGINT NOT NULL,
			model_name TEXT NOT NULL, model_hash TEXT NOT NULL, policies_name TEXT NOT NULL, policies_hash TEXT NOT NULL, metadata TEXT NOT NULL,
			owner TEXT NOT NULL, touched BIGINT NOT NULL)`,
		`CREATE TABLE hedgerow_rollout_projects (
			rollout TEXT NOT NULL, project TEXT NOT NULL, status TEXT NOT NULL, version BIGINT NOT NULL, problem TEXT NOT NULL,
			model_name TEXT NOT NULL DEFAULT '', model_hash TEXT NOT NULL DEFAULT '',
			policies_name TEXT NOT NULL DEFAULT '', policies_hash TEXT NOT NULL DEFAULT '', metadata TEXT NOT NULL DEFAULT '{}',
			PRIMARY KEY (rollout, project))`,
		`CREATE INDEX hedgerow_rollout_projects_project ON hedgerow_rollout_projects (project)`,
		`CREATE INDEX hedgerow_rollout_projects_model ON hedgerow_rollout_projects (model_hash)`,
		`CREATE INDEX hedgerow_rollout_projects_policies ON hedgerow_rollout_projects (policies_hash)`,
	}}
}

func insertRollout(ctx context.Context, tx *store.Tx, run *rolloutRun, now time.Time) error {
	var model, policies stored
	for _, f := range []struct {
		file *File
		to   *stored
	}{{run.change.Model, &model}, {run.change.Policies, &policies}} {
		if f.file == nil {
			continue
		}
		*f.to = stored{f.file.Name, hashOf(f.file.Text)}
		if err := saveText(ctx, tx, f.to.hash, f.file.Text); err != nil {
			return err
		}
	}
	metadata, err := record{metadata: run.change.Metadata}.metadataJSON()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO hedgerow_rollouts (id, state, created, keep_going, model_name, model_hash, policies_name, policies_hash, metadata, owner, touched)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, run.id, string(RolloutRunning), store.Micros(now), flag(run.keepGoing),
		model.name, model.hash, policies.name, policies.hash, metadata, run.owner, store.Micros(now))
	return err
}

// insertBatch is how many projects one statement inserts.
const insertBatch = 200

func insertResults(ctx context.Context, tx *store.Tx, rollout string, results []RolloutResult) error {
	for batch := range slices.Chunk(results, insertBatch) {
		values := strings.TrimSuffix(strings.Repeat("(?, ?, ?, 0, ?), ", len(batch)), ", ")
		var args []any
		for _, r := range batch {
			args = append(args, rollout, r.Project, string(r.Status), r.Problem)
		}
		_, err := tx.Exec(ctx, `INSERT INTO hedgerow_rollout_projects (rollout, project, status, version, problem) VALUES `+values, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// takeRollout makes this instance the one at a rollout.
func (r *Registry) takeRollout(ctx context.Context, id string, progress func(RolloutResult)) (*rolloutRun, RolloutState, error) {
	if err := r.open(); err != nil {
		return nil, "", err
	}
	if !validID(id) {
		return nil, "", ErrNotFound
	}
	run := &rolloutRun{registry: r, id: id, owner: rand.Text(), progress: progress, compiled: map[content]*compiled{}}
	var state RolloutState
	err := r.change(ctx, func(tx *store.Tx, _ int64) error {
		var keepGoing, touched int64
		var owner, metadata string
		var model, policies stored
		err := tx.QueryRow(ctx, `SELECT state, keep_going, model_name, model_hash, policies_name, policies_hash, metadata, owner, touched
			FROM hedgerow_rollouts WHERE id = ?`, id).
			Scan(&state, &keepGoing, &model.name, &model.hash, &policies.name, &policies.hash, &metadata, &owner, &touched)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		now := time.Now()
		if owner != "" && now.Sub(store.Time(touched)).Abs() < r.lease { // clocks also go back
			return ErrRolloutBusy
		}
		run.keepGoing, run.change = keepGoing == 1, Change{}
		if err := json.Unmarshal([]byte(metadata), &run.change.Metadata); err != nil {
			return fmt.Errorf("project: the rollout's metadata in the store is no JSON object of texts")
		}
		if run.change.Model, err = changedFile(ctx, tx, model); err != nil {
			return err
		}
		if run.change.Policies, err = changedFile(ctx, tx, policies); err != nil {
			return err
		}
		return setOwner(ctx, tx, id, run.owner, now)
	})
	return run, state, err
}

// changedFile is a file of a stored change; nil if it leaves the projects' own.
func changedFile(ctx context.Context, tx *store.Tx, of stored) (*File, error) {
	if of.hash == "" {
		return nil, nil
	}
	text, err := readText(ctx, tx, of.hash)
	return &File{Name: of.name, Text: text}, err
}

// hold makes sure that this run still has the rollout, and keeps it for longer.
func (run *rolloutRun) hold(ctx context.Context, tx *store.Tx) error {
	n, err := tx.Exec(ctx, `UPDATE hedgerow_rollouts SET touched = ? WHERE id = ? AND owner = ?`, store.Micros(time.Now()), run.id, run.owner)
	if err == nil && n == 0 {
		return ErrRolloutBusy
	}
	return err
}

func setOwner(ctx context.Context, tx *store.Tx, id, owner string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE hedgerow_rollouts SET owner = ?, touched = ? WHERE id = ?`, owner, store.Micros(now), id)
	return err
}

func setState(ctx context.Context, tx *store.Tx, id string, state RolloutState) error {
	_, err := tx.Exec(ctx, `UPDATE hedgerow_rollouts SET state = ? WHERE id = ?`, string(state), id)
	return err
}

func setResult(ctx context.Context, tx *store.Tx, rollout string, r RolloutResult) error {
	_, err := tx.Exec(ctx, `UPDATE hedgerow_rollout_projects SET status = ?, version = ?, problem = ? WHERE rollout = ? AND project = ?`,
		string(r.Status), r.Version, r.Problem, rollout, r.Project)
	return err
}

// setResults gives all projects of one status another.
func setResults(ctx context.Context, tx *store.Tx, rollout string, from, to RolloutStatus) error {
	_, err := tx.Exec(ctx, `UPDATE hedgerow_rollout_projects SET status = ?, problem = '' WHERE rollout = ? AND status = ?`, string(to), rollout, string(from))
	return err
}

// setOld keeps what a project had, to give it back.
func setOld(ctx context.Context, tx *store.Tx, rollout string, old record) error {
	metadata, err := old.metadataJSON()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE hedgerow_rollout_projects SET model_name = ?, model_hash = ?, policies_name = ?, policies_hash = ?, metadata = ?
		WHERE rollout = ? AND project = ?`, old.model.name, old.model.hash, old.policies.name, old.policies.hash, metadata, rollout, old.id)
	return err
}

// readOld gives what setOld kept, and the version that the rollout made.
func readOld(ctx context.Context, from reader, rollout, id string) (old record, version int64, err error) {
	var metadata string
	err = from.QueryRow(ctx, `SELECT version, model_name, model_hash, policies_name, policies_hash, metadata
		FROM hedgerow_rollout_projects WHERE rollout = ? AND project = ?`, rollout, id).
		Scan(&version, &old.model.name, &old.model.hash, &old.policies.name, &old.policies.hash, &metadata)
	if err == nil && json.Unmarshal([]byte(metadata), &old.metadata) != nil {
		err = errors.New("project: the rollout's metadata in the store is no JSON object of texts")
	}
	return old, version, err
}

// forgetOld drops what rollouts keep of a project that is deleted.
func forgetOld(ctx context.Context, tx *store.Tx, id string) error {
	hashes, err := readHashes(ctx, tx, `SELECT model_hash, policies_hash FROM hedgerow_rollout_projects WHERE project = ?`, id)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE hedgerow_rollout_projects SET model_name = '', model_hash = '', policies_name = '', policies_hash = '', metadata = '{}'
		WHERE project = ?`, id)
	if err != nil {
		return err
	}
	return dropTexts(ctx, tx, hashes...)
}

// rolloutTexts gives the hashes of all texts that a rollout keeps.
func rolloutTexts(ctx context.Context, tx *store.Tx, id string) ([]string, error) {
	return readHashes(ctx, tx, `SELECT model_hash, policies_hash FROM hedgerow_rollouts WHERE id = ?
		UNION SELECT model_hash, policies_hash FROM hedgerow_rollout_projects WHERE rollout = ?`, id, id)
}

func readHashes(ctx context.Context, tx *store.Tx, query string, args ...any) (hashes []string, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var model, policies string
		if err := rows.Scan(&model, &policies); err != nil {
			return nil, err
		}
		hashes = append(hashes, model, policies)
	}
	slices.Sort(hashes)
	return slices.Compact(hashes), rows.Err()
}

func readRollout(ctx context.Context, from reader, id string) (*Rollout, error) {
	out := &Rollout{ID: id}
	var created int64
	err := from.QueryRow(ctx, `SELECT state, created FROM hedgerow_rollouts WHERE id = ?`, id).Scan(&out.State, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	out.Created = store.Time(created)
	rows, err := from.Query(ctx, `SELECT project, status, version, problem FROM hedgerow_rollout_projects WHERE rollout = ? ORDER BY project`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r RolloutResult
		if err := rows.Scan(&r.Project, &r.Status, &r.Version, &r.Problem); err != nil {
			return nil, err
		}
		out.Results = append(out.Results, r)
	}
	return out, rows.Err()
}

func readRollouts(ctx context.Context, from reader) (out []Rollout, err error) {
	rows, err := from.Query(ctx, `SELECT id, state, created FROM hedgerow_rollouts ORDER BY created DESC, id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r Rollout
		var created int64
		if err := rows.Scan(&r.ID, &r.State, &created); err != nil {
			return nil, err
		}
		r.Created = store.Time(created)
		out = append(out, r)
	}
	return out, rows.Err()
}
