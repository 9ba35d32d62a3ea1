// Package cache keeps what is costly to compute, within a bound of bytes.
//
// It is W-TinyLFU (Einziger, Friedman, Manes: "TinyLFU: A Highly Efficient Cache
// Admission Policy", 2017) as the otter library has it: a new entry takes the
// place of another only if its key was asked for more often of late. So a flood
// of keys that are asked for once can't push out what is in use. Hits take no
// lock and allocate nothing.
package cache

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
)

// Cache is safe for concurrent use. A nil Cache keeps nothing.
type Cache[K comparable, V any] struct {
	// entries are made with the first of them: an unused cache takes no room.
	entries atomic.Pointer[otter.Cache[K, V]]
	making  sync.Once
	weigh   func(K, V) int
	bytes   int
}

const (
	// share is the part of a cache that one entry may take at most.
	share = 64
	// smallEntry is how many bytes a small entry has: there are as many counters
	// of how often keys were asked for as such entries find room. They age after ten
	// times as many requests, and take about 1 % of the cache.
	smallEntry = 1 << 10
)

// New makes a cache of about so many bytes, as weigh counts them. Entries over
// 1/64 of that are not kept. It is nil for no bytes.
func New[K comparable, V any](bytes int, weigh func(K, V) int) *Cache[K, V] {
	if bytes <= 0 {
		return nil
	}
	return &Cache[K, V]{weigh: weigh, bytes: bytes}
}

// Get gives the value of a key, if it is there.
func (c *Cache[K, V]) Get(key K) (value V, ok bool) {
	if c == nil {
		return value, false
	}
	entries := c.entries.Load()
	if entries == nil {
		return value, false
	}
	return entries.GetIfPresent(key)
}

// Put offers a value for keeping.
func (c *Cache[K, V]) Put(key K, value V) {
	if c == nil || c.weigh(key, value) > c.bytes/share {
		return
	}
	c.making.Do(c.make)
	if entries := c.entries.Load(); entries != nil {
		entries.Set(key, value)
	}
}

func (c *Cache[K, V]) make() {
	entries, err := otter.New(&otter.Options[K, V]{
		MaximumWeight:   uint64(c.bytes),
		InitialCapacity: max(c.bytes/smallEntry, 1),
		Weigher:         func(k K, v V) uint32 { return uint32(min(c.weigh(k, v), math.MaxUint32)) },
	})
	if err == nil { // of options that otter refuses there is no cache: all works, slower
		c.entries.Store(entries)
	}
}

// Bytes is the weight of what is kept now.
func (c *Cache[K, V]) Bytes() int {
	if c == nil || c.entries.Load() == nil {
		return 0
	}
	entries := c.entries.Load()
	entries.CleanUp()
	return int(entries.WeightedSize())
}
