package project

import "time"

// OpenConnections tells how many connections and pools are open.
func OpenConnections(r *Registry) (conns, pools int) {
	s := r.pools.Stats()
	return s.Conns, s.Pools
}

// SetLease changes how long a killed instance's rollouts are its own.
func SetLease(r *Registry, d time.Duration) { r.lease = d }

// Compiled tells how many contents are compiled and in use.
func Compiled(r *Registry) int {
	r.shared.mu.Lock()
	defer r.shared.mu.Unlock()
	return len(r.shared.done)
}
