package rls_test

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
)

// foundRulings are what random agreement has found: rulings on which a database
// once gave other rows than cel-go lets through, or an error.
var foundRulings = []struct {
	name  string
	rows  []string          // permissive rules
	masks map[string]string // on s, n, b and d
}{
	{"two rules along relationships to different datasets", []string{"row.kids.all(k, true)", "row.parents.s in session.list"}, nil},
	{"a list with an error of the session in it", []string{"[row.m, 10 / session.n].exists(x, true)"}, nil},
	{"a negated list with an error of the session in it", []string{"!([row.m, 10 / session.n].all(x, x == x))"}, nil},
	{"a written list of a session's elements", []string{"session.list.exists(x, [x, row.s].exists(y, y == 'a'))"}, nil},
	{"an unknown in a list of fields", []string{"row.m in [row.n, 10 / session.n]"}, nil},
	{"a negated written list with an error of the session in it", []string{"!(row.m in [1, 10 / session.n])"}, nil},
	{"a session's timestamp in a list of fields", []string{"session.at in [row.tz, row.day]"}, nil},
	{"a session's timestamp as a branch", []string{"(row.b ? session.at : row.at) >= row.tz"}, nil},
	{"a masked double of the session", []string{"true"}, map[string]string{"d": "session.d"}},
	{"a masked whole number that is unknown for the session", []string{"true"}, map[string]string{"n": "(10 / session.n) % row.n"}},
	{"a masked whole number of an empty map", []string{"true"}, map[string]string{"n": "session.empty[row.parents.s]"}},
	{"constants with and without a backslash", []string{`session.list.exists(x, x in ['\\', 'ab'] || '' in [x, '\\', 'ab'])`, `['\\', row.s].exists(x, x in ['a', '\\'])`}, nil},
	{"masks of NULL", []string{"true"}, map[string]string{"s": "null", "n": "null", "b": "null", "d": "null"}},
}

// TestAgreementFound: they stay mended. All of them stand in one query too.
func TestAgreementFound(t *testing.T) {
	fam := newFamily(t, rand.New(rand.NewPCG(1, 1)), 0)
	values := randomSession(rand.New(rand.NewPCG(1, 1)))
	maps.Copy(values, map[string]any{"n": int64(0), "d": 0.5, "at": instant("2024-01-01T00:00:00Z"), "list": []string{"a", "b"}})
	var rulings []ruling
	for slot, found := range foundRulings {
		r := ruling{slot: slot, like: -1}
		for _, text := range found.rows {
			r.grants = append(r.grants, grant{rows: leaf(celBool, "", text)})
		}
		for _, f := range maskable {
			if text := found.masks[f.name]; text != "" {
				if r.masks == nil {
					r.masks = map[string]*expr{}
				}
				r.masks[f.name] = leaf(f.typ, "", text)
			}
		}
		rulings = append(rulings, r)
	}
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		x := openAgreement(t, k, "America/New_York", []*family{fam}, 1)
		try := func(t *testing.T, rulings ...ruling) {
			b := &batch{family: fam, masked: true, values: []map[string]any{values}}
			require.NoError(t, b.assemble(rulings))
			if f := x.try(b); f != nil {
				t.Error(x.explain(b, f))
			}
		}
		for i, found := range foundRulings {
			t.Run(found.name, func(t *testing.T) { try(t, rulings[i]) })
		}
		t.Run("all", func(t *testing.T) { try(t, rulings...) })
	})
}
