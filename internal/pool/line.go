package pool

import "container/list"

// line hands out a bounded number of places, first come, first served. The
// manager's lock guards it.
type line struct {
	max, used int
	waiters   list.List // of *waiter
	waits     int64
}

// waiter is told once, by closing ready, that it has a place or that err says
// why not.
type waiter struct {
	ready chan struct{}
	err   error
	elem  *list.Element // nil when it is told
}

// join takes a place, or gives the waiter to wait as.
func (l *line) join() *waiter {
	if l.used < l.max {
		l.used++
		return nil
	}
	l.waits++
	w := &waiter{ready: make(chan struct{})}
	w.elem = l.waiters.PushBack(w)
	return w
}

// leave takes a waiter out of the line; false when it was told already.
func (l *line) leave(w *waiter) bool {
	if w.elem == nil {
		return false
	}
	l.waiters.Remove(w.elem)
	w.elem = nil
	return true
}

// give returns a place, to the first waiter if there is one.
func (l *line) give() {
	if first := l.waiters.Front(); first != nil {
		l.tell(first.Value.(*waiter), nil)
		return
	}
	l.used--
}

// dismiss sends all waiters away.
func (l *line) dismiss() {
	for l.waiters.Len() > 0 {
		l.tell(l.waiters.Front().Value.(*waiter), ErrClosed)
	}
}

func (l *line) tell(w *waiter, err error) {
	l.leave(w)
	w.err = err
	close(w.ready)
}
