package rules

import (
	"fmt"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/semantic"
)

// Access is what a session may see of one dataset.
type Access struct {
	Dataset *semantic.Dataset
	// Denied says that no permissive policy applies.
	Denied bool
	// Rows is the predicate that a visible row fulfils, nil when every row is visible.
	Rows ast.Expr
	// Hidden and Masks go by index of field; they are nil when there are none.
	Hidden []bool
	Masks  []ast.Expr
	// Applied and Skipped name the policies of the dataset, in file order.
	Applied []*Policy
	Skipped []*Policy
}

// MissingError says that a policy needs a property that the session lacks, or
// a value that CEL could not compute from it. It holds no value.
type MissingError struct {
	Policy string
	// Property names the property or properties.
	Property string
	// Why tells what is wrong with a value that is there; else it is "".
	Why string
}

func (e *MissingError) Error() string {
	if e.Why != "" {
		return fmt.Sprintf("policy %q can't use session property %s: %s", e.Policy, e.Property, e.Why)
	}
	return fmt.Sprintf("policy %q needs session property %s, which this session lacks", e.Policy, e.Property)
}

// Dataset decides what the session may see of a dataset: of the permissive row
// rules that apply any must hold, of the restrictive ones all.
func (r *Ruling) Dataset(d *semantic.Dataset) (*Access, error) {
	a := &Access{Dataset: d}
	var permissive, restrictive []ast.Expr
	permitted := false
	for _, p := range r.set.byDataset[d] {
		applies, err := r.applies(p)
		if err != nil {
			return nil, err
		}
		if !applies {
			a.Skipped = append(a.Skipped, p)
			continue
		}
		a.Applied = append(a.Applied, p)
		rule := p.Rules[d]
		if rule.Rows != nil {
			rows, err := r.residual(p, rule.Rows)
			if err != nil {
				return nil, err
			}
			if p.Restrictive {
				restrictive = append(restrictive, rows)
			} else {
				permitted = true
				permissive = append(permissive, rows)
			}
		}
		if err := r.fields(a, p, rule); err != nil {
			return nil, err
		}
	}
	a.Denied = !permitted
	a.Rows = simplify(&ast.And{X: append(restrictive, simplify(&ast.Or{X: permissive}))})
	if isLiteral(a.Rows, "true") {
		a.Rows = nil
	}
	return a, nil
}

// applies decides a policy's when.
func (r *Ruling) applies(p *Policy) (bool, error) {
	if p.When == nil {
		return true, nil
	}
	when, err := r.residual(p, p.When)
	if err != nil {
		return false, err
	}
	lit, ok := when.(*ast.Literal)
	if !ok || lit.Kind != ast.BoolLiteral {
		return false, &MissingError{Policy: p.Name, Property: "of its when"}
	}
	return lit.Text == "true", nil
}

// fields notes what a policy hides and masks. Hidden wins over masked; of two
// masks the first in the file stands.
func (r *Ruling) fields(a *Access, p *Policy, rule *Rule) error {
	for _, i := range rule.Hide {
		if a.Hidden == nil {
			a.Hidden = make([]bool, len(a.Dataset.Fields))
		}
		a.Hidden[i] = true
	}
	for i, mask := range rule.Mask {
		if a.Masks == nil {
			a.Masks = make([]ast.Expr, len(a.Dataset.Fields))
		}
		if a.Masks[i] != nil {
			continue
		}
		m, err := r.residual(p, mask)
		if err != nil {
			return err
		}
		a.Masks[i] = m
	}
	return nil
}
