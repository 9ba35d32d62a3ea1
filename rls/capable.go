package rls

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/secure"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
)

// maxIncapable bounds how many problems New tells of.
const maxIncapable = 20

// capable prints every rule and mask once, and reports what the dialect lacks.
// What a policy does to many datasets is reported for the first of them.
func capable(set *policy.Set, m *secure.Model, d *dialect.Dialect) error {
	var problems []error
	seen := map[string]bool{}
	for s := range m.Samples() {
		err := s.Err
		if err == nil {
			_, _, err = d.Print(s.Query)
		}
		if err == nil {
			continue
		}
		key := fmt.Sprint(s.Piece.Policy, s.Piece.Key, err)
		if seen[key] {
			continue
		}
		seen[key] = true
		problems = append(problems, incapable(set, d, s, err))
		if len(problems) == maxIncapable {
			break
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("rls: %s lacks what the policies need:\n%w", d.Name, errors.Join(problems...))
}

// incapable places an error of the printer in the policy file.
func incapable(set *policy.Set, d *dialect.Dialect, s secure.Sample, err error) *semantic.Problem {
	what, field, isMask := strings.Cut(s.Piece.Key, " ")
	if isMask {
		what = "mask of " + field
	}
	message, hint := err.Error(), ""
	var f *fault.Error
	if errors.As(err, &f) {
		message, hint = f.Msg, f.Hint
	}
	p := set.Problem(s.Piece.Policy, s.Piece.Key, s.Piece.Place(d.Lacks(s.Piece.Expr)),
		"policy %q, %s of dataset %q: %s", set.Rules().Policies[s.Piece.Policy].Name, what, s.Dataset.Name, message)
	p.Hint = hint
	return p
}
