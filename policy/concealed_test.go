package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
)

// concealedModel has two fields over one column, and fields over several.
const concealedModel = `version: 0.2.0
semantic_model:
  - name: staff
    datasets:
      - name: people
        source: people
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: team, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: team}]}}
          - {name: first, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: first}]}}
          - {name: last, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: last}]}}
          - {name: "full", datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: "first || ' ' || last"}]}}
          - {name: mail, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: mail}]}}
          - {name: contact, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: "MAIL"}]}}
          - {name: host, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: "substr(mail, 5)"}]}}
          - {name: code, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: code}]}}
          - {name: label, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: label}, {dialect: SNOWFLAKE, expression: code}]}}
          - {name: region, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: region}]}}
          - {name: one, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: "1"}]}}
      - name: notes
        source: notes
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: author, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: author}]}}
          - {name: text, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: text}]}}
          - {name: mail, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: mail}]}}
    relationships:
      - {name: writer, from: notes, to: people, from_columns: [author], to_columns: [id]}
`

const concealedHead = `session:
  - {name: role, type: string, default: member, values: [member, manager, admin]}
  - {name: level, type: int}
  - {name: name, type: string, required: true}
policies:
  - {name: all, datasets: "*", rows: true}
`

// parseConcealed loads policies after concealedHead, whose last line is 6.
func parseConcealed(t testing.TB, src string) (*policy.Set, error) {
	t.Helper()
	m, err := semantic.Parse("model.yaml", []byte(concealedModel))
	require.NoError(t, err)
	return policy.Parse("policy.yaml", []byte(concealedHead+src), m)
}

// TestConcealedElsewhere: what some sessions have hidden or masked must not show
// through another field.
func TestConcealedElsewhere(t *testing.T) {
	for name, c := range map[string]struct {
		policies string
		want     []string // line:column and what the message holds
	}{
		"computed from a hidden one": {"  - {name: p, datasets: [people], hide: [last]}\n", []string{
			`7:42: field "full" of "people" reads the column of field "last", which policy "p" hides`}},
		"computed from a masked one": {"  - {name: p, datasets: [people], mask: {last: \"'x'\"}}\n", []string{
			`7:42: field "full" of "people" reads the column of field "last", which policy "p" masks`}},
		"from two hidden ones, told once": {"  - {name: p, datasets: [people], hide: [last, first]}\n", []string{`7:48: field "full"`}},
		"the very same column": {"  - {name: p, datasets: [people], hide: [mail, host]}\n", []string{
			`7:42: field "contact" of "people" reads the column of field "mail", which policy "p" hides`}},
		"the other way": {"  - {name: p, datasets: [people], hide: [contact]}\n", []string{`7:42: field "mail"`, `7:42: field "host"`}},
		"hiding what is computed alone": {"  - {name: p, datasets: [people], hide: [host]}\n", []string{
			`field "mail"`, `field "contact"`}},
		"on one database alone":   {"  - {name: p, datasets: [people], hide: [code]}\n", []string{`field "label" of "people" reads the column of field "code"`}},
		"more columns than shown": {"  - {name: p, datasets: [people], hide: [full]}\n", nil},
		"a constant":              {"  - {name: p, datasets: [people], hide: [one]}\n", nil},
		"both hidden":             {"  - {name: p, datasets: [people], hide: [last, full]}\n", nil},
		"one hidden, one masked":  {"  - {name: p, datasets: [people], hide: [last], mask: {full: \"'x'\"}}\n", nil},
		"hidden for the others": {"  - {name: p, datasets: [people], when: session.role != 'admin', hide: [last]}\n" +
			"  - {name: q, datasets: [people], when: session.role == 'admin', hide: [full]}\n", []string{`7:73: field "full"`}},
		"another policy for everybody": {"  - {name: p, datasets: [people], when: session.role != 'admin', hide: [last]}\n" +
			"  - {name: q, datasets: [people], hide: [full]}\n", nil},
		"an equal when": {"  - {name: p, datasets: [people], when: session.role != 'admin', hide: [last]}\n" +
			"  - {name: q, datasets: [people], when: session.role != 'admin', mask: {full: \"'x'\"}}\n", nil},
		"a wider when": {"  - {name: p, datasets: [people], when: session.role == 'member', hide: [last]}\n" +
			"  - {name: q, datasets: [people], when: \"session.role in ['member', 'manager']\", hide: [full]}\n", nil},
		"a narrower when": {"  - {name: p, datasets: [people], when: \"session.role in ['member', 'manager']\", hide: [last]}\n" +
			"  - {name: q, datasets: [people], when: session.role == 'member', hide: [full]}\n", []string{`7:89: field "full"`}},
		"two policies that leave none": {"  - {name: p, datasets: [people], hide: [last]}\n" +
			"  - {name: q, datasets: [people], when: session.role == 'member', hide: [full]}\n" +
			"  - {name: r, datasets: [people], when: session.role != 'member', mask: {full: \"'x'\"}}\n", nil},
		"declared":                   {"  - {name: p, datasets: [people], hide: [last], still_shows: [full]}\n", nil},
		"declared for another field": {"  - {name: p, datasets: [people], hide: [mail], still_shows: [contact]}\n", []string{`field "host"`}},
		"declared by one policy of two": {"  - {name: p, datasets: [people], hide: [last], still_shows: [full]}\n" +
			"  - {name: q, datasets: [people], mask: {last: \"'x'\"}}\n", []string{`8:42: field "full"`}},

		"a mask that reads the concealed field": {"  - {name: p, datasets: [people], hide: [mail, contact, host]}\n" +
			"  - name: q\n    datasets: [people]\n    mask:\n      region: \"row.region + row.mail\"\n", []string{
			`11:29: the mask of field "region" of "people" shows field "mail" of "people", which policy "p" hides from the same sessions`}},
		"a mask that reads another field over its column": {"  - {name: p, datasets: [people], hide: [mail, host, contact], mask: {region: row.host}}\n", []string{`the mask of field "region"`}},
		"a mask of the field itself":                      {"  - {name: p, datasets: [people], hide: [contact, host], mask: {mail: \"row.mail.substring(0, 1)\"}}\n", nil},
		"a mask of each by itself":                        {"  - {name: p, datasets: [people], mask: {last: \"row.id == 1 ? row.last : 'x'\", full: \"row.id == 1 ? row.full : 'x'\"}}\n", nil},
		"a comparison with the session":                   {"  - {name: p, datasets: [people], hide: [full], mask: {last: \"row.first == session.name ? row.last : 'x'\", first: \"row.first == session.name ? row.first : 'x'\"}}\n", nil},
		"a condition over the concealed field":            {"  - {name: p, datasets: [people], hide: [full, first], mask: {last: \"row.first == 'Ann' ? row.last : 'x'\"}}\n", nil},
		"a mask that others see": {"  - {name: p, datasets: [people], when: session.role == 'member', hide: [mail, contact, host]}\n" +
			"  - {name: q, datasets: [people], when: session.role == 'admin', mask: {region: row.mail}}\n", nil},
		"a mask behind another": {"  - {name: p, datasets: [people], hide: [mail, contact, host], mask: {region: \"'x'\"}}\n" +
			"  - {name: q, datasets: [people], mask: {region: row.mail}}\n", nil},
		"a mask before another": {"  - {name: q, datasets: [people], mask: {region: row.mail}}\n" +
			"  - {name: p, datasets: [people], hide: [mail, contact, host], mask: {region: \"'x'\"}}\n", []string{`7:50: the mask of field "region"`}},
		"a mask of a hidden field": {"  - {name: p, datasets: [people], hide: [mail, contact, host, region]}\n" +
			"  - {name: q, datasets: [people], mask: {region: row.mail}}\n", nil},
		"a mask along a relationship": {"  - {name: p, datasets: [people], hide: [mail, contact, host]}\n" +
			"  - {name: q, datasets: [notes], mask: {text: row.writer.contact}}\n", []string{
			`8:47: the mask of field "text" of "notes" shows field "mail" of "people", which policy "p" hides`}},
		"a mask to other rows": {"  - {name: p, datasets: [people], hide: [contact, host], mask: {mail: \"row.notes.exists(n, n.mail == 'x') ? '' : 'x'\"}}\n" +
			"  - {name: q, datasets: [notes], hide: [mail]}\n", nil},
		"a declared mask": {"  - {name: p, datasets: [people], hide: [mail, contact, host]}\n" +
			"  - {name: q, datasets: [people], mask: {region: row.mail}, still_shows: [region]}\n", nil},

		"still_shows without anything":  {"  - {name: p, datasets: [people], rows: true, still_shows: [full]}\n", []string{`7:60: still_shows is for policies that hide or mask fields`}},
		"still_shows of a hidden field": {"  - {name: p, datasets: [people], hide: [last, full], still_shows: [full]}\n", []string{`7:69: policy "p" hides field "full"`}},
		"still_shows of no field":       {"  - {name: p, datasets: [people], hide: [last, full], still_shows: [fulll]}\n", []string{`7:69: dataset "people" has no field "fulll"; did you mean "full"?`}},
		"still_shows of nothing":        {"  - {name: p, datasets: [people], hide: [last, full], still_shows: []}\n", []string{`still_shows is empty`}},
		"a rule over it stays allowed": {"  - {name: p, datasets: [people], hide: [last, full]}\n" +
			"  - {name: q, datasets: [people], rows: row.last == 'x'}\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseConcealed(t, c.policies)
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			var problems semantic.Problems
			require.ErrorAs(t, err, &problems)
			var got []string
			for _, p := range problems {
				got = append(got, p.Error())
			}
			require.Len(t, got, len(c.want), "%s", strings.Join(got, "\n"))
			for i, want := range c.want {
				assert.Contains(t, got[i], want)
				assert.Contains(t, got[i], "^")
			}
		})
	}
}

func TestConcealedHint(t *testing.T) {
	_, err := parseConcealed(t, "  - {name: p, datasets: [people], hide: [last]}\n")
	require.ErrorContains(t, err, "hide or mask full too, here or in a policy with the same when, or declare that these sessions may see it: still_shows: [full]")
	_, err = parseConcealed(t, "  - {name: p, datasets: [people], hide: [mail, contact, host], mask: {region: row.mail}}\n")
	require.ErrorContains(t, err, `mask region by something else, or declare in policy "p" that it may show that: still_shows: [region]`)
}

// TestConcealedOfNobody: sessions that get no row see no field.
func TestConcealedOfNobody(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(concealedModel))
	require.NoError(t, err)
	head := strings.ReplaceAll(concealedHead, "rows: true", "when: session.role != 'admin', rows: true")
	load := func(role string) error {
		_, err := policy.Parse("policy.yaml", []byte(head+"  - {name: p, datasets: [people], when: session.role == '"+role+"', hide: [last]}\n"), m)
		return err
	}
	require.NoError(t, load("admin"))
	require.Error(t, load("member"))
}

func TestLintStillShows(t *testing.T) {
	set, err := parseConcealed(t, "  - {name: p, datasets: [people], hide: [last], still_shows: [full, region]}\n"+
		"  - {name: q, datasets: [people], mask: {region: row.last}, still_shows: [region]}\n")
	require.NoError(t, err)
	assert.Equal(t, []string{"full", "region"}, set.Policies()[1].StillShows)
	var got []string
	for _, f := range policy.Lint(set) {
		got = append(got, fmt.Sprintf("%d:%d %s", f.Place.Line, f.Place.Column, f.Code))
	}
	assert.Equal(t, []string{"7:63 still-shows", "8:75 still-shows", "7:69 still-shows-unused"}, got)
}

// person is a session of the enumeration below.
type person struct {
	role  string
	level int // none for none
}

const none = -9

// truth of a condition: 1 is true, 0 false, -1 what CEL can't tell.
func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// condition is a when and what it means.
type condition struct {
	text string
	of   func(person) int
}

func randomCondition(r *rand.Rand, depth int) condition {
	if depth > 0 && r.IntN(2) == 0 {
		a, b := randomCondition(r, depth-1), randomCondition(r, depth-1)
		and := r.IntN(2)
		if r.IntN(4) == 0 {
			return condition{"!(" + a.text + ")", func(p person) int {
				if t := a.of(p); t >= 0 {
					return 1 - t
				}
				return -1
			}}
		}
		return condition{"(" + a.text + ")" + []string{" || ", " && "}[and] + "(" + b.text + ")", func(p person) int {
			x, y := a.of(p), b.of(p)
			switch decides := 1 - and; {
			case x == decides || y == decides:
				return decides
			case x < 0 || y < 0:
				return -1
			default:
				return and
			}
		}}
	}
	role := []string{"member", "manager", "admin"}[r.IntN(3)]
	n := r.IntN(3)
	level := func(text string, f func(int) bool) condition {
		return condition{text, func(p person) int {
			if p.level == none {
				return -1
			}
			return truth(f(p.level))
		}}
	}
	switch r.IntN(6) {
	case 0:
		return condition{fmt.Sprintf("session.role == '%s'", role), func(p person) int { return truth(p.role == role) }}
	case 1:
		return condition{fmt.Sprintf("session.role != '%s'", role), func(p person) int { return truth(p.role != role) }}
	case 2:
		return condition{fmt.Sprintf("session.role in ['%s', 'admin']", role), func(p person) int { return truth(p.role == role || p.role == "admin") }}
	case 3:
		return condition{"has(session.level)", func(p person) int { return truth(p.level != none) }}
	case 4:
		return level(fmt.Sprintf("session.level > %d", n), func(x int) bool { return x > n })
	default:
		return level(fmt.Sprintf("session.level == %d", n), func(x int) bool { return x == n })
	}
}

// randomConcealer is a policy of the enumeration.
type randomConcealer struct {
	when   condition // text "" is always
	grants bool
	hide   []string
	mask   map[string]string // by field, the field that the mask reads, or ""
}

func (c randomConcealer) applies(p person) int {
	if c.when.text == "" {
		return 1
	}
	return c.when.of(p)
}

func (c randomConcealer) conceals(field string) bool {
	_, masked := c.mask[field]
	return masked || slices.Contains(c.hide, field)
}

// columnsRead are the columns of concealedModel's fields of people that are text.
var columnsRead = map[string][]string{
	"first": {"first"}, "last": {"last"}, "full": {"first", "last"}, "mail": {"mail"}, "contact": {"mail"}, "region": {"region"},
}

var textFields = []string{"first", "last", "full", "mail", "contact", "region"}

func covers(of, by string) bool {
	for _, c := range columnsRead[of] {
		if !slices.Contains(columnsRead[by], c) {
			return false
		}
	}
	return true
}

// shownAnyway is the oracle: whether a session sees what it has concealed.
func shownAnyway(policies []randomConcealer, p person) bool {
	granted := false
	var applied []randomConcealer
	for _, c := range policies {
		switch c.applies(p) {
		case -1:
			return false // the dataset is denied
		case 1:
			applied = append(applied, c)
			granted = granted || c.grants
		}
	}
	if !granted {
		return false
	}
	shown := func(of string) bool { // of is concealed
		for _, by := range textFields {
			hidden, masked, reads := false, false, ""
			for _, c := range applied {
				hidden = hidden || slices.Contains(c.hide, by)
				if from, ok := c.mask[by]; ok && !masked {
					masked, reads = true, from
				}
			}
			switch {
			case hidden:
			case masked && reads != "" && reads != by && covers(of, reads):
				return true
			case !masked && of != by && covers(of, by):
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(textFields, func(of string) bool {
		return slices.ContainsFunc(applied, func(c randomConcealer) bool { return c.conceals(of) }) && shown(of)
	})
}

func randomConcealers(r *rand.Rand) []randomConcealer {
	var out []randomConcealer
	for range 2 + r.IntN(3) {
		c := randomConcealer{grants: r.IntN(3) == 0, mask: map[string]string{}}
		if r.IntN(4) > 0 {
			c.when = randomCondition(r, 2)
		}
		for _, f := range textFields {
			switch r.IntN(5) {
			case 0:
				c.hide = append(c.hide, f)
			case 1:
				c.mask[f] = []string{"", "", f, textFields[r.IntN(len(textFields))]}[r.IntN(4)]
			}
		}
		if len(c.hide)+len(c.mask) == 0 {
			c.grants = true
		}
		out = append(out, c)
	}
	return out
}

func writeConcealers(policies []randomConcealer) string {
	var b strings.Builder
	for i, c := range policies {
		fmt.Fprintf(&b, "  - name: p%d\n    datasets: [people]\n", i)
		if c.when.text != "" {
			fmt.Fprintf(&b, "    when: %q\n", c.when.text)
		}
		if c.grants {
			b.WriteString("    rows: true\n")
		}
		if len(c.hide) > 0 {
			fmt.Fprintf(&b, "    hide: [%s]\n", strings.Join(c.hide, ", "))
		}
		if len(c.mask) > 0 {
			b.WriteString("    mask:\n")
			for _, f := range textFields {
				switch from, ok := c.mask[f]; {
				case ok && from == "":
					fmt.Fprintf(&b, "      %s: \"'x'\"\n", f)
				case ok:
					fmt.Fprintf(&b, "      %s: row.%s\n", f, from)
				}
			}
		}
	}
	return b.String()
}

// TestConcealedRandom: a file loads exactly if no session has something concealed
// that it sees through another field.
func TestConcealedRandom(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 400
	}
	// Without host, which reads other columns elsewhere.
	src := strings.Replace(concealedModel, `          - {name: host,`, `          # {name: host,`, 1)
	m, err := semantic.Parse("model.yaml", []byte(src))
	require.NoError(t, err)
	head, _, _ := strings.Cut(concealedHead, "  - {name: all")
	head += "  - {name: notes, datasets: [notes], rows: true}\n"
	refused := 0
	for seed := range uint64(n) {
		policies := randomConcealers(rand.New(rand.NewPCG(seed, 1)))
		leak := false
		for _, role := range []string{"member", "manager", "admin"} {
			for _, level := range []int{none, -1, 0, 1, 2, 3} {
				leak = leak || shownAnyway(policies, person{role, level})
			}
		}
		text := writeConcealers(policies)
		_, err := policy.Parse("policy.yaml", []byte(head+text), m)
		if leak {
			refused++
			require.Error(t, err, "seed %d:\n%s", seed, text)
			require.ErrorContains(t, err, "still_shows", "seed %d:\n%s", seed, text)
		} else {
			require.NoError(t, err, "seed %d:\n%s", seed, text)
		}
	}
	t.Logf("%d of %d files were refused", refused, n)
	assert.Greater(t, refused, n/10)
	assert.Less(t, refused, n*9/10)
}
