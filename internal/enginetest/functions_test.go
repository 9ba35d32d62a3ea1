package enginetest

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/enginetest/warehouse"
	"github.com/hedgerow/hedgerow/internal/function"
	"github.com/hedgerow/hedgerow/internal/mysql"
	"github.com/hedgerow/hedgerow/rls"
)

//go:embed testdata/functions.txt
var functionsFile string

//go:embed testdata/known.txt
var knownFile string

// functionCase is one line of testdata/functions.txt.
type functionCase struct {
	section, group, expr, want string
}

func (c functionCase) name() string { return c.group + ": " + c.expr }

// query asks for the expression over the group's rows, in their order where
// there may be several.
func (c functionCase) query() string {
	if strings.Contains(c.expr, " OVER ") {
		return fmt.Sprintf("SELECT q.v FROM (SELECT n, %s AS v FROM edges WHERE g = '%s') AS q ORDER BY q.n", c.expr, c.group)
	}
	return fmt.Sprintf("SELECT %s AS v FROM edges WHERE g = '%s'", c.expr, c.group)
}

func loadFunctions(t testing.TB) []functionCase {
	t.Helper()
	var all []functionCase
	section := ""
	for line := range strings.Lines(functionsFile) {
		line = strings.TrimSuffix(line, "\n")
		title, isSection := strings.CutPrefix(line, "## ")
		switch {
		case isSection:
			section = title
		case line == "", strings.HasPrefix(line, "#"):
		default:
			group, rest, ok := strings.Cut(line, ": ")
			i := strings.LastIndex(rest, " => ")
			require.True(t, ok && i > 0, line)
			all = append(all, functionCase{section, group, rest[:i], rest[i+len(" => "):]})
		}
	}
	return all
}

// zones are the time zones of connections: none may change an answer.
func zones() []string { return []string{"UTC", "Europe/Berlin"} }

// TestFunctions: every function, operator, cast and literal gives the value
// that testdata/functions.txt says, on every database and in every time zone,
// or is refused.
func TestFunctions(t *testing.T) {
	cases := loadFunctions(t)
	refused := map[string][]string{}
	for _, zone := range zones() {
		t.Run(zone, func(t *testing.T) {
			for _, e := range enginesIn(zone) {
				t.Run(e.name, func(t *testing.T) { refused[e.name] = checkFunctions(t, e, cases) })
			}
		})
	}
	if len(refused) == len(engines()) {
		checkGolden(t, "testdata/refused.txt", refusals(refused))
	}
}

// checkFunctions gives the cases that the engine's dialect refuses.
func checkFunctions(t *testing.T, e engine, cases []functionCase) (refused []string) {
	t.Helper()
	db := e.open(t)
	require.NoError(t, e.load.Load(t.Context(), db, []*warehouse.Table{edges()}))
	known := knownDeviations(t)
	enforcer, anybody := newEnforcer(t, e.dialect, loadPolicies(t, edgesModel(), everything), nil)
	for _, c := range cases {
		t.Run(c.name(), func(t *testing.T) {
			got, st, err := ask(t.Context(), db, enforcer, anybody, c.query())
			if errors.Is(err, rls.ErrUnsupported) {
				assert.ErrorContains(t, err, e.name)
				refused = append(refused, c.name())
				return
			}
			want := c.want
			if deviation, ok := known[e.name+": "+c.name()]; ok {
				want = deviation
			}
			if err != nil {
				assert.Contains(t, err.Error(), strings.TrimPrefix(want, "error: "), "%s", want)
			} else if !sameValues(want, got) {
				assert.Equal(t, want, valuesText(got), st.SQL)
			}
		})
	}
	return refused
}

// knownDeviations gives, by engine and case, the values of testdata/known.txt.
func knownDeviations(t testing.TB) map[string]string {
	t.Helper()
	known := map[string]string{}
	for line := range strings.Lines(knownFile) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, " => ")
		require.True(t, ok, line)
		known[name] = value
	}
	return known
}

// sameValues compares the values of a column with what the file says, numbers
// to nine digits.
func sameValues(want string, got result) bool {
	if want == valuesText(got) {
		return true
	}
	parts := strings.Split(want, ", ")
	if len(parts) != len(got.rows) {
		return false
	}
	for i, row := range got.rows {
		if !row[0].same(decimal(parts[i])) {
			return false
		}
	}
	return true
}

func valuesText(r result) string {
	texts := make([]string, len(r.rows))
	for i, row := range r.rows {
		texts[i] = row[0].text
	}
	return strings.Join(texts, ", ")
}

// refusals writes down what each database refuses.
func refusals(refused map[string][]string) string {
	var b strings.Builder
	b.WriteString("# The lines of functions.txt that each database refuses. Written by the tests\n# when HEDGEROW_UPDATE is 1.\n")
	for _, name := range slices.Sorted(maps.Keys(refused)) {
		fmt.Fprintf(&b, "\n## %s\n", name)
		for _, c := range refused[name] {
			b.WriteString(c + "\n")
		}
	}
	return b.String()
}

// checkGolden compares a file with what it should hold, or writes it.
func checkGolden(t *testing.T, file, want string) {
	t.Helper()
	if os.Getenv("HEDGEROW_UPDATE") == "1" {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "write it again with HEDGEROW_UPDATE=1 if this is right")
}

// TestKnownDeviations: each names a case, whose value it contradicts.
func TestKnownDeviations(t *testing.T) {
	want := map[string]string{}
	for _, c := range loadFunctions(t) {
		for _, e := range engines() {
			want[e.name+": "+c.name()] = c.want
		}
	}
	for name, value := range knownDeviations(t) {
		require.Contains(t, want, name)
		assert.NotEqual(t, want[name], value, name)
	}
}

// TestFunctionsCovered: nothing that a query may hold is missing from the file.
func TestFunctionsCovered(t *testing.T) {
	parser, err := mysql.New()
	require.NoError(t, err)
	functions := map[string]bool{}
	seen := map[string]bool{}
	text := strings.Builder{}
	for _, c := range loadFunctions(t) {
		q, _, err := parser.Parse(c.query(), mysql.DefaultLimits())
		require.NoError(t, err, c.query())
		text.WriteString(strings.ToLower(c.expr) + "\n")
		ast.WalkQuery(q, func(e ast.Expr) bool {
			mark(e, functions, seen)
			return true
		})
	}
	names, others := function.Names()
	for _, name := range names {
		assert.True(t, functions[name], "the function %s", name)
	}
	for _, name := range others {
		assert.Contains(t, text.String(), name, "the name %s", name)
	}
	for op := ast.Add; op <= ast.ShiftRight; op++ {
		assert.True(t, seen[fmt.Sprint("operator ", op)], "arithmetic operator %d", op)
	}
	for op := ast.Eq; op <= ast.NullSafeEq; op++ {
		assert.True(t, seen[fmt.Sprint("comparison ", op)], "comparison %d", op)
	}
	for c := ast.CastChar; c <= ast.CastBinary; c++ {
		assert.True(t, seen[fmt.Sprint("cast ", c)], "cast type %d", c)
	}
	for l := ast.NullLiteral; l <= ast.TimestampLiteral; l++ {
		assert.True(t, seen[fmt.Sprint("literal ", l)], "literal kind %d", l)
	}
	for _, node := range []ast.Expr{&ast.Xor{}, &ast.Not{}, &ast.Quantified{}, &ast.Is{}, &ast.Between{}, &ast.Like{}, &ast.InList{},
		&ast.Exists{}, &ast.Subquery{}, &ast.Tuple{}, &ast.Case{}, &ast.Neg{}, &ast.DateAdd{}, &ast.Extract{}} {
		assert.True(t, seen[fmt.Sprintf("%T", node)], "%T", node)
	}
}

// mark notes what an expression is.
func mark(e ast.Expr, functions, seen map[string]bool) {
	seen[fmt.Sprintf("%T", e)] = true
	switch e := e.(type) {
	case *ast.Call:
		if f, ok := function.Lookup(e.Func); ok {
			functions[f.Name] = true
		}
	case *ast.Binary:
		seen[fmt.Sprint("operator ", e.Op)] = true
	case *ast.Compare:
		seen[fmt.Sprint("comparison ", e.Op)] = true
	case *ast.Cast:
		seen[fmt.Sprint("cast ", e.Type)] = true
	case *ast.Literal:
		seen[fmt.Sprint("literal ", e.Kind)] = true
	}
}
