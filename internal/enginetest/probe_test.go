package enginetest
import "testing"
func TestProbe(t *testing.T) {
	db := mariadb("").open(t)
	for _, q := range []string{"select @@collation_connection, @@character_set_connection, 'a'='A'", "select pi(), cast(pi() as double), pi()+0e0, stddev_pop(x+0e0), stddev_pop(cast(x as double)), cast(stddev_pop(x) as double) from (select 1 as x union select 2 union select 4) t",
	"select std(x), std(x)+0e0, var_pop(x) from (select 1.25 as x union select 2 union select 4) t", "select round(-2.5e0), round(cast(-2.5e0 as decimal(30,10)))"} {
		r, err := run(t.Context(), db, q)
		t.Log(err, r.rows)
	}
}
