package policytest_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/policy/policytest"
	"github.com/hedgerow/hedgerow/semantic"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// recorder is a testing.TB that keeps what a test says.
type recorder struct {
	testing.TB
	errors, logs []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(f string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(f, args...))
}
func (r *recorder) Error(args ...any) { r.errors = append(r.errors, fmt.Sprint(args...)) }
func (r *recorder) Log(args ...any)   { r.logs = append(r.logs, fmt.Sprint(args...)) }

func set(t testing.TB) *policy.Set {
	t.Helper()
	return parse(t, string(testdata(t, "policy.yaml")))
}

func parse(t testing.TB, policies string) *policy.Set {
	t.Helper()
	m, err := semantic.Parse("model.yaml", testdata(t, "model.yaml"))
	require.NoError(t, err)
	s, err := policy.Parse("policy.yaml", []byte(policies), m)
	require.NoError(t, err)
	return s
}

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return src
}

func run(t *testing.T, s *policy.Set, fsys fs.FS, pattern string, opts ...policytest.Option) *recorder {
	t.Helper()
	r := &recorder{}
	policytest.Run(r, s, fsys, pattern, opts...)
	return r
}

// golden holds a text against a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join("testdata", name), []byte(got), 0o644))
		return
	}
	assert.Equal(t, string(testdata(t, name)), got)
}

func TestPassing(t *testing.T) {
	r := run(t, set(t), os.DirFS("testdata"), "passing.yaml", policytest.MinCoverage(0.95))
	assert.Empty(t, strings.Join(r.errors, "\n"))
	golden(t, "passing.txt", strings.Join(r.logs, "\n"))
}

// TestFailing: each kind of failure, as it is printed.
func TestFailing(t *testing.T) {
	r := run(t, set(t), os.DirFS("testdata"), "failing.yaml")
	golden(t, "failing.txt", strings.Join(r.errors, "\n\n")+"\n")
	assert.Len(t, r.errors, 14, "one for each case")
}

// TestMistakes: every mistake of a file is reported at once, with its place.
func TestMistakes(t *testing.T) {
	r := run(t, set(t), os.DirFS("testdata"), "mistakes.yaml")
	require.Len(t, r.errors, 1)
	assert.Empty(t, r.logs, "coverage means nothing then")
	golden(t, "mistakes.txt", r.errors[0]+"\n")
}

// minimal is a test file that passes.
const minimal = "fixtures: {teams: [{id: 1, org: a}]}\nsessions: {s: {org: a}}\ncases: [{name: n, session: s, dataset: teams, rows: [1]}]\n"

func TestFilesThatCannotRun(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"no cases":       {"cases: []", "there are no cases"},
		"empty":          {"", "the file is empty"},
		"not YAML":       {"cases: [", "not valid YAML"},
		"alias":          {"cases: [{name: &a x, session: *a, dataset: teams, rows: []}]", "aliases aren't supported"},
		"primary key":    {strings.Replace(minimal, "{id: 1, org: a}", "{id: 1}, {id: 1}", 1), "x.yaml:1:29: the database refuses this row"},
		"fixtures list":  {"fixtures: []\n" + minimal[strings.Index(minimal, "sessions"):], "fixtures must be a mapping"},
		"sessions value": {strings.Replace(minimal, "{s: {org: a}}", "{s: 1}", 1), "a session must be a mapping"},
	} {
		r := run(t, set(t), fstest.MapFS{"x.yaml": {Data: []byte(c.src)}}, "*.yaml")
		require.Len(t, r.errors, 1, name)
		assert.Contains(t, r.errors[0], c.want, name)
		assert.Empty(t, r.logs, name)
	}
}

func TestArguments(t *testing.T) {
	files := fstest.MapFS{"a.yaml": {Data: []byte(minimal)}}
	assert.Contains(t, run(t, set(t), files, "*.yml").errors[0], `no file matches "*.yml"`)
	assert.Contains(t, run(t, set(t), files, "[").errors[0], "no file matches")
	assert.Contains(t, run(t, nil, files, "*").errors[0], "needs a policy set")
	assert.Empty(t, run(t, set(t), files, "*").errors)
}

// TestThreshold: coverage is of all files together, and fails the test only
// where it is lower than what is asked for.
func TestThreshold(t *testing.T) {
	s := parse(t, `
session: [{name: org, type: string}, {name: role, type: string, default: agent}]
policies:
  - {name: own, datasets: [teams], when: session.role == 'agent', rows: row.org == session.org}
`)
	half := fstest.MapFS{"a.yaml": {Data: []byte(minimal)}}
	r := run(t, s, half, "*", policytest.MinCoverage(0.6))
	assert.Empty(t, r.errors)
	assert.Contains(t, r.logs[0], "total:                 60.0%")
	r = run(t, s, half, "*", policytest.MinCoverage(0.61))
	assert.Equal(t, []string{"policy coverage is 60.0%, less than 61.0%"}, r.errors)

	half["b.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(minimal, "rows: [1]}", "rows: []}, {name: m, session: t, dataset: teams, error: denied}", 1))}
	half["b.yaml"].Data = []byte(strings.Replace(string(half["b.yaml"].Data), "{s: {org: a}}", "{s: {org: b}, t: {role: lead}}", 1))
	r = run(t, s, half, "*", policytest.MinCoverage(1))
	assert.Empty(t, r.errors)
	assert.Contains(t, r.logs[0], "100.0%")
}

// TestCoverage: what no case has shown is listed by policy, with its place, also
// within macros and conditionals; what isn't evaluated isn't shown.
func TestCoverage(t *testing.T) {
	s := parse(t, `
session:
  - {name: org, type: string}
  - {name: vip, type: bool, default: false}
  - {name: limits, type: "map(string, double)"}
policies:
  - name: never-applied
    datasets: [members, teams]
    when: session.vip && !has(session.limits)
    rows: row.org == session.org
  - name: nested
    datasets: [tickets]
    rows: >-
      !(row.urgent == null) && (row.urgent ? row.cost > 1.0 : session.vip)
      && (row.org == 'a' || row.org == 'b'
          || row.team.members.exists(m, m.user_id > 7 && m.org != 'x'))
  - name: mask
    datasets: [tickets]
    hide: [label]
    mask:
      title: "session.vip ? row.title : (row.urgent || row.cost > 5.0 ? 'x' : row.org)"
`)
	src := `
fixtures:
  tickets:
    - {id: 1, org: a, urgent: true, cost: 3}
    - {id: 2, org: c, urgent: true, cost: 3, team_ref: 1}
    - {id: 3, org: c, urgent: false}
  teams: [{id: 1, org: c}]
  members: [{org: c, team_id: 1, user_id: 7}, {org: c, team_id: 1, user_id: 8}]
sessions: {s: {org: a}}
cases: [{name: n, session: s, dataset: tickets, rows: [1, 2]}]
`
	r := run(t, s, fstest.MapFS{"x.yaml": {Data: []byte(src)}}, "*")
	require.Empty(t, r.errors)
	golden(t, "coverage.txt", r.logs[0])
}

// TestModelThatCannotRun: what SQLite can't hold is told, not skipped.
func TestModelThatCannotRun(t *testing.T) {
	for from, want := range map[string]string{
		"source: lake.main.t":                  "SQLite has no sources of 3 parts",
		"source: t\n        primary_key: [id]": "",
	} {
		m, err := semantic.Parse("model.yaml", []byte(`
version: "0.2.0"
semantic_model:
  - name: m
    datasets:
      - name: teams
        `+from+`
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: org, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
`))
		require.NoError(t, err)
		s, err := policy.Parse("policy.yaml", []byte("session: [{name: org, type: string}]\npolicies: [{name: p, datasets: [teams], rows: true}]"), m)
		require.NoError(t, err)
		errors := strings.Join(run(t, s, fstest.MapFS{"x.yaml": {Data: []byte(minimal)}}, "*").errors, "\n")
		if want == "" {
			assert.Empty(t, errors)
		}
		assert.Contains(t, errors, want)
	}
}

// FuzzFile: no test file makes Run panic.
func FuzzFile(f *testing.F) {
	for _, name := range []string{"passing.yaml", "failing.yaml", "mistakes.yaml"} {
		f.Add(testdata(f, name))
	}
	f.Add([]byte(minimal))
	policies := set(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		run(t, policies, fstest.MapFS{"x.yaml": {Data: src}}, "*")
	})
}
