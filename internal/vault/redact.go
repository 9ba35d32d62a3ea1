package vault

import "strings"

// Redact gives a form of a DSN that may be shown, such as
// postgres://app:[redacted]@host/db?sslmode=require. It knows
//   - URLs and file: names, for databases of several kinds;
//   - go-sql-driver/mysql's user:password@tcp(host)/db?…;
//   - libpq's key=value pairs;
//   - names of SQLite and DuckDB files that end in .db, .sqlite, .sqlite3 or
//     .duckdb, and :memory:.
//
// Parameters are shown up to the first that isn't known to be harmless. Of a
// DSN that is unknown, or that could be read in more than one way, it shows the
// scheme at most, as in postgres://[redacted].
func Redact(dsn string) string {
	if r := read(dsn); r.clear {
		return r.shown
	}
	return doubtful(dsn)
}

// doubtful shows a known scheme only.
func doubtful(dsn string) string {
	if m := scheme.FindStringSubmatch(dsn); m != nil {
		name := strings.ToLower(m[1])
		if _, known := schemes[name]; known {
			return name + "://" + redacted
		}
	}
	return redacted
}
