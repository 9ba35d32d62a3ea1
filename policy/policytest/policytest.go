// Package policytest runs tests of policies that are written as YAML files:
// rows of the datasets, sessions, and what each session must see of the rows.
//
//	fixtures:                 # rows by dataset; a field that isn't given is NULL
//	  orders:
//	    - {id: 1, organization_id: acme, region: EU}
//	    - {id: 2, organization_id: globex, region: EU}
//	sessions:                 # properties by session
//	  ann: {organization_id: acme}
//	cases:
//	  - name: own orders only
//	    session: ann          # without one it is the zero session
//	    dataset: orders
//	    rows: [1]             # by primary key, or by the field that key names
//	  - name: orders by region
//	    session: ann
//	    query: SELECT region, COUNT(*) AS n FROM orders WHERE id < ? GROUP BY region
//	    args: [9]
//	    rows: [{region: EU, n: 1}]
//
// A case may expect
//   - rows: of a dataset keys or mappings of fields, of a query lists of all
//     columns or mappings of some; a result of one column needs no lists.
//     Their order matters where ordered is true;
//   - columns: the names of the visible fields or of the query's columns;
//   - sql: the statement's text, in which all blanks are alike;
//   - error: no_session, denied, unsupported, syntax, unknown_name or limit, and
//     message: a part of the error's text.
//
// Fixtures give the fields that are physical columns. The database computes those
// that are expressions; a physical column that no field shows goes by its own
// name. Relationships are followed by the values of their columns.
//
// Every case of a dataset is decided twice, by cel-go in memory and by the
// statement that package rls makes, on a SQLite database in memory, and the two
// must agree. Decimals and floats count as equal when 12 digits are.
package policytest

import (
	"io/fs"
	"testing"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
)

// Option changes how Run works.
type Option func(*config)

type config struct {
	minCoverage float64
}

// MinCoverage makes the test fail when policy coverage is lower: 0.9 is 90 %.
// Without it coverage is only logged.
func MinCoverage(share float64) Option { return func(c *config) { c.minCoverage = share } }

// Run runs the test files of fsys that match a pattern of [io/fs.Glob] against
// a policy set. It reports each failure and each mistake in a file with its
// place, and logs at the end how far the cases cover the policies: each
// condition of a when, a rule or a mask must have been true and false for some
// row, and each policy must have applied to each of its datasets. A condition
// that isn't evaluated, because another one decides, is neither.
func Run(t testing.TB, set *policy.Set, fsys fs.FS, pattern string, opts ...Option) {
	t.Helper()
	var cfg config
	for _, o := range opts {
		o(&cfg)
	}
	if set == nil {
		t.Error("policytest: Run needs a policy set")
		return
	}
	names, err := fs.Glob(fsys, pattern)
	if err != nil || len(names) == 0 {
		t.Errorf("policytest: no file matches %q", pattern)
		return
	}
	enforcer, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	if err != nil {
		t.Errorf("policytest: %v", err)
		return
	}
	coverage, err := newCoverage(set)
	if err != nil {
		t.Errorf("policytest: %v", err)
		return
	}
	whole := true
	for _, name := range names {
		r := &runner{t: t, set: set, enforcer: enforcer, coverage: coverage}
		whole = r.file(fsys, name) && whole
	}
	if !whole { // a file that couldn't be run covers nothing: its mistakes are what to tell
		return
	}
	t.Log(coverage.report())
	if share := coverage.share(); share < cfg.minCoverage {
		t.Errorf("policy coverage is %s, less than %s", percent(share), percent(cfg.minCoverage))
	}
}
