package project_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls/project"
)

const manyProjects = 10_000

// BenchmarkProjects prints what ten thousand projects cost: bytes of memory for
// each, the time to load one and to get one that is loaded, and the connections
// that are open when many are asked.
func BenchmarkProjects(b *testing.B) {
	for _, equal := range []bool{true, false} {
		b.Run(map[bool]string{true: "equal", false: "different"}[equal], func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "projects.db")
			db, err := sql.Open("sqlite", path+"?_pragma=synchronous(OFF)")
			require.NoError(b, err)
			b.Cleanup(func() { db.Close() })
			ids := manyIn(b, db, equal)
			metrics := map[string]float64{}
			before := heap()
			r := open(b, project.SQLiteStore(db), func(c *project.Config) { c.Pools.MaxPools, c.Pools.MaxConns = 50, 50 })
			start := time.Now()
			loaded := make([]*project.Project, len(ids))
			for i, id := range ids {
				loaded[i], err = r.Get(b.Context(), id)
				require.NoError(b, err)
			}
			metrics["µs/load"] = float64(time.Since(start).Microseconds()) / manyProjects
			metrics["B/project"] = float64(heap()-before) / manyProjects
			goroutines := runtime.NumGoroutine()
			start = time.Now()
			const asked = 1000
			for i := range asked {
				_, err := bodies(b, loaded[i], "ann")
				require.NoError(b, err)
			}
			metrics["µs/query"] = float64(time.Since(start).Microseconds()) / asked
			conns, pools := project.OpenConnections(r)
			metrics["conns"] = float64(conns)
			metrics["pools"] = float64(pools)
			metrics["goroutines"] = float64(runtime.NumGoroutine() - goroutines)
			i := 0
			for b.Loop() {
				if _, err := r.Get(b.Context(), ids[i%len(ids)]); err != nil {
					b.Fatal(err)
				}
				i++
			}
			for unit, v := range metrics {
				b.ReportMetric(v, unit)
			}
			runtime.KeepAlive(loaded)
		})
	}
}

// BenchmarkRollout prints what a change of ten thousand equal projects takes.
func BenchmarkRollout(b *testing.B) {
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "projects.db")+"?_pragma=synchronous(OFF)")
	require.NoError(b, err)
	b.Cleanup(func() { db.Close() })
	manyIn(b, db, true)
	r := open(b, project.SQLiteStore(db))
	n := 0
	for b.Loop() {
		n++
		change := project.Change{Policies: &project.File{Name: "policy.yaml", Text: fmt.Appendf(nil, "%s# %d\n", everyonesPolicies, n)}}
		_, err := r.Rollout(b.Context(), change, project.Selector{All: true}, project.RolloutOptions{})
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n)/manyProjects, "µs/project")
}

// manyIn creates projects over one database of notes.
func manyIn(b *testing.B, db *sql.DB, equal bool) []string {
	b.Helper()
	r, err := project.Open(b.Context(), project.SQLiteStore(db), project.Config{Keys: []project.Key{key("one")}})
	require.NoError(b, err)
	dsn := notes(b, "a1", "b1")
	ids := make([]string, manyProjects)
	for i := range ids {
		s := spec(fmt.Sprint("p", i), dsn)
		if !equal {
			s.Policies.Text = fmt.Appendf(nil, "%s# %d\n", notesPolicies, i)
		}
		ids[i] = create(b, r, s).ID()
	}
	require.NoError(b, r.Close(b.Context()))
	return ids
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
