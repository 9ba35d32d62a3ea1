package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
)

// lintHead grants the datasets that a case is not about, and guards all that
// have a tenant.
const lintHead = `session:
  - {name: org, type: string, required: true}
  - {name: orgs, type: list(string)}
  - {name: user, type: string}
  - {name: scope, type: string, default: all, values: [all, own]}
  - {name: role, type: string, default: member, values: [member, manager, admin]}
tenant: {field: org, property: org}
policies:
  - {name: own, datasets: [docs, folders], kind: restrictive, rows: row.org == session.org}
  - {name: rest, datasets: [folders], rows: row.kind != 'secret'}
  - {name: notes, datasets: [notes], rows: row.folders.org == session.org}
`

func lint(t *testing.T, src string) []policy.Finding {
	t.Helper()
	set, err := policy.Parse("policy.yaml", []byte(src), tenants(t))
	require.NoError(t, err)
	return policy.Lint(set)
}

func TestLint(t *testing.T) {
	docs := "  - {name: docs, datasets: [docs], rows: row.level > 1}\n"
	for name, c := range map[string]struct {
		policies string
		want     []string // line:column code
	}{
		"clean":                     {docs, nil},
		"unreachable when":          {docs + "  - {name: p, datasets: [docs], when: session.role == 'boss', rows: row.public}\n", []string{"13:39 unreachable"}},
		"contradiction in when":     {docs + "  - name: p\n    datasets: [docs]\n    when: session.role == 'admin' && session.role == 'member'\n    rows: row.public\n", []string{"15:11 unreachable"}},
		"when false":                {docs + "  - {name: p, datasets: [docs], when: false, rows: row.public}\n", []string{"13:39 unreachable"}},
		"when of all values":        {docs + "  - {name: p, datasets: [docs], when: \"session.role in ['member', 'manager', 'admin']\", rows: row.public}\n", []string{"13:40 always-applies"}},
		"tautology":                 {"  - {name: p, datasets: [docs], rows: row.region == 'a' || row.region != 'a'}\n", []string{"12:39 always-true"}},
		"tautology of orders":       {"  - {name: p, datasets: [docs], rows: row.level < 3 || row.level > 2}\n", []string{"12:39 always-true"}},
		"restrictive true":          {docs + "  - {name: p, datasets: [docs], kind: restrictive, rows: true}\n", []string{"13:58 always-true"}},
		"contradiction":             {docs + "  - {name: p, datasets: [docs], rows: row.level < 3 && row.level > 2}\n", []string{"13:39 never-true"}},
		"value that isn't allowed":  {docs + "  - {name: p, datasets: [docs], rows: row.public && session.role == 'boss'}\n", []string{"13:39 never-true"}},
		"permissive false":          {docs + "  - {name: p, datasets: [docs], rows: false}\n", []string{"13:39 never-true"}},
		"restrictive false":         {docs + "  - {name: p, datasets: [docs], kind: restrictive, rows: false}\n", nil},
		"default":                   {"  - {name: p, datasets: [docs], rows: session.scope == 'all' || row.owner == session.user}\n", []string{"12:39 true-by-default"}},
		"default in when":           {"  - {name: p, datasets: [docs], when: session.scope == 'all', rows: true}\n  - {name: q, datasets: [docs], when: session.scope == 'own', rows: row.owner == session.user}\n", []string{"12:39 true-by-default"}},
		"default is the narrow one": {"  - {name: p, datasets: [docs], when: session.role == 'admin', rows: true}\n  - {name: q, datasets: [docs], when: session.role == 'member', rows: row.owner == session.user}\n", nil},
		"!= of an optional":         {"  - {name: p, datasets: [docs], rows: row.owner != session.user}\n", []string{"12:49 negated-optional"}},
		"! of an optional":          {"  - {name: p, datasets: [docs], rows: '!(row.region in session.orgs)'}\n", []string{"12:40 negated-optional"}},
		"in when":                   {"  - {name: p, datasets: [docs], when: session.user != 'guest', rows: row.public}\n", []string{"12:52 negated-optional"}},
		"asked for":                 {"  - {name: p, datasets: [docs], rows: has(session.user) && row.owner != session.user}\n", nil},
		"shadowed":                  {"  - {name: all, datasets: [docs], rows: true}\n  - {name: p, datasets: [docs], rows: row.public}\n", []string{"13:39 shadowed"}},
		"twice the same":            {docs + docs2("again"), []string{"13:43 shadowed"}},
		"shadowed for admins only":  {"  - {name: all, datasets: [docs], when: session.role == 'admin', rows: true}\n  - {name: p, datasets: [docs], rows: row.public}\n", nil},
		"shadowed by when":          {"  - {name: all, datasets: [docs], when: session.role != 'admin', rows: true}\n  - {name: p, datasets: [docs], when: session.role == 'member', rows: row.public}\n", []string{"13:71 shadowed"}},
		"no policy":                 {"", []string{"8:1 no-policy"}},
		"mask of a hidden field":    {docs + "  - {name: h, datasets: [docs], when: session.role != 'admin', hide: [owner]}\n  - {name: m, datasets: [docs], when: session.role == 'member', mask: {owner: \"'*'\"}}\n", []string{"14:72 mask-hidden"}},
		"mask for others":           {docs + "  - {name: h, datasets: [docs], when: session.role == 'member', hide: [owner]}\n  - {name: m, datasets: [docs], when: session.role != 'admin', mask: {owner: \"'*'\"}}\n", nil},
		"second mask":               {docs + "  - {name: h, datasets: [docs], mask: {owner: \"'x'\"}}\n  - {name: m, datasets: [docs], mask: {owner: \"'*'\"}}\n", []string{"14:40 mask-shadowed"}},
		"hidden field in a rule":    {"  - {name: p, datasets: [docs], rows: row.public && row.level > 1}\n  - {name: h, datasets: [docs], when: session.role != 'admin', hide: [level]}\n", []string{"12:53 reads-concealed"}},
		"masked field in a rule":    {"  - {name: p, datasets: [docs], rows: row.owner != 'x'}\n  - {name: h, datasets: [docs], mask: {owner: \"'*'\"}}\n", []string{"12:39 reads-concealed"}},
		"hidden from others":        {"  - {name: p, datasets: [docs], when: session.role == 'admin', rows: row.level > 1}\n  - {name: h, datasets: [docs], when: session.role == 'member', hide: [level]}\n", nil},
		"hidden, but one's own":     {"  - {name: p, datasets: [docs], rows: has(session.user) && row.owner == session.user}\n  - {name: h, datasets: [docs], hide: [owner]}\n", nil},
		"or beside the tenant":      {"  - {name: p, datasets: [docs], rows: row.org == session.org || row.public}\n", []string{"12:65 escapes-tenant"}},
		"or inside the tenant":      {"  - {name: p, datasets: [docs], rows: row.org == session.org && (row.level == 2 || row.public)}\n", nil},
		"declared for nothing":      {"  - {name: p, datasets: [docs], rows: row.public, cross_tenant: true}\n", []string{"12:65 cross-tenant-unused"}},
		"undecided":                 {docs + "  - {name: extra, datasets: [notes], rows: row.id * row.id == 7}\n", []string{"13:44 isolation-undecided"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range lint(t, lintHead+c.policies) {
				place, _, _ := strings.Cut(strings.TrimPrefix(f.String(), "policy.yaml:"), ": ")
				got = append(got, place+" "+f.Code)
				assert.NotEmpty(t, f.Message)
				assert.NotEmpty(t, f.Fix)
				assert.Contains(t, f.String(), f.Fix)
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func docs2(name string) string {
	return "  - {name: " + name + ", datasets: [docs], rows: row.level > 1}\n"
}

func TestLintTenant(t *testing.T) {
	guarded := strings.Replace(lintHead, "org, type: string, required: true", "org, type: string", 1)
	found := lint(t, guarded+"  - {name: docs, datasets: [docs], rows: row.level > 1}\n")
	require.Len(t, found, 1)
	assert.Equal(t, "tenant-optional", found[0].Code)
	assert.Equal(t, 2, found[0].Place.Line)

	none := strings.Replace(lintHead, "tenant: {field: org, property: org}", "", 1)
	found = lint(t, none+"  - {name: docs, datasets: [docs], rows: row.level > 1, cross_tenant: true}\n")
	require.Len(t, found, 1)
	assert.Equal(t, "cross-tenant-unused", found[0].Code)
	assert.Contains(t, found[0].Message, "declares no tenant")
}

func TestShopHasNoFindings(t *testing.T) {
	for _, f := range policy.Lint(shop(t)) {
		t.Error(f)
	}
}

// TestLintIsConcurrent: a set is shared, and so are its findings' places.
func TestLintIsConcurrent(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(tenantsModel))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(lintHead), m)
	require.NoError(t, err)
	done := make(chan []policy.Finding)
	for range 4 {
		go func() { done <- policy.Lint(set) }()
	}
	first := <-done
	for range 3 {
		assert.Equal(t, first, <-done)
	}
}
