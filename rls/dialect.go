package rls

import "github.com/hedgerow/hedgerow/internal/dialect"

// Dialect is the SQL flavour of a database. The zero Dialect is refused by New.
type Dialect struct{ d *dialect.Dialect }

// The dialects. MySQL is 8.0.31 or newer, MariaDB 10.5, PostgreSQL 14, SQLite 3.46.
var (
	MySQL      = Dialect{dialect.MySQL}
	MariaDB    = Dialect{dialect.MariaDB}
	PostgreSQL = Dialect{dialect.PostgreSQL}
	SQLite     = Dialect{dialect.SQLite}
)

// String is the dialect's name in lower case, or "none" for the zero Dialect.
func (d Dialect) String() string {
	if d.d == nil {
		return "none"
	}
	return d.d.Name
}
