package resolve

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// checkMoments refuses texts among a function's dates.
func (r *resolver) checkMoments(c *ast.Call, f *function.Func) {
	for i, e := range c.Args {
		if f.Arg(i) == function.Moment {
			r.checkMoment(e, f.Name == "hour" || f.Name == "minute" || f.Name == "second")
		}
	}
}

// checkMoment refuses a text that stands for a date where databases differ:
// MariaDB takes one without a time of day for a time of day where clock asks
// for that, and PostgreSQL plans no query with a constant that is no date. What
// is written as a constant is judged when it is printed.
func (r *resolver) checkMoment(e ast.Expr, clock bool) {
	if _, written := e.(*ast.Literal); written || r.err != nil || function.TypeOf(e) != ast.String {
		return
	}
	switch {
	case clock:
		r.refuse(fault.Unsupported, ast.PosOf(e), "a string as a date with a time of day").WithHint("CAST it AS DATE or AS DATETIME")
	case computed(e):
		r.refuse(fault.Unsupported, ast.PosOf(e), "a computed string as a date").WithHint("write a constant such as DATE '2024-01-31'")
	}
}

// computed reports whether an expression is computed from constants alone.
func computed(e ast.Expr) bool {
	constant := true
	ast.Walk(e, func(x ast.Expr) bool {
		switch x.(type) {
		case *ast.Column, *ast.Param, *ast.Subquery, *ast.Exists, *ast.InQuery, *ast.Quantified:
			constant = false
		}
		return constant
	})
	return constant
}
