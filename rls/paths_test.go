package rls_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

const pathsModel = `
version: "0.2.0"
semantic_model:
  - name: paths
    datasets:
      - name: things
        source: t_things
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: org, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
          - {name: s, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: s}]}}
          - {name: n, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: n}]}}
          - {name: flag, datatype: Boolean, expression: {dialects: [{dialect: ANSI_SQL, expression: flag}]}}
      - name: parents
        source: t_parents
        fields:
          - {name: org, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
          - {name: s, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: s}]}}
          - {name: n, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: "n + 0"}]}}
          - {name: flag, datatype: Boolean, expression: {dialects: [{dialect: ANSI_SQL, expression: flag}]}}
      - name: grands
        source: t_grands
        fields:
          - {name: s, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: s}]}}
      - name: kids
        source: t_kids
        fields:
          - {name: org, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
          - {name: s, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: s}]}}
          - {name: n, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: n}]}}
          - {name: flag, datatype: Boolean, expression: {dialects: [{dialect: ANSI_SQL, expression: flag}]}}
    relationships:
      - {name: parent, from: things, to: parents, from_columns: [parent_a, parent_b], to_columns: [a, b]}
      - {name: parents_grand, from: parents, to: grands, from_columns: [grand], to_columns: [id]}
      - {name: kids_thing, from: kids, to: things, from_columns: [thing], to_columns: [id]}
      - {name: kids_friend, from: kids, to: grands, from_columns: [friend], to_columns: [id]}
`

const pathsPolicies = `
session:
  - {name: s, type: string}
  - {name: n, type: int}
  - {name: list, type: list(string)}
  - {name: none, type: list(string)}
  - {name: flags, type: list(bool)}
  - {name: limits, type: "map(string, int)"}
  - {name: empty, type: "map(string, int)"}
%s
policies:
  - {name: rule, datasets: [things], rows: %q, cross_tenant: true}
`

// pathRules use relationships, macros and maps.
var pathRules = []string{
	"row.parent.s == 'a'", "row.parents.s == session.s", "!(row.parent.s == 'a')", "row.parent.s != 'a'", "row.parent.s == row.s", "!(row.parent.s == row.s)",
	"row.parent.s == null", "row.parent.s != null", "!(row.parent.s == null)", "row.parent.flag", "!row.parent.flag", "row.parent.flag == row.flag", "!(row.parent.flag == row.flag)",
	"row.parent.s in session.list", "!(row.parent.s in session.list)", "row.parent.s in ['a', row.s]", "row.parent.s.startsWith('a')", "row.parent.n + row.n > 2", "!(row.parent.n > 1)",
	"row.parent.parents_grand.s == 'a'", "row.parents.grands.s == row.s", "!(row.parents.grands.s == 'b')", "row.parent.s == row.parent.parents_grand.s",
	"row.parent.s == 'a' || row.s == 'b'", "row.parent.s == 'a' && row.parent.n == 1", "!(row.parent.s == 'a' || row.s == 'b')", "!(row.parent.s == 'a' && row.s == 'b')",
	"row.flag ? row.parent.s == 'a' : row.s == 'a'", "(row.flag ? row.parent.s : row.s) == 'a'", "!((row.flag ? row.parent.s : row.s) == 'a')", "row.parent.flag ? row.s == 'a' : row.s == 'b'",
	"row.kids.exists(k, k.s == 'a')", "!row.kids.exists(k, k.s == 'a')", "row.kids.exists(k, k.s == row.s)", "row.kids.exists(k, k.n > row.n)", "row.kids.exists(k, k.s in session.list)",
	"row.kids.all(k, k.s == 'a')", "!row.kids.all(k, k.s == 'a')", "row.kids.all(k, k.n > 0)", "row.kids_thing.exists(k, k.flag)", "row.kids.all(k, k.flag || k.n > 0)", "row.kids.exists(k, true)", "!row.kids.exists(k, true)", "row.kids.all(k, false)",
	"row.kids.exists_one(k, k.s == 'a')", "!row.kids.exists_one(k, k.n > 0)", "row.kids.exists(k, k.grands.s == 'a')", "row.kids.all(k, k.kids_friend.s != 'b')", "!row.kids.exists(k, !(k.kids_friend.s == 'a'))",
	"row.kids.exists(row2, row2.s == row.parent.s)", "row.kids.exists(k, k.s == 'a' && row.kids.exists(j, j.n == k.n && j.s == 'b'))", "row.kids.exists(k, k.things.s == 'a')", "row.kids.exists(k, k.things.parent.s == 'a')",
	"row.kids.exists(k, k.s == 'a') || row.parent.s == 'b'", "row.kids.exists(k, k.s == 'a') ? row.n > 0 : row.n < 2", "row.kids.exists(t, t.s == 'a')", "row.kids.exists(k, k.s == null)",
	"session.list.exists(x, x == row.s)", "!session.list.exists(x, x == row.s)", "session.list.all(x, x != row.s)", "!session.list.all(x, x != row.s)", "session.none.exists(x, x == row.s)", "session.none.all(x, x == row.s)", "!session.none.exists(x, x == row.s)",
	"session.list.exists(x, x + 'b' == row.s)", "session.list.exists(x, row.s.startsWith(x) && row.n > 0)", "session.list.exists(x, row.kids.exists(k, k.s == x))", "row.kids.exists(k, session.list.exists(x, x == k.s))", "session.list.exists(x, session.list.exists(y, x + y == row.s))", "session.flags.exists(f, f == row.flag)", "session.flags.all(f, f || row.flag)",
	"[row.s, row.parent.s].exists(x, x == 'a')", "!['a', row.s].exists(x, x == 'b')", "['a', 'b'].exists(x, x == row.s)", "['a', 'b'].all(x, x != row.s)",
	"session.limits[row.s] > 0", "session.limits[row.s] == row.n", "!(session.limits[row.s] > 1)", "session.limits[row.parent.s] >= row.n", "row.s in session.limits", "!(row.s in session.limits)", "row.s in session.empty", "session.empty[row.s] > 0", "session.limits['a'] > row.n", "session.limits[row.s] > 0 || row.n == 1",
}

// pathsData is random rows: every NULL, absent parent and empty list occurs.
type pathsData struct {
	things, parents, grands, kids []map[string]any
}

func newPathsData() pathsData {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(values ...any) any { return values[r.IntN(len(values))] }
	common := func() map[string]any {
		return map[string]any{"org": pick("x", "x", "x", "y"), "s": pick(nil, "a", "b", "ab", "A"), "n": pick(nil, int64(0), int64(1), int64(2)), "flag": pick(nil, true, false)}
	}
	var d pathsData
	for i := range 5 {
		d.grands = append(d.grands, map[string]any{"id": int64(i), "s": pick(nil, "a", "b")})
	}
	for a := range 4 {
		for b := range 3 {
			p := common()
			p["a"], p["b"], p["grand"] = int64(a), int64(b), pick(nil, int64(0), int64(1), int64(2), int64(3), int64(9))
			d.parents = append(d.parents, p)
		}
	}
	for i := range 200 {
		thing := common()
		thing["id"], thing["parent_a"], thing["parent_b"] = int64(i), pick(nil, int64(0), int64(1), int64(2), int64(3), int64(9)), pick(nil, int64(0), int64(1), int64(2))
		d.things = append(d.things, thing)
		for range r.IntN(4) {
			k := common()
			k["thing"], k["friend"] = int64(i), pick(nil, int64(0), int64(1), int64(2), int64(9))
			d.kids = append(d.kids, k)
		}
	}
	return d
}

// nested builds the value that row has for cel-go: NULL fields and absent
// parents are left out, so that reading them is an error, which no rule can
// tell from an unknown. With tenant, hops stay within a tenant.
func (d pathsData) nested(thing map[string]any, tenant, deep bool) map[string]any {
	near := thing
	known := func(row map[string]any) map[string]any {
		out := map[string]any{}
		for k, v := range row {
			if v != nil {
				out[k] = v
			}
			out[k+"_isnull"] = v == nil
		}
		return out
	}
	same := func(row map[string]any) bool { return !tenant || row["org"] == near["org"] }
	row := known(thing)
	for _, p := range d.parents {
		if thing["parent_a"] != nil && p["a"] == thing["parent_a"] && p["b"] == thing["parent_b"] && same(p) {
			parent := known(p)
			for _, g := range d.grands {
				if p["grand"] != nil && g["id"] == p["grand"] {
					parent["grands"], parent["parents_grand"] = known(g), known(g)
				}
			}
			row["parent"], row["parents"] = parent, parent
		}
	}
	kids := []any{}
	for _, k := range d.kids {
		if k["thing"] != thing["id"] || !same(k) {
			continue
		}
		kid := known(k)
		for _, g := range d.grands {
			if k["friend"] != nil && g["id"] == k["friend"] {
				kid["grands"], kid["kids_friend"] = known(g), known(g)
			}
		}
		if deep {
			kid["things"] = d.nested(thing, tenant, false)
		}
		kids = append(kids, kid)
	}
	row["kids"], row["kids_thing"] = kids, kids
	return row
}

// plain is the nested row as a host gives it to policy.Set.Visible: with nil for
// NULL and without marks.
func (d pathsData) plain(thing map[string]any, tenant, deep bool) map[string]any {
	var strip func(v any) any
	strip = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			out := map[string]any{}
			for name, x := range v {
				base, isMark := strings.CutSuffix(name, "_isnull")
				switch {
				case !isMark:
					out[name] = strip(x)
				case x == true:
					out[base] = nil
				}
			}
			return out
		case []any:
			rows := []map[string]any{}
			for _, x := range v {
				rows = append(rows, strip(x).(map[string]any))
			}
			return rows
		default:
			return v
		}
	}
	return strip(d.nested(thing, tenant, deep)).(map[string]any)
}

// load creates and fills the tables on a database of any kind.
func (d pathsData) load(t *testing.T, k testdb.Kind) *sql.DB {
	db := testdb.Open(t, k)
	types := map[string]string{"org": "varchar(10)", "s": "varchar(10)", "flag": "boolean"}
	insert := func(table string, columns []string, rows []map[string]any) {
		var defs, marks []string
		for i, c := range columns {
			typ := types[c]
			if typ == "" {
				typ = "int"
			}
			defs = append(defs, c+" "+typ)
			mark := "?"
			if k == testdb.PostgreSQL {
				mark = fmt.Sprintf("$%d", i+1)
			}
			marks = append(marks, mark)
		}
		_, err := db.Exec("CREATE TABLE " + table + " (" + strings.Join(defs, ", ") + ")")
		require.NoError(t, err)
		for _, row := range rows {
			var values []any
			for _, c := range columns {
				values = append(values, row[c])
			}
			_, err := db.Exec("INSERT INTO "+table+" VALUES ("+strings.Join(marks, ", ")+")", values...)
			require.NoError(t, err)
		}
	}
	insert("t_things", []string{"id", "org", "s", "n", "flag", "parent_a", "parent_b"}, d.things)
	insert("t_parents", []string{"a", "b", "org", "s", "n", "flag", "grand"}, d.parents)
	insert("t_grands", []string{"id", "s"}, d.grands)
	insert("t_kids", []string{"org", "s", "n", "flag", "thing", "friend"}, d.kids)
	return db
}

var pathNullTest = regexp.MustCompile(`((?:\w+\.)+\w+) ([!=])= null`)

// TestPaths holds rules over relationships, macros and maps against cel-go on
// every database at hand, with and without a tenant's field that every step
// equates.
func TestPaths(t *testing.T) {
	m, err := semantic.Parse("paths.yaml", []byte(pathsModel))
	require.NoError(t, err)
	data := newPathsData()
	env, err := cel.NewEnv(cel.Variable("row", cel.DynType), cel.Variable("session", cel.DynType))
	require.NoError(t, err)
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		db := data.load(t, k)
		partly := 0
		for _, tenant := range []bool{false, true} {
			line := ""
			if tenant {
				line = "  - {name: org, type: string, default: x}\ntenant: {field: org, property: org}"
			}
			for _, rule := range pathRules {
				set, err := policy.Parse("policy.yaml", fmt.Appendf(nil, pathsPolicies, line, rule), m)
				require.NoError(t, err, rule)
				e, err := rls.New(rls.Config{Policies: set, Dialect: agreementDialects[k]})
				require.NoError(t, err)
				s := newSession(t, set, pathValues)
				want := data.oracle(t, env, set, s, rule, tenant)
				got, st, err := ask(db, e, s, "SELECT id FROM things ORDER BY id")
				require.NotNil(t, st, "%s: %v", rule, err)
				require.NoError(t, err, "%s\n%s", rule, st.SQL)
				var ids []string
				for _, r := range got.rows {
					ids = append(ids, r[0])
				}
				assert.Equal(t, want, ids, "rule %s, tenant %v\n%s\n%v", rule, tenant, st.SQL, st.Args)
				if len(ids) > 0 && len(ids) < len(data.things) {
					partly++
				}
			}
		}
		require.Greater(t, partly, len(pathRules)*3/2, "too many rules show all rows or none")
	})
}

var pathValues = map[string]any{
	"s": "a", "n": 1, "list": []string{"a", "ab"}, "none": []string{}, "flags": []bool{true, false},
	"limits": map[string]int{"a": 2, "b": 0}, "empty": map[string]int{},
}

// oracle lists the things for which cel-go alone finds a rule true, and holds
// policy.Set.Visible against it.
func (d pathsData) oracle(t *testing.T, env *cel.Env, set *policy.Set, s session.Session, rule string, tenant bool) []string {
	text := pathNullTest.ReplaceAllStringFunc(rule, func(s string) string {
		parts := pathNullTest.FindStringSubmatch(s)
		return map[string]string{"!": "!", "=": ""}[parts[2]] + parts[1] + "_isnull"
	})
	tree, issues := env.Compile(text)
	require.NoError(t, issues.Err(), text)
	program, err := env.Program(tree)
	require.NoError(t, err)
	var want []string
	for _, thing := range d.things {
		out, _, err := program.Eval(map[string]any{"row": d.nested(thing, tenant, true), "session": pathValues})
		visible, visErr := set.Visible(s, "things", d.plain(thing, tenant, true))
		require.NoError(t, visErr)
		require.Equal(t, err == nil && out == types.True, visible.Visible, "Visible: %s %v", rule, thing)
		if visible.Visible {
			want = append(want, fmt.Sprint(thing["id"]))
		}
	}
	return want
}
