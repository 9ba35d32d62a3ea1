package policy_test

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

const tenantsModel = `
version: "0.2.0"
semantic_model:
  - name: tenants
    datasets:
      - name: docs
        source: main.docs
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: org, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
          - {name: region, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: region}]}}
          - {name: owner, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: owner}]}}
          - {name: level, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: level}]}}
          - {name: public, datatype: Boolean, expression: {dialects: [{dialect: ANSI_SQL, expression: public}]}}
          - {name: folder_id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: folder_id}]}}
      - name: folders
        source: main.folders
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: org, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
          - {name: kind, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: kind}]}}
      - name: notes
        source: main.notes
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: author, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: author}]}}
          - {name: folder_id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: folder_id}]}}
    relationships:
      - {name: doc_folder, from: docs, to: folders, from_columns: [folder_id], to_columns: [id]}
      - {name: note_folder, from: notes, to: folders, from_columns: [folder_id], to_columns: [id]}
`

const tenantsSession = `
session:
  - {name: org, type: string, %s}
  - {name: orgs, type: list(string)}
  - {name: user, type: string}
  - {name: level, type: int}
  - {name: limit, type: double}
  - {name: admin, type: bool, default: false}
  - {name: scope, type: string, default: all, values: [all, own]}
  - {name: role, type: string, default: member, values: [member, manager, admin]}
  - {name: names, type: "map(string, string)"}
tenant: {field: org, property: org}
policies:
`

// policies writes a policy file: one permissive policy for each rule over docs.
// A rule may start with "restrict:" and with "when <condition>:".
func policies(org string, rules ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, tenantsSession, org)
	for i, rule := range rules {
		fmt.Fprintf(&b, "  - name: p%d\n    datasets: [docs]\n", i)
		if rest, ok := strings.CutPrefix(rule, "restrict:"); ok {
			rule = rest
			b.WriteString("    kind: restrictive\n")
		}
		if rest, ok := strings.CutPrefix(rule, "cross:"); ok {
			rule = rest
			b.WriteString("    cross_tenant: true\n")
		}
		if rest, ok := strings.CutPrefix(rule, "when "); ok {
			when, rows, _ := strings.Cut(rest, ":")
			rule = rows
			fmt.Fprintf(&b, "    when: %s\n", quoted(when))
		}
		fmt.Fprintf(&b, "    rows: %s\n", quoted(strings.TrimSpace(rule)))
	}
	return b.String()
}

const given = "required: true"

func tenants(t testing.TB) *semantic.Model {
	t.Helper()
	m, err := semantic.Parse("model.yaml", []byte(tenantsModel))
	require.NoError(t, err)
	return m
}

// TestProved: rules that isolate tenants, however they are written.
func TestProved(t *testing.T) {
	m := tenants(t)
	guard := "row.org == session.org"
	for name, c := range map[string]struct {
		org   string
		rules []string
	}{
		"a guard":                     {given, []string{guard}},
		"swapped":                     {given, []string{"session.org == row.org"}},
		"restrictive":                 {given, []string{"restrict:" + guard, "true"}},
		"a list of one":               {given, []string{"row.org in [session.org]"}},
		"a list of one, twice":        {given, []string{"row.org in [session.org, session.org]"}},
		"two guarded policies":        {given, []string{guard + " && row.public", guard + " && row.owner == session.user"}},
		"ternary":                     {given, []string{"session.admin ? " + guard + " : (" + guard + " && row.public)"}},
		"ternary value":               {given, []string{"row.org == (session.admin ? session.org : session.org)"}},
		"nested or":                   {given, []string{guard + " && (row.public || (row.owner == session.user || row.level > 3))"}},
		"or of guards":                {given, []string{"(" + guard + " && row.public) || (" + guard + " && row.level > 2)"}},
		"null test":                   {given, []string{"row.org != null && " + guard}},
		"null test beside":            {given, []string{"row.org == null ? false : " + guard}},
		"double negation":             {given, []string{"!(row.org != session.org)"}},
		"de Morgan":                   {given, []string{"!(row.org != session.org || row.level < 3)"}},
		"between":                     {given, []string{"row.org <= session.org && row.org >= session.org"}},
		"through another field":       {given, []string{"row.owner == session.org && row.org == row.owner"}},
		"through a constant":          {given, []string{"session.org == 'acme' && row.org == 'acme'"}},
		"constants":                   {given, []string{"(session.org == 'a' && row.region == 'x') || (session.org == 'b' && row.region == 'y')"}},
		"guard by when":               {given, []string{"when session.org == 'acme': row.public"}},
		"whens exclude each other":    {given, []string{"restrict:when session.role != 'admin':" + guard, "when session.role in ['member', 'manager']: true"}},
		"all values covered":          {given, []string{"restrict:when session.role == 'admin':" + guard, "restrict:when session.role in ['member', 'manager']:" + guard, "true"}},
		"by a path":                   {given, []string{"row.folders.org == session.org"}},
		"by the tie of a path":        {given, []string{"row.folders.kind == session.org && row.folders.org == row.folders.kind"}},
		"by a map":                    {given, []string{"session.names['x'] == session.org && row.org == session.org"}},
		"optional tenant":             {"loggable: true", []string{guard}},
		"opaque beside":               {given, []string{guard + " && row.owner.startsWith('a') && size(row.region) < 3"}},
		"opaque or its negation":      {given, []string{"row.owner.startsWith('a') ? " + guard + " : " + guard}},
		"opaque contradiction":        {given, []string{guard + " || (row.level + 1 > 3 && !(row.level + 1 > 3))"}},
		"integers leave no room":      {given, []string{guard + " || (row.level > 1 && row.level < 2)"}},
		"integers left out":           {given, []string{guard + " || (row.level >= 1 && row.level <= 2 && row.level != 1 && row.level != 2)"}},
		"order":                       {given, []string{guard + " || (row.level < session.level && row.level > session.level)"}},
		"macro over a written list":   {given, []string{"[row.org, row.owner].all(x, x == session.org)"}},
		"macro over the session":      {given, []string{"session.orgs.exists(o, o == session.org && o == row.org)"}},
		"no rows":                     {given, []string{"false"}},
		"never":                       {given, []string{"row.org == null && row.org == 'x'"}},
		"member of what isn't listed": {given, []string{guard + " || (row.org in session.orgs && !(row.org in session.orgs))"}},
		"bool against bool":           {given, []string{"row.public == session.admin && " + guard}},
		"equivalence":                 {given, []string{"(row.org == session.org) == true"}},
		"functions of strings":        {given, []string{guard + " && row.region.trim().indexOf('a') == 0 && row.owner.substring(1) != session.user"}},
		"order of truth values":       {given, []string{guard + " || (row.public < session.admin && row.public == session.admin)"}},
		"exactly one":                 {given, []string{guard + " && session.orgs.exists_one(o, o == row.region)"}},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := policy.Parse("policy.yaml", []byte(policies(c.org, c.rules...)), m)
			require.NoError(t, err)
			for _, p := range policy.Prove(set) {
				assert.Equal(t, policy.Proved, p.Verdict, p.String())
			}
		})
	}
}

// TestCounterexamples: broken variants fail to load, and what Prove says leaks
// does leak, on a database.
func TestCounterexamples(t *testing.T) {
	guard := "row.org == session.org"
	for name, c := range map[string]struct {
		org   string
		rules []string
	}{
		"or outside the guard":       {given, []string{guard + " || row.public"}},
		"admin bypass":               {given, []string{guard, "when session.role == 'admin': true"}},
		"admin bypass in the rule":   {given, []string{"session.admin || " + guard}},
		"missing guard":              {given, []string{"row.region == 'eu'"}},
		"precedence":                 {given, []string{guard + " && row.public || row.owner == session.user"}},
		"null tenant":                {given, []string{"row.org == null || " + guard}},
		"default tenant":             {"default: acme", []string{guard}},
		"absent tenant":              {"loggable: true", []string{"!has(session.org) || " + guard}},
		"default scope":              {given, []string{"session.scope == 'all' || " + guard}},
		"prefix":                     {given, []string{"row.org.startsWith(session.org)"}},
		"suffix":                     {given, []string{"row.org.endsWith(session.org)"}},
		"contains":                   {given, []string{"session.org.contains(row.org)"}},
		"not equal":                  {given, []string{"row.org != session.org"}},
		"list property":              {given, []string{"row.org in session.orgs"}},
		"macro over a list property": {given, []string{"session.orgs.exists(o, o == row.org)"}},
		"ternary":                    {given, []string{"session.admin ? row.public : " + guard}},
		"wrong field":                {given, []string{"row.owner == session.user"}},
		"wildcard":                   {given, []string{"row.org in [session.org, 'public']"}},
		"order":                      {given, []string{"row.org <= session.org"}},
		"restrictive with a gap":     {given, []string{"restrict:when session.role != 'admin':" + guard, "true"}},
		"restrictive or":             {given, []string{"restrict:" + guard + " || row.level > 3", "true"}},
		"one of two policies":        {given, []string{guard, "row.level == session.level"}},
		"literal true":               {given, []string{"true"}},
		"arithmetic":                 {given, []string{"row.level + 1 == session.level"}},
		"by a path":                  {given, []string{"row.folders.kind == 'open'"}},
		"size":                       {given, []string{"size(row.org) == size(session.org)"}},
		"member of a map":            {given, []string{"row.region in session.names"}},
		"equivalence":                {given, []string{"(row.org == session.org) == row.public"}},
		"constant in a function":     {given, []string{guard + " || row.org.contains('shared') && size(row.org) > 5"}},
		"integer gap":                {given, []string{guard + " || (row.level > 1 && row.level < 3)"}},
		"order of truth values":      {given, []string{guard + " || row.public < session.admin"}},
		"a truth value in a list":    {given, []string{guard + " || row.public in [session.admin, true]"}},
		"case":                       {given, []string{"row.org.lowerAscii() == session.org.lowerAscii()"}},
		"NaN":                        {given, []string{guard + " || (!(session.limit / session.limit < 1.0) && !(session.limit / session.limit >= 1.0))"}},
		"null level":                 {given, []string{guard + " || row.level == null"}},
	} {
		t.Run(name, func(t *testing.T) {
			src := policies(c.org, c.rules...)
			_, err := policy.Parse("policy.yaml", []byte(src), tenants(t))
			var problem *semantic.Problem
			require.True(t, errors.As(err, &problem), "it loaded")
			assert.Contains(t, problem.Message, "tenants aren't isolated in dataset \"docs\"")
			assert.Contains(t, problem.Source, "rows: ")
			leak(t, src)
		})
	}
}

// leak loads policies without their proof, proves, and replays the counterexample.
func leak(t *testing.T, src string) {
	t.Helper()
	set := unproved(t, src)
	i := slices.IndexFunc(policy.Prove(set), func(p policy.Proof) bool { return p.Verdict == policy.Counterexample })
	require.GreaterOrEqual(t, i, 0)
	p := policy.Prove(set)[i]
	db := tenantsDB(t, p)
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	assert.NotEqual(t, p.Sessions[0]["org"], p.Sessions[1]["org"])
	assert.NotEmpty(t, p.Policies)
	for _, values := range p.Sessions {
		s, err := set.Schema().New(values)
		require.NoError(t, err)
		seen, err := set.Visible(s, p.Dataset, p.Row)
		require.NoError(t, err)
		assert.True(t, seen.Visible, p.String())
		st, err := e.Enforce(t.Context(), s, "SELECT COUNT(*) FROM "+p.Dataset)
		require.NoError(t, err)
		var n int
		require.NoError(t, db.QueryRow(st.SQL, st.Args...).Scan(&n))
		assert.Equal(t, 1, n, "%s\n%s", p, st.SQL)
	}
}

// unproved loads policies whether their tenants are isolated or not.
func unproved(t testing.TB, src string) *policy.Set {
	t.Helper()
	set, err := policy.ParseUnproved("policy.yaml", []byte(src), tenants(t))
	require.NoError(t, err)
	return set
}

// tenantsDB is a database with the row of a counterexample and those it leads to.
func tenantsDB(t *testing.T, p policy.Proof) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	for _, create := range []string{
		"CREATE TABLE docs (id INTEGER, org TEXT, region TEXT, owner TEXT, level INTEGER, public BOOLEAN, folder_id INTEGER)",
		"CREATE TABLE folders (id INTEGER, org TEXT, kind TEXT)",
		"CREATE TABLE notes (id INTEGER, author TEXT, folder_id INTEGER)",
	} {
		_, err := db.Exec(create)
		require.NoError(t, err)
	}
	insert(t, db, p.Dataset, p.Row)
	return db
}

func insert(t *testing.T, db *sql.DB, table string, row map[string]any) {
	t.Helper()
	var columns, marks []string
	var args []any
	for _, name := range slices.Sorted(maps.Keys(row)) {
		if next, ok := row[name].(map[string]any); ok {
			insert(t, db, name, next)
			continue
		}
		columns, marks, args = append(columns, name), append(marks, "?"), append(args, row[name])
	}
	if len(columns) == 0 {
		columns, marks, args = []string{"id"}, []string{"?"}, []any{1}
	}
	_, err := db.Exec("INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", args...)
	require.NoError(t, err)
}

// TestUndecided: where Prove gives up, it names what stopped it, and the file loads.
func TestUndecided(t *testing.T) {
	for rule, want := range map[string]string{
		"row.org == session.org || (row.owner.startsWith('a') && row.owner.startsWith('b'))": "row.owner.startsWith('",
		"row.org == session.org || row.level * row.level == 7":                               "row.level * row.level",
		"row.org == session.org || row.owner + 'x' == row.owner":                             "row.owner + 'x'",
	} {
		set, err := policy.Parse("policy.yaml", []byte(policies(given, rule)), tenants(t))
		require.NoError(t, err)
		p := policy.Prove(set)[0]
		assert.Equal(t, policy.Undecided, p.Verdict, rule)
		assert.Contains(t, p.Expression, want)
		require.NotNil(t, p.Place)
		assert.Equal(t, 16, p.Place.Line)
		assert.Contains(t, p.String(), want)
	}
}

func TestDeclared(t *testing.T) {
	m := tenants(t)
	set, err := policy.Parse("policy.yaml", []byte(policies(given, "row.org == session.org", "cross:when session.role == 'admin': true")), m)
	require.NoError(t, err)
	p := policy.Prove(set)[0]
	assert.Equal(t, policy.Declared, p.Verdict)
	assert.Equal(t, []string{"p1"}, p.Policies)
	assert.True(t, set.Policies()[1].CrossTenant)

	_, err = policy.Parse("policy.yaml", []byte(policies(given, "row.public", "cross:when session.role == 'admin': true")), m)
	require.ErrorContains(t, err, "by p0", "a declaration covers its own policy only")
	_, err = policy.Parse("policy.yaml", []byte(policies(given, "restrict:cross:row.public")), m)
	require.ErrorContains(t, err, "cross_tenant is for permissive policies with rows")

	plain := strings.ReplaceAll(policies(given, "row.public"), "tenant: {field: org, property: org}", "")
	set, err = policy.Parse("policy.yaml", []byte(plain), m)
	require.NoError(t, err)
	assert.Empty(t, policy.Prove(set), "nothing to prove without a tenant")
}

func shop(t testing.TB) *policy.Set {
	t.Helper()
	model, err := os.ReadFile("../examples/shop/model.yaml")
	require.NoError(t, err)
	m, err := semantic.Parse("model.yaml", model)
	require.NoError(t, err)
	src, err := os.ReadFile("../examples/shop/policy.yaml")
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", src, m)
	require.NoError(t, err)
	return set
}

func TestShopIsProved(t *testing.T) {
	set := shop(t)
	start := time.Now()
	proofs := policy.Prove(set)
	assert.Less(t, time.Since(start), 50*time.Millisecond)
	assert.Len(t, proofs, len(slices.Collect(set.Model().Datasets())))
	for _, p := range proofs {
		want := policy.Proved
		if p.Dataset == "regions" {
			want = policy.Declared
		}
		assert.Equal(t, want, p.Verdict, p.String())
	}
}

func BenchmarkProve(b *testing.B) {
	set := shop(b)
	for b.Loop() {
		policy.Prove(set)
	}
}

// TestProveMindsKeys: a path is one row for both sessions only where a key of its
// dataset says so.
func TestProveMindsKeys(t *testing.T) {
	src := fmt.Sprintf(tenantsSession, given) + `
  - {name: docs, datasets: [docs], rows: row.folders.org == session.org}
  - {name: notes, datasets: [notes], rows: row.folders.org == session.org}
`
	for key, want := range map[string][]policy.Verdict{
		"primary_key: [id]":                      {policy.Proved, policy.Proved},
		"primary_key: [org, id]":                 {policy.Proved, policy.Undecided},
		"primary_key: [kind]":                    {policy.Proved, policy.Undecided},
		"unique_keys: [[kind], [id]]":            {policy.Proved, policy.Proved},
		"description: a dataset without any key": {policy.Proved, policy.Undecided},
	} {
		m, err := semantic.Parse("model.yaml", []byte(strings.Replace(tenantsModel, "primary_key: [id]", key, 1)))
		require.NoError(t, err)
		set, err := policy.Parse("policy.yaml", []byte(src), m)
		require.NoError(t, err)
		for _, p := range policy.Prove(set) {
			switch p.Dataset {
			case "docs":
				assert.Equal(t, want[0], p.Verdict, "%s: %s", key, p)
			case "notes":
				assert.Equal(t, want[1], p.Verdict, "%s: %s", key, p)
				if want[1] == policy.Undecided {
					assert.Equal(t, "row.folders.org", p.Expression)
				}
			}
		}
	}
}

// TestProveMindsEveryStep: without a key that says so, each step may lead to a
// row of its own, within one session too, as it does in SQL.
func TestProveMindsEveryStep(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(strings.Replace(tenantsModel, "primary_key: [id]", "description: no key", 1)))
	require.NoError(t, err)
	for _, rule := range []string{
		"row.folders.kind == 'a' && row.folders.kind == 'b'",
		"row.folders.kind == null && row.folders.kind != null",
		"row.folders.kind.startsWith('a') && !row.folders.kind.startsWith('a')",
		"(session.org == 'a' && size(row.folders.doc_folder) == 1) || (session.org == 'b' && size(row.folders.doc_folder) == 2)",
	} {
		set, err := policy.Parse("policy.yaml", []byte(policies(given, rule)), m)
		require.NoError(t, err, rule)
		p := policy.Prove(set)[0]
		assert.Equal(t, policy.Undecided, p.Verdict, rule)
		assert.NotEmpty(t, p.Expression, rule)

		set, err = policy.Parse("policy.yaml", []byte(policies(given, rule)), tenants(t))
		require.NoError(t, err, rule)
		assert.Equal(t, policy.Proved, policy.Prove(set)[0].Verdict, "%s, with a key", rule)
	}

	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, text := range []string{"CREATE TABLE docs (id INTEGER, org TEXT, folder_id INTEGER)", "CREATE TABLE folders (id INTEGER, org TEXT, kind TEXT)",
		"INSERT INTO docs VALUES (1, 'x', 1)", "INSERT INTO folders VALUES (1, 'x', 'a'), (1, 'x', 'b')"} {
		_, err := db.Exec(text)
		require.NoError(t, err)
	}
	set, err := policy.Parse("policy.yaml", []byte(policies(given, "row.folders.kind == 'a' && row.folders.kind == 'b'")), m)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	for _, org := range []string{"a", "b"} {
		s, err := set.Schema().New(map[string]any{"org": org})
		require.NoError(t, err)
		st, err := e.Enforce(t.Context(), s, "SELECT COUNT(*) FROM docs")
		require.NoError(t, err)
		var n int
		require.NoError(t, db.QueryRow(st.SQL, st.Args...).Scan(&n))
		assert.Equal(t, 1, n, "the premise: %s", st.SQL)
	}
}

func BenchmarkProvePaths(b *testing.B) {
	rules := map[string]string{
		"guard": "row.org == session.org",
		"path":  "row.folders.org == session.org && row.folders.kind in session.orgs",
		"macro": "row.folders.doc_folder.exists(d, d.owner == session.user && d.level > session.level) && row.org == session.org",
		"all":   "row.folders.doc_folder.all(d, d.owner == session.user || d.public) && row.org == session.org",
		"open":  "row.folders.doc_folder.all(d, d.org == session.org)",
	}
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		set, err := policy.ParseUnproved("policy.yaml", []byte(policies(given, rules[name])), tenants(b))
		require.NoError(b, err)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				policy.Prove(set)
			}
		})
	}
}
