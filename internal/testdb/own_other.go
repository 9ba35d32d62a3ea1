//go:build !unix

package testdb

import (
	"fmt"
	"syscall"
)

// own has no unix sockets or users to serve with.
func own(string, []string) (*syscall.SysProcAttr, error) {
	return nil, fmt.Errorf("servers are started on unix only: %w", errMissing)
}
