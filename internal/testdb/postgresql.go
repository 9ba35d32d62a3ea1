package testdb

import (
	"cmp"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

type postgresql struct{}

func (postgresql) plan(dir string) (plan, error) {
	bin, err := postgresqlPrograms()
	if err != nil {
		return plan{}, err
	}
	data := filepath.Join(dir, "data")
	return plan{
		initialise: []string{filepath.Join(bin, "initdb"), "--pgdata=" + data, "--username=hedgerow", "--auth=trust",
			"--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
		serve: []string{filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-F",
			"-c", "listen_addresses=", "-c", "timezone=UTC", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
			"-c", "max_connections=100", "-c", "shared_buffers=64MB", "-c", "autovacuum=off",
			"-c", "jit=off"}, // compiling takes longer than any query of a test
		signal: "QUIT", // unlike KILL it also removes shared memory
		users:  []string{"postgres", "nobody"},
		dsn:    "host='" + dir + "' user=hedgerow database=postgres sslmode=disable",
	}, nil
}

// postgresqlPrograms finds the directory of initdb and postgres: the newest of
// Debian's, which keeps them out of PATH, else the one in PATH.
func postgresqlPrograms() (string, error) {
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	version := func(dir string) float64 {
		v, _ := strconv.ParseFloat(filepath.Base(filepath.Dir(dir)), 64)
		return v
	}
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	for _, dir := range dirs {
		if executable(filepath.Join(dir, "initdb")) && executable(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("PostgreSQL is %w: initdb and postgres are neither in PATH nor under /usr/lib/postgresql", errMissing)
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

func (postgresql) connect(dsn, database string, o Options) (driver.Connector, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	if database != "" {
		cfg.Database = database
	}
	cfg.RuntimeParams["timezone"] = cmp.Or(o.TimeZone, "UTC")
	return stdlib.GetConnector(*cfg), nil
}

// prepare has nothing to do: PostgreSQL knows all time zones and collations.
func (postgresql) prepare(*sql.DB, Options) error { return nil }

func (postgresql) create(database string, o Options) string {
	statement := "CREATE DATABASE " + database + " TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
	if o.Collation != "" {
		statement += " LOCALE_PROVIDER icu ICU_LOCALE '" + strings.ReplaceAll(o.Collation, "'", "''") + "'"
	}
	return statement
}

func (postgresql) drop(database string) string {
	return "DROP DATABASE " + database + " WITH (FORCE)"
}
