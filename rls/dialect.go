package rls

import "github.com/hedgerow/hedgerow/internal/dialect"

// Dialect is the SQL flavour of a database. The zero Dialect is refused by New.
type Dialect struct{ d *dialect.Dialect }

// The dialects. MySQL is 8.0.31 or newer, MariaDB 10.6, PostgreSQL 14, SQLite
// 3.46, DuckDB 1.4, ClickHouse 25, Trino 450.
//
// Statements of SQLite, PostgreSQL, MariaDB and DuckDB are tested on these
// databases. Those of MySQL, ClickHouse, Trino, Snowflake and BigQuery are
// printed by the same rules from their manuals. ClickHouse, Trino, Snowflake
// and BigQuery have no barrier that is known to keep the caller's expressions
// away from hidden rows, so queries that need one are refused there.
var (
	MySQL      = Dialect{dialect.MySQL}
	MariaDB    = Dialect{dialect.MariaDB}
	PostgreSQL = Dialect{dialect.PostgreSQL}
	SQLite     = Dialect{dialect.SQLite}
	DuckDB     = Dialect{dialect.DuckDB}
	ClickHouse = Dialect{dialect.ClickHouse}
	Trino      = Dialect{dialect.Trino}
	Snowflake  = Dialect{dialect.Snowflake}
	BigQuery   = Dialect{dialect.BigQuery}
)

// PostgreSQLCollations is PostgreSQL for databases in which columns of text have
// several collations of their own (CREATE TABLE … COLLATE …), other than the
// database's. To compare two such columns is an error there, raised row by row, so
// queries that do cost a barrier; and rules that do can't use an index. The
// name is "postgresql-collations"; models give it the expressions of PostgreSQL.
var PostgreSQLCollations = Dialect{dialect.PostgreSQLCollations}

// String is the dialect's name in lower case, or "none" for the zero Dialect.
func (d Dialect) String() string {
	if d.d == nil {
		return "none"
	}
	return d.d.Name + d.d.Variant
}
