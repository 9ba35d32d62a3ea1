package vault_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/hedgerow/hedgerow/internal/vault"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"
)

// leaky is a driver's error that holds a DSN.
type leaky struct{ DSN string }

func (e *leaky) Error() string        { return "can't connect to " + e.DSN }
func (e *leaky) Is(target error) bool { return target == errLeaky }

var errLeaky = errors.New("leaky")

func TestScrub(t *testing.T) {
	t.Setenv("PASSWORD", "p@ss word")
	dsn, err := vault.Resolver{Env: []string{""}}.Expand(t.Context(), "postgres://app:${env:PASSWORD}@db/shop")
	require.NoError(t, err)
	password := vault.NewSecret("hunter2")
	for _, c := range []struct {
		text    string
		secrets []vault.Secret
		want    string
	}{
		{"nothing to hide", []vault.Secret{password, {}}, "nothing to hide"},
		{"no secrets: hunter2", nil, "no secrets: hunter2"},
		{"hunter2 and hunter2", []vault.Secret{password}, "[redacted] and [redacted]"},
		{"cannot open " + dsn.Reveal() + ": no", []vault.Secret{dsn}, "cannot open [redacted]: no"},
		{"cannot open " + strconv.Quote(dsn.Reveal()) + ": no", []vault.Secret{dsn}, `cannot open "[redacted]": no`},
		{"user app at db: p@ss word is wrong", []vault.Secret{dsn}, "user app at db: [redacted] is wrong"},
		{"p%40ss%20word p%40ss+word p@ss%20word", []vault.Secret{dsn}, "[redacted] [redacted] [redacted]"},
		{`p@ss\ word`, []vault.Secret{dsn}, "[redacted]"},
		{"p%40%73s%20word", []vault.Secret{dsn}, "[redacted]"},
		{"lookup ord: no such host", []vault.Secret{dsn}, "lookup ord: no such host"},
		{"lookup word: no such host", []vault.Secret{dsn}, "[redacted]"},
		{"lookup @ss word: no such host", []vault.Secret{dsn}, "[redacted]"},
		{"connection", []vault.Secret{vault.NewSecret("e")}, "[redacted]"},
		{"bad", []vault.Secret{vault.NewSecret("e")}, "bad"},
		{"user hunter2@db", []vault.Secret{vault.NewSecret("postgres://app:hunter2@db/shop")}, "user [redacted]@db"},
		{"a hunter2 b", []vault.Secret{vault.NewSecret("hunter"), password}, "a [redacted] b"},
	} {
		assert.EqualError(t, vault.Scrub(errors.New(c.text), c.secrets...), c.want)
	}
}

// TestScrubUnclear: nothing of an error is shown when it isn't clear what of
// the DSN is secret.
func TestScrubUnclear(t *testing.T) {
	for _, template := range []string{"postgres://app:a@b/hunter2@db/shop", "hunter2", "app:hunter2@tcp(db)", "driver=x;pwd=hunter2"} {
		dsn, err := vault.Resolver{}.Expand(t.Context(), template)
		require.NoError(t, err)
		assert.EqualError(t, vault.Scrub(errors.New("lookup b: no such host"), dsn), "[redacted]", template)
	}
}

func TestScrubKeepsIs(t *testing.T) {
	require.NoError(t, vault.Scrub(nil, vault.NewSecret("hunter2")))
	inner := fmt.Errorf("%w, %w, %w", &leaky{"hunter2"}, context.DeadlineExceeded, driver.ErrBadConn)
	err := fmt.Errorf("project 42: %w", vault.Scrub(vault.Scrub(inner, vault.NewSecret("hunter2"))))
	for _, target := range []error{errLeaky, context.DeadlineExceeded, driver.ErrBadConn} {
		assert.ErrorIs(t, err, target)
	}
	assert.NotErrorIs(t, err, sql.ErrNoRows)
	assertSealed(t, err, "hunter2")
	var l *leaky
	assert.False(t, errors.As(err, &l), "the inner error is out of reach")
}

// assertSealed follows an error to its end: no text shows the secret.
func assertSealed(t *testing.T, err error, secret string) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			assert.NotContains(t, fmt.Sprintf(verb, err), secret)
		}
		_, many := err.(interface{ Unwrap() []error })
		assert.False(t, many)
	}
	asJSON, marshalErr := json.Marshal(err)
	require.NoError(t, marshalErr)
	assert.NotContains(t, string(asJSON), secret)
}

// TestScrubDrivers: what real drivers say about DSNs that don't work.
func TestScrubDrivers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := listener.Addr().String()
	require.NoError(t, listener.Close())
	r := vault.Resolver{Env: []string{""}}
	for _, c := range []struct{ driver, template, shows string }{
		{"pgx", "postgres://app:${env:PASSWORD}@" + closed + "/shop", "user=app"},
		{"pgx", "postgres://app:${env:PASSWORD}@nowhere.invalid/shop?connect_timeout=2", "nowhere.invalid"},
		{"pgx", "postgres://app:${env:PASSWORD}@db:port/shop", ""},
		{"pgx", "postgres://app:${env:PASSWORD}@127.0.0.1:99999/shop", ""},
		{"pgx", "postgres://app:${env:PASSWORD}@db/shop?sslmode=no", ""},
		{"pgx", "postgres://app:${env:PASSWORD}@db/shop?sslpassword=${env:PASSWORD}&sslmode=no", ""},
		{"pgx", "host=127.0.0.1 port=1 user=app password=${env:PASSWORD}", "user=app"},
		{"pgx", "host=127.0.0.1 user=app password='${env:PASSWORD}' sslmode=no", ""},
		{"pgx", "host=127.0.0.1 user=app port=x password=${env:PASSWORD}", ""},
		{"pgx", "host=127.0.0.1 password=${env:PASSWORD} rest", ""},
		{"pgx", "host=127.0.0.1 ${env:PASSWORD}", ""},
		{"pgx", "app:${env:PASSWORD}@db", ""},
		{"pgx", "postgres://app:${env:PASSWORD}@[::1/shop", ""},
		{"mysql", "app:${env:PASSWORD}@tcp(" + closed + ")/shop", "refused"},
		{"mysql", "app:${env:PASSWORD}@tcp(nowhere.invalid:3306)/shop", "nowhere.invalid"},
		{"mysql", "app:${env:PASSWORD}@tcp(db:3306)shop", ""},
		{"mysql", "app:${env:PASSWORD}@tcp(db/shop", ""},
		{"mysql", "app:${env:PASSWORD}@tcp(db)/shop?timeout=${env:PASSWORD}", ""},
		{"mysql", "app:${env:PASSWORD}@tcp(db)/shop?tls=${env:PASSWORD}", ""},
		{"mysql", "app:${env:PASSWORD}@net(db)/shop", ""},
		{"sqlite", "file:/nonexistent/shop.db?_key=${env:PASSWORD}", "unable to open"},
		{"sqlite", "file:/nonexistent/${env:PASSWORD}.db", ""},
		{"sqlite", "/nonexistent/shop.db?_pragma=${env:PASSWORD}", ""},
		{"sqlite", "file::memory:?_pragma=${env:PASSWORD}(", ""},
		{"sqlite", "file:x.db?vfs=${env:PASSWORD}", ""},
		{"sqlite", "file:x.db?_txlock=${env:PASSWORD}", ""},
		{"sqlite", "file:x.db?_time_format=${env:PASSWORD}", ""},
	} {
		for _, password := range []string{"hunter2", "hunter2 p@ss/w:o'rd%zz", "hunter2\\\"\n", "hunter2?a=b&c", "hunter2)/x?y=z"} {
			t.Run(c.driver+" "+c.template+" "+password, func(t *testing.T) {
				t.Setenv("PASSWORD", password)
				dsn, err := r.Expand(t.Context(), c.template)
				require.NoError(t, err)
				err = use(t, c.driver, dsn.Reveal())
				if err == nil {
					return // the driver ignores it
				}
				scrubbed := vault.Scrub(err, dsn)
				t.Logf("%q\n\tbecomes %q", err, scrubbed)
				assertSealed(t, scrubbed, "hunter2")
				assert.NotContains(t, scrubbed.Error(), password)
				assert.Contains(t, scrubbed.Error(), c.shows)
				var parse *pgconn.ParseConfigError
				var connect *pgconn.ConnectError
				var refused *mysql.MySQLError
				var parsed *url.Error
				assert.False(t, errors.As(scrubbed, &parse) || errors.As(scrubbed, &connect) ||
					errors.As(scrubbed, &refused) || errors.As(scrubbed, &parsed))
			})
		}
	}
}

// use makes a driver connect and gives its error.
func use(t *testing.T, driverName, dsn string) error {
	db, err := sql.Open(driverName, dsn)
	if err != nil {
		return err
	}
	defer func() { require.NoError(t, db.Close()) }()
	return db.PingContext(t.Context())
}

var hexDigits = regexp.MustCompile(`%[0-9A-F]{2}`)

// FuzzScrub: no text of an error, whatever a driver makes of a DSN, lets the
// secret through.
func FuzzScrub(f *testing.F) {
	for _, password := range hard {
		f.Add("cannot use ", password, " here")
		f.Add("[reda", password, "cted]")
	}
	f.Add("0%3", "0000000", "0")
	f.Fuzz(func(t *testing.T, before, password, after string) {
		if password == "" || strings.Contains("[redacted]", password) {
			return // nothing to hide
		}
		secret := vault.NewSecret(password)
		dsn, err := vault.Resolver{Host: func(context.Context, string) (string, error) { return password, nil }}.
			Expand(t.Context(), "postgres://app:${host:}@db/shop")
		if err != nil {
			return // too long
		}
		asJSON, err := json.Marshal(password)
		require.NoError(t, err)
		for _, form := range []string{
			password, strconv.Quote(password), string(asJSON), url.QueryEscape(password), url.PathEscape(password),
			hexDigits.ReplaceAllStringFunc(url.QueryEscape(password), strings.ToLower), strconv.Quote(url.QueryEscape(password)), dsn.Reveal(),
		} {
			inner := &leaky{before + form + after}
			for _, s := range []vault.Secret{secret, dsn} {
				scrubbed := vault.Scrub(inner, s)
				if text := scrubbed.Error(); strings.Contains(text, password) || strings.Contains(text, form) && len(form) > 5 {
					t.Fatalf("%q in %q", password, text)
				}
				require.ErrorIs(t, scrubbed, errLeaky)
				require.NoError(t, errors.Unwrap(scrubbed))
			}
		}
		for _, p := range places { // a password that nobody escaped
			raw, err := vault.Resolver{}.Expand(t.Context(), strings.ReplaceAll(p.before+password+p.after, "${", "$${"))
			require.NoError(t, err)
			if len(password) < 12 { // shorter ones may occur in the drivers' own words
				continue
			}
			_, pgErr := pgconn.ParseConfig(raw.Reveal())
			_, mysqlErr := mysql.ParseDSN(raw.Reveal())
			_, urlErr := url.Parse(raw.Reveal())
			for _, err := range []error{pgErr, mysqlErr, urlErr} {
				if err != nil && strings.Contains(vault.Scrub(err, raw).Error(), password) {
					t.Fatalf("%q in %q", password, vault.Scrub(err, raw))
				}
			}
		}
	})
}

// FuzzOpen: no text makes Open panic, and only what Seal wrote opens.
func FuzzOpen(f *testing.F) {
	r := ring(f, key("k", 1))
	sealed, err := r.Seal("hunter2", place)
	require.NoError(f, err)
	for _, text := range []string{sealed, "", "v1:", "v1::", "v1:k:", "v1:k:AAAA", sealed + "A", sealed[:20]} {
		f.Add(text, place)
	}
	f.Add(sealed, "")
	f.Fuzz(func(t *testing.T, text, context string) {
		plain, err := r.Open(text, context)
		if err == nil { // another process may have sealed it
			require.Equal(t, []string{"hunter2", place}, []string{plain, context})
		}
		r.NeedsRotation(text)
	})
}
