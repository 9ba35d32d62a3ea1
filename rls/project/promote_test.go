package project_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/session"
)

// A promoted project answers as the shared tables did for the session; until it
// is complete nobody can ask it, and doing it again changes nothing.
func TestPromote(t *testing.T) {
	for _, way := range []struct{ from, to testdb.Kind }{
		{testdb.SQLite, testdb.SQLite}, {testdb.PostgreSQL, testdb.PostgreSQL}, {testdb.MariaDB, testdb.PostgreSQL}, {testdb.PostgreSQL, testdb.SQLite},
	} {
		t.Run(fmt.Sprintf("%s to %s", way.from, way.to), func(t *testing.T) {
			all, own := sharedPlace(t, way.from), newPlace(t, way.to)
			from, before := all.shared(t), everything(t, all)
			acme := member(t, from.Enforcer.Schema(), "owner")
			s, _, _ := sqliteStore(t)
			r := open(t, s)
			p := create(t, r, ownSpec("acme", own))
			who, err := p.Session(nil)
			require.NoError(t, err)

			var told []project.PromoteProgress
			o := promoteOptions()
			o.Progress = func(at project.PromoteProgress) {
				told = append(told, at)
				_, err := p.Query(t.Context(), who, reports[0])
				assert.ErrorIs(t, err, project.ErrInactive)
			}
			report, err := project.Promote(t.Context(), from, acme, p, o)
			require.NoError(t, err)
			assert.False(t, report.Already)
			assert.EqualValues(t, 2, report.Version)
			require.Len(t, report.Datasets, 2)
			assert.EqualValues(t, 4, report.Datasets[0].Rows, "parents first")
			assert.EqualValues(t, ordersOfAcme, report.Datasets[1].Rows)
			assert.Equal(t, project.PromoteProgress{Dataset: "orders", Phase: project.PromoteVerified, Rows: ordersOfAcme, Total: ordersOfAcme}, told[len(told)-1])
			if way.from == way.to || way.from == testdb.MariaDB { // SQLite has other decimals and times
				promoted(t, p, own, from, acme)
			}
			holdsOnce(t, own)
			assert.Equal(t, before, everything(t, all), "the source has changed")

			again, err := project.Promote(t.Context(), from, acme, p, promoteOptions())
			require.NoError(t, err)
			assert.Equal(t, &project.PromoteReport{Datasets: report.Datasets, Version: 2, Already: true}, again)
			assert.EqualValues(t, 2, p.Version())
			begun, err := r.Promotions(t.Context())
			require.NoError(t, err)
			require.Len(t, begun, 1)
			assert.True(t, begun[0].Done)
			assert.Equal(t, p.ID(), begun[0].Project)

			rows, err := p.Query(t.Context(), who, reports[0])
			require.NoError(t, err)
			require.NoError(t, rows.Close())
			require.NoError(t, r.FlushHistory(t.Context()))
			page, err := p.History(t.Context(), project.Filter{Status: project.StatusOK})
			require.NoError(t, err)
			assert.NotEmpty(t, page.Entries)
		})
	}
}

// A tenant moves out of a project that is shared, on either store.
func TestPromoteFromProject(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		all, own := sharedPlace(t, testdb.SQLite), newPlace(t, testdb.SQLite)
		r := open(t, s, func(c *project.Config) { c.Pools.MaxConns = 2 })
		from, p := create(t, r, sharedSpec("everybody", all)), create(t, r, ownSpec("acme", own))
		clerk := member(t, from.Schema(), "clerk")
		update(t, r, from, policies(sharedPolicies+"# the session is carried over\n"))
		report, err := project.Promote(t.Context(), from, clerk, p, promoteOptions())
		require.NoError(t, err)
		assert.Equal(t, []string{"phone"}, report.Datasets[0].Masked)
		direct := all.shared(t)
		promoted(t, p, own, direct, member(t, direct.Enforcer.Schema(), "clerk"))
		assert.Contains(t, answer(t, p, "SELECT phone FROM customers"), "***")

		_, err = project.Promote(t.Context(), from, session.Session{}, create(t, r, ownSpec("nobody", newPlace(t, testdb.SQLite))), promoteOptions())
		require.ErrorIs(t, err, rls.ErrNoSession)
		update(t, r, from, func(s *project.Spec) { s.Inactive = true })
		_, err = project.Promote(t.Context(), from, clerk, create(t, r, ownSpec("late", newPlace(t, testdb.SQLite))), promoteOptions())
		require.ErrorIs(t, err, project.ErrInactive)
		require.Eventually(t, func() bool { conns, _ := project.OpenConnections(r); return conns <= 1 }, 10*time.Second, time.Millisecond,
			"promotions give their connections back")

		alone := open(t, s, func(c *project.Config) { c.Pools.MaxConns = 1 })
		from, err = alone.Get(t.Context(), from.ID())
		require.NoError(t, err)
		_, err = project.Promote(t.Context(), from, clerk, create(t, alone, ownSpec("one", newPlace(t, testdb.SQLite))), promoteOptions())
		require.ErrorContains(t, err, "MaxConns")
	})
}

// inactive requires that nothing can be asked, and that nothing stands in the way
// of another try.
func inactive(t *testing.T, p *project.Project) {
	t.Helper()
	assert.False(t, p.Active())
	s, err := p.Session(nil)
	require.NoError(t, err)
	_, err = p.Query(t.Context(), s, reports[0])
	require.ErrorIs(t, err, project.ErrInactive)
}

// What can't be promoted is refused before anything is written, and what fails
// leaves the project inactive.
func TestPromoteRefuses(t *testing.T) {
	all := sharedPlace(t, testdb.SQLite)
	from := all.shared(t)
	acme := member(t, from.Enforcer.Schema(), "owner")
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	empty := func(own place) {
		t.Helper()
		var n int
		require.NoError(t, own.db.QueryRow("SELECT COUNT(*) FROM sqlite_master").Scan(&n))
		assert.Zero(t, n, "something was written")
	}

	t.Run("denied", func(t *testing.T) {
		own := newPlace(t, testdb.SQLite)
		p := create(t, r, ownSpec("denied", own))
		for _, s := range []session.Session{member(t, from.Enforcer.Schema(), "stranger"), {}} {
			_, err := project.Promote(t.Context(), from, s, p, promoteOptions())
			var plan *project.PromotePlanError
			require.ErrorAs(t, err, &plan)
			want := rls.ErrDenied
			if !s.Valid() {
				want = rls.ErrNoSession
			}
			assert.ErrorIs(t, err, want)
		}
		empty(own)
		inactive(t, p)
		_, err := project.Promote(t.Context(), from, acme, p, promoteOptions())
		require.NoError(t, err, "the right session may, at once")
		promoted(t, p, own, from, acme)
	})
	t.Run("active", func(t *testing.T) {
		own := newPlace(t, testdb.SQLite)
		sp := ownSpec("active", own)
		sp.Inactive = false
		_, err := project.Promote(t.Context(), from, acme, create(t, r, sp), promoteOptions())
		require.ErrorIs(t, err, project.ErrActive)
		empty(own)
	})
	t.Run("deleted", func(t *testing.T) {
		p := create(t, r, ownSpec("deleted", newPlace(t, testdb.SQLite)))
		require.NoError(t, r.Delete(t.Context(), p.ID(), 1))
		_, err := project.Promote(t.Context(), from, acme, p, promoteOptions())
		require.ErrorIs(t, err, project.ErrNotFound)
	})
	t.Run("nothing", func(t *testing.T) {
		p := create(t, r, ownSpec("nothing", newPlace(t, testdb.SQLite)))
		for _, source := range []project.PromoteSource{nil, (*project.Project)(nil), project.Shared{}, project.Shared{DB: from.DB}, project.Shared{Enforcer: from.Enforcer}} {
			_, err := project.Promote(t.Context(), source, acme, p, promoteOptions())
			assert.Error(t, err)
		}
		_, err := project.Promote(t.Context(), from, acme, nil, promoteOptions())
		assert.Error(t, err)
		inactive(t, p)
	})
	t.Run("no tables", func(t *testing.T) {
		p := create(t, r, ownSpec("no tables", newPlace(t, testdb.SQLite)))
		_, err := project.Promote(t.Context(), from, acme, p, project.PromoteOptions{})
		require.ErrorIs(t, err, project.ErrCopyTable)
		inactive(t, p)
	})
	t.Run("foreign rows", func(t *testing.T) {
		own := newPlace(t, testdb.SQLite)
		own.exec(t, "CREATE TABLE own_customers (id INTEGER, name TEXT, phone TEXT)", "INSERT INTO own_customers VALUES (1, 'ROWDATA', '')")
		p := create(t, r, ownSpec("foreign", own))
		_, err := project.Promote(t.Context(), from, acme, p, promoteOptions())
		require.ErrorIs(t, err, project.ErrCopyForeignRows)
		assert.NotContains(t, err.Error(), "ROWDATA")
		inactive(t, p)
	})
	t.Run("no database", func(t *testing.T) {
		sp := ownSpec("no database", place{kind: testdb.PostgreSQL, dsn: "postgres://app:TOPSECRETpw@127.0.0.1:1/acme"})
		p := create(t, r, sp)
		_, err := project.Promote(t.Context(), from, acme, p, promoteOptions())
		require.ErrorIs(t, err, project.ErrConnection)
		assert.NotContains(t, fmt.Sprintf("%v %+v", err, err), "TOPSECRET")
		inactive(t, p)
	})
}

// tampering are statements that make a table and change what is written to it.
var tampering = map[testdb.Kind][]string{
	testdb.SQLite: {
		"CREATE TABLE own_customers (id INTEGER PRIMARY KEY, name TEXT, phone TEXT)",
		"CREATE TRIGGER tamper AFTER INSERT ON own_customers WHEN NEW.id = 4 BEGIN UPDATE own_customers SET phone = 'x' WHERE id = 4; END",
	},
	testdb.PostgreSQL: {
		"CREATE TABLE own_customers (id bigint PRIMARY KEY, name text, phone text)",
		"CREATE FUNCTION tamper() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 4 THEN NEW.phone := 'x'; END IF; RETURN NEW; END $$",
		"CREATE TRIGGER tamper BEFORE INSERT ON own_customers FOR EACH ROW EXECUTE FUNCTION tamper()",
	},
}

// A copy that isn't what was read is not taken for one.
func TestPromoteMismatch(t *testing.T) {
	for k, statements := range tampering {
		t.Run(string(k), func(t *testing.T) {
			all, own := sharedPlace(t, k), newPlace(t, k)
			own.exec(t, statements...)
			from := all.shared(t)
			s, _, _ := sqliteStore(t)
			r := open(t, s)
			p := create(t, r, ownSpec("acme", own))
			acme := member(t, from.Enforcer.Schema(), "owner")
			report, err := project.Promote(t.Context(), from, acme, p, promoteOptions())
			require.ErrorIs(t, err, project.ErrCopyMismatch)
			assert.Empty(t, report.Datasets)
			assert.Zero(t, report.Version)
			inactive(t, p)

			drop := "DROP TRIGGER tamper"
			if k == testdb.PostgreSQL {
				drop += " ON own_customers"
			}
			own.exec(t, drop, "DELETE FROM own_customers")
			_, err = project.Promote(t.Context(), from, acme, p, promoteOptions())
			require.NoError(t, err)
			promoted(t, p, own, from, acme)
		})
	}
}

// at runs something once, when a promotion comes to a phase of a dataset.
func at(dataset string, phase project.PromotePhase, do func()) project.PromoteOptions {
	o := promoteOptions()
	once := sync.OnceFunc(do)
	o.Progress = func(p project.PromoteProgress) {
		if p.Dataset == dataset && p.Phase == phase {
			once()
		}
	}
	return o
}

// Whatever happens to the project during its promotion, it is activated only as
// what was copied for.
func TestPromoteMeanwhile(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		from := sharedPlace(t, testdb.SQLite).shared(t)
		acme := member(t, from.Enforcer.Schema(), "owner")
		r := open(t, s)
		other := open(t, s)
		target := func(t *testing.T) (*project.Project, place) {
			own := newPlace(t, testdb.SQLite)
			return create(t, r, ownSpec(t.Name(), own)), own
		}
		change := func(t *testing.T, p *project.Project, change func(*project.Spec)) project.PromoteOptions {
			return at("orders", project.PromoteVerified, func() {
				_, err := other.Update(t.Context(), p.ID(), 1, change)
				assert.NoError(t, err)
			})
		}
		t.Run("model", func(t *testing.T) {
			p, _ := target(t)
			_, err := project.Promote(t.Context(), from, acme, p, change(t, p, func(s *project.Spec) { s.Model.Text = append(s.Model.Text, "# new\n"...) }))
			require.ErrorIs(t, err, project.ErrConflict)
			inactive(t, p)
			report, err := project.Promote(t.Context(), from, acme, p, promoteOptions())
			require.NoError(t, err)
			assert.True(t, report.Datasets[0].Reused)
			assert.EqualValues(t, 3, p.Version())
		})
		t.Run("connection", func(t *testing.T) {
			p, _ := target(t)
			elsewhere := newPlace(t, testdb.SQLite)
			_, err := project.Promote(t.Context(), from, acme, p, change(t, p, func(s *project.Spec) { s.Connection.DSN = project.DSN(elsewhere.dsn) }))
			require.ErrorIs(t, err, project.ErrConflict)
			inactive(t, p)
			_, err = project.Promote(t.Context(), from, acme, p, promoteOptions())
			require.NoError(t, err)
			holdsOnce(t, elsewhere)
		})
		t.Run("name", func(t *testing.T) {
			p, own := target(t)
			report, err := project.Promote(t.Context(), from, acme, p, change(t, p, func(s *project.Spec) { s.Name = "renamed" }))
			require.NoError(t, err)
			assert.EqualValues(t, 3, report.Version)
			assert.Equal(t, "renamed", p.Name())
			holdsOnce(t, own)
		})
		t.Run("activated", func(t *testing.T) {
			p, _ := target(t)
			_, err := project.Promote(t.Context(), from, acme, p, change(t, p, func(s *project.Spec) { s.Inactive = false }))
			require.ErrorIs(t, err, project.ErrConflict)
			_, err = project.Promote(t.Context(), from, acme, p, promoteOptions())
			require.ErrorIs(t, err, project.ErrActive)
		})
		t.Run("deleted", func(t *testing.T) {
			p, _ := target(t)
			_, err := project.Promote(t.Context(), from, acme, p, at("orders", project.PromoteVerified, func() {
				assert.NoError(t, other.Delete(t.Context(), p.ID(), 1))
			}))
			require.ErrorIs(t, err, project.ErrNotFound)
			begun, err := r.Promotions(t.Context())
			require.NoError(t, err)
			for _, b := range begun {
				assert.NotEqual(t, p.ID(), b.Project)
			}
		})
		t.Run("cancelled", func(t *testing.T) {
			p, own := target(t)
			ctx, cancel := context.WithCancel(t.Context())
			_, err := project.Promote(ctx, from, acme, p, at("orders", project.PromoteCopying, cancel))
			require.ErrorIs(t, err, context.Canceled)
			inactive(t, p)
			_, err = project.Promote(t.Context(), from, acme, p, promoteOptions())
			require.NoError(t, err, "at once")
			promoted(t, p, own, from, acme)
		})
		t.Run("closed", func(t *testing.T) {
			p, own := target(t)
			ending := open(t, s)
			theirs, err := ending.Get(t.Context(), p.ID())
			require.NoError(t, err)
			closed := make(chan error, 1)
			_, err = project.Promote(t.Context(), from, acme, theirs, at("orders", project.PromoteCopying, func() {
				go func() { closed <- ending.Close(context.Background()) }()
				assert.Eventually(t, func() bool { _, err := ending.Get(t.Context(), p.ID()); return err != nil }, 10*time.Second, time.Millisecond)
			}))
			require.ErrorIs(t, err, project.ErrClosed)
			require.NoError(t, <-closed, "it has waited")
			inactive(t, p)
			_, err = project.Promote(t.Context(), from, acme, p, promoteOptions())
			require.NoError(t, err, "at once")
			promoted(t, p, own, from, acme)
		})
	})
}

// One promotion runs at a time; when its instance is gone another takes over,
// and if it wasn't gone it can do nothing any more.
func TestPromoteLease(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		own := newPlace(t, testdb.SQLite)
		from := sharedPlace(t, testdb.SQLite).shared(t)
		acme := member(t, from.Enforcer.Schema(), "owner")
		one, two := open(t, s), open(t, s)
		p := create(t, one, ownSpec("acme", own))
		theirs, err := two.Get(t.Context(), p.ID())
		require.NoError(t, err)
		_, err = project.Promote(t.Context(), from, acme, p, at("orders", project.PromoteCopying, func() {
			_, err := project.Promote(t.Context(), from, acme, theirs, promoteOptions())
			assert.ErrorIs(t, err, project.ErrPromotionBusy)
			inactive(t, theirs)
			project.SetPromotionLease(two, 0)
			report, err := project.Promote(t.Context(), from, acme, theirs, promoteOptions())
			require.NoError(t, err)
			assert.False(t, report.Already)
		}))
		require.ErrorIs(t, err, project.ErrPromotionBusy)
		for _, r := range []*project.Registry{one, two} {
			require.NoError(t, r.Refresh(t.Context()))
			p, err := r.Get(t.Context(), p.ID())
			require.NoError(t, err)
			promoted(t, p, own, from, acme)
		}
	})
}

// Who has copied all, but has lost the lease to another who is copying anew,
// doesn't activate what that has half done.
func TestPromoteLeaseLostAtTheEnd(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		all, own := sharedPlace(t, testdb.SQLite), newPlace(t, testdb.SQLite)
		all.exec(t, "PRAGMA journal_mode = WAL") // so that it can be written while it is read
		from := all.shared(t)
		acme := member(t, from.Enforcer.Schema(), "owner")
		one, two := open(t, s), open(t, s)
		project.SetPromotionLease(two, 0)
		p := create(t, one, ownSpec("acme", own))
		theirs, err := two.Get(t.Context(), p.ID())
		require.NoError(t, err)
		_, err = project.Promote(t.Context(), from, acme, p, at("orders", project.PromoteVerified, func() {
			all.exec(t, "INSERT INTO shared_orders VALUES (1000, 'acme', 0, 1, '2024-01-01 12:00:00')")
			ctx, cancel := context.WithCancel(t.Context())
			_, err := project.Promote(ctx, from, acme, theirs, at("orders", project.PromoteCopying, cancel))
			assert.ErrorIs(t, err, context.Canceled)
		}))
		require.ErrorIs(t, err, project.ErrPromotionBusy)
		inactive(t, p)
		all.exec(t, "DELETE FROM shared_orders WHERE id = 1000")
		_, err = project.Promote(t.Context(), from, acme, p, promoteOptions())
		require.NoError(t, err)
		promoted(t, p, own, from, acme)
	})
}

// Of many who promote at once, on two instances, one does.
func TestPromoteOnce(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		own := newPlace(t, testdb.SQLite)
		from := sharedPlace(t, testdb.SQLite).shared(t)
		acme := member(t, from.Enforcer.Schema(), "owner")
		both := []*project.Registry{open(t, s), open(t, s)}
		id := create(t, both[0], ownSpec("acme", own)).ID()
		var did, already atomic.Int64
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				p, err := both[i%2].Get(t.Context(), id)
				if !assert.NoError(t, err) {
					return
				}
				report, err := project.Promote(t.Context(), from, acme, p, promoteOptions())
				switch {
				case err != nil:
					assert.ErrorIs(t, err, project.ErrPromotionBusy)
				case report.Already:
					already.Add(1)
					assert.True(t, p.Active())
				default:
					did.Add(1)
				}
			})
		}
		wg.Wait()
		assert.EqualValues(t, 1, did.Load())
		t.Logf("%d found it done", already.Load())
		require.NoError(t, both[0].Refresh(t.Context()))
		p, err := both[0].Get(t.Context(), id)
		require.NoError(t, err)
		promoted(t, p, own, from, acme)
	})
}

// Promotions and the queries of others share few connections, and nobody waits
// for ever.
func TestPromoteAmongQueries(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		all := sharedPlace(t, testdb.SQLite)
		direct := all.shared(t)
		r := open(t, s, func(c *project.Config) { c.Pools = project.PoolLimits{MaxConns: 4, MaxPools: 4} })
		from := create(t, r, sharedSpec("everybody", all))
		acme := member(t, from.Schema(), "owner")
		var others []*project.Project
		for i := range 10 {
			others = append(others, create(t, r, spec(fmt.Sprint("other", i), notes(t, fmt.Sprint("only ", i)))))
		}
		var targets []*project.Project
		var places []place
		for i := range 4 {
			places = append(places, newPlace(t, testdb.SQLite))
			targets = append(targets, create(t, r, ownSpec(fmt.Sprint("acme", i), places[i])))
		}
		var wg sync.WaitGroup
		for _, p := range targets {
			wg.Go(func() {
				_, err := project.Promote(t.Context(), from, acme, p, promoteOptions())
				assert.NoError(t, err)
			})
		}
		for i := range 100 {
			wg.Go(func() {
				for range 5 {
					seen, err := bodies(t, others[i%10], "ann")
					assert.NoError(t, err)
					assert.Equal(t, []string{fmt.Sprint("only ", i%10)}, seen)
				}
			})
		}
		wg.Wait()
		for i, p := range targets {
			promoted(t, p, places[i], direct, member(t, direct.Enforcer.Schema(), "owner"))
		}
	})
}
