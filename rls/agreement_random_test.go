package rls_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
)

var (
	agreementCases = flag.Int("agreement.cases", 1000, "random cases, a ruling and a session each, that databases and cel-go must agree on, per seed")
	agreementSeed  = flag.Uint64("agreement.seed", 0, "their seed; 0 for two runs, with seed 1 and with a fresh one")
	agreementCase  = flag.Int("agreement.case", -1, "the only case to try; its neighbours come along")
)

var agreementDialects = map[testdb.Kind]rls.Dialect{testdb.SQLite: rls.SQLite, testdb.PostgreSQL: rls.PostgreSQL, testdb.MariaDB: rls.MariaDB}

// TestRandomAgreement: for random policies, rows and sessions, every database
// at hand returns exactly the rows that cel-go lets through, in UTC and in
// another time zone of the connection. A case that fails is reported with its
// number; -agreement.seed and -agreement.case make it again.
func TestRandomAgreement(t *testing.T) {
	runs := []struct {
		name, zone string
		seed       uint64
	}{{"fixed", "America/New_York", fixedSeed}, {"fresh", "Asia/Kathmandu", uint64(time.Now().UnixNano())}}
	if *agreementSeed != 0 {
		runs = runs[:1]
		runs[0].name, runs[0].seed = "given", *agreementSeed
	}
	for _, run := range runs {
		t.Run(run.name, func(t *testing.T) {
			t.Logf("-agreement.seed=%d", run.seed)
			agreementRun(t, run.seed, run.zone)
		})
	}
}

const (
	fixedSeed         = 1
	agreementFamilies = 3
)

// agreementRun makes batches and gives each to every database.
func agreementRun(t *testing.T, seed uint64, zone string) {
	var families []*family
	for i := range agreementFamilies {
		families = append(families, newFamily(t, rand.New(rand.NewPCG(seed, 1<<32+uint64(i))), i))
	}
	var databases []*agreementDB
	for _, k := range testdb.Kinds() {
		t.Run(string(k), func(t *testing.T) {
			x := openAgreement(t, k, zone, families, seed)
			databases = append(databases, x)
			wait := x.work(t)
			t.Parallel() // until all are open; the work goes on however few tests may run at a time
			wait()
		})
	}
	c := &census{partly: map[string]int{}, decisive: map[string]int{}}
	t.Cleanup(func() { c.report(t, seed != fixedSeed) }) // when the databases are done
	first, last := 0, (*agreementCases+casesInBatch-1)/casesInBatch
	if *agreementCase >= 0 {
		first = *agreementCase / casesInBatch
		last = first + 1
	}
	produce(t, families, seed, first, last, c, databases)
}

// produce makes batches in the background.
func produce(t *testing.T, families []*family, seed uint64, first, last int, c *census, databases []*agreementDB) {
	var next atomic.Int64
	var workers sync.WaitGroup
	next.Store(int64(first))
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for n := int(next.Add(1) - 1); n < last; n = int(next.Add(1) - 1) {
				b, dropped, err := newBatch(families, seed, n)
				if !assert.NoError(t, err, "batch %d", n) {
					break
				}
				c.count(seed, b, dropped)
				for _, x := range databases {
					x.give(b)
				}
			}
		})
	}
	go func() {
		workers.Wait()
		for _, x := range databases {
			close(x.batches)
		}
	}()
}

// agreementDB is a database that holds the families, over connections in UTC and in
// another time zone.
type agreementDB struct {
	kind    testdb.Kind
	seed    uint64
	zones   []*sql.DB
	batches chan *batch
	stopped chan struct{} // after a failure
	once    sync.Once
}

func openAgreement(t *testing.T, k testdb.Kind, zone string, families []*family, seed uint64) *agreementDB {
	x := &agreementDB{kind: k, seed: seed, batches: make(chan *batch, 4), stopped: make(chan struct{})}
	options := []testdb.Options{{}, {TimeZone: zone}}
	if k == testdb.SQLite {
		options = options[:1]
	}
	for _, o := range options {
		if k == testdb.MariaDB {
			o.Collation = "utf8mb4_unicode_ci"
		}
		db := testdb.OpenWith(t, k, o)
		for _, w := range families {
			w.load(t, db, k, o.TimeZone)
		}
		x.zones = append(x.zones, db)
	}
	return x
}

// give hands on a batch, unless the database has failed.
func (x *agreementDB) give(b *batch) {
	select {
	case x.batches <- b:
	case <-x.stopped:
	}
}

// work tries batches in the background, until there are no more or one fails.
func (x *agreementDB) work(t *testing.T) (wait func()) {
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for {
				select {
				case <-x.stopped:
					return
				case b, more := <-x.batches:
					if !more {
						return
					}
					if f := x.try(b); f != nil {
						x.fail(t, b, f)
						return
					}
				}
			}
		})
	}
	return workers.Wait
}

// fail tells of the first failure, and stops the others.
func (x *agreementDB) fail(t *testing.T, b *batch, f *failure) {
	x.once.Do(func() {
		close(x.stopped)
		t.Error(x.explain(b, f))
	})
}

// zone is the connections that a batch is tried on.
func (x *agreementDB) zone(b *batch) *sql.DB { return x.zones[(b.number+b.number/8)%len(x.zones)] }

// failure is a case on which the database and cel-go disagree.
type failure struct {
	session int
	ruling  ruling
	problem string
	sql     string
	args    []any
}

// try runs all cases of a batch.
func (x *agreementDB) try(b *batch) *failure {
	e, err := rls.New(rls.Config{Policies: b.set, Dialect: agreementDialects[x.kind]})
	if err != nil {
		return &failure{ruling: b.rulings[0], problem: err.Error()}
	}
	for session := range b.sessions {
		if f := x.tryRefused(b, e, session); f != nil {
			return f
		}
		if f := x.tryAllowed(b, e, session); f != nil {
			return f
		}
	}
	return nil
}

// tryRefused wants the datasets that cel-go can't decide to be refused.
func (x *agreementDB) tryRefused(b *batch, e *rls.Enforcer, session int) *failure {
	for i, r := range b.rulings {
		if !b.verdicts[session][i].refused {
			continue
		}
		st, err := e.Enforce(context.Background(), b.sessions[session], "SELECT id FROM "+slotName(r.slot))
		if err == nil {
			return &failure{session, r, "should be refused", st.SQL, st.Args}
		}
		if !errors.Is(err, rls.ErrDenied) && !errors.Is(err, rls.ErrUnknownName) {
			return &failure{session: session, ruling: r, problem: err.Error()}
		}
	}
	return nil
}

// seen is a row that a database gave.
type seen struct {
	slot, id int
	fields   map[string]any
}

// tryAllowed runs one query over all the other datasets, and holds its rows
// against cel-go's verdicts, and those of variants against each other.
func (x *agreementDB) tryAllowed(b *batch, e *rls.Enforcer, session int) *failure {
	var queries []string
	var last ruling
	for i, r := range b.rulings {
		if b.verdicts[session][i].refused {
			continue
		}
		fields := ""
		if b.masked {
			fields = ", s, n, b, d"
		}
		queries = append(queries, fmt.Sprintf("SELECT %d AS slot, id%s FROM %s", r.slot, fields, slotName(r.slot)))
		last = r
	}
	if len(queries) == 0 {
		return nil
	}
	st, err := e.Enforce(context.Background(), b.sessions[session], strings.Join(queries, " UNION ALL "))
	if err != nil {
		return &failure{session: session, ruling: last, problem: err.Error()}
	}
	got, err := readSeen(x.zone(b), st, b.masked)
	if err != nil && strings.Contains(err.Error(), "Error 1271") { // masks of several collations share no column
		got, err = nil, nil
		for _, q := range queries {
			if st, err = e.Enforce(context.Background(), b.sessions[session], q); err != nil {
				return &failure{session: session, ruling: last, problem: err.Error()}
			}
			var some []seen
			if some, err = readSeen(x.zone(b), st, b.masked); err != nil {
				break
			}
			got = append(got, some...)
		}
	}
	if err != nil {
		return &failure{session, last, "the database: " + err.Error(), st.SQL, st.Args}
	}
	bySlot := make([][]int, slots)
	for i := range bySlot {
		bySlot[i] = make([]int, thingsInFamily)
	}
	for _, row := range got {
		bySlot[row.slot][row.id]++
	}
	for i, r := range b.rulings {
		v := b.verdicts[session][i]
		if v.refused {
			continue
		}
		for id, visible := range v.visible {
			if n := bySlot[r.slot][id]; n != map[bool]int{true: 1}[visible] {
				return &failure{session, r, fmt.Sprintf("cel-go says %v of a row that the database gives %d times: %v", visible, n, b.things(r)[id]), st.SQL, st.Args}
			}
			if r.like >= 0 && bySlot[r.slot][id] > 0 && r.negated == (bySlot[r.like][id] > 0) {
				return &failure{session, r, fmt.Sprintf("the variant of %s disagrees with it on %v", slotName(r.like), b.things(r)[id]), st.SQL, st.Args}
			}
		}
	}
	for _, row := range got {
		if !b.masked {
			break
		}
		for _, r := range b.rulings {
			if r.slot != row.slot {
				continue
			}
			if problem := b.maskProblem(session, r, b.things(r)[row.id], row.fields); problem != "" {
				return &failure{session, r, fmt.Sprintf("%s\nrow %v", problem, b.things(r)[row.id]), st.SQL, st.Args}
			}
		}
	}
	return nil
}

func readSeen(db *sql.DB, st *rls.Statement, masked bool) ([]seen, error) {
	rows, err := db.Query(st.SQL, st.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []seen
	for rows.Next() {
		var r seen
		var s sql.NullString
		var n sql.NullInt64
		var b sql.NullBool
		var d sql.NullFloat64
		into := []any{&r.slot, &r.id}
		if masked {
			into = append(into, &s, &n, &b, &d)
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		r.fields = map[string]any{}
		for name, v := range map[string]interface{ Value() (driver.Value, error) }{"s": s, "n": n, "b": b, "d": d} {
			if r.fields[name], err = v.Value(); err != nil {
				return nil, err
			}
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// census counts what the cases were like.
type census struct {
	mu                               sync.Mutex
	cases, dropped, refused, partial int
	tried                            int // rulings with a construct taken out
	partly, decisive                 map[string]int
}

// count adds a batch. From some of its rulings a construct is taken out: it
// was decisive if that changes what cel-go lets through.
func (c *census) count(seed uint64, b *batch, dropped int) {
	r := rand.New(rand.NewPCG(seed, 1<<40+uint64(b.number)))
	var constructs []string
	var changed []ruling
	var of []int
	for i, x := range b.rulings {
		if uses := x.uses(); x.like < 0 && len(uses) > 0 && !b.tenant {
			construct := pickOf(r, uses...)
			if i := slices.IndexFunc(uses, rare); i >= 0 && r.IntN(2) == 0 {
				construct = uses[i]
			}
			constructs, changed, of = append(constructs, construct), append(changed, x.without(r, construct)), append(of, i)
		}
	}
	other := *b
	comparable := other.assemble(changed) == nil
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropped += dropped
	for session, verdicts := range b.verdicts {
		for i, v := range verdicts {
			c.cases++
			n := v.count()
			if v.refused {
				c.refused++
			}
			if n > 0 && n < len(v.visible) {
				c.partial++
				for _, use := range b.rulings[i].uses() {
					c.partly[use]++
				}
			}
		}
		for i := 0; comparable && i < len(changed); i++ {
			c.tried++
			if v, o := verdicts[of[i]], other.verdicts[session][i]; !v.refused && !o.refused && !slices.Equal(v.visible, o.visible) {
				c.decisive[constructs[i]]++
			}
		}
	}
}

// rare constructs are in few rules, or decide little. They are taken out more
// often.
func rare(construct string) bool {
	return slices.Contains([]string{"to-many in to-many", "to-many exists_one", "-x", "size", "accessor", "/ %", "in map", "string(int)", "list exists"}, construct)
}

// report fails where the cases prove little. With a fresh seed only their sum is
// judged, so that chance doesn't fail it.
func (c *census) report(t *testing.T, fresh bool) {
	t.Logf("%d cases of %d rows each; %d show some rows, %d are refused, %d rulings were left out", c.cases, thingsInFamily, c.partial, c.refused, c.dropped)
	if c.cases < 5000 {
		return
	}
	assert.Greater(t, c.partial, c.cases/2, "too many cases show all rows or none")
	assert.Less(t, c.refused, c.cases/5)
	assert.Less(t, c.dropped, c.cases/casesInBatch/10, "the generator writes what Parse refuses")
	var line []string
	for _, construct := range constructs {
		line = append(line, fmt.Sprintf("%s %d/%d", construct, c.decisive[construct], c.partly[construct]))
		if fresh {
			continue
		}
		assert.GreaterOrEqual(t, c.partly[construct], c.cases/400, "too few cases with %s show some rows", construct)
		assert.GreaterOrEqual(t, c.decisive[construct], c.cases/5000, "%s decided too little", construct)
	}
	t.Logf("decisive of %d / in cases that show some rows: %s", c.tried, strings.Join(line, ", "))
}
