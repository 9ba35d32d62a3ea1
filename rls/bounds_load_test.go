package rls_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// What a load may cost. A rule of 20 bytes is compiled by CEL and looked into by
// the proof of isolation, whose bounds are constant: most of this is theirs.
const (
	loadTime     = 3 * time.Second
	loadPerByte  = 1 << 10
	loadConstant = 512 << 20
)

// file is a model or a policy file that grows with n.
type file struct {
	name   string
	model  func(n int) string
	policy func(n int) string // nil for no policies
}

const flatField = "          - {name: %s, datatype: %s, expression: {dialects: [{dialect: ANSI_SQL, expression: %s}]}}\n"

func modelHead() string {
	return "version: \"0.2.0\"\nsemantic_model:\n  - name: m\n    datasets:\n"
}

func dataset(name string, fields ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "      - name: %s\n        source: %[1]s\n        fields:\n", name)
	for _, f := range fields {
		fmt.Fprintf(&b, flatField, f, "String", f)
	}
	return b.String()
}

func datasetsOf(n int, fields ...string) string {
	var b strings.Builder
	b.WriteString(modelHead())
	for i := range n {
		b.WriteString(dataset(fmt.Sprintf("d%d", i), fields...))
	}
	return b.String()
}

func oneField(expression string) string {
	return modelHead() + "      - name: d\n        source: d\n        fields:\n          - {name: org, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}\n          - name: f\n            datatype: Integer\n            expression: {dialects: [{dialect: ANSI_SQL, expression: \"" + expression + "\"}]}\n"
}

const policyHead = "session:\n  - {name: org, type: string, required: true}\n  - {name: role, type: string, default: a, values: [a, b]}\n  - {name: n, type: int}\n  - {name: regions, type: list(string)}\ntenant: {field: org, property: org}\npolicies:\n"

const ownOrg = "  - {name: own, datasets: \"*\", kind: restrictive, rows: row.org == session.org}\n"

func policies(n int, pattern string) string { return policyHead + ownOrg + numbered(pattern, n) }

// rule is one policy with a rule of any length.
func rule(cel string) string {
	return policyHead + ownOrg + "  - {name: p, datasets: [d0], rows: \"" + cel + "\"}\n"
}

func boundsFiles() []file {
	r := strings.Repeat
	few := func(int) string { return datasetsOf(3, "org", "a", "b", "c") }
	return []file{
		{"datasets", func(n int) string { return datasetsOf(n, "org", "a") }, nil},
		{"fields", func(n int) string {
			var names []string
			for i := range n {
				names = append(names, fmt.Sprintf("f%d", i))
			}
			return modelHead() + dataset("d", append(names, "org")...)
		}, nil},
		{"same field", func(n int) string { return modelHead() + dataset("d", strings.Fields(r("f ", n))...) }, nil},
		{"same dataset", func(n int) string { return modelHead() + r(dataset("d", "org"), n) }, nil},
		{"unknown keys", func(n int) string {
			return modelHead() + "      - name: d\n        source: d\n" + numbered("        sourec%d: x\n", n)
		}, nil},
		{"unknown keys of fields", func(n int) string {
			return modelHead() + "      - name: d\n        source: d\n        fields:\n" + numbered("          - {nmae: x%d}\n", n)
		}, nil},
		{"duplicate keys", func(n int) string { return modelHead() + "      - name: d\n" + r("        source: d\n", n) }, nil},
		{"relationships", func(n int) string {
			return datasetsOf(n, "org", "a") + "    relationships:\n" + numbered("      - {name: r%d, from: d0, to: d0, from_columns: [a], to_columns: [a]}\n", n)
		}, nil},
		{"lost relationships", func(n int) string {
			return datasetsOf(n, "org") + "    relationships:\n" + numbered("      - {name: r%d, from: x%[1]d, to: y%[1]d, from_columns: [a], to_columns: [a]}\n", n)
		}, nil},
		{"composite keys", func(n int) string {
			return modelHead() + "      - name: d\n        source: d\n        primary_key: [a0" + numbered(", a%d", n) + "]\n"
		}, nil},
		{"repeated keys", func(n int) string {
			return modelHead() + "      - name: d\n        source: d\n        primary_key: [a0" + r(", a0", n) + "]\n"
		}, nil},
		{"metrics", func(n int) string {
			return modelHead() + dataset("d", "org") + "    metrics:\n" + numbered("      - {name: m%d, expression: {dialects: [{dialect: ANSI_SQL, expression: COUNT(d.org)}]}}\n", n)
		}, nil},
		{"lost metrics", func(n int) string {
			return modelHead() + dataset("d", "org") + "    metrics:\n" + numbered("      - {name: m%d, expression: {dialects: [{dialect: ANSI_SQL, expression: COUNT(x.y)}]}}\n", n)
		}, nil},
		{"sum in a field", func(n int) string { return oneField("a" + r("+a", n)) }, nil},
		{"functions in a field", func(n int) string { return oneField("COALESCE(a" + numbered(", a%d", n) + ")") }, nil},
		{"faults in a field", func(n int) string { return oneField("COALESCE(a" + r(", x.a", n) + ")") }, nil},
		{"or in a field", func(n int) string { return oneField("CASE WHEN a = 1" + r(" OR a = 2", n) + " THEN 1 END") }, nil},
		{"strings in a field", func(n int) string { return oneField("COALESCE('a'" + r(" 'a'", n) + ")") }, nil},
		{"dialects of a field", func(n int) string {
			return modelHead() + "      - name: d\n        source: d\n        fields:\n          - name: f\n            expression: {dialects: [{dialect: ANSI_SQL, expression: f}" + r(", {dialect: ANSI_SQL, expression: f}", n) + "]}\n"
		}, nil},
		{"synonyms", func(n int) string {
			return modelHead() + "      - name: d\n        source: d\n        ai_context: {synonyms: [a" + numbered(", a%d", n) + "]}\n"
		}, nil},
		{"extensions", func(n int) string {
			return modelHead() + "      - name: d\n        source: d\n        custom_extensions:\n" + r("          - {vendor_name: x, data: y}\n", n)
		}, nil},
		{"JSON of one line", func(n int) string {
			return `{"version": "0.2.0", "semantic_model": [{"name": "m", "datasets": [{"name": "d", "source": "d", "fields": [` +
				r(`{"nmae": "x"},`, n) + `{"name": "x"}]}]}]}`
		}, nil},
		{"anchors", func(n int) string {
			return "a0: &a0 [x]\n" + chained("a%d: &a%[1]d [*a%[2]d, *a%[2]d]\n", n)
		}, nil},
		{"aliases", func(n int) string { return "a: &a [x]\nb: [" + r("*a, ", n) + "*a]\n" }, nil},
		{"merges", func(n int) string { return "a: &a {x: y}\nb:\n" + r("  <<: *a\n", n) }, nil},
		{"nested lists", func(n int) string { return "a: " + r("[", n) + r("]", n) }, nil},
		{"nested mappings", func(n int) string { return "a: " + r("{a: ", n) + r("}", n) }, nil},
		{"dashes", func(n int) string { return r("- ", n) + "x" }, nil},
		{"indents", func(n int) string {
			var b strings.Builder
			for i := range min(n, 1400) {
				fmt.Fprintf(&b, "%sa:\n", r(" ", i))
			}
			return b.String()
		}, nil},
		{"question marks", func(n int) string { return r("? ", n) + "x" }, nil},
		{"colons", func(n int) string { return "a" + r(": a", n) }, nil},
		{"documents", func(n int) string { return "a: b\n" + r("---\n", n) }, nil},
		{"comments", func(n int) string { return r("# x\n", n) + modelHead() + r("# x\n", n) }, nil},
		{"comments between", func(n int) string { return modelHead() + r("      # x\n      - {name: d}\n", n) }, nil},
		{"blank lines", func(n int) string { return modelHead() + r("\n", 16*n) + "      - {name: d}\n" }, nil},
		{"blanks", func(n int) string { return modelHead() + r(" ", 16*n) + "\n      - {name: d}\n" }, nil},
		{"blanks in a text", func(n int) string {
			return "version: \"0.2.0\"\nsemantic_model:\n  - name: m\n    description: x" + r(" ", 16*n) + "y\n"
		}, nil},
		{"folded text", func(n int) string {
			return "version: \"0.2.0\"\nsemantic_model:\n  - name: m\n    description: >\n" + r("      x y\n", n)
		}, nil},
		{"quoted text", func(n int) string {
			return "version: \"0.2.0\"\nsemantic_model:\n  - name: m\n    description: \"" + r(`\n\x41`, n) + "\"\n"
		}, nil},
		{"broken at the end", func(n int) string { return modelHead() + r("      - {name: d}\n", n) + "  }" }, nil},
		{"broken quote", func(n int) string { return modelHead() + r("      - {name: d}\n", n) + " - \"x" }, nil},
		{"tabs", func(n int) string { return r("\t", n) + "a: b" }, nil},
		{"tags", func(n int) string { return "a: [!!str x" + r(", !!str x", n) + "]" }, nil},
		{"long name", func(n int) string {
			return strings.Replace(datasetsOf(1, "org"), "name: d0", "name: "+r("x", 16*n), 1)
		}, nil},
		{"not mappings", func(n int) string { return modelHead() + r("      - x\n", n) }, nil},

		{"policies", few, func(n int) string {
			return policies(n, "  - {name: p%d, datasets: [d0], rows: \"row.a == 'x%[1]d'\"}\n")
		}},
		{"policies of the session", few, func(n int) string {
			return policies(n, "  - {name: p%d, datasets: [d0], when: \"session.n == %[1]d\", rows: \"row.a == 'x'\"}\n")
		}},
		{"whens", few, func(n int) string {
			return policies(n, "  - {name: p%d, datasets: [d0], when: \"session.role == 'a'\", rows: \"true\"}\n")
		}},
		{"policies for all", func(n int) string { return datasetsOf(n, "org", "a") }, func(n int) string {
			return policies(n, "  - {name: p%d, datasets: \"*\", rows: \"row.a == 'x%[1]d'\"}\n")
		}},
		{"masks for all", func(n int) string { return datasetsOf(n, "org", "a") }, func(n int) string {
			return policies(n, "  - {name: p%d, datasets: \"*\", mask: {a: \"'x'\"}}\n")
		}},
		{"hides for all", func(n int) string { return datasetsOf(n, "org", "a") }, func(n int) string {
			return policies(n, "  - {name: p%d, datasets: \"*\", hide: [a]}\n")
		}},
		{"faults for all", func(n int) string { return datasetsOf(n, "org", "a") }, func(n int) string {
			return policies(n, "  - {name: p%d, datasets: \"*\", rows: row.nothing == 1}\n")
		}},
		{"listed datasets", func(n int) string { return datasetsOf(n, "org", "a") }, func(n int) string {
			return policyHead + ownOrg + "  - {name: p, datasets: [d0" + numbered(", d%d", n-1) + "], rows: \"true\"}\n"
		}},
		{"lost datasets", func(n int) string { return datasetsOf(n, "org", "a") }, func(n int) string {
			return policyHead + ownOrg + "  - {name: p, datasets: [x0" + numbered(", x%d", n-1) + "], rows: \"true\"}\n"
		}},
		{"hidden fields", func(n int) string {
			return modelHead() + dataset("d0", append(strings.Fields("org"+numbered(" f%d", n)), "a")...)
		}, func(n int) string {
			return policyHead + ownOrg + "  - {name: p, datasets: [d0], hide: [f1" + numbered(", f%d", n) + "]}\n"
		}},
		{"masked fields", func(n int) string {
			return modelHead() + dataset("d0", append(strings.Fields("org"+numbered(" f%d", n)), "a")...)
		}, func(n int) string {
			return policyHead + ownOrg + "  - {name: p, datasets: [d0], mask: {a: \"''\"" + numbered(", f%d: \"'x'\"", n) + "}}\n"
		}},
		{"lost fields", func(n int) string {
			return modelHead() + dataset("d0", append(strings.Fields("org"+numbered(" f%d", n)), "a")...)
		}, func(n int) string {
			return policyHead + ownOrg + "  - {name: p, datasets: [d0], hide: [g1" + numbered(", g%d", n) + "]}\n"
		}},
		{"properties", few, func(n int) string {
			return "session:\n  - {name: org, type: string, required: true}\n" + numbered("  - {name: p%d, type: string}\n", n) + "tenant: {field: org, property: org}\npolicies:\n" + ownOrg
		}},
		{"wrong properties", few, func(n int) string {
			return "session:\n  - {name: org, type: string, required: true}\n" + numbered("  - {name: p%d, type: string, default: 1}\n", n) + "tenant: {field: org, property: org}\npolicies:\n" + ownOrg
		}},
		{"properties with policies", few, func(n int) string {
			return "session:\n  - {name: org, type: string, required: true}\n" + numbered("  - {name: p%d, type: string}\n", n) + "tenant: {field: org, property: org}\npolicies:\n" + ownOrg +
				numbered("  - {name: q%d, datasets: [d0], rows: row.a == session.p%[1]d}\n", n)
		}},
		{"values", few, func(n int) string {
			return "session:\n  - {name: org, type: string, required: true}\n  - {name: p, type: string, values: [a" + numbered(", a%d", n) + "]}\ntenant: {field: org, property: org}\npolicies:\n" + ownOrg +
				"  - {name: p, datasets: [d0], when: \"session.p != 'x'\", rows: row.b == session.p}\n"
		}},
		{"wrong values", few, func(n int) string {
			return "session:\n  - {name: org, type: string, required: true}\n  - {name: p, type: int, values: [1" + numbered(", a%d", n) + "]}\ntenant: {field: org, property: org}\npolicies:\n" + ownOrg
		}},
		{"repeated values", few, func(n int) string {
			return "session:\n  - {name: org, type: string, required: true}\n  - {name: p, type: string, values: [a" + r(", a", n) + "]}\ntenant: {field: org, property: org}\npolicies:\n" + ownOrg
		}},
		{"ors", few, func(n int) string { return rule("row.a == 'x'" + numbered(" || row.b == 'x%d'", n)) }},
		{"ands", few, func(n int) string { return rule("row.a == 'x'" + numbered(" && row.b != 'x%d'", n)) }},
		{"ands of ors", few, func(n int) string {
			return rule("row.a == 'x'" + numbered(" && (row.b == 'x%d' || row.c == session.role)", n))
		}},
		{"list", few, func(n int) string { return rule("row.a in ['x'" + numbered(", 'x%d'", n) + "]") }},
		{"lists", few, func(n int) string { return rule("row.a in ['x']" + numbered(" || row.b in ['x%d', 'y']", n)) }},
		{"deep", few, func(n int) string {
			return rule(r("(", min(n, 95)) + "row.a == 'x'" + r(" && row.b == 'y')", min(n, 95)))
		}},
		{"deep conditional", few, func(n int) string {
			return rule(r("(row.a == 'x' ? ", min(n, 40)) + "true" + r(" : row.b == 'y')", min(n, 40)))
		}},
		{"nested conditional", few, func(n int) string {
			return rule(r("(row.a == 'x' ? row.b == 'z' : ", min(n, 40)) + "true" + r(")", min(n, 40)))
		}},
		{"condition of conditional", few, func(n int) string {
			return rule(r("(", min(n, 40)) + "row.a == 'x'" + r(" ? row.b == 'z' : row.c == 'y')", min(n, 40)))
		}},
		{"nots", few, func(n int) string { return rule(r("!", 2*(n/2)) + "(row.a == 'x')") }},
		{"concats", few, func(n int) string { return rule("row.a == 'x'" + numbered(" + 'x%d'", n)) }},
		{"concats of fields", few, func(n int) string { return rule("row.a == row.b" + r(" + row.c", n)) }},
		{"nested calls", few, func(n int) string {
			return rule("row.a" + r(".lowerAscii()", min(n, 90)) + " == 'x'")
		}},
		{"nested replaces", few, func(n int) string {
			return rule("row.a" + r(".replace('a', row.b)", min(n, 90)) + " == 'x'")
		}},
		{"macros", few, func(n int) string {
			return rule("row.a == 'x'" + r(" || session.regions.exists(x, x == row.b)", n))
		}},
		{"nested macros", few, func(n int) string {
			deep := min(n, 20)
			return rule(numbered("session.regions.exists(x%d, ", deep) + "x1 == row.b" + r(")", deep))
		}},
		{"mistakes", few, func(n int) string { return rule("row.a == 'x'" + r(" || row.nothing == 'x'", n)) }},
		{"types", few, func(n int) string { return rule("row.a == 'x'" + r(" || row.b == 1", n)) }},
		{"characters", few, func(n int) string { return rule("row.a == 'x'" + r(" ~", n)) }},
		{"long CEL text", few, func(n int) string { return rule("row.a == '" + r("x", 16*n) + "'") }},
		{"blanks in CEL", few, func(n int) string { return rule("row.a ==" + r(" ", 16*n) + "'x'") }},
		{"nameless policies", few, func(n int) string { return policyHead + r("  - {}\n", n) }},
		{"same policy", few, func(n int) string { return policyHead + r(ownOrg, n) }},
	}
}

// products are files of which each policy is for each dataset: they stand for as
// many rules as the one times the other.
var products = []string{"policies for all", "masks for all", "hides for all", "faults for all"}

// TestLoadIsBounded grows models and policy files and holds what their loads
// cost against their sizes; without -bounds.long those of some KB.
func TestLoadIsBounded(t *testing.T) {
	for _, f := range boundsFiles() {
		switch {
		case !strings.Contains(f.name, *boundsRun), slices.Contains(products, f.name):
		case *boundsLong:
			growFile(t, f)
		default:
			doubleFile(t, f)
		}
	}
}

// load gives the size of a file and what its load costs.
func (f file) load(n int) (size int, c cost) {
	model, text := f.model(n), ""
	if f.policy != nil {
		text = f.policy(n)
	}
	return len(model) + len(text), measure(func() error {
		m, err := semantic.Parse("model.yaml", []byte(model))
		if err != nil {
			return fmt.Errorf("%.100s", err.Error())
		}
		if f.policy == nil {
			return nil
		}
		set, err := policy.Parse("policy.yaml", []byte(text), m)
		if err != nil {
			return fmt.Errorf("%.100s", err.Error())
		}
		if _, err = rls.New(rls.Config{Policies: set, Dialect: rls.SQLite}); err != nil {
			return fmt.Errorf("%.100s", err.Error())
		}
		return nil
	})
}

// doubleFile compares a file of some KB with half of it.
func doubleFile(t *testing.T, f file) {
	t.Helper()
	size, before := f.load(8)
	for n := 16; size < 8<<10; n *= 2 {
		var larger int
		after := leastOf(func() (c cost) {
			larger, c = f.load(n)
			return c
		}, func(c cost) bool { return c.bytes <= before.bytes*3+4<<20 })
		if larger == size {
			return
		}
		assert.LessOrEqual(t, after.bytes, before.bytes*3+4<<20, "%q, n = %d: %d bytes, from %d KiB to %d KiB: %v",
			f.name, n, larger, before.bytes>>10, after.bytes>>10, after.err)
		size, before = larger, after
	}
}

func growFile(t *testing.T, f file) {
	t.Helper()
	last := 0
	for n := 4; n <= 1<<17; n *= 2 {
		size, c := f.load(n)
		if size > 1<<20 || size == last {
			return
		}
		last = size
		if *boundsLog {
			t.Logf("%q, n = %d: %d bytes, %v, %d MiB: %v", f.name, n, size, c.took, c.bytes>>20, c.err)
		}
		if c.took > loadTime || c.bytes > uint64(loadPerByte*size+loadConstant) {
			assert.Fail(t, "over the bound", "%q, n = %d: %d bytes, %v, %d MiB: %v", f.name, n, size, c.took, c.bytes>>20, c.err)
			return
		}
	}
}
