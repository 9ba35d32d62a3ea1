package policy

import (
	"fmt"

	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/session"
)

// Visibility is the answer of Set.Visible.
type Visibility struct {
	Visible bool
	// Rules tells what each applicable row policy said, in the order of the file.
	Rules []RuleOutcome
}

// RuleOutcome is what one row policy said of a row: "true", "false" or
// "unknown", which covers what is an error in CEL.
type RuleOutcome struct {
	Policy  string
	Kind    Kind
	Outcome string
}

// Visible tells whether a session may see one row of a dataset, and why. cel-go
// evaluates the rules in memory: for hosts that hold an object already, and as
// an oracle for tests. row maps the fields' names to values: strings, bools,
// integers, floats and time.Time, nil for NULL. A to-one relationship maps to a
// map, a to-many one to a slice of maps; a field that is missing is NULL, a
// to-one step that is missing is an absent parent, and a value that CEL lacks, as
// NaN or the year 10000, is unknown and not NULL.
//
// The error is for a session of another schema, an unknown dataset, a property
// that a rule needs and the session lacks, and values of other types.
func (s *Set) Visible(sess session.Session, dataset string, row map[string]any) (Visibility, error) {
	ruling, err := s.rules.Decide(sess)
	if err != nil {
		return Visibility{}, err
	}
	d, ok := s.rules.Model.Dataset(dataset)
	if !ok {
		return Visibility{}, fmt.Errorf("policy: the model has no dataset %q", dataset)
	}
	visible, outcomes, err := ruling.Visible(d, row)
	if err != nil {
		return Visibility{}, fmt.Errorf("policy: %w", err)
	}
	out := Visibility{Visible: visible}
	for _, o := range outcomes {
		kind := Permissive
		if o.Policy.Restrictive {
			kind = Restrictive
		}
		out.Rules = append(out.Rules, RuleOutcome{o.Policy.Name, kind, words[o.Truth]})
	}
	return out, nil
}

var words = map[rules.Truth]string{rules.True: "true", rules.False: "false", rules.Unknown: "unknown"}
