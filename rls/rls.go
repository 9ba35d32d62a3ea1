// Package rls turns logical queries into filtered SQL: row-level security over
// shared tables, for hosts that embed it.
//
// An [Enforcer] is made once from a semantic model, its policies and a dialect.
// [Enforcer.Enforce] turns the text of a logical query and the session of the
// person who asks into a [Statement], which the host runs. [Open] and
// [NewConnector] do the same behind an ordinary *sql.DB. What a statement means
// depends on some settings of the connection that runs it: [CheckServer] looks at
// them, and so do Open and NewConnector.
//
// The author of a query is taken for an adversary: whatever is not understood
// is refused with an [*Error], and nothing of the text is ever copied into the
// statement.
package rls

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hedgerow/hedgerow/internal/cache"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/mysql"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/internal/secure"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/session"
)

// Config configures an Enforcer.
type Config struct {
	// Policies are the data policies, with their model and session schema. Required.
	Policies *policy.Set
	// Dialect is the SQL flavour of the database that runs the statements. Required.
	Dialect Dialect
	// Limits bounds what a query may be; a zero field has its default.
	Limits Limits
	// OnDecision, if set, is called with the outcome of every Enforce before it
	// returns, refusals included, and with what the database/sql connector refuses
	// by itself, such as a call without a session. It must be safe for concurrent
	// use. LogDecisions makes one that logs.
	OnDecision func(ctx context.Context, outcome Outcome)
	// CacheBytes is about how much memory compiled statements may take, so that a
	// query that was seen before costs a look-up: 0 stands for 32 MiB, a negative
	// number for none. A statement over 1/64 of it is compiled each time.
	CacheBytes int
	// Cache, if set, keeps the statements instead, together with those of other
	// enforcers. What is kept of the enforcer's own then takes 256 KiB at most.
	Cache *Cache
	// SkipServerCheck lets Open and NewConnector use connections whatever their
	// settings are. Otherwise they refuse those of which CheckServer tells that
	// statements wouldn't mean what they say.
	SkipServerCheck bool
}

const (
	// defaultCacheBytes is what Config.CacheBytes stands for when it is 0.
	defaultCacheBytes = 32 << 20
	// ownBytes bounds what an enforcer with a shared Cache keeps of its own.
	ownBytes = 256 << 10
)

// Cache keeps compiled statements of several enforcers, so that many of them run
// in bounded memory. It is safe for concurrent use. What is asked for again and
// again stays, however many other texts are asked for once.
type Cache struct{ plans *cache.Cache[planKey, *plan] }

// NewCache makes a Cache of about so many bytes. A statement over 1/64 of that
// is not kept.
func NewCache(bytes int) *Cache { return &Cache{cache.New(bytes, planBytes)} }

// caches gives the cache of statements that a configuration asks for, and the
// bytes that decisions on datasets may take.
func (c Config) caches() (plans *cache.Cache[planKey, *plan], own int) {
	bytes := c.CacheBytes
	switch {
	case c.Cache != nil:
		return c.Cache.plans, ownBytes
	case bytes == 0:
		bytes = defaultCacheBytes
	}
	return cache.New(bytes/4*3, planBytes), bytes / 4
}

// Limits bounds the size of logical queries. A query over a limit is refused
// with ErrLimit before anything recursive looks at it. Besides, no statement is
// longer than 4 MiB or has more arguments than the database takes (32,766 on SQLite,
// 65,535 on PostgreSQL, MySQL and MariaDB), and a session's list that is too long for
// one argument an element has 8 MiB at most, and 512 characters an element. New refuses limits over the maximum, at which a query
// needs a few seconds and some ten megabytes of stack.
type Limits struct {
	// Bytes is the length of the text; default 1 MiB, maximum 4 MiB.
	Bytes int
	// Depth is the nesting of parentheses, expressions and queries; default 256,
	// maximum 1,000.
	Depth int
	// Nodes is the number of words and symbols in the text, and of the columns
	// and expressions that they stand for: those behind each * and each alias
	// count every time. Default 100,000, maximum 1,000,000.
	Nodes int
	// ListItems is the number of elements of an IN list; default 10,000, maximum
	// 1,000,000.
	ListItems int
}

// widest is the maximum of each limit.
var widest = Limits{Bytes: 4 << 20, Depth: 1000, Nodes: 1_000_000, ListItems: 1_000_000}

// Outcome is what the decision hook gets. It is for audit logs, not for the
// author of the query.
type Outcome struct {
	Session session.Session
	Query   string
	// Statement is nil when the query was refused.
	Statement *Statement
	// Err is what the caller got, and Reason the true reason where Err hides it,
	// for example that a name exists but is hidden.
	Err    error
	Reason string
}

// Enforcer is a model, its policies and a dialect, compiled once; it is
// immutable but for a cache of statements, and safe for concurrent use.
type Enforcer struct {
	cfg    Config
	limits mysql.Limits
	parser *mysql.Parser
	model  *secure.Model
	rules  *rules.Set
	plans  *cache.Cache[planKey, *plan]
	// compiled stands for what was compiled, in the keys of plans.
	compiled *compiled
	// identity stands for model, policies and dialect in fingerprints.
	identity digest
	rooms    *sync.Pool // of *[]byte, to print in
	// schema made the sessions that this enforcer accepts.
	schema   *session.Schema
	onResult func(context.Context, Result)
}

// New compiles an Enforcer. It refuses a configuration without policies or
// dialect, limits that are negative or over their maximum, and a model with fields that the dialect has no
// expression for.
func New(cfg Config) (*Enforcer, error) {
	if cfg.Policies == nil || cfg.Policies.Rules() == nil {
		return nil, errors.New("rls: Config.Policies is not set; load it with policy.Parse")
	}
	if cfg.Dialect.d == nil {
		return nil, errors.New("rls: Config.Dialect is not set; use rls.SQLite, rls.PostgreSQL, rls.MySQL or rls.MariaDB")
	}
	limits, err := cfg.Limits.withDefaults()
	if err != nil {
		return nil, err
	}
	parser, err := mysql.New()
	if err != nil {
		return nil, err
	}
	plans, own := cfg.caches()
	model, err := secure.New(secureConfig(cfg, own))
	if err != nil {
		return nil, err
	}
	if err := capable(cfg.Policies, model, cfg.Dialect.d); err != nil {
		return nil, err
	}
	return &Enforcer{
		cfg: cfg, limits: limits, parser: parser, model: model, rules: cfg.Policies.Rules(),
		plans: plans, compiled: &compiled{},
		identity: identity(cfg), rooms: &sync.Pool{}, schema: cfg.Policies.Schema(),
	}, nil
}

// secureConfig is what the stage that puts policies into a query needs to know
// of a configuration.
func secureConfig(cfg Config, cacheBytes int) secure.Config {
	d := cfg.Dialect.d
	out := secure.Config{
		Rules: cfg.Policies.Rules(), Dialect: d.Name, Total: d.Total, Note: newVerdicts, CacheBytes: cacheBytes,
		OuterColumns: d.OuterColumns, EagerFields: d.EagerFields, Clashes: len(d.Clashes) > 0, Carries: !d.LooseColumns,
	}
	switch {
	case d.Merges && d.Unmerged != "":
		out.Merging = secure.SwitchedOff
	case d.Merges:
		out.Merging = secure.Fenced
	}
	return out
}

// Isolation is what an isolated enforcer has of its own.
type Isolation struct {
	// Scope goes into fingerprints: statements of different scopes never share
	// one, so that result caches of several databases can't be mixed up.
	Scope string
	// OnDecision takes the place of Config.OnDecision; nil is none.
	OnDecision func(ctx context.Context, outcome Outcome)
	// OnResult, if set, is called when the run of a statement behind NewConnector
	// has ended. It must be safe for concurrent use.
	OnResult func(ctx context.Context, result Result)
}

// Isolated gives an enforcer that shares all that e has compiled, but has a
// session schema of its own: e refuses its sessions with ErrNoSession, and it
// refuses those of e and of any other enforcer. It costs next to no memory. For
// hosts with many tenants whose models and policies are equal.
func (e *Enforcer) Isolated(own Isolation) *Enforcer {
	if e == nil || e.parser == nil {
		return &Enforcer{} // refuses everything, as e does
	}
	out := *e
	out.schema = e.schema.Copy()
	out.cfg.OnDecision, out.onResult = own.OnDecision, own.OnResult
	out.identity = e.identity.within(own.Scope)
	return &out
}

// Schema is the schema of the sessions that the enforcer accepts.
func (e *Enforcer) Schema() *session.Schema {
	if e == nil {
		return nil
	}
	return e.schema
}

// Validate refuses limits that New would refuse.
func (l Limits) Validate() error {
	_, err := l.withDefaults()
	return err
}

// withDefaults fills in the defaults and holds each limit against its maximum.
func (l Limits) withDefaults() (mysql.Limits, error) {
	out := mysql.DefaultLimits()
	for _, f := range []struct {
		name       string
		given, max int
		to         *int
	}{
		{"Bytes", l.Bytes, widest.Bytes, &out.Bytes},
		{"Depth", l.Depth, widest.Depth, &out.Depth},
		{"Nodes", l.Nodes, widest.Nodes, &out.Nodes},
		{"ListItems", l.ListItems, widest.ListItems, &out.ListItems},
	} {
		if f.given < 0 || f.given > f.max {
			return out, fmt.Errorf("rls: Limits.%s is %d; it must be from 1 to %d, or 0 for the default", f.name, f.given, f.max)
		}
		if f.given > 0 {
			*f.to = f.given
		}
	}
	return out, nil
}

// Dialect is the SQL flavour of the database that runs the statements, the zero
// Dialect for an enforcer that was not made by New.
func (e *Enforcer) Dialect() Dialect {
	if e == nil {
		return Dialect{}
	}
	return e.cfg.Dialect
}

// server is the dialect that connections are checked for, if they are.
func (e *Enforcer) server() Dialect {
	if e.cfg.SkipServerCheck {
		return Dialect{}
	}
	return e.cfg.Dialect
}

// Enforce turns a logical query into the statement that shows a session what
// it may see. args are the values of the query's ? placeholders, in order.
//
// Errors are *Error and match ErrNoSession, ErrSyntax, ErrUnsupported,
// ErrUnknownName, ErrDenied or ErrLimit. A done context gives its error.
func (e *Enforcer) Enforce(ctx context.Context, s session.Session, query string, args ...any) (*Statement, error) {
	if e == nil || e.parser == nil {
		return nil, newError(fault.New(fault.Denied, 0, "this enforcer was not made by rls.New"), query)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	st, err := e.enforce(s, query, args)
	if err != nil {
		return nil, e.refused(ctx, s, query, err)
	}
	if e.cfg.OnDecision != nil {
		e.cfg.OnDecision(ctx, Outcome{Session: s, Query: query, Statement: st})
	}
	return st, nil
}

// refused gives the error of a refusal and tells the decision hook of it.
func (e *Enforcer) refused(ctx context.Context, s session.Session, query string, err error) error {
	refusal := newError(err, query)
	if e.cfg.OnDecision != nil {
		e.cfg.OnDecision(ctx, Outcome{Session: s, Query: query, Err: refusal, Reason: refusal.reason})
	}
	return refusal
}

// enforce finds or makes the plan of a query and binds the values.
func (e *Enforcer) enforce(s session.Session, query string, args []any) (*Statement, error) {
	ruling, p, err := e.plan(s, query)
	if err != nil {
		return nil, err
	}
	st, err := p.bind(ruling, args)
	if err != nil {
		return nil, err
	}
	st.Fingerprint.enforcer, st.server = e.identity, e.server()
	return st, nil
}
