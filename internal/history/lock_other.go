//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package history

import (
	"errors"
	"os"
)

// tryLock can't tell whether a spool's process lives, so that there are no spools.
func tryLock(*os.File) (bool, error) {
	return false, errors.New("this system has no locks of the kind that a spool needs")
}
