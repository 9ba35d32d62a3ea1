package policy

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/semantic"
)

// concealed refuses a file under which sessions see through one field what they
// have hidden or masked in another.
func (l *loader) concealed(set *Set) {
	for _, e := range set.rules.Exposures() {
		if e.Declared {
			continue
		}
		if e.Mask != nil {
			n := value(set.places.policies[set.indexOf(e.Mask.Name)]["mask"], e.By.Name)
			line, column := l.file.InScalar(n, e.Offset)
			l.file.Report(line, column, "%s", exposed(e)).WithHint("mask %s by something else, or declare in policy %q that it may show that: still_shows: [%s]",
				e.By.Name, e.Mask.Name, e.By.Name)
			continue
		}
		nodes := set.places.policies[set.indexOf(e.Policy.Name)]
		n := item(nodes["hide"], e.Field.Name)
		if !e.Hides {
			n = keyNode(nodes["mask"], e.Field.Name)
		}
		l.file.ReportNode(n, "%s", exposed(e)).WithHint("hide or mask %s too, here or in a policy with the same when, or declare that these sessions may see it: still_shows: [%s]",
			e.By.Name, e.By.Name)
	}
}

// exposed words what a field shows.
func exposed(e rules.Exposure) string {
	does := "masks"
	if e.Hides {
		does = "hides"
	}
	if e.Mask != nil {
		return fmt.Sprintf("the mask of field %q of %q shows field %q of %q, which policy %q %s from the same sessions",
			e.By.Name, e.ByDataset.Name, e.Field.Name, e.Dataset.Name, e.Policy.Name, does)
	}
	return fmt.Sprintf("field %q of %q reads the column of field %q, which policy %q %s: some sessions would see it there",
		e.By.Name, e.ByDataset.Name, e.Field.Name, e.Policy.Name, does)
}

// item finds a name in a list of names, or the list itself.
func item(n *yaml.Node, name string) *yaml.Node {
	if n == nil {
		return n
	}
	for _, x := range n.Content {
		if semantic.Fold(x.Value) == semantic.Fold(name) {
			return x
		}
	}
	return n
}
