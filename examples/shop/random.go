package shop

// random is SplitMix64: its own few lines, so that the shop's rows stay the
// same whatever becomes of the standard library's generators.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below gives a number from 0 to n-1.
func (r *random) below(n int) int { return int(r.next() % uint64(n)) }

// between gives a number from low to high, both included.
func (r *random) between(low, high int) int { return low + r.below(high-low+1) }

// chance is true with a probability in percent.
func (r *random) chance(percent int) bool { return r.below(100) < percent }

// pick chooses an element.
func pick[T any](r *random, from []T) T { return from[r.below(len(from))] }

// maybe gives the value with a probability in percent, else NULL.
func maybe[T any](r *random, percent int, value T) any {
	if r.chance(percent) {
		return value
	}
	return nil
}
