package testdb

import (
	"cmp"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"hash/crc32"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

type mariadb struct{}

func (mariadb) plan(dir string) (plan, error) {
	install, err := mariadbProgram("mariadb-install-db")
	if err != nil {
		return plan{}, err
	}
	daemon, err := mariadbProgram("mariadbd")
	if err != nil {
		return plan{}, err
	}
	data, socket := "--datadir="+filepath.Join(dir, "data"), filepath.Join(dir, "sock")
	return plan{
		initialise: []string{install, "--no-defaults", data, "--auth-root-authentication-method=normal",
			"--skip-test-db", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=16M"},
		serve: []string{daemon, "--no-defaults", data, "--socket=" + socket, "--pid-file=" + filepath.Join(dir, "pid"),
			"--tmpdir=" + dir, "--skip-networking", "--skip-name-resolve", "--skip-log-bin",
			"--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0",
			"--innodb-log-file-size=16M", "--innodb-buffer-pool-size=64M",
			"--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"},
		signal: "KILL", // a clean shutdown only saves data
		users:  []string{"mysql", "nobody"},
		dsn:    "root@unix(" + socket + ")/",
	}, nil
}

// mariadbProgram finds a program in PATH, or where Debian has servers.
func mariadbProgram(name string) (string, error) {
	for _, path := range []string{name, "/usr/sbin/" + name, "/usr/bin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("MariaDB is %w: %s is neither in PATH nor in /usr/sbin", errMissing, name)
}

func (mariadb) connect(dsn, database string, o Options) (driver.Connector, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	if database != "" {
		cfg.DBName = database
	}
	cfg.ParseTime = true
	cfg.Collation = cmp.Or(o.Collation, "utf8mb4_general_ci")
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["time_zone"] = "'" + strings.ReplaceAll(cmp.Or(o.TimeZone, "+00:00"), "'", "''") + "'"
	return mysql.NewConnector(cfg)
}

// prepare writes a time zone's changes of offset from 1970 to 2037 into the
// server's tables, which are empty on a new server.
func (mariadb) prepare(admin *sql.DB, o Options) error {
	if o.TimeZone == "" {
		return nil
	}
	zone, err := time.LoadLocation(o.TimeZone)
	if err != nil {
		return err
	}
	id := crc32.ChecksumIEEE([]byte(o.TimeZone)) // the same whenever the zone is asked for
	exec := func(statement string, args ...any) {
		if err == nil {
			_, err = admin.Exec("INSERT IGNORE INTO mysql."+statement, args...)
		}
	}
	exec("time_zone VALUES (?, 'N')", id)
	type rule struct {
		name   string
		offset int
	}
	kinds := map[rule]int{}
	end := time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC)
	for at := time.Unix(0, 0).In(zone); !at.IsZero() && at.Before(end); _, at = at.ZoneBounds() {
		name, offset := at.Zone()
		kind, known := kinds[rule{name, offset}]
		if !known { // the server takes few
			kind = len(kinds)
			kinds[rule{name, offset}] = kind
			exec("time_zone_transition_type VALUES (?, ?, ?, ?, ?)", id, kind, offset, at.IsDST(), name)
		}
		exec("time_zone_transition VALUES (?, ?, ?)", id, at.Unix(), kind)
	}
	exec("time_zone_name VALUES (?, ?)", o.TimeZone, id)
	return err
}

func (mariadb) create(database string, o Options) string {
	return "CREATE DATABASE " + database + " CHARACTER SET utf8mb4 COLLATE " + cmp.Or(o.Collation, "utf8mb4_general_ci")
}

func (mariadb) drop(database string) string {
	return "DROP DATABASE " + database
}
