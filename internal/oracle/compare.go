package oracle

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

// Database is a database product.
type Database struct {
	Name    string // of the dialect, in lower case
	Dialect rls.Dialect
	// Open gives a pool to a new, empty database, whose statements end with an
	// error after a second or two.
	Open func() *sql.DB
}

// pools are the databases that must answer alike, two by two.
type pools struct{ shared, twin, hidden, none, calm *sql.DB }

// Harness runs enforced statements on databases that must answer alike.
type Harness struct {
	Database
	pools
	enforcers map[string]enforced
}

type enforced struct {
	*rls.Enforcer
	session session.Session
}

// NewHarness loads the databases: one with all rows and one with the visible
// ones, one with the hidden rows and one with none.
func NewHarness(ctx context.Context, d Database) (*Harness, error) {
	h := &Harness{Database: d, enforcers: map[string]enforced{}}
	for _, p := range []struct {
		db              **sql.DB
		visible, hidden bool
	}{{&h.shared, true, true}, {&h.twin, true, false}, {&h.hidden, false, true}, {&h.none, false, false}, {&h.calm, true, true}} {
		*p.db = d.Open()
		if err := load(ctx, *p.db, d.Name, p.visible, p.hidden); err != nil {
			return nil, err
		}
	}
	if err := soothe(ctx, h.calm); err != nil {
		return nil, err
	}
	for _, kind := range Kinds() {
		e, s, err := enforcer(d.Dialect, kind)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		h.enforcers[kind] = enforced{e, s}
	}
	return h, nil
}

// soothe gives hidden rows the values of ordinary ones: whatever still differs
// hangs on how many rows there are.
func soothe(ctx context.Context, db *sql.DB) error {
	for _, s := range []string{
		"UPDATE orders SET amount = 3, price = 1.5, ratio = 2.5, note = 'calm', body = 'calm', status = 'calm', d = '2024-01-01', ts = '2024-01-01 00:00:00', paid = TRUE WHERE id IN (1, 4, 6, 9, 11, 50, 51, 52, 53, 54)",
		"UPDATE customers SET name = 'calm', region = 'calm', email = 'calm', score = 3 WHERE id >= 50",
	} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// Config says what to try.
type Config struct {
	Queries int
	Seed    uint64
	Kinds   []string // of policies; nil for all
	// Quiet makes no expressions that can fail.
	Quiet bool
	// Interpolated writes the arguments into the text of every other statement.
	Interpolated bool
	// Most ends the run after so many differences; 0 is one.
	Most int
}

// Difference is a statement that doesn't answer alike.
type Difference struct {
	Number     int
	Kind       string // of policies
	Query, SQL string
	Args       []any
	Pair       string // the databases
	A, B       string // what they said
	// Values says that hidden rows' values matter, and not only how many rows
	// there are.
	Values bool
}

func (d *Difference) String() string {
	return fmt.Sprintf("number %d, policies %q, %s, by %s:\n  %s\n  %s\n  %v\n  %.300s\n  %.300s", d.Number, d.Kind, d.Pair,
		map[bool]string{true: "hidden values", false: "the number of rows"}[d.Values], cut(d.Query), cut(d.SQL), d.Args, d.A, d.B)
}

var repeats = regexp.MustCompile(`(%a|a){100,}`)

// cut shortens long constants.
func cut(s string) string {
	return repeats.ReplaceAllStringFunc(s, func(r string) string { return fmt.Sprintf("<%.2s… of %d bytes>", r, len(r)) })
}

// planned reports whether a difference is one of Report.Planned.
func (d *Difference) planned() bool {
	failed := func(answer string) bool { return strings.HasPrefix(answer, "error: ") }
	return !d.Values && failed(d.A) != failed(d.B)
}

// Class tells differences of one kind from others.
func (d *Difference) Class() string {
	return fmt.Sprintf("%s, %s: %s / %s", d.Kind, d.Pair, class(d.A), class(d.B))
}

var numbers = regexp.MustCompile(`'[^']*'|"[^"]*"|\d+`)

func class(answer string) string {
	if !strings.HasPrefix(answer, "error: ") {
		return "rows"
	}
	return fmt.Sprintf("%.70s", numbers.ReplaceAllString(answer, "…"))
}

// Report tells what became of the statements.
type Report struct {
	Queries, Refused, Failed, Full, Slow int
	// Risky statements held an expression that can fail.
	Risky       int
	Refusals    map[string]int
	Failures    map[string]int // on both sides
	Differences []*Difference
	// Planned differences are errors that visible rows alone can raise, on one
	// side only, and that depend on how many rows there are but not on what they
	// hold: the planner chose another order. What statistics tell isn't promised
	// to be hidden.
	Planned []*Difference
	// Crashed are the enforced statements of which one took the server down.
	Crashed []string
	Took    time.Duration
}

func (r *Report) String() string {
	share := func(n int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(max(1, r.Queries))) }
	return fmt.Sprintf("%d statements in %v (%.0f a second): refused %s, error on both %s, with rows %s, can fail %s, too slow %d; %d differences, %d by plans%s",
		r.Queries, r.Took.Round(time.Millisecond), float64(r.Queries)/r.Took.Seconds(), share(r.Refused), share(r.Failed), share(r.Full), share(r.Risky), r.Slow, len(r.Differences), len(r.Planned), strings.Join(append([]string{""}, r.Crashed...), "\nthe server is gone, perhaps by "))
}

// Shortest gives the shortest difference of each class, by the class and how many
// there are.
func (r *Report) Shortest() map[string]*Difference {
	classes := map[string][]*Difference{}
	for _, d := range r.Differences {
		classes[d.Class()] = append(classes[d.Class()], d)
	}
	out := map[string]*Difference{}
	for class, all := range classes {
		out[fmt.Sprintf("%s (%d)", class, len(all))] = slices.MinFunc(all, func(a, b *Difference) int { return len(a.Query) - len(b.Query) })
	}
	return out
}

// Sound reports whether the statements could have shown anything: had most of
// them been refused or failed on both sides, they couldn't.
func (r *Report) Sound() error {
	n := max(1, r.Queries)
	switch {
	case len(r.Crashed) > 0:
		return errors.New("the server is gone, by one of\n" + strings.Join(r.Crashed, "\n"))
	case r.Refused*10 > n*3:
		return errors.New("too many statements are refused")
	case r.Failed*2 > n:
		return errors.New("too many statements fail")
	case r.Full*5 < n:
		return errors.New("too few statements give rows")
	case len(r.Planned)*200 > n+600:
		return fmt.Errorf("too many plans show, as for\n%v", r.Planned[0])
	case r.Slow*50 > n+100:
		return errors.New("too many statements are slow")
	}
	return nil
}

// workers run statements at the same time.
const workers = 4

// Run tries random statements.
func (h *Harness) Run(ctx context.Context, c Config) *Report {
	r := &Report{Refusals: map[string]int{}, Failures: map[string]int{}}
	start := time.Now()
	var mu sync.Mutex
	next := 0
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				done := i >= c.Queries || len(r.Differences) >= max(1, c.Most) || len(r.Crashed) > 0 || ctx.Err() != nil
				mu.Unlock()
				if done {
					return
				}
				h.try(ctx, c, i, r, &mu)
			}
		})
	}
	wg.Wait()
	r.Took = time.Since(start)
	slices.SortFunc(r.Differences, func(a, b *Difference) int { return a.Number - b.Number })
	return r
}

// try makes and runs the statement of a number, which the seed and the number decide.
func (h *Harness) try(ctx context.Context, c Config, number int, r *Report, mu *sync.Mutex) {
	kinds := c.Kinds
	if len(kinds) == 0 {
		kinds = Kinds()
	}
	kind := kinds[number%len(kinds)]
	g := &generator{Rand: rand.New(rand.NewPCG(c.Seed, uint64(number))), options: options{dialect: h.Name, quiet: c.Quiet}}
	query := g.statement()
	in := c.Interpolated && number%2 == 1
	got := h.ask(ctx, kind, query.String(), in)
	if got.diff != nil { // not by chance
		got = h.ask(ctx, kind, query.String(), in)
	}
	if got.diff != nil {
		got.diff = h.shrink(ctx, kind, query, got.diff, in)
		got.diff.Number = number
	}
	mu.Lock()
	defer mu.Unlock()
	r.Queries++
	if g.booms > 0 {
		r.Risky++
	}
	switch {
	case got.refused != nil:
		r.Refused++
		r.Refusals[class("error: "+got.refused.Error())]++
	case got.gone:
		r.Crashed = append(r.Crashed, query.String())
	case got.slow:
		r.Slow++
	case got.diff != nil && got.diff.planned():
		r.Planned = append(r.Planned, got.diff)
	case got.diff != nil:
		r.Differences = append(r.Differences, got.diff)
	case strings.HasPrefix(got.answer, "error: "):
		r.Failed++
		r.Failures[class(got.answer)]++
	case got.answer != "":
		r.Full++
	}
}

// Check runs one query under policies of a kind.
func (h *Harness) Check(ctx context.Context, kind, query string) (*Difference, error) {
	got := h.ask(ctx, kind, query, false)
	if got.slow {
		return nil, errors.New("too slow")
	}
	return got.diff, got.refused
}

// asked is what came of a query.
type asked struct {
	refused error
	slow    bool
	gone    bool
	answer  string // of the database with all rows
	diff    *Difference
}

// ask enforces a query and runs it everywhere.
func (h *Harness) ask(ctx context.Context, kind, query string, interpolate bool) asked {
	e := h.enforcers[kind]
	st, err := e.Enforce(ctx, e.session, query)
	if err != nil {
		return asked{refused: err}
	}
	text, args := st.SQL, st.Args
	if interpolate {
		text, args = interpolated(text, args), nil
	}
	out := asked{}
	for _, pair := range []struct {
		name string
		a, b *sql.DB
	}{{"shared and twin", h.shared, h.twin}, {"hidden and none", h.hidden, h.none}} {
		a, b := run(ctx, pair.a, text, args), run(ctx, pair.b, text, args)
		if a.slow || b.slow || a.gone || b.gone {
			out.slow, out.gone = true, a.gone || b.gone
			return out
		}
		if pair.a == h.shared {
			out.answer = a.String()
		}
		if !alike(a, b) || strings.Contains(a.String(), "CANARY") {
			out.diff = &Difference{Kind: kind, Query: query, SQL: st.SQL, Args: st.Args, Pair: pair.name, A: a.String(), B: b.String()}
			out.diff.Values = pair.a != h.shared || !alike(a, run(ctx, h.calm, text, args))
			return out
		}
	}
	return out
}

// interpolated writes arguments in place of the question marks. Constants of the
// text are hexadecimal, so no other question mark is in it.
func interpolated(text string, args []any) string {
	for _, a := range args {
		value := fmt.Sprint(a)
		if s, ok := a.(string); ok {
			value = "_utf8mb4 X'" + hex.EncodeToString([]byte(s)) + "'"
		}
		text = strings.Replace(text, "?", value, 1)
	}
	return text
}

// answer is what a database says: rows as a set with repetitions, or an error.
type answer struct {
	rows []string
	err  string
	slow bool
	gone bool
}

func (a answer) String() string {
	if a.err != "" {
		return "error: " + a.err
	}
	return strings.Join(a.rows, "\n")
}

// alike tells whether two answers are the same; of two errors the texts may differ.
func alike(a, b answer) bool {
	if a.err != "" || b.err != "" {
		return a.err != "" && b.err != ""
	}
	if slices.Equal(a.rows, b.rows) {
		return true
	}
	return slices.Equal(rounded(a.rows), rounded(b.rows))
}

// rounded are the rows with numbers of nine digits: sums of floats hang on the
// order of the rows.
func rounded(rows []string) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		cells := strings.Split(r, " | ")
		for j, c := range cells {
			if f, err := strconv.ParseFloat(c, 64); err == nil && strings.ContainsAny(c, ".e") {
				cells[j] = strconv.FormatFloat(f, 'g', 9, 64)
			}
		}
		out[i] = strings.Join(cells, " | ")
	}
	slices.Sort(out)
	return out
}

// mostRows bounds what is read of an answer.
const mostRows = 50_000

func run(ctx context.Context, db *sql.DB, text string, args []any) answer {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return failed(ctx, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return failed(ctx, err)
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var out answer
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return failed(ctx, err)
		}
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = cell(v)
		}
		if out.rows = append(out.rows, strings.Join(cells, " | ")); len(out.rows) > mostRows {
			return answer{slow: true}
		}
	}
	if err := rows.Err(); err != nil {
		return failed(ctx, err)
	}
	slices.Sort(out.rows)
	return out
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case []byte:
		return strconv.Quote(string(v))
	case string:
		return strconv.Quote(v)
	case float64:
		return strconv.FormatFloat(v, 'e', -1, 64)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	default:
		return fmt.Sprint(v)
	}
}

// late are words in the errors of statements that took too long.
var late = []string{"timeout", "interrupted", "max_statement_time", "context deadline", "canceled", "INTERRUPT", "driver: "}

// gone are words in the errors of a server that isn't there any more.
var gone = []string{"bad connection", "invalid connection", "connection refused", "broken pipe", "unexpected EOF", "no such file"}

func failed(ctx context.Context, err error) answer {
	text := err.Error()
	has := func(word string) bool { return strings.Contains(text, word) }
	if ctx.Err() == nil && slices.ContainsFunc(gone, has) {
		return answer{gone: true}
	}
	for _, word := range late {
		if strings.Contains(text, word) || ctx.Err() != nil {
			return answer{slow: true}
		}
	}
	return answer{err: text}
}

// mostShrinks bounds the work on one difference.
const mostShrinks = 1500

// shrink makes the query as small as can be while the same thing differs.
func (h *Harness) shrink(ctx context.Context, kind string, query *node, d *Difference, in bool) *Difference {
	tries := 0
	for again := true; again; {
		again = false
		for _, less := range query.smaller() {
			text := less.String()
			if len(text) >= len(query.String()) {
				continue
			}
			if tries++; tries > mostShrinks || ctx.Err() != nil {
				return d
			}
			got := h.ask(ctx, kind, text, in)
			if got.diff != nil && sameSort(got.diff, d) {
				query, d, again = less, got.diff, true
				break
			}
		}
	}
	return d
}

// sameSort tells whether both differences are between rows, or rows and an error.
func sameSort(a, b *Difference) bool {
	fails := func(s string) bool { return strings.HasPrefix(s, "error: ") }
	return a.Pair == b.Pair && fails(a.A) == fails(b.A) && fails(a.B) == fails(b.B) && a.Values == b.Values
}

// Beginning gives a connector whose connections begin with a statement.
func Beginning(c driver.Connector, statement string) driver.Connector { return beginning{c, statement} }

type beginning struct {
	driver.Connector
	statement string
}

func (b beginning) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := b.Connector.Connect(ctx)
	if err != nil || b.statement == "" {
		return conn, err
	}
	execer, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.New("this driver has no ExecContext")
	}
	_, err = execer.ExecContext(ctx, b.statement, nil)
	return conn, err
}
