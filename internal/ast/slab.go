package ast

// Slab hands out values of one type from a few larger allocations, for a tree
// that lives and dies as a whole: what is handed out is never used again for
// anything else, and memory is free when nothing of a chunk is in use. The
// zero Slab is ready.
type Slab[T any] struct {
	free []T
	size int // of the next chunk
}

// The first and the largest chunk: small queries take little, and large ones
// allocate seldom.
const (
	firstChunk = 4
	mostChunk  = 64
)

// New gives a zero value.
func (s *Slab[T]) New() *T { return &s.Slice(1)[0] }

// Slice gives n zero values. Appending to it moves it out of the slab.
func (s *Slab[T]) Slice(n int) []T {
	if n > len(s.free) {
		s.size = min(max(2*s.size, firstChunk), mostChunk)
		if n > s.size/2 {
			return make([]T, n)
		}
		s.free = make([]T, s.size)
	}
	out := s.free[:n:n]
	s.free = s.free[n:]
	return out
}
