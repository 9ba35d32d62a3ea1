// Package history keeps a record of every query of every project.
//
// A [Log] takes entries off the path of queries: they wait in memory, or in a
// spool on disk that survives a killed process, and reach the store in batches.
// An entry has a random id from the moment its query starts, so writing it twice
// has no effect, and nothing is lost or doubled however a process ends.
package history

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hedgerow/hedgerow/internal/store"
)

// Errors of the package.
var (
	// ErrClosed: the log was closed before the entry came.
	ErrClosed = errors.New("history: the log is closed")
	// ErrInvalid: an entry or a filter can't be used as it is.
	ErrInvalid = errors.New("history: invalid")
)

// Status is how a query ended.
type Status string

// The ways in which a query ends.
const (
	OK      Status = "ok"
	Refused Status = "refused" // by a policy, or because it can't be understood
	Failed  Status = "failed"  // by the project's database
)

func (s Status) valid() bool { return s == OK || s == Refused || s == Failed }

// Entry is one query. Texts are kept as valid UTF-8 without NUL; one that is
// longer than its bound is cut and ends with an ellipsis.
type Entry struct {
	// ID is from NewID. Of entries with one id the first is kept.
	ID      string `json:"id"`
	Project string `json:"project"`
	// Time is when the query started, in UTC and whole microseconds.
	Time time.Time `json:"time"`
	// Key is the id of the caller's key, "" when it had none; up to 256 bytes.
	Key string `json:"key,omitempty"`
	// Session is the session in redacted form; up to 4 KiB.
	Session string `json:"session,omitempty"`
	// Query is the logical query; up to 16 KiB.
	Query       string `json:"query,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"` // up to 256 bytes
	Decision    string `json:"decision,omitempty"`    // up to 4 KiB
	// Duration is the time until the rows were closed.
	Duration time.Duration `json:"duration,omitempty"`
	Rows     int64         `json:"rows,omitempty"`
	Status   Status        `json:"status"`
	// ErrorClass is the kind of error, "" when there was none; up to 256 bytes.
	ErrorClass string `json:"error_class,omitempty"`
}

// The bounds of an entry's texts, in bytes.
const (
	maxWord  = 256
	maxText  = 4 << 10
	maxQuery = 16 << 10
	maxID    = 64
)

// NewID makes the id of an entry: 130 random bits.
func NewID() string { return rand.Text() }

// clean gives the entry as both databases can hold it. Ids are refused rather
// than mended, which could make them equal to others.
func (e Entry) clean() (Entry, error) {
	for _, id := range []string{e.ID, e.Project} {
		if id == "" || len(id) > maxID || plain(id, maxID) != id {
			return Entry{}, fmt.Errorf("%w: the entry's id or project", ErrInvalid)
		}
	}
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	if e.Time.Year() < 1970 || e.Time.Year() > 9999 {
		return Entry{}, fmt.Errorf("%w: the entry's time", ErrInvalid)
	}
	if !e.Status.valid() {
		return Entry{}, fmt.Errorf("%w: the entry's status", ErrInvalid)
	}
	e.Key, e.Fingerprint, e.ErrorClass = plain(e.Key, maxWord), plain(e.Fingerprint, maxWord), plain(e.ErrorClass, maxWord)
	e.Session, e.Decision, e.Query = plain(e.Session, maxText), plain(e.Decision, maxText), plain(e.Query, maxQuery)
	e.Duration, e.Rows = max(e.Duration, 0), max(e.Rows, 0)
	return e, nil
}

// size is about what an entry takes in memory.
func (e Entry) size() int {
	return 256 + len(e.Session) + len(e.Query) + len(e.Decision) + len(e.Key) + len(e.Fingerprint) + len(e.ErrorClass)
}

const ellipsis = "…"

// plain gives a text of at most so many bytes that is valid UTF-8 without NUL.
func plain(s string, limit int) string {
	if len(s) <= limit && strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	cut := len(s) > limit
	s = strings.ToValidUTF8(s[:min(len(s), limit)], "\uFFFD")
	s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	if !cut && len(s) <= limit {
		return s
	}
	end := min(len(s), limit-len(ellipsis))
	for end < len(s) && !utf8.RuneStart(s[end]) {
		end-- // s is valid: at most three steps
	}
	return s[:end] + ellipsis // a new string, which doesn't keep a long query alive
}

// Migrations make the table of entries. The indexes serve a project's newest
// entries, the rare ones among them, and retention by age. The row of
// hedgerow_history_turn is locked by whoever deletes.
func Migrations() []store.Migration {
	return []store.Migration{{Name: "history", Statements: []string{
		`CREATE TABLE hedgerow_history (
			id TEXT PRIMARY KEY,
			project TEXT NOT NULL,
			at BIGINT NOT NULL,
			key_id TEXT NOT NULL,
			session TEXT NOT NULL,
			query TEXT NOT NULL,
			fingerprint TEXT NOT NULL,
			decision TEXT NOT NULL,
			duration BIGINT NOT NULL,
			row_count BIGINT NOT NULL,
			status TEXT NOT NULL,
			error_class TEXT NOT NULL
		)`,
		`CREATE INDEX hedgerow_history_project ON hedgerow_history (project, at, id)`,
		`CREATE INDEX hedgerow_history_status ON hedgerow_history (project, status, at, id) WHERE status <> 'ok'`,
		`CREATE INDEX hedgerow_history_key ON hedgerow_history (project, key_id, at, id) WHERE key_id <> ''`,
		`CREATE INDEX hedgerow_history_at ON hedgerow_history (at)`,
		`CREATE TABLE hedgerow_history_turn (one BIGINT PRIMARY KEY)`,
		`INSERT INTO hedgerow_history_turn (one) VALUES (1)`,
	}}}
}
