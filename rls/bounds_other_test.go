//go:build !unix

package rls_test

import "time"

var bootTime = time.Now()

func cpuTime() time.Duration { return time.Since(bootTime) }
