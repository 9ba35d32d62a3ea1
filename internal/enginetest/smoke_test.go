package enginetest

import (
	"testing"
	"database/sql"
	_ "github.com/duckdb/duckdb-go/v2"
	_ "vitess.io/vitess/go/test/vschemawrapper"
	_ "vitess.io/vitess/go/vt/vtgate/planbuilder"
)

func TestSmoke(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil { t.Fatal(err) }
	var s string
	if err := db.QueryRow("select version()").Scan(&s); err != nil { t.Fatal(err) }
	t.Log(s)
}
