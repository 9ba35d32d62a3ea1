package project

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"sync"
	"weak"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// compiled is what projects share whose models, policies and dialects are equal.
type compiled struct {
	content  content
	policies *policy.Set
	enforcer *rls.Enforcer
}

// content identifies what is compiled: the hash of all that goes into it. The
// names of the files go in as well, since messages show them.
type content [sha256.Size]byte

func (c content) String() string { return hex.EncodeToString(c[:]) }

func contentOf(model, policies stored, dialect string) content {
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q", model.name, model.hash, policies.name, policies.hash, dialect))
}

// compile makes an enforcer, and tells which part is wrong if it can't.
func compile(model, policies File, cfg rls.Config) (*compiled, error) {
	m, err := semantic.Parse(model.Name, model.Text)
	if err != nil {
		return nil, &InvalidError{Model: err}
	}
	set, err := policy.Parse(policies.Name, policies.Text, m)
	if err != nil {
		return nil, &InvalidError{Policies: err}
	}
	cfg.Policies = set
	e, err := rls.New(cfg)
	if err != nil {
		return nil, &InvalidError{Model: err}
	}
	return &compiled{policies: set, enforcer: e}, nil
}

// compilations holds what is compiled for as long as anybody uses it.
type compilations struct {
	mu   sync.Mutex
	done map[content]weak.Pointer[compiled]
	busy map[content]chan struct{}
}

func newCompilations() *compilations {
	return &compilations{done: map[content]weak.Pointer[compiled]{}, busy: map[content]chan struct{}{}}
}

// get gives what is compiled of a content, or has it built, once for all who ask.
func (c *compilations) get(ctx context.Context, of content, build func() (*compiled, error)) (*compiled, error) {
	for {
		have, wait, mine := c.look(of)
		if have != nil {
			return have, nil
		}
		if mine {
			return c.build(of, build)
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// look finds what is compiled, or who is at it, or leaves it to the caller.
func (c *compilations) look(of content) (have *compiled, wait chan struct{}, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if have := c.done[of].Value(); have != nil {
		return have, nil, false
	}
	if wait, ok := c.busy[of]; ok {
		return nil, wait, false
	}
	c.busy[of] = make(chan struct{})
	return nil, nil, true
}

func (c *compilations) build(of content, build func() (*compiled, error)) (made *compiled, err error) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		close(c.busy[of])
		delete(c.busy, of)
		if made != nil {
			c.done[of] = weak.Make(made)
			runtime.AddCleanup(made, c.forget, of)
		}
	}()
	made, err = build()
	if err != nil {
		return nil, err
	}
	made.content = of
	return made, nil
}

// forget drops what the garbage collector has taken.
func (c *compilations) forget(of content) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done[of].Value() == nil {
		delete(c.done, of)
	}
}
