package vault_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/hedgerow/internal/vault"
	"github.com/stretchr/testify/assert"
)

func TestRedact(t *testing.T) {
	for dsn, want := range map[string]string{
		// URLs
		"postgres://app:hunter2@db:5432/shop?sslmode=require":  "postgres://app:[redacted]@db:5432/shop?sslmode=require",
		"postgresql://app@db,db2:5433/shop":                    "postgresql://app@db,db2:5433/shop",
		"postgres://app:a%40b@[::1]:5432":                      "postgres://app:[redacted]@[::1]:5432",
		"postgres://app:@db/shop":                              "postgres://app:[redacted]@db/shop",
		"postgres:///shop?host=/tmp&user=app":                  "postgres:///shop?host=/tmp&user=app",
		"postgres://db/shop?password=hunter2&sslmode=require":  "postgres://db/shop?[redacted]",
		"postgres://db/shop?sslmode=require&sslpassword=a&b=c": "postgres://db/shop?sslmode=require&[redacted]",
		"postgres://db/shop?hunter2":                           "postgres://db/shop?[redacted]",
		"postgres://db/shop?pass%77ord=hunter2":                "postgres://db/shop?[redacted]",
		"clickhouse://token@account.example/db":                "clickhouse://[redacted]",
		"sqlite:///var/lib/shop.db?mode=ro":                    "sqlite:///var/lib/shop.db?mode=ro",
		"POSTGRES://app:hunter2@db/shop":                       "POSTGRES://app:[redacted]@db/shop",
		// URLs that can be read in several ways
		"postgres://app:a@b@db/shop":         "postgres://[redacted]",
		"postgres://app:a/b@db/shop":         "postgres://[redacted]",
		"postgres://app:a?b@db/shop":         "postgres://[redacted]",
		"postgres://app:a#b@db/shop":         "postgres://[redacted]",
		"postgres://app:hunter2":             "postgres://[redacted]",
		"postgres://app:%zz@db/shop":         "postgres://[redacted]",
		"postgres://app:a@db/shop?x=y#frag":  "postgres://[redacted]",
		"postgres://hunter2@db:hunter3/shop": "postgres://[redacted]",
		"hunter2://app@db":                   "[redacted]",
		// go-sql-driver/mysql
		"app:hunter2@tcp(db:3306)/shop?parseTime=true&loc=UTC": "app:[redacted]@tcp(db:3306)/shop?parseTime=true&loc=UTC",
		"app:a@b/c:d@tcp(db:3306)/shop":                        "app:[redacted]@tcp(db:3306)/shop",
		"app@unix(/tmp/mysql.sock)/shop":                       "app@unix(/tmp/mysql.sock)/shop",
		"app:hunter2@/shop":                                    "app:[redacted]@/shop",
		"app:hunter2@tcp(db)/shop?tls=true&x=y":                "app:[redacted]@tcp(db)/shop?tls=true&[redacted]",
		"app:hunter2@tcp(db)/shop?loc=Europe/Berlin":           "[redacted]",
		"app:hunter2@tcp(db)":                                  "[redacted]",
		"app:hunter2@db:3306/shop":                             "[redacted]",
		"app:hunter2/shop":                                     "[redacted]",
		// key=value
		"host=db port=5432 user=app password=hunter2 dbname=shop": "host=db port=5432 user=app [redacted]",
		"host = db user = 'app'  sslmode=require":                 "host=db user='app' sslmode=require",
		"password='it''s' host=db":                                "[redacted]",
		"user=app password='a b' host=db":                         "user=app [redacted]",
		"user=app password=a b host=db":                           "[redacted]",
		"user=app password='a":                                    "[redacted]",
		"user=app passfile=x":                                     "user=app passfile=x",
		"host=db user=hunter\\ 2":                                 "[redacted]",
		"host=db;password=hunter2":                                "[redacted]",
		"server=db;password=hunter2":                              "[redacted]",
		"host=db token=hunter2":                                   "[redacted]",
		// files
		"shop.db":                               "shop.db",
		"/var/lib/my shop.sqlite3":              "/var/lib/my shop.sqlite3",
		":memory:":                              ":memory:",
		"C:/data/shop.duckdb":                   "C:/data/shop.duckdb",
		"file:shop.db?mode=ro&_key=hunter2&x=y": "file:shop.db?mode=ro&[redacted]",
		"shop.db?_pragma=key('hunter2')":        "shop.db?[redacted]",
		// anything else
		"":                 "[redacted]",
		"hunter2":          "[redacted]",
		"a\x00b.db":        "[redacted]",
		"app:hunter2@x.db": "[redacted]",
	} {
		assert.Equal(t, want, vault.Redact(dsn), dsn)
	}
}

// places are where a DSN has a password, with the most that Redact shows of it.
var places = []struct{ before, after, shown string }{
	{"postgres://app:", "@db:5432/shop?sslmode=disable", "postgres://app:[redacted]@db:5432/shop?sslmode=disable"},
	{"postgres://db/shop?sslmode=disable&password=", "&application_name=x", "postgres://db/shop?sslmode=disable&[redacted]"},
	{"host=db user=app password=", " dbname=shop", "host=db user=app [redacted]"},
	{"host=db user=app password='", "' dbname=shop", "host=db user=app [redacted]"},
	{"app:", "@tcp(db:3306)/shop?parseTime=true", "app:[redacted]@tcp(db:3306)/shop?parseTime=true"},
	{"app:", "@unix(/tmp/my.sock)/", "app:[redacted]@unix(/tmp/my.sock)/"},
	{"file:shop.db?mode=ro&_key=", "", "file:shop.db?mode=ro&[redacted]"},
	{"shop.db?_key=", "&mode=ro", "shop.db?[redacted]"},
}

// FuzzRedact: what Redact shows doesn't depend on the password, but for whether
// it shows anything. So no password can be seen, whatever it is.
func FuzzRedact(f *testing.F) {
	for _, password := range append(hard, "x user=y", "a' user='b", "//x", "//x@y/", "//", "x&mode=y", "a://b@tcp(c)/d", "") {
		f.Add(password)
	}
	f.Fuzz(func(t *testing.T, password string) {
		for _, p := range places {
			scheme, _, found := strings.Cut(p.before, "://")
			doubtful := "[redacted]"
			if found {
				doubtful = scheme + "://[redacted]"
			}
			assert.Contains(t, []string{p.shown, doubtful}, vault.Redact(p.before+password+p.after), "%q", password)
		}
		vault.Redact(password)
	})
}
