package project_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
)

const secret = "s3cr3t-p4ssw0rd"

// talkative is a driver that tells its DSN in every error.
type talkative struct{}

func (talkative) Open(dsn string) (driver.Conn, error) { return nil, errors.New("can't open " + dsn) }

// choosy is one that tells it when it looks at the DSN.
type choosy struct{ talkative }

func (choosy) OpenConnector(dsn string) (driver.Connector, error) {
	return nil, errors.New("can't parse " + dsn)
}

var registerTalkative = sync.OnceFunc(func() {
	sql.Register("talkative", talkative{})
	sql.Register("choosy", choosy{})
})

// A password is in nothing that is stored, printed or reported.
func TestSecretsStayHidden(t *testing.T) {
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(old)
	s, _, path := sqliteStore(t)
	r := open(t, s, func(c *project.Config) { c.OnError = nil })

	var seen []string
	show := func(v any) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			seen = append(seen, fmt.Sprintf(verb, v))
		}
		b, err := json.Marshal(v)
		if err == nil {
			seen = append(seen, string(b))
		}
		slog.Info("shown", "value", v)
	}
	for i, dsn := range []project.DSN{
		"postgres://app:" + secret + "@127.0.0.1:1/db?connect_timeout=1",
		"host=127.0.0.1 port=1 user=app password=" + secret,
		"postgres://app:" + secret + "@bad host:port/db",
		"postgres://app:" + secret + "%zz@host/db",
	} {
		sp := spec(fmt.Sprint(i), dsn)
		sp.Connection.Driver, sp.Connection.Dialect = "pgx", "PostgreSQL"
		show(sp)
		show(&sp)
		show(sp.Connection)
		p := create(t, r, sp)
		kept, err := p.Spec(t.Context())
		require.NoError(t, err)
		show(kept)
		show(p)
		page, err := r.List(t.Context(), project.ListOptions{})
		require.NoError(t, err)
		show(page)
		_, err = bodies(t, p, "ann")
		require.ErrorIs(t, err, project.ErrConnection)
		show(err)
		for err != nil { // every error that can be reached
			show(err.Error())
			err = errors.Unwrap(err)
		}
		err = r.TestConnection(t.Context(), sp.Connection)
		require.ErrorIs(t, err, project.ErrConnection)
		show(err)
	}
	registerTalkative()
	for _, driver := range []string{"talkative", "choosy"} {
		sp := spec(driver, "postgres://app:"+secret+"@db/acme")
		sp.Connection.Driver = driver
		p := create(t, r, sp)
		_, err := bodies(t, p, "ann")
		require.ErrorIs(t, err, project.ErrConnection)
		require.ErrorContains(t, err, "can't")
		show(err)
		err = r.TestConnection(t.Context(), sp.Connection)
		require.ErrorIs(t, err, project.ErrConnection)
		show(err)
	}
	my := spec("mysql", "app:"+secret+"@tcp(127.0.0.1:1)/db")
	my.Connection.Driver, my.Connection.Dialect = "mysql", "MySQL"
	err := r.TestConnection(t.Context(), my.Connection)
	require.ErrorIs(t, err, project.ErrConnection)
	show(err)
	my.Name = ""
	_, err = r.Create(t.Context(), my)
	require.ErrorIs(t, err, project.ErrInvalid)
	show(err)
	show(r)
	seen = append(seen, log.String())
	for _, text := range seen {
		require.NotContains(t, text, secret)
		require.NotContains(t, text, fmt.Sprintf("%x", secret))
	}

	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		content, err := os.ReadFile(f)
		require.NoError(t, err)
		assert.NotContains(t, string(content), secret, f)
	}
}

// Secrets by reference are looked up at each connect, as far as the host allows.
func TestReferences(t *testing.T) {
	s, db, _ := sqliteStore(t)
	path := string(notes(t, "a1"))
	file := filepath.Join(t.TempDir(), "dsn")
	require.NoError(t, os.WriteFile(file, []byte(path+"\n"), 0o600))
	t.Setenv("TENANT_DSN", path)
	t.Setenv("OTHER_DSN", path)
	hostDSN := path
	r := open(t, s, func(c *project.Config) {
		c.Keys, c.SecretEnv, c.SecretDirs = nil, []string{"TENANT_"}, []string{filepath.Dir(file)}
		c.Secret = func(_ context.Context, name string) (string, error) {
			if name != "acme" {
				return "", errors.New(secret)
			}
			return hostDSN, nil
		}
	})
	for i, ref := range []project.DSN{"${env:TENANT_DSN}", project.DSN("${file:" + file + "}"), "${host:acme}"} {
		p := create(t, r, spec(fmt.Sprint("good", i), ref))
		got, err := bodies(t, p, "ann")
		require.NoError(t, err, ref)
		assert.Equal(t, []string{"a1"}, got)
	}
	for i, ref := range []project.DSN{"${env:OTHER_DSN}", "${file:/etc/hostname}", "${host:else}", "${env:TENANT_NONE}", "${odd:x}"} {
		sp := spec(fmt.Sprint("bad", i), ref)
		p, err := r.Create(t.Context(), sp)
		if err == nil {
			_, err = bodies(t, p, "ann")
		}
		require.ErrorIs(t, err, project.ErrConnection, string(ref))
		assert.NotContains(t, err.Error(), secret)
		require.Error(t, r.TestConnection(t.Context(), sp.Connection))
	}
	require.NoError(t, r.TestConnection(t.Context(), spec("x", "${env:TENANT_DSN}").Connection))
	assert.NotContains(t, dump(t, db), path)

	for _, dsn := range []project.DSN{
		"postgres://app:" + secret + "@db/acme", "password=" + secret, "app:" + secret + "@tcp(db)/acme", secret,
		"postgres://app:${env:TENANT_A}" + secret + "@db/acme", "${env:TENANT_DSN",
	} {
		_, err := r.Create(t.Context(), spec("x", dsn))
		require.ErrorIs(t, err, project.ErrInvalid, "without a key")
		assert.NotContains(t, err.Error(), secret)
	}
	for i, dsn := range []project.DSN{
		"postgres://app:${env:TENANT_A}@db/acme?sslmode=require", "host=db user=app password=${env:TENANT_A} dbname=x",
		"app:${env:TENANT_A}@tcp(db)/acme", "file:/var/acme.db", "/var/acme.sqlite", "postgres://db/acme",
	} {
		_, err := r.Create(t.Context(), spec(fmt.Sprint("plain", i), dsn))
		require.NoError(t, err, string(dsn))
	}
}

// RotateKeys seals everything under the first key: then the others can go.
func TestRotateKeys(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		dsn := notes(t, "a1")
		none := open(t, s, func(c *project.Config) { c.Keys = nil })
		plain := create(t, none, spec("plain", dsn))
		_, err := none.RotateKeys(t.Context())
		require.Error(t, err)
		old := open(t, s)
		var ids []string
		for i := range 5 {
			ids = append(ids, create(t, old, spec(fmt.Sprint("p", i), dsn)).ID())
		}
		gone := create(t, old, spec("gone", dsn))
		require.NoError(t, old.Delete(t.Context(), gone.ID(), 1))
		ids = append(ids, plain.ID())

		both := open(t, s, func(c *project.Config) { c.Keys = []project.Key{key("two"), key("one")} })
		n, err := both.RotateKeys(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 6, n)
		n, err = both.RotateKeys(t.Context())
		require.NoError(t, err)
		assert.Zero(t, n)
		assert.NotContains(t, dump(t, db), string(dsn))
		_, err = both.Update(t.Context(), ids[0], 1, func(s *project.Spec) { s.Metadata = map[string]string{"a": "b"} })
		require.NoError(t, err, "the version is as it was")

		two := open(t, s, func(c *project.Config) { c.Keys = []project.Key{key("two")} })
		for _, id := range ids {
			p, err := two.Get(t.Context(), id)
			require.NoError(t, err)
			got, err := bodies(t, p, "ann")
			require.NoError(t, err)
			assert.Equal(t, []string{"a1"}, got)
		}
		lost := open(t, s, func(c *project.Config) { c.Keys = []project.Key{key("three")} })
		p, err := lost.Get(t.Context(), ids[0])
		require.NoError(t, err)
		_, err = bodies(t, p, "ann")
		require.Error(t, err)
		_, err = lost.RotateKeys(t.Context())
		require.Error(t, err)

		// a sealed DSN that is moved to another project stays closed
		_, err = db.Exec(fmt.Sprintf(`UPDATE hedgerow_projects SET dsn = (SELECT dsn FROM hedgerow_projects WHERE id = '%s') WHERE id = '%s'`, ids[0], ids[1]))
		require.NoError(t, err)
		p, err = open(t, s, func(c *project.Config) { c.Keys = []project.Key{key("two")} }).Get(t.Context(), ids[1])
		require.NoError(t, err)
		_, err = bodies(t, p, "ann")
		require.Error(t, err)
	})
}

func TestTestConnection(t *testing.T) {
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	require.NoError(t, r.TestConnection(t.Context(), spec("x", notes(t)).Connection))
	for _, c := range []project.Connection{{}, {Driver: "sqlite", DSN: "x.db"}, {Driver: "none", Dialect: "sqlite", DSN: "x.db"}, {Driver: "sqlite", Dialect: "sqlite"}} {
		require.ErrorIs(t, r.TestConnection(t.Context(), c), project.ErrInvalid)
	}
	missing := project.DSN(filepath.Join(t.TempDir(), "no", "such.db"))
	require.ErrorIs(t, r.TestConnection(t.Context(), spec("x", missing).Connection), project.ErrConnection)
	assert.True(t, strings.HasPrefix(fmt.Sprint(missing), "[redacted]"))
}

// A connection under whose settings statements mean something else is refused,
// when it is tried and when it is used.
func TestConnectionSettings(t *testing.T) {
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	dsn := string(notes(t, "one"))
	mark := "?"
	if strings.Contains(dsn, "?") {
		mark = "&"
	}
	odd := spec("x", project.DSN(dsn+mark+"_pragma=full_column_names(1)"))
	err := r.TestConnection(t.Context(), odd.Connection)
	require.ErrorIs(t, err, project.ErrConnection)
	require.ErrorContains(t, err, "PRAGMA full_column_names = OFF")
	p := create(t, r, odd)
	who, err := p.Session(map[string]any{"user": "ann"})
	require.NoError(t, err)
	_, err = p.Query(t.Context(), who, "SELECT body FROM notes")
	var refusal *rls.SettingError
	require.ErrorAs(t, err, &refusal)
}
