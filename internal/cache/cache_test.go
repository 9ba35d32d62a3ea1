package cache_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hedgerow/hedgerow/internal/cache"
)

func weight(_ int, v string) int { return len(v) }

func TestCache(t *testing.T) {
	c := cache.New(6400, weight)
	_, ok := c.Get(1)
	assert.False(t, ok)
	assert.Zero(t, c.Bytes())
	c.Put(1, "one")
	v, ok := c.Get(1)
	assert.True(t, ok)
	assert.Equal(t, "one", v)
	assert.Equal(t, 3, c.Bytes())
	c.Put(2, string(make([]byte, 101))) // over 1/64
	_, ok = c.Get(2)
	assert.False(t, ok)
	for i := range 10_000 {
		c.Put(i, string(make([]byte, 100)))
	}
	assert.LessOrEqual(t, c.Bytes(), 6400)
	assert.Greater(t, c.Bytes(), 3200)
}

// Without room nothing is kept.
func TestNoCache(t *testing.T) {
	c := cache.New(0, weight)
	c.Put(1, "one")
	_, ok := c.Get(1)
	assert.False(t, ok)
	assert.Zero(t, c.Bytes())
}

func TestCacheAtOnce(t *testing.T) {
	c := cache.New(1<<20, weight)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := range 1000 {
				c.Put(i, "v")
				if v, ok := c.Get(i); ok {
					assert.Equal(t, "v", v)
				}
			}
		})
	}
	wg.Wait()
}

// When half of the room is taken, an offer is kept if it comes again.
func TestOffer(t *testing.T) {
	c := cache.New(6400, weight)
	kept := func(key int) bool {
		c.Offer(key, string(make([]byte, 100)))
		_, ok := c.Get(key)
		return ok
	}
	for key := range 31 {
		assert.True(t, kept(key), key)
	}
	assert.False(t, kept(100))
	assert.True(t, kept(100))
	for key := range 10_000 {
		c.Offer(key+1000, "other")
	}
	assert.True(t, kept(100))
}
