// Package memo keeps what was computed from an immutable value beside it, so
// that it is computed once and goes when the value goes.
package memo

import "sync/atomic"

// Cell holds at most one computed value. The zero Cell is empty. It is safe for
// concurrent use.
type Cell struct{ kept atomic.Pointer[kept] }

type kept struct{ owner, value any }

// Get gives the value that an owner put, false when there is none. owner must
// be comparable; a pointer is best.
func (c *Cell) Get(owner any) (any, bool) {
	if c == nil {
		return nil, false
	}
	k := c.kept.Load()
	if k == nil || k.owner != owner {
		return nil, false
	}
	return k.value, true
}

// Put keeps an owner's value in place of what was there. Computing the same
// twice at the same time does no harm: either is kept.
func (c *Cell) Put(owner, value any) {
	if c != nil {
		c.kept.Store(&kept{owner, value})
	}
}
