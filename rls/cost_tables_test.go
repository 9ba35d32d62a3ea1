package rls_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/semantic"
)

// costSchema are the tables of several tenants.
type costSchema struct {
	tables   []costTable
	policies string
	tenants  []any
	asks     any // the tenant of the session
}

// costTable is a table with as many rows for each tenant.
type costTable struct {
	name    string
	columns string   // names and types
	keys    []string // the columns of each index, the primary key first
	rows    int
	row     func(r *rand.Rand, n int) string // the values after the tenant's
	shared  bool                             // there is no tenant
}

// costTypes are the types of columns and of the fields over them.
var costTypes = map[string]semantic.Datatype{
	"int": semantic.Integer, "decimal(12,2)": semantic.Decimal, "varchar(60)": semantic.String,
	"date": semantic.Date, "timestamp": semantic.DateTime,
}

func (s costSchema) model() string {
	var m strings.Builder
	m.WriteString("version: \"0.2.0\"\nsemantic_model:\n  - name: cost\n    datasets:\n")
	for _, t := range s.tables {
		fmt.Fprintf(&m, "      - name: %s\n        source: %s\n        fields:\n", t.name, t.name)
		for c := range strings.SplitSeq(t.columns, ", ") {
			name, kind, _ := strings.Cut(c, " ")
			fmt.Fprintf(&m, "          - {name: %s, datatype: %s, expression: {dialects: [{dialect: ANSI_SQL, expression: %s}]}}\n", name, costTypes[kind], name)
		}
	}
	return m.String()
}

// load fills a new database. The rows are the same each time, and those of the
// tenants lie side by side, as they do where all use a table at once.
func (s costSchema) load(b *testing.B, k testdb.Kind) *sql.DB {
	b.Helper()
	db := testdb.Open(b, k)
	exec := func(statement string) {
		_, err := db.Exec(statement)
		require.NoError(b, err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, t := range s.tables {
		columns := t.columns
		if k == testdb.MariaDB {
			columns = strings.ReplaceAll(columns, "timestamp", "datetime")
		}
		exec(fmt.Sprintf("CREATE TABLE %s (%s, PRIMARY KEY (%s))", t.name, columns, t.keys[0]))
		var values []string
		for n := range t.rows {
			for _, tenant := range s.tenants {
				if t.shared {
					values = append(values, "("+t.row(r, n)+")")
					break
				}
				values = append(values, fmt.Sprintf("('%v', %s)", tenant, t.row(r, n)))
			}
			if len(values) > 500 || n == t.rows-1 {
				exec("INSERT INTO " + t.name + " VALUES " + strings.Join(values, ", "))
				values = values[:0]
			}
		}
		for i, key := range t.keys[1:] {
			exec(fmt.Sprintf("CREATE INDEX %s_%d ON %s (%s)", t.name, i, t.name, key))
		}
		exec(map[testdb.Kind]string{testdb.SQLite: "ANALYZE ", testdb.PostgreSQL: "VACUUM ANALYZE ", testdb.MariaDB: "ANALYZE TABLE "}[k] + t.name)
	}
	return db
}

// costDay gives a day of so many years, the first of which is given.
func costDay(r *rand.Rand, year, years int) time.Time {
	return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(365*years))
}

func costPick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }
