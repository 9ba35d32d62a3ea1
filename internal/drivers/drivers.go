// Package drivers finds registered database/sql drivers.
package drivers

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// Connector makes the connector of a registered driver for a DSN. It opens no
// connection. database/sql gives a driver only through a DB, which opens none
// either until it is used.
func Connector(name, dsn string) (driver.Connector, error) {
	probe, err := sql.Open(name, dsn)
	if err != nil {
		return nil, err
	}
	d := probe.Driver()
	if err := probe.Close(); err != nil {
		return nil, err
	}
	if d, ok := d.(driver.DriverContext); ok {
		return d.OpenConnector(dsn)
	}
	return plain{d, dsn}, nil
}

// plain is the connector of a driver that has none of its own.
type plain struct {
	driver driver.Driver
	dsn    string
}

func (c plain) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c plain) Driver() driver.Driver                        { return c.driver }
