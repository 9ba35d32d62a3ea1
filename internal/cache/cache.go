// Package cache keeps what is costly to compute, within a bound of bytes.
//
// It is W-TinyLFU (Einziger, Friedman, Manes: "TinyLFU: A Highly Efficient Cache
// Admission Policy", 2017) as the otter library has it: a new entry takes the
// place of another only if its key was asked for more often of late. So a flood
// of keys that are asked for once can't push out what is in use. Hits take no
// lock and allocate nothing.
package cache

import (
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
)

// Cache is safe for concurrent use. A nil Cache keeps nothing.
type Cache[K comparable, V any] struct {
	// entries are made with the first of them: an unused cache takes no room.
	entries atomic.Pointer[otter.Cache[K, V]]
	// free is how many bytes are still given to whoever asks.
	free    atomic.Int64
	offered []atomic.Uint32 // hashes of keys, each in its place
	seed    maphash.Seed
	making  sync.Once
	weigh   func(K, V) int
	bytes   int
}

const (
	// share is the part of a cache that one entry may take at most.
	share = 64
	// smallEntry is how many bytes a small entry has: there are as many counters
	// of how often keys were asked for as such entries find room, which age after ten
	// times as many requests, and four times as many places for keys that were
	// offered. Together they take about 3 % of the cache.
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

// Put keeps a value.
func (c *Cache[K, V]) Put(key K, value V) {
	if entries := c.room(key, value); entries != nil {
		entries.Set(key, value)
	}
}

// Offer keeps a value as long as half of the room is free, and from then on if
// its key was offered before, not long ago: most keys that are asked for once in
// a flood are never asked for again, and keeping them has its price.
func (c *Cache[K, V]) Offer(key K, value V) {
	if entries := c.room(key, value); entries != nil && (c.hasFree(key, value) || c.again(key)) {
		entries.Set(key, value)
	}
}

// hasFree takes room for an entry, which isn't given back.
func (c *Cache[K, V]) hasFree(key K, value V) bool {
	return c.free.Load() > 0 && c.free.Add(-int64(c.weigh(key, value))) > 0
}

// again tells whether a key was offered before, and remembers it.
func (c *Cache[K, V]) again(key K) bool {
	hash := maphash.Comparable(c.seed, key)
	place := &c.offered[hash%uint64(len(c.offered))]
	return place.Swap(uint32(hash>>32)) == uint32(hash>>32)
}

// room gives the entries if one of them may be the key's.
func (c *Cache[K, V]) room(key K, value V) *otter.Cache[K, V] {
	if c == nil || c.weigh(key, value) > c.bytes/share {
		return nil
	}
	c.making.Do(c.make)
	return c.entries.Load()
}

func (c *Cache[K, V]) make() {
	small := max(c.bytes/smallEntry, 1)
	c.offered, c.seed = make([]atomic.Uint32, 4*small), maphash.MakeSeed()
	c.free.Store(int64(c.bytes) / 2)
	entries, err := otter.New(&otter.Options[K, V]{
		MaximumWeight:   uint64(c.bytes),
		InitialCapacity: small,
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
