package testdb

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

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

func (mariadb) create(database string, o Options) string {
	return "CREATE DATABASE " + database + " CHARACTER SET utf8mb4 COLLATE " + cmp.Or(o.Collation, "utf8mb4_general_ci")
}

func (mariadb) drop(database string) string {
	return "DROP DATABASE " + database
}
