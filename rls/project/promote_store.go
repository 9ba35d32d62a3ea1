package project

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// Promotion is what the store knows of one, for a host that starts again and
// looks for those to go on with.
type Promotion struct {
	// Project is the target's id.
	Project string
	// Done: the target was made active.
	Done    bool
	Started time.Time
	// Touched is when an instance of the host was last known to be at it.
	Touched time.Time
}

// Promotions gives those that were begun, the oldest first, but for targets that
// were deleted.
func (r *Registry) Promotions(ctx context.Context) (out []Promotion, err error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	rows, err := r.db.Query(ctx, `SELECT project, version, started, touched FROM hedgerow_promotions ORDER BY started, project`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p Promotion
		var version, started, touched int64
		if err := rows.Scan(&p.Project, &version, &started, &touched); err != nil {
			return nil, err
		}
		p.Done, p.Started, p.Touched = version > 0, store.Time(started), store.Time(touched)
		out = append(out, p)
	}
	return out, rows.Err()
}

const (
	// promotionLease is how long a promotion belongs to an instance that doesn't
	// touch it. If another takes over from one that is alive, because clocks differ,
	// the first can write nothing any more.
	promotionLease = 30 * time.Second
	// promotionTouch is how often an instance does.
	promotionTouch = promotionLease / 4
)

// promoting is what a registry needs for promotions.
type promoting struct {
	lease      time.Duration
	maxConns   int
	connecting chan struct{} // a lock that can be waited for with a context
	closing    chan struct{} // closed when the registry is
}

func newPromoting(maxConns int) promoting {
	return promoting{lease: promotionLease, maxConns: maxConns, connecting: make(chan struct{}, 1), closing: make(chan struct{})}
}

// promotionMigration makes the table of promotions, one for each target. The
// version is the one that made the target active, or 0; owner is the call that
// is at it, or empty.
func promotionMigration() store.Migration {
	return store.Migration{Name: "promotions", Statements: []string{
		`CREATE TABLE hedgerow_promotions (
			project TEXT PRIMARY KEY, version BIGINT NOT NULL, owner TEXT NOT NULL,
			started BIGINT NOT NULL, touched BIGINT NOT NULL, datasets TEXT NOT NULL)`,
	}}
}

// take gets the lease of the target's promotion, or the report of one that is done.
func (m *promotion) take(ctx context.Context) (done *PromoteReport, err error) {
	err = m.registry.db.Tx(ctx, func(tx *store.Tx) error {
		now := store.Micros(time.Now())
		done = nil // the transaction may run again
		rec, err := readRecord(ctx, tx, m.target.id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO hedgerow_promotions (project, version, owner, started, touched, datasets) VALUES (?, 0, '', ?, ?, '[]')
			ON CONFLICT (project) DO NOTHING`, rec.id, now, now)
		if err != nil {
			return err
		}
		var version, touched int64
		var owner, datasets string
		err = tx.QueryRow(ctx, `SELECT version, owner, touched, datasets FROM hedgerow_promotions WHERE project = ?`, rec.id).
			Scan(&version, &owner, &touched, &datasets)
		switch {
		case err != nil:
			return err
		case version > 0:
			done = &PromoteReport{Version: version, Already: true}
			return json.Unmarshal([]byte(datasets), &done.Datasets)
		case rec.active:
			return ErrActive
		case owner != "" && time.Since(store.Time(touched)) < m.registry.promote.lease:
			return ErrPromotionBusy
		}
		n, err := tx.Exec(ctx, `UPDATE hedgerow_promotions SET owner = ?, touched = ? WHERE project = ? AND owner = ? AND touched = ? AND version = 0`,
			m.owner, now, rec.id, owner, touched)
		if err == nil && n == 0 {
			return ErrPromotionBusy // another was quicker
		}
		return err
	})
	return done, err
}

// touch makes sure that this call still has the lease, and keeps it for longer.
func (m *promotion) touch(ctx context.Context, tx *store.Tx) error {
	n, err := tx.Exec(ctx, `UPDATE hedgerow_promotions SET touched = ? WHERE project = ? AND owner = ?`,
		store.Micros(time.Now()), m.target.id, m.owner)
	if err == nil && n == 0 {
		return ErrPromotionBusy
	}
	return err
}

// finish notes that the target is active.
func (m *promotion) finish(ctx context.Context, tx *store.Tx, version int64, datasets []PromotedDataset) error {
	text, err := json.Marshal(datasets)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE hedgerow_promotions SET version = ?, owner = '', datasets = ? WHERE project = ?`, version, string(text), m.target.id)
	return err
}

// promotionReleaseTimeout is how long giving back a lease may take.
const promotionReleaseTimeout = 5 * time.Second

// release lets others take over at once, also when the context has ended.
func (m *promotion) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), promotionReleaseTimeout)
	defer cancel()
	err := m.registry.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE hedgerow_promotions SET owner = '' WHERE project = ? AND owner = ?`, m.target.id, m.owner)
		return err
	})
	if err != nil {
		m.registry.onError(fmt.Errorf("promoting project %s: the lease stays until it ends: %w", m.target.id, err))
	}
}

// hold keeps the lease until stop. The context ends, with its cause, when
// another has the lease or the registry is closed.
func (m *promotion) hold(ctx context.Context) (held context.Context, stop func()) {
	held, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(promotionTouch)
		defer ticker.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-m.registry.promote.closing:
				cancel(ErrClosed)
				return
			case <-ticker.C:
			}
			err := m.registry.db.Tx(held, func(tx *store.Tx) error { return m.touch(held, tx) })
			if errors.Is(err, ErrPromotionBusy) {
				cancel(err)
			} else if err != nil && held.Err() == nil {
				m.registry.onError(fmt.Errorf("promoting project %s: keeping the lease: %w", m.target.id, err))
			}
		}
	}()
	return held, func() {
		cancel(nil)
		<-done
	}
}

// forgetPromotion drops what is known of a promotion to a project that is deleted.
func forgetPromotion(ctx context.Context, tx *store.Tx, id string) error {
	_, err := tx.Exec(ctx, `DELETE FROM hedgerow_promotions WHERE project = ?`, id)
	return err
}
