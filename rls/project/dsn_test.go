package project_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls/project"
)

// Passwords that drivers read in more than one way, in DSNs of every form, given
// to every driver, in the right field and in wrong ones: no error, history or
// report has any part of them. User names, files and the values of parameters
// that are known to be harmless are no secrets.
func TestOddDSNs(t *testing.T) {
	const mark = "Qz7xKv" // in every password; no error has it by chance
	passwords := []string{
		mark + "plainpassword", mark + "@" + mark, mark + "/" + mark, mark + "#" + mark, mark + "?" + mark, mark + ":" + mark,
		mark + "%zz" + mark, mark + "%40" + mark, mark + " " + mark, mark + "'" + mark, mark + "\\" + mark, mark + "\"" + mark,
		mark + "&" + mark + "=" + mark, mark + ")" + mark + "(", mark + "\n" + mark, mark + "é" + mark, mark + "=" + mark, mark + ";" + mark, mark,
	}
	forms := []string{
		"postgres://app:%s@127.0.0.1:1/db?connect_timeout=1", "postgres://app:%s@127.0.0.1:port/db", "postgres://app@127.0.0.1:1/db?password=%s",
		"postgres://app@127.0.0.1:1/db?sslpassword=%s&sslmode=odd", "postgresql://app:%s@[::1/db", "postgres:app:%s@127.0.0.1:1", "postgres//app:%s@127.0.0.1:1/db",
		"host=127.0.0.1 port=1 user=app password=%s", "host=127.0.0.1 port=1 password='%s' dbname=x", "password = %s host", "user=app pass=%s",
		"host=127.0.0.1 port=1 options='-c x=%s'",
		"app:%s@tcp(127.0.0.1:1)/db?timeout=1s", "app:%s@127.0.0.1:1/db", "app:%s@tcp(127.0.0.1:1/db", "app:%s@tcp(127.0.0.1:1)", "app@tcp(127.0.0.1:1)/db?password=%s",
		"app:%s", "%s", "mysql://app:%s@127.0.0.1:1/db", "app@%s(127.0.0.1:1)/db",
		"file:/no/such/dir/x.db?_pragma=key('%s')",
	}
	t.Chdir(t.TempDir()) // SQLite makes a file of almost everything
	s, _, _ := sqliteStore(t)
	var reported faults
	r := open(t, s, func(c *project.Config) { c.OnError = reported.add })
	dialects := map[string]string{"pgx": "PostgreSQL", "mysql": "MySQL", "sqlite": "SQLite"}
	n, failed := 0, 0
	for _, form := range forms {
		for _, password := range passwords {
			dsn := project.DSN(strings.ReplaceAll(form, "%s", password))
			for driver, dialect := range dialects {
				n++
				sp := spec(fmt.Sprint("p", n), dsn)
				sp.Connection.Driver, sp.Connection.Dialect = driver, dialect
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				err := r.TestConnection(ctx, sp.Connection)
				if err != nil {
					failed++
					assert.NotContains(t, fmt.Sprintf("%v|%+v|%#v|%q", err, err, err, err), mark, "%s given %s", driver, form)
				}
				cancel()
			}
		}
	}
	for _, c := range []project.Connection{
		{Driver: "app:" + mark + "@tcp(h)/db", Dialect: "SQLite", DSN: "x.db"}, {Driver: "sqlite", Dialect: "postgres://a:" + mark + "@h/db", DSN: "x.db"},
	} {
		sp := spec("wrong field", "")
		sp.Connection = c
		_, err := r.Create(t.Context(), sp)
		require.ErrorIs(t, err, project.ErrInvalid)
		assert.NotContains(t, fmt.Sprintf("%v|%+v|%#v", err, err, err), mark)
		assert.NotContains(t, fmt.Sprint(r.TestConnection(t.Context(), c)), mark)
	}
	assert.NotContains(t, fmt.Sprint(reported.all()), mark)
	t.Logf("%d DSNs, of which %d failed", n, failed)
}
