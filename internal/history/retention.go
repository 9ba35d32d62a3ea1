package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// trimBatch is how many entries one transaction deletes.
const trimBatch = 500

// maxGrown bounds how many projects a trimmer remembers.
const maxGrown = 100_000

// trimmer knows which projects may have more entries than are kept.
type trimmer struct {
	mu    sync.Mutex
	full  bool           // any project may
	grown map[string]int // entries written since the project was trimmed
}

func (t *trimmer) grew(entries []Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.grown) >= maxGrown {
		t.full, t.grown = true, nil
	}
	if t.grown == nil {
		t.grown = map[string]int{}
	}
	for _, e := range entries {
		t.grown[e.Project]++
	}
}

// take gives the projects that have grown by more than a number, or that any
// project may have.
func (t *trimmer) take(more int) (projects []string, full bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.full {
		t.full, t.grown = false, nil
		return nil, true
	}
	for p, n := range t.grown {
		if n > more {
			projects = append(projects, p)
			delete(t.grown, p)
		}
	}
	return projects, false
}

// again makes the next turn look at every project.
func (t *trimmer) again() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.full = true
}

// Trim deletes the entries that Config says not to keep. It also happens in the
// background.
func (l *Log) Trim(ctx context.Context) error {
	l.trim.again()
	return l.trimSome(ctx)
}

// trimSome is Trim for the projects that have grown.
func (l *Log) trimSome(ctx context.Context) error {
	err := l.trimAge(ctx)
	if err == nil {
		err = l.trimCount(ctx)
	}
	if err != nil {
		return fmt.Errorf("history: retention: %w", err)
	}
	return nil
}

func (l *Log) trimAge(ctx context.Context) error {
	if l.cfg.KeepFor <= 0 {
		return nil
	}
	return l.delete(ctx, `at < ?`, `at`, store.Micros(time.Now().Add(-l.cfg.KeepFor)))
}

func (l *Log) trimCount(ctx context.Context) error {
	if l.cfg.KeepCount <= 0 {
		return nil
	}
	projects, full := l.trim.take(l.cfg.KeepCount / 100)
	if full {
		return l.trimAll(ctx)
	}
	for _, p := range projects {
		if err := l.trimProject(ctx, p); err != nil {
			l.trim.again()
			return err
		}
	}
	return nil
}

// trimAll goes from project to project by the index, without reading entries.
func (l *Log) trimAll(ctx context.Context) error {
	last := ""
	for {
		var next sql.NullString
		err := l.db.QueryRow(ctx, `SELECT MIN(project) FROM hedgerow_history WHERE project > ?`, last).Scan(&next)
		if err == nil && !next.Valid {
			return nil
		}
		if err == nil {
			err = l.trimProject(ctx, next.String)
		}
		if err != nil {
			l.trim.again()
			return err
		}
		last = next.String
	}
}

func (l *Log) trimProject(ctx context.Context, project string) error {
	var at int64
	var id string
	err := l.db.QueryRow(ctx, `SELECT at, id FROM hedgerow_history WHERE project = ? ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?`,
		project, l.cfg.KeepCount).Scan(&at, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return l.delete(ctx, `project = ? AND (at, id) <= (?, ?)`, `at, id`, project, at, id)
}

// Remove deletes the history of a project as far as it has reached the store.
func (l *Log) Remove(ctx context.Context, project string) error {
	if err := l.delete(ctx, `project = ?`, `at, id`, project); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

// delete deletes entries in small transactions. Instances take turns: PostgreSQL
// would find deadlocks between two that delete the same entries.
func (l *Log) delete(ctx context.Context, where, order string, args ...any) error {
	args = append(args, trimBatch)
	for {
		var n int64
		err := l.db.Tx(ctx, func(tx *store.Tx) (err error) {
			if _, err := tx.Exec(ctx, `UPDATE hedgerow_history_turn SET one = one`); err != nil {
				return err
			}
			n, err = tx.Exec(ctx, `DELETE FROM hedgerow_history WHERE id IN
				(SELECT id FROM hedgerow_history WHERE `+where+` ORDER BY `+order+` LIMIT ?)`, args...)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}
