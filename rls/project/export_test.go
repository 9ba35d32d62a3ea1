package project

// OpenConnections tells how many connections and pools are open.
func OpenConnections(r *Registry) (conns, pools int) {
	s := r.pools.Stats()
	return s.Conns, s.Pools
}
