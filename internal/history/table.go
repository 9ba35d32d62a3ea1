package history

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

const columns = `id, project, at, key_id, session, query, fingerprint, decision, duration, row_count, status, error_class`

// insert writes entries in one transaction; those that are there stay as they are.
func (l *Log) insert(ctx context.Context, entries []Entry) error {
	const row = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	var args []any
	for _, e := range entries {
		args = append(args, e.ID, e.Project, store.Micros(e.Time), e.Key, e.Session, e.Query, e.Fingerprint, e.Decision,
			int64(e.Duration), e.Rows, string(e.Status), e.ErrorClass)
	}
	query := `INSERT INTO hedgerow_history (` + columns + `) VALUES ` + row + strings.Repeat(", "+row, len(entries)-1) + ` ON CONFLICT (id) DO NOTHING`
	return l.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

// The number of entries in a page.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// Filter chooses entries. The zero Filter chooses all.
type Filter struct {
	From   time.Time // inclusive; zero: no bound
	To     time.Time // exclusive; zero: no bound
	Status Status    // "" is any
	Key    string    // the id of a key; "" is any or none
	Limit  int       // entries in the page; default 100, at most 1,000
	Before string    // Page.Next of the page before; "" starts with the newest
}

// Page is a part of a project's history, the newest entries first.
type Page struct {
	Entries []Entry
	Next    string // for Filter.Before; "" when there are no more
}

// Query gives entries of a project that have reached the store. It fails with
// ErrInvalid when the filter has a status, limit or cursor that doesn't exist.
func (l *Log) Query(ctx context.Context, project string, f Filter) (Page, error) {
	where, args, err := f.where()
	if err != nil {
		return Page{}, err
	}
	limit := f.limit()
	args = append(append([]any{project}, args...), limit+1) // one more tells whether there is more
	rows, err := l.db.Query(ctx, `SELECT `+columns+` FROM hedgerow_history WHERE project = ?`+where+` ORDER BY at DESC, id DESC LIMIT ?`, args...)
	if err != nil {
		return Page{}, fmt.Errorf("history: %w", err)
	}
	defer rows.Close()
	var p Page
	for rows.Next() {
		e, err := scan(rows.Scan)
		if err != nil {
			return Page{}, fmt.Errorf("history: %w", err)
		}
		p.Entries = append(p.Entries, e)
	}
	if err := rows.Err(); err != nil {
		return Page{}, fmt.Errorf("history: %w", err)
	}
	if len(p.Entries) > limit {
		p.Entries = p.Entries[:limit]
		p.Next = cursor(p.Entries[limit-1])
	}
	return p, nil
}

func (f Filter) limit() int {
	if f.Limit == 0 {
		return defaultLimit
	}
	return min(f.Limit, maxLimit)
}

// where writes the conditions. Those on partial indexes repeat what the index
// says, because a planner doesn't know the values that will be bound.
func (f Filter) where() (string, []any, error) {
	var b strings.Builder
	var args []any
	add := func(condition string, values ...any) {
		b.WriteString(" AND " + condition)
		args = append(args, values...)
	}
	if f.Limit < 0 {
		return "", nil, fmt.Errorf("%w: the limit is negative", ErrInvalid)
	}
	if !f.From.IsZero() {
		add("at >= ?", ceiling(f.From))
	}
	if !f.To.IsZero() {
		add("at < ?", ceiling(f.To))
	}
	if f.Key != "" {
		add("key_id = ? AND key_id <> ''", plain(f.Key, maxWord))
	}
	switch f.Status {
	case "":
	case OK:
		add("status = ?", string(f.Status))
	case Refused, Failed:
		add("status = ? AND status <> 'ok'", string(f.Status))
	default:
		return "", nil, fmt.Errorf("%w: there is no such status", ErrInvalid)
	}
	if f.Before != "" {
		at, id, err := parseCursor(f.Before)
		if err != nil {
			return "", nil, err
		}
		add("(at, id) < (?, ?)", at, id)
	}
	return b.String(), args, nil
}

// ceiling is the first whole microsecond that isn't before a time.
func ceiling(t time.Time) int64 {
	return t.Add(time.Microsecond - time.Nanosecond).UnixMicro()
}

// cursor names an entry's place in the order of time and id.
func cursor(e Entry) string { return strconv.FormatInt(store.Micros(e.Time), 10) + "." + e.ID }

func parseCursor(text string) (int64, string, error) {
	at, id, ok := strings.Cut(text, ".")
	n, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || id == "" || plain(id, maxID) != id {
		return 0, "", fmt.Errorf("%w: the cursor is not one of Page.Next", ErrInvalid)
	}
	return n, id, nil
}

func scan(into func(...any) error) (Entry, error) {
	var e Entry
	var at int64
	err := into(&e.ID, &e.Project, &at, &e.Key, &e.Session, &e.Query, &e.Fingerprint, &e.Decision, &e.Duration, &e.Rows, &e.Status, &e.ErrorClass)
	e.Time = store.Time(at)
	return e, err
}
