package dialect

import (
	"slices"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// Expected returns the types of what the caller's placeholders are compared
// with, by their indexes, where the database would convert an argument of another
// type at run time, which may fail; see Dialect.Converts. It is nil for others.
func (d *Dialect) Expected(q *ast.Query) map[int][]ast.Type {
	if !d.Converts {
		return nil
	}
	var out map[int][]ast.Type
	ast.WalkQuery(q, func(e ast.Expr) bool {
		met, _ := met(e)
		if !comparesParams(e, met) {
			return true
		}
		for _, x := range met {
			p, ok := x.(*ast.Param)
			if !ok {
				continue
			}
			for _, other := range met {
				t := function.TypeOf(other)
				if _, param := other.(*ast.Param); param || isNullLiteral(other) || slices.Contains(out[p.Index], t) {
					continue
				}
				if out == nil {
					out = map[int][]ast.Type{}
				}
				out[p.Index] = append(out[p.Index], t)
			}
		}
		return true
	})
	return out
}
