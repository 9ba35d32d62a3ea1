package transfer

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/semantic"
)

// kind is what a database can differ in, as data.
type kind struct {
	*dialect.Dialect

	// snapshot begins a transaction that only reads, all of it from one moment.
	snapshot sql.TxOptions
	// params is how many parameters a statement may have.
	params int

	// types are the columns that hold a datatype exactly. Strings compare by code
	// point. keyString is a string that an index can hold.
	types     map[semantic.Datatype]string
	keyString string
	// decimals is the format of a decimal column with precision and scale, up to
	// maxPrecision and maxScale; types has the widest.
	decimals               string
	maxPrecision, maxScale int64
	// indexesInside: indexes are made by CREATE TABLE, which is no transaction.
	indexesInside bool
	// indexSchema: the schema stands before an index's name, not its table's.
	indexSchema  bool
	tableOptions string

	// realDecimals: decimals are kept as 64-bit numbers.
	realDecimals bool
	// nonFinite: there are infinities and NaN.
	nonFinite bool
	// instants: the driver gives a DateTimeTz as the instant that it is.
	// Otherwise it gives the digits that the connection's time zone shows, and zone is
	// the query of that zone.
	instants bool
	zone     string
	// zeroDates: the driver gives 0000-00-00 as the zero time.
	zeroDates bool
	// offset is written after a DateTimeTz.
	offset string
}

// kindOf finds the kind of a dialect, by its name.
func kindOf(name string) (*kind, error) {
	name, _, _ = strings.Cut(name, "-") // a variant's tables are no others
	for _, k := range []*kind{&sqlite, &postgresql, &mariadb, &mysql} {
		if k.Name == name {
			return k, nil
		}
	}
	return nil, fmt.Errorf("transfer: %w: the dialect %s", ErrUnsupported, name)
}

var sqlite = kind{
	Dialect:  dialect.SQLite,
	snapshot: sql.TxOptions{ReadOnly: true}, // the first SELECT takes the snapshot
	params:   32766,
	types: map[semantic.Datatype]string{
		semantic.String: "TEXT", semantic.Integer: "INTEGER", semantic.Decimal: "NUMERIC", semantic.Float: "REAL",
		semantic.Boolean: "INTEGER", semantic.Date: "TEXT", semantic.Time: "TEXT", semantic.DateTime: "TEXT", semantic.DateTimeTz: "TEXT",
	},
	keyString:    "TEXT",
	indexSchema:  true,
	realDecimals: true,
	instants:     true,
}

var postgresql = kind{
	Dialect:  dialect.PostgreSQL,
	snapshot: sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	params:   65535,
	types: map[semantic.Datatype]string{
		semantic.String: `text COLLATE "C"`, semantic.Integer: "bigint", semantic.Decimal: "numeric", semantic.Float: "double precision",
		semantic.Boolean: "boolean", semantic.Date: "date", semantic.Time: "time", semantic.DateTime: "timestamp", semantic.DateTimeTz: "timestamptz",
	},
	keyString:    `text COLLATE "C"`,
	decimals:     "numeric(%d, %d)",
	maxPrecision: 1000, maxScale: 1000,
	nonFinite: true,
	instants:  true,
	offset:    "+00",
}

var mariadb = mysqlKind(dialect.MariaDB, "utf8mb4_nopad_bin")

var mysql = mysqlKind(dialect.MySQL, "utf8mb4_0900_bin")

func mysqlKind(d *dialect.Dialect, collation string) kind {
	text := " CHARACTER SET utf8mb4 COLLATE " + collation
	return kind{
		Dialect:  d,
		snapshot: sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		params:   65535,
		types: map[semantic.Datatype]string{
			semantic.String: "LONGTEXT" + text, semantic.Integer: "BIGINT", semantic.Decimal: "DECIMAL(65, 30)", semantic.Float: "DOUBLE",
			semantic.Boolean: "BOOLEAN", semantic.Date: "DATE", semantic.Time: "TIME(6)", semantic.DateTime: "DATETIME(6)",
			semantic.DateTimeTz: "TIMESTAMP(6) NULL DEFAULT NULL", // else it would be set by itself
		},
		keyString:    "VARCHAR(255)" + text, // three of them fit into an index
		decimals:     "DECIMAL(%d, %d)",
		maxPrecision: 65, maxScale: 30,
		indexesInside: true,
		tableOptions:  " ENGINE=InnoDB",
		zone:          "SELECT CONCAT(@@time_zone, ' ', @@system_time_zone)",
		zeroDates:     true,
	}
}

// inUTC reads the answer of the query zone.
func inUTC(zone string) bool {
	zone, system, _ := strings.Cut(zone, " ")
	if strings.EqualFold(zone, "SYSTEM") {
		zone = system
	}
	return slices.Contains([]string{"+00:00", "UTC", "ETC/UTC", "GMT"}, strings.ToUpper(zone))
}

// parameter writes the nth parameter of a statement, from 1. It has no number
// where it needs none: SQLite looks each number up among all before it.
func (k *kind) parameter(b *strings.Builder, n int) {
	switch k.Parameter {
	case "", "?":
		b.WriteByte('?')
	default:
		b.WriteString(k.Parameter + strconv.Itoa(n))
	}
}

// decimal is the column for decimals of a precision and scale, or the widest
// one where they aren't known or don't fit.
func (k *kind) decimal(precision, scale int64, known bool) string {
	if !known || k.decimals == "" || precision < 1 || precision > k.maxPrecision || scale < 0 || scale > k.maxScale || scale > precision {
		return k.types[semantic.Decimal]
	}
	return fmt.Sprintf(k.decimals, precision, scale)
}
