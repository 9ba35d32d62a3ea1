package secure

import (
	"iter"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/resolve"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/semantic"
)

// Sample is a query that holds a piece of a policy as SQL for some session. If
// it can't be printed, the database lacks what the policy needs.
type Sample struct {
	Dataset *semantic.Dataset
	Piece   rules.Piece
	Query   *ast.Query
	Err     error
}

// Samples gives a sample for each piece of each policy of each dataset.
func (m *Model) Samples() iter.Seq[Sample] {
	return func(yield func(Sample) bool) {
		for d := range m.cfg.Rules.Model.Datasets() {
			for _, piece := range m.cfg.Rules.Pieces(d) {
				q, err := m.sample(m.datasets[d], piece)
				if !yield(Sample{d, piece, q, err}) {
					return
				}
			}
		}
	}
}

func (m *Model) sample(ds *dataset, piece rules.Piece) (*ast.Query, error) {
	sel := &ast.Select{From: []ast.TableExpr{&ast.Physical{Parts: []string{resolve.TableAlias}, Alias: resolve.TableAlias}}}
	var item ast.Expr = &ast.Literal{Kind: ast.IntLiteral, Text: "1"}
	var err error
	switch {
	case piece.Expr == nil:
		return nil, fault.New(fault.Internal, 0, "the expression can't be decided")
	case piece.Field >= 0:
		item, err = m.mask(ds, piece.Expr, piece.Field)
	default:
		var failing string
		if sel.Where, failing, err = m.physicalRule(ds, piece.Expr); err == nil && failing != "" {
			err = fault.New(fault.Unsupported, 0, "field %q is computed by an expression that can fail on this database, "+
				"so one row could keep everybody from theirs", failing).
				WithHint("let the rule read the columns that the field is computed from, or a column of the table")
		}
	}
	sel.Items = []ast.SelectItem{{Expr: item, Alias: "v"}}
	return &ast.Query{Body: sel}, err
}
