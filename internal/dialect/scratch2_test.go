package dialect_test

import (
	"fmt"
	"github.com/hedgerow/hedgerow/internal/dialect"
	"os"
	"sort"
	"strings"
	"testing"
)

func TestScratch2(t *testing.T) {
	for _, d := range dialect.All() {
		var b strings.Builder
		for _, c := range goldenCases() {
			s, _, err := d.Print(c.query)
			if err != nil {
				fmt.Println(d.Name, c.name, err)
				continue
			}
			r := append([]string{}, c.rows...)
			if !c.ordered {
				sort.Strings(r)
			}
			w := strings.Join(r, "|")
			if c.rows == nil {
				w = "?"
			}
			fmt.Fprintf(&b, "%s\t%s\t%s\t%v\n", c.name, w, s, c.ordered)
		}
		os.WriteFile("/tmp/dlct/q_"+d.Name+".tsv", []byte(b.String()), 0o644)
	}
}
