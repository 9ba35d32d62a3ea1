//go:build unix

package rls_test

import (
	"syscall"
	"time"
)

// cpuTime is what the process has used of the processors: other processes of a
// busy machine don't count.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
