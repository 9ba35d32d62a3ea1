package mysql_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/mysql"
)

// A Parser uses memory again: no tree may change because another text is parsed.
func TestParseKeepsTrees(t *testing.T) {
	p := newParser(t)
	text := func(i int) string {
		return fmt.Sprintf("SELECT a%[1]d, COUNT(`b%[1]d`) FROM t%[1]d AS u%[1]d WHERE s%[1]d IN ('x%[1]d', ?) AND %[1]d < (SELECT y%[1]d FROM z)", i) +
			strings.Repeat(fmt.Sprintf(" UNION SELECT %d, 'a'", i), i%5)
	}
	const workers, rounds = 4, 200
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			var trees, want []*ast.Query
			for i := range rounds {
				tree, _, err := p.Parse(text(w*rounds+i), mysql.DefaultLimits())
				assert.NoError(t, err)
				trees = append(trees, tree)
			}
			for i := range rounds {
				fresh, err := mysql.New()
				assert.NoError(t, err)
				tree, _, err := fresh.Parse(text(w*rounds+i), mysql.DefaultLimits())
				assert.NoError(t, err)
				want = append(want, tree)
			}
			assert.Equal(t, want, trees)
		})
	}
	wg.Wait()
}
