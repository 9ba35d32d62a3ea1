package project

import (
	"database/sql/driver"
	"time"
)

// SetPromotionLease changes how long a killed instance's promotions are its own.
func SetPromotionLease(r *Registry, d time.Duration) { r.promote.lease = d }

// RawConn is a driver's connection with all that it can do.
type RawConn = rawConn

// NewRawConn gives a connection a method set to build on.
func NewRawConn(c driver.Conn) RawConn { return rawConn{c, func() {}} }
