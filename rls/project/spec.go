package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hedgerow/hedgerow/rls"
)

// Spec is what a host writes of a project.
type Spec struct {
	// Name is unique among the projects that aren't deleted: 1 to 200 characters,
	// none of them a control character.
	Name string
	// Model and Policies are a semantic model and a policy file.
	Model, Policies File
	Connection      Connection
	// Metadata is the host's own; at most 64 KiB.
	Metadata map[string]string
	// Inactive projects refuse queries with ErrInactive.
	Inactive bool
}

// File is a text and the name that it has in messages, such as "model.yaml".
type File struct {
	Name string
	Text []byte
}

// Connection says how a project's database is reached.
type Connection struct {
	// Driver is the name of a driver that the host has registered with database/sql.
	Driver string
	// Dialect is the name of a dialect of package rls in any letter case, such as
	// "SQLite" or "PostgreSQL".
	Dialect string
	DSN     DSN
}

// DSN is a driver's data source name. It may hold references to secrets, each
// in the form ${env:NAME}, ${file:/path} or ${host:name}, which are looked up at
// each connect; Config says what they may name. In a URL they are
// percent-encoded. A literal ${ is written $${.
//
// A DSN is write-only: a Spec that comes from a Registry has none, and one that
// is left empty in an update stays as it was. Printed, logged and marshalled it
// is "[redacted]"; string(dsn) gives the text.
type DSN string

const redacted = "[redacted]"

var (
	_ fmt.Formatter  = DSN("")
	_ json.Marshaler = DSN("")
	_ slog.LogValuer = DSN("")
)

// String is "[redacted]".
func (d DSN) String() string { return redacted }

// GoString is "[redacted]".
func (d DSN) GoString() string { return redacted }

// Format prints "[redacted]" under every verb.
func (d DSN) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalJSON is "[redacted]".
func (d DSN) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// MarshalText is "[redacted]".
func (d DSN) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue is "[redacted]".
func (d DSN) LogValue() slog.Value { return slog.StringValue(redacted) }

// dialectOf finds a dialect by its name.
func dialectOf(name string) (rls.Dialect, bool) {
	for _, d := range []rls.Dialect{
		rls.MySQL, rls.MariaDB, rls.PostgreSQL, rls.PostgreSQLCollations, rls.SQLite, rls.DuckDB, rls.ClickHouse, rls.Trino, rls.Snowflake, rls.BigQuery,
	} {
		if strings.EqualFold(d.String(), name) {
			return d, true
		}
	}
	return rls.Dialect{}, false
}

const (
	maxName     = 200
	maxFileName = 200
	maxMetadata = 64 << 10
	maxDSN      = 32 << 10
)

func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("the project has no name")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("a name holds no control characters and is UTF-8")
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Errorf("a name has at most %d characters", maxName)
	}
	return nil
}

// checkFile refuses what PostgreSQL can't keep as text.
func checkFile(f File) error {
	switch {
	case !storable(f.Name) || len(f.Name) > maxFileName:
		return fmt.Errorf("the name of the file is no UTF-8 text of at most %d bytes", maxFileName)
	case len(f.Text) == 0:
		return errors.New("the text is empty")
	case !storable(string(f.Text)):
		return errors.New("the text is no UTF-8, or holds a NUL character")
	}
	return nil
}

func checkMetadata(m map[string]string) error {
	size := 0
	for k, v := range m {
		if !storable(k) || !storable(v) {
			return errors.New("a key or a value is no UTF-8, or holds a NUL character")
		}
		size += len(k) + len(v)
	}
	if size > maxMetadata {
		return fmt.Errorf("keys and values have %d bytes; at most %d are allowed", size, maxMetadata)
	}
	return nil
}

func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
