package vault_test

import (
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/hedgerow/hedgerow/internal/vault"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hard are passwords that break DSNs when they are put in carelessly.
var hard = []string{
	"hunter2", "a b", "p@ss/w:ord?x=1&y#z", `it's "quoted" \ and \\`, "%41%zz", "ünïcode", "${x}", "a'b=c host=evil",
	"x@tcp(evil)/db", "@evil:1/", "tab\tnew\nline", "'", `\`, "+", "trailing ",
}

func TestExpand(t *testing.T) {
	t.Setenv("A", "s e/c")
	t.Setenv("B", "two")
	r := vault.Resolver{Env: []string{""}}
	for template, want := range map[string]string{
		"":                                 "",
		"shop.db":                          "shop.db",
		"${env:A}":                         "s e/c",
		"${env:A}${env:B}":                 "s e/ctwo",
		"postgres://u:${env:A}@h":          "postgres://u:s%20e%2Fc@h",
		"file:x.db?_key=${env:A}":          "file:x.db?_key=s%20e%2Fc",
		"u:${env:A}@tcp(h)/${env:B}":       "u:s e/c@tcp(h)/two",
		"host=h password=${env:A} port=1":  `host=h password=s\ e/c port=1`,
		"host=h password='${env:A}' user=": `host=h password='s\ e/c' user=`,
		"cost $5 and $${env:A} and $":      "cost $5 and ${env:A} and $",
	} {
		s, err := r.Expand(t.Context(), template)
		require.NoError(t, err, template)
		assert.Equal(t, want, s.Reveal())
		assert.Equal(t, "[redacted]", s.String())
	}
	for template, want := range map[string]error{
		"a${env:A":         vault.ErrTemplate,
		"a${":              vault.ErrTemplate,
		"a${}b":            vault.ErrReference,
		"${env:A}${nope:}": vault.ErrReference,
		"${env:UNSET_X}":   vault.ErrUnavailable,
		"${${env:A}}":      vault.ErrReference,
	} {
		s, err := r.Expand(t.Context(), template)
		require.ErrorIs(t, err, want, template)
		assert.NotContains(t, err.Error(), "s e/c")
		assert.Empty(t, s.Reveal())
	}
}

// TestExpandReachesDrivers: the drivers read back every password, and nothing
// of it becomes another part of the DSN.
func TestExpandReachesDrivers(t *testing.T) {
	t.Setenv("PGSERVICEFILE", "/nonexistent")
	r := vault.Resolver{Env: []string{""}}
	for _, password := range hard {
		t.Run(password, func(t *testing.T) {
			t.Setenv("PASSWORD", password)
			for _, template := range []string{
				"postgres://app:${env:PASSWORD}@db.example:5432/shop",
				"postgres://db.example:5432/shop?user=app&password=${env:PASSWORD}",
				"host=db.example user=app password=${env:PASSWORD} dbname=shop port=5432",
				"host=db.example user=app password='${env:PASSWORD}' dbname=shop port=5432",
			} {
				dsn, err := r.Expand(t.Context(), template)
				require.NoError(t, err)
				c, err := pgx.ParseConfig(dsn.Reveal())
				require.NoError(t, err)
				assert.Equal(t, []any{"app", password, "db.example", uint16(5432), "shop"},
					[]any{c.User, c.Password, c.Host, c.Port, c.Database}, template)
			}
			dsn, err := r.Expand(t.Context(), "app:${env:PASSWORD}@tcp(db.example:3306)/shop?parseTime=true")
			require.NoError(t, err)
			c, err := mysql.ParseDSN(dsn.Reveal())
			require.NoError(t, err)
			assert.Equal(t, []any{"app", password, "db.example:3306", "shop"}, []any{c.User, c.Passwd, c.Addr, c.DBName})
		})
	}
}
