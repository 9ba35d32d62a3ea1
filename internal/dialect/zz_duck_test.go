//go:build duckprobe

package dialect_test

import (
	"database/sql"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/hedgerow/hedgerow/internal/dialect"
)

func init() {
	extra = func(t *testing.T) engine {
		db, err := sql.Open("duckdb", "")
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		return engine{db, dialect.DuckDB}
	}
}
