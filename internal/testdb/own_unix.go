//go:build unix

package testdb

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// own gives a directory to whoever will serve it: the first of users that
// exists when the tests run as root, because servers refuse to run as root,
// and else the user of the tests.
func own(dir string, users []string) (*syscall.SysProcAttr, error) {
	// A group of its own: Ctrl-C reaches the test binary only, whose end stops the server.
	as := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return as, nil
	}
	for _, name := range users {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return as, os.Chown(dir, int(uid), int(gid))
	}
	return nil, fmt.Errorf("the server doesn't run as root, and none of the users %v exists", users)
}
