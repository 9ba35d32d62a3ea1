package enginetest

import (
	_ "embed"
	"fmt"
	"strings"

	"testing"

	"github.com/stretchr/testify/require"
)

//go:embed testdata/queries.sql
var queriesFile string

// logicalQuery is one query of testdata/queries.sql, whose head explains the
// directives.
type logicalQuery struct {
	name, text string
	ordered    bool
	// Reasons, by engine.
	refused, differs map[string]string
}

func loadQueries(t testing.TB) []logicalQuery {
	t.Helper()
	var all []logicalQuery
	_, body, _ := strings.Cut(queriesFile, "\n\n")
	for block := range strings.SplitSeq(body, "\n\n") {
		q, err := parseQuery(strings.TrimSpace(block))
		require.NoError(t, err)
		all = append(all, q)
	}
	return all
}

func parseQuery(block string) (logicalQuery, error) {
	q := logicalQuery{refused: map[string]string{}, differs: map[string]string{}}
	reasons := map[string]map[string]string{"refused:": q.refused, "differs:": q.differs}
	for line := range strings.Lines(block) {
		directive, ok := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		key, rest, _ := strings.Cut(directive, " ")
		switch {
		case !ok:
			q.text += line
		case key == "#":
			q.name = rest
		case key == "ordered":
			q.ordered = true
		case reasons[key] != nil:
			engine, why, _ := strings.Cut(rest, " ")
			reasons[key][engine] = why
		default:
			return q, fmt.Errorf("unknown directive %q", directive)
		}
	}
	if q.name == "" || !strings.HasSuffix(q.text, ";") {
		return q, fmt.Errorf("a query has no name or no end: %q", block)
	}
	return q, nil
}
