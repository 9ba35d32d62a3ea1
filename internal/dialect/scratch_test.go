package dialect_test

import (
	"fmt"
	"github.com/hedgerow/hedgerow/internal/dialect"
	"os"
	"strings"
	"testing"
)

func TestScratch(t *testing.T) {
	for _, d := range dialect.All() {
		var b strings.Builder
		for _, c := range append(functionCases(), celCases()...) {
			s, _, err := d.Print(rows(c.expr))
			if err != nil {
				fmt.Println(d.Name, c.name, err)
				continue
			}
			w := fmt.Sprint(c.want)
			if c.want == nil {
				w = "NULL"
			}
			if strings.Contains(s, "\n") {
				continue
			}
			fmt.Fprintf(&b, "%s\t%s\t%s\n", c.name, w, s)
		}
		os.WriteFile("/tmp/dlct/cases_"+d.Name+".tsv", []byte(b.String()), 0o644)
	}
}
