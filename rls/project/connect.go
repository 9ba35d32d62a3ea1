package project

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hedgerow/hedgerow/internal/drivers"
	"github.com/hedgerow/hedgerow/internal/store"
	"github.com/hedgerow/hedgerow/internal/vault"
	"github.com/hedgerow/hedgerow/rls"
)

// TestConnection connects to a database, looks at its settings as rls.CheckServer
// does, and closes the connection again. A connection that can't be is an
// *InvalidError; one that fails, or whose settings won't do, is ErrConnection, with
// the driver's text but for its secrets.
func (r *Registry) TestConnection(ctx context.Context, c Connection) error {
	if err := r.open(); err != nil {
		return err
	}
	if err := checkConnection(c, false); err != nil {
		return &InvalidError{Connection: err}
	}
	var dsn vault.Secret
	d := &dialer{driver: c.Driver, dsn: func(ctx context.Context) (_ vault.Secret, err error) {
		dsn, err = r.secrets.Expand(ctx, string(c.DSN))
		return dsn, err
	}}
	db := sql.OpenDB(d)
	err := db.PingContext(ctx)
	if err == nil {
		dialect, _ := dialectOf(c.Dialect)
		err = rls.CheckServer(ctx, db, dialect)
	}
	closed := db.Close()
	var odd *rls.SettingError
	switch {
	case errors.Is(err, ErrConnection): // from the dialer, which scrubs
		return err
	case errors.As(err, &odd): // which has nothing of the DSN
		return fmt.Errorf("%w: %w", ErrConnection, err)
	case err != nil:
		return connectionError(err, dsn)
	case closed != nil:
		return fmt.Errorf("%w: it didn't close", ErrConnection)
	}
	return nil
}

// checkConnection refuses what can't be; the DSN may be missing if there is one already.
func checkConnection(c Connection, hasDSN bool) error {
	_, known := dialectOf(c.Dialect)
	switch { // what is given isn't quoted: a DSN in the wrong field holds secrets
	case !known:
		return errors.New("the dialect is none of package rls")
	case !slices.Contains(sql.Drivers(), c.Driver):
		return fmt.Errorf("no such driver is registered, only %s; import it", strings.Join(sql.Drivers(), ", "))
	case c.DSN == "" && !hasDSN:
		return errors.New("the DSN is empty")
	case len(c.DSN) > maxDSN || !storable(string(c.DSN)):
		return fmt.Errorf("the DSN has more than %d bytes, a NUL character or no UTF-8", maxDSN)
	}
	return nil
}

// dialer opens connections with a DSN that it asks for anew each time, so that
// changed secrets are seen. As long as the DSN is the same, so is the driver's
// connector, which for some databases is the database.
type dialer struct {
	driver string
	dsn    func(context.Context) (vault.Secret, error)

	mu   sync.Mutex
	made driver.Connector
	of   [sha256.Size]byte // the hash of made's DSN
}

var (
	_ driver.Connector = (*dialer)(nil)
	_ io.Closer        = (*dialer)(nil)
)

func (d *dialer) Connect(ctx context.Context) (driver.Conn, error) {
	dsn, err := d.dsn(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConnection, err) // which tells no secret
	}
	c, err := d.connector(dsn.Reveal())
	if err != nil {
		return nil, connectionError(err, dsn)
	}
	conn, err := c.Connect(ctx)
	if err != nil {
		return nil, connectionError(err, dsn)
	}
	return conn, nil
}

// connector gives the connector of a DSN.
func (d *dialer) connector(dsn string) (driver.Connector, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	of := sha256.Sum256([]byte(dsn))
	if d.made != nil && d.of == of {
		return d.made, nil
	}
	made, err := drivers.Connector(d.driver, dsn)
	if err != nil {
		return nil, err
	}
	_ = d.drop() // the connections that it has made go on
	d.made, d.of = made, of
	return made, nil
}

// drop closes the driver's connector, if it can be closed.
func (d *dialer) drop() error {
	made := d.made
	d.made = nil
	if c, ok := made.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// Close ends the use of the driver's connector.
func (d *dialer) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.drop()
}

// Driver gives one that opens nothing: package rls keeps it out of reach too.
func (d *dialer) Driver() driver.Driver { return closedDriver{} }

type closedDriver struct{}

func (closedDriver) Open(string) (driver.Conn, error) { return nil, ErrConnection }

// connectionError is a driver's error without the secrets of its DSN.
func connectionError(err error, dsn vault.Secret) error {
	return fmt.Errorf("%w: %w", ErrConnection, vault.Scrub(err, dsn))
}

// sealContext binds a sealed DSN to its project, so that no other can use it.
func sealContext(id string) string { return "project/" + id + "/dsn" }

const (
	sealedPrefix   = "sealed "
	templatePrefix = "plain "
)

// keep gives the form in which the store has a project's DSN: sealed, or as it
// is when there is no key and nothing to hide.
func (r *Registry) keep(id string, dsn DSN) (string, error) {
	if r.ring == nil {
		if holdsSecret(string(dsn)) {
			return "", errors.New("the DSN may hold a secret; give the registry a key to seal it with, or write ${env:NAME} in its place")
		}
		return templatePrefix + string(dsn), nil
	}
	sealed, err := r.ring.Seal(string(dsn), sealContext(id))
	if err != nil {
		return "", err
	}
	return sealedPrefix + sealed, nil
}

// template opens what keep gave.
func (r *Registry) template(id, kept string) (string, error) {
	if sealed, ok := strings.CutPrefix(kept, sealedPrefix); ok {
		return r.ring.Open(sealed, sealContext(id))
	}
	if plain, ok := strings.CutPrefix(kept, templatePrefix); ok {
		return plain, nil
	}
	return "", errors.New("project: the store has a DSN of an unknown form")
}

// A reference stands for the whole of a password, of a parameter or of a DSN.
var (
	passwordReference  = regexp.MustCompile(`:\$\{[^}]*\}@`)
	parameterReference = regexp.MustCompile(`[A-Za-z_]+=\$\{[^}]*\}(\s|&|$)`)
	wholeReference     = regexp.MustCompile(`^\$\{[^}]*\}$`)
)

// holdsSecret tells whether a DSN may have a secret besides its references.
func holdsSecret(dsn string) bool {
	rest := passwordReference.ReplaceAllString(dsn, "@")
	rest = parameterReference.ReplaceAllString(rest, "$1")
	return !wholeReference.MatchString(dsn) && strings.Contains(vault.Redact(rest), redacted)
}

// RotateKeys seals anew whatever is sealed by another key than the first, or
// not at all, and tells how much that was. It may run at any time, and again,
// once every instance of the host has the new key. When it has run after the last
// instance seals with that key, the others can go.
func (r *Registry) RotateKeys(ctx context.Context) (n int, err error) {
	if err := r.open(); err != nil {
		return 0, err
	}
	if r.ring == nil {
		return 0, fmt.Errorf("%w: it has no keys", vault.ErrUnknownKey)
	}
	for after := ""; ; {
		page, err := r.keptDSNs(ctx, after)
		if err != nil || len(page) == 0 {
			return n, err
		}
		for _, k := range page {
			after = k.id
			if sealed, ok := strings.CutPrefix(k.dsn, sealedPrefix); ok && !r.ring.NeedsRotation(sealed) {
				continue
			}
			rotated, err := r.rotate(ctx, k)
			if err != nil {
				return n, fmt.Errorf("project %s: %w", k.id, err)
			}
			if rotated {
				n++
			}
		}
	}
}

// kept is a project's DSN as the store has it.
type kept struct{ id, dsn string }

func (r *Registry) keptDSNs(ctx context.Context, after string) (page []kept, err error) {
	rows, err := r.db.Query(ctx, `SELECT id, dsn FROM hedgerow_projects WHERE id > ? AND deleted = 0 ORDER BY id LIMIT 500`, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k kept
		if err := rows.Scan(&k.id, &k.dsn); err != nil {
			return nil, err
		}
		page = append(page, k)
	}
	return page, rows.Err()
}

// rotate changes no version: the DSN stays the same. It is false when an
// update came first, which has sealed a new one.
func (r *Registry) rotate(ctx context.Context, k kept) (bool, error) {
	template, err := r.template(k.id, k.dsn)
	if err != nil {
		return false, err
	}
	sealed, err := r.keep(k.id, DSN(template))
	if err != nil {
		return false, err
	}
	var changed int64
	err = r.change(ctx, func(tx *store.Tx, _ int64) error {
		var err error
		changed, err = tx.Exec(ctx, `UPDATE hedgerow_projects SET dsn = ? WHERE id = ? AND dsn = ?`, sealed, k.id, k.dsn)
		return err
	})
	return changed == 1, err
}
