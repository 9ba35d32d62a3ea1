package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
)

const modelYAML = `
version: "0.2.0"
semantic_model:
  - name: shop
    datasets:
      - name: orders
        source: main.orders
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: org, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
          - {name: region, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: region}]}}
          - {name: amount, datatype: Decimal, expression: {dialects: [{dialect: ANSI_SQL, expression: amount}]}}
          - {name: paid, datatype: Boolean, expression: {dialects: [{dialect: ANSI_SQL, expression: paid}]}}
          - {name: placed_at, datatype: DateTime, expression: {dialects: [{dialect: ANSI_SQL, expression: placed_at}]}}
          - {name: payload, expression: {dialects: [{dialect: ANSI_SQL, expression: payload}]}}
      - name: regions
        source: main.regions
        fields:
          - {name: code, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: code}]}}
`

func model(t *testing.T) *semantic.Model {
	t.Helper()
	m, err := semantic.Parse("model.yaml", []byte(modelYAML))
	require.NoError(t, err)
	return m
}

const header = `
session:
  - {name: org, type: string, required: true}
  - {name: regions, type: list(string)}
  - {name: role, type: string, default: member, values: [member, admin]}
  - {name: level, type: int}
tenant: {field: org, property: org}
policies:
`

func TestParse(t *testing.T) {
	set, err := policy.Parse("policy.yaml", []byte(header+`
  - name: own
    description: each organization for itself
    datasets: [orders]
    kind: restrictive
    rows: row.org == session.org
  - name: regional
    datasets: [orders]
    when: session.role == 'member'
    rows: >-
      row.region in session.regions
      || row.region == null
  - {name: open, datasets: "*", rows: true, cross_tenant: true}
  - name: fields
    datasets: [orders]
    hide: [payload]
    mask: {amount: 0.0, region: "row.org == session.org ? row.region : '***'", paid: null}
`), model(t))
	require.NoError(t, err)
	tenant, ok := set.Tenant()
	assert.True(t, ok)
	assert.Equal(t, policy.Tenant{Field: "org", Property: "org"}, tenant)
	ps := set.Policies()
	require.Len(t, ps, 4)
	assert.Equal(t, policy.Restrictive, ps[0].Kind)
	assert.Equal(t, []string{"orders", "regions"}, ps[2].Datasets)
	assert.Equal(t, "true", ps[2].Rows)
	assert.Equal(t, []string{"payload"}, ps[3].Hide)
	assert.Len(t, ps[3].Mask, 3)
	ps[3].Hide[0] = "changed"
	assert.Equal(t, []string{"payload"}, set.Policies()[3].Hide, "Policies hands out copies")
}

// TestTenMistakes: a file with ten mistakes reports ten, each with its place.
func TestTenMistakes(t *testing.T) {
	src := `session:
  - {name: org, type: strin}
  - {name: role, type: string, default: boss, values: [member, admin]}
tenant: {field: nothing, property: role}
policies:
  - name: a
    datasets: [order]
    rows: "true"
  - name: a
    datasets: [orders]
    kind: strict
    rows: row.regoin == 'EU'
  - name: c
    datasets: [orders]
    when: row.id == 1
    rows: >-
      row.region == 'EU' &&
      row.id == 'x'
  - name: d
    datasets: [orders]
    colour: red
    hide: [secret]
`
	_, err := policy.Parse("policy.yaml", []byte(src), model(t))
	require.Error(t, err)
	var problems semantic.Problems
	require.ErrorAs(t, err, &problems)
	var got []string
	for _, p := range problems {
		first, _, _ := strings.Cut(p.Error(), "\n")
		got = append(got, first)
	}
	assert.Equal(t, []string{
		`policy.yaml:2:23: unknown property type "strin"; write string, int, double, bool, timestamp, duration, list(T) or map(string, T) with one of these as T`,
		`policy.yaml:3:5: session property "role": default: is not one of the allowed values`,
		`policy.yaml:4:17: no dataset has a field "nothing"`,
		`policy.yaml:7:16: the model has no dataset "order"; did you mean "orders"?`,
		`policy.yaml:9:11: two policies are named "a"`,
		`policy.yaml:11:11: unknown kind "strict"; use permissive or restrictive`,
		`policy.yaml:12:11: dataset "orders" has no field "regoin"; did you mean "region"?`,
		`policy.yaml:15:11: when reads row, but it is decided before any row is read; use session properties only, or move the condition into rows`,
		`policy.yaml:18:14: the operator == can't be applied to (int, string)`,
		`policy.yaml:21:5: unknown key "colour" in a policy; known keys are cross_tenant, datasets, description, hide, kind, mask, name, rows, still_shows, when`,
		`policy.yaml:22:12: dataset "orders" has no field "secret"`,
	}, got)
	assert.Contains(t, err.Error(), "      row.id == 'x'\n               ^", "the source line and a caret")
}

// TestRefusedRules: what can't be exact in SQL is a load error that names the
// construct and its place.
func TestRefusedRules(t *testing.T) {
	for _, c := range []struct{ rows, place, want string }{
		{"row.region.matches('^E.*')", "11", "the function matches"},
		{"session.regions.map(r, r + row.region) == []", "11", ""},
		{"row.amount * 2.0 > 1.0", "11", "arithmetic on double fields"},
		{"row.placed_at < timestamp('yesterday')", "27", "this constant can't be used"},
		{"row.placed_at - row.placed_at < duration('1ns')", "37", "this constant can't be used"},
		{"row.placed_at.getHours(session.role) == 1", "11", "with a time zone"},
		{"row.region.replace(row.org, 'x') == 'x'", "30", "replace of anything but a constant"},
		{"row.region.split(',') == ['x']", "11", ""},
		{"row.payload == 'x'", "11", "no datatype"},
		{"has(row.region)", "15", "has(row.…)"},
		{"row.region == (session.role == 'admin' ? null : 'x')", "11", "null"},
		{"(row.paid ? row.region : row.org) == null", "12", "only a field can be compared with null"},
		{"dyn(row.id) == 'x'", "11", "dyn"},
		{"session.colour == 'x'", "11", `no property "colour"`},
		{"row.region", "11", "bool is needed"},
		{"1 == 1", "11", "neither session nor row"},
		{"row.id in [1, 'a']", "11", ""},
		{"row.region == ", "", ""},
		{"row.amount > 100", "22", "write 1.0 instead of 1"},
		{"int(row.region) == 1", "11", "int of a"},
		{"row.placed_at.getHours('Europe/Berlin') == 2024", "11", "with a time zone"},
		{"{'a': row.id}['a'] == 1", "11", ""},
		{"row == row", "11", ""},
	} {
		_, err := policy.Parse("policy.yaml", []byte(header+"  - name: p\n    datasets: [orders]\n    rows: "+quoted(c.rows)+"\n"), model(t))
		require.Error(t, err, c.rows)
		assert.Contains(t, err.Error(), c.want, c.rows)
		var problem *semantic.Problem
		require.True(t, errors.As(err, &problem))
		assert.Equal(t, 11, problem.Line, c.rows)
	}
}

// quoted writes a rule as a double-quoted YAML scalar.
func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

// TestSharedDataset: a dataset without the tenant's field is nobody's. It loads,
// and Prove tells that every tenant sees it.
func TestSharedDataset(t *testing.T) {
	set, err := policy.Parse("policy.yaml", []byte(header+`
  - {name: own, datasets: [orders], rows: row.org == session.org}
  - {name: shared, datasets: [regions], rows: "true"}
`), model(t))
	require.NoError(t, err)
	verdicts := map[string]policy.Verdict{}
	for _, p := range policy.Prove(set) {
		verdicts[p.Dataset] = p.Verdict
	}
	assert.Equal(t, map[string]policy.Verdict{"orders": policy.Proved, "regions": policy.Counterexample}, verdicts)
}

func TestParseNeedsModel(t *testing.T) {
	_, err := policy.Parse("policy.yaml", []byte("policies: []"), nil)
	require.Error(t, err)
}

// FuzzPolicy: no text makes Parse panic, and what it accepts it can describe.
func FuzzPolicy(f *testing.F) {
	m, err := semantic.Parse("model.yaml", []byte(modelYAML))
	require.NoError(f, err)
	f.Add([]byte(header + "  - {name: a, datasets: [orders], rows: row.org == session.org}\n"))
	f.Add([]byte(header + "  - {name: a, datasets: '*', when: has(session.level), rows: \"row.id + session.level > 2\", mask: {org: \"'x'\"}}\n"))
	f.Add([]byte("policies: [{name: a, datasets: [orders], rows: \"row.region in ['a', row.org] ? row.paid : !row.paid\"}]"))
	f.Add([]byte("session: [{name: x, type: 'map(string, int)', default: {a: 1}}]\npolicies: []"))
	f.Fuzz(func(t *testing.T, src []byte) {
		set, err := policy.Parse("policy.yaml", src, m)
		if err == nil {
			set.Policies()
			set.Tenant()
		}
	})
}

// TestHints: common mistakes come with what to write instead.
func TestHints(t *testing.T) {
	for rule, hint := range map[string]string{
		"row.org = session.org":                              "CEL writes equal as ==",
		"row.public and row.org == session.org":              "CEL writes AND as &&",
		"row.public or row.org == session.org":               "CEL writes OR as ||",
		"not row.public":                                     "CEL writes NOT as !",
		"row.org is not null":                                "CEL writes == null and != null",
		"row.org <> 'a'":                                     "CEL writes unequal as !=",
		"row.org like 'a%'":                                  "use startsWith, endsWith or contains",
		"row.org IN session.orgs":                            "CEL writes in, in small letters",
		"row.org == NULL":                                    "write null",
		"row.org == user":                                    "did you mean session.user?",
		"owner == session.user":                              "did you mean row.owner?",
		"docs.owner == session.user":                         "the row is called row, whatever the dataset",
		"row.org.toLower() == 'a'":                           "use lowerAscii()",
		"row.doc_foldr.kind == 'a'":                          `did you mean "doc_folder"?`,
		"row.folders.knd == 'a'":                             `did you mean "kind"?`,
		"row.folders.doc_folder.owner == 'a'":                "ask for one of the rows: row.step.exists(x, x.field == …)",
		"row.folders == session.org":                         "name a field of the row, as in row.field",
		"row.public == 'true'":                               "write true or false without quotes",
		"session.orgs.contains(row.org)":                     "search a list by in: value in list",
		"row.folders.doc_folder.any(d, d.level == 1)":        "use exists(x, …)",
		"row.org == 'and' && row.owner == 'x = y' row.level": "",
	} {
		_, err := policy.Parse("policy.yaml", []byte(policies(given, rule)), tenants(t))
		var problem *semantic.Problem
		if assert.ErrorAs(t, err, &problem, rule) {
			assert.Equal(t, hint, problem.Hint, "%s: %s", rule, problem.Message)
			assert.Equal(t, 16, problem.Line, rule)
			assert.NotContains(t, problem.Message, "expecting")
		}
	}
}

// TestNothingIsEmpty: what stands in a policy but says nothing is a mistake, not
// a policy without it.
func TestNothingIsEmpty(t *testing.T) {
	for _, text := range []string{"kind: restrictive, rows: ''", `kind: restrictive, rows: ""`, "kind: restrictive, rows: ' '", "kind: restrictive, rows: ", "rows: 'true', when: ''",
		"hide: []", "mask: {}", "mask: {org: ''}", "rows: 'true', mask: {}"} {
		src := strings.Replace(policies(given, "true"), "tenant: {field: org, property: org}\n", "", 1) + "  - {name: empty, datasets: [docs], " + text + "}\n"
		_, err := policy.Parse("policy.yaml", []byte(src), tenants(t))
		assert.Error(t, err, text)
	}
}
