package rls

import (
	"fmt"
	"strings"

	"github.com/hedgerow/hedgerow/internal/resolve"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/internal/secure"
)

// Decision tells, for each occurrence of a dataset in a query, which policies
// applied and which did not. It names hidden fields: it is for the host, not
// for the author of the query.
type Decision struct {
	Occurrences []Occurrence
}

// Occurrence is one place where a query reads a dataset.
type Occurrence struct {
	Dataset string
	// Alias is the name by which the query refers to it.
	Alias string
	// Offset is the 0-based byte offset of the name in the query.
	Offset  int
	Applied []Verdict
	Skipped []Verdict
	// Hidden and Masked are the fields that the session can't see, or sees masked.
	Hidden []string
	Masked []string
	// Filtered is false when the session may see every row.
	Filtered bool
	// Fenced says that the rows are filtered behind an optimisation barrier,
	// because the query holds an expression that could raise an error on a
	// hidden row.
	Fenced bool
}

// Verdict is a policy and why it applied or did not.
type Verdict struct {
	Policy string
	Reason string
}

// String is a readable text of a line per occurrence and policy.
func (d *Decision) String() string {
	if d == nil || len(d.Occurrences) == 0 {
		return "no dataset is read"
	}
	var b strings.Builder
	for i, o := range d.Occurrences {
		if i > 0 {
			b.WriteByte('\n')
		}
		o.write(&b)
	}
	return b.String()
}

func (o Occurrence) write(b *strings.Builder) {
	b.WriteString(o.Dataset)
	if o.Alias != o.Dataset {
		fmt.Fprintf(b, " as %s", o.Alias)
	}
	if !o.Filtered {
		b.WriteString(": every row")
	} else {
		b.WriteString(": filtered rows")
	}
	if o.Fenced {
		b.WriteString(", fenced")
	}
	if len(o.Hidden) > 0 {
		fmt.Fprintf(b, ", hidden %s", strings.Join(o.Hidden, ", "))
	}
	if len(o.Masked) > 0 {
		fmt.Fprintf(b, ", masked %s", strings.Join(o.Masked, ", "))
	}
	for _, v := range o.Applied {
		fmt.Fprintf(b, "\n  + %s: %s", v.Policy, v.Reason)
	}
	for _, v := range o.Skipped {
		fmt.Fprintf(b, "\n  - %s: %s", v.Policy, v.Reason)
	}
}

// verdicts are what a Decision says of a dataset wherever it occurs.
type verdicts struct {
	applied, skipped []Verdict
	hidden, masked   []string
}

// newVerdicts reports a decision on a dataset.
func newVerdicts(access *rules.Access) any {
	out := &verdicts{}
	for _, p := range access.Applied {
		out.applied = append(out.applied, Verdict{p.Name, applied(p, p.Rules[access.Dataset])})
	}
	for _, p := range access.Skipped {
		out.skipped = append(out.skipped, Verdict{p.Name, "its when is false for this session"})
	}
	for i, f := range access.Dataset.Fields {
		switch {
		case access.Hidden != nil && access.Hidden[i]:
			out.hidden = append(out.hidden, f.Name)
		case access.Masks != nil && access.Masks[i] != nil:
			out.masked = append(out.masked, f.Name)
		}
	}
	return out
}

// newDecision reports what was decided for each occurrence.
func newDecision(b *resolve.Bound) *Decision {
	d := &Decision{Occurrences: make([]Occurrence, 0, len(b.Occurrences))}
	for _, o := range b.Occurrences {
		s := secure.Of(o)
		of := s.Note.(*verdicts) // by New
		d.Occurrences = append(d.Occurrences, Occurrence{
			Dataset: o.Dataset.Name, Alias: o.Alias, Offset: o.Pos - 1,
			Applied: of.applied, Skipped: of.skipped, Hidden: of.hidden, Masked: of.masked,
			Filtered: s.Access.Rows != nil, Fenced: o.Hole.Fence,
		})
	}
	return d
}

// applied says why a policy applied and what it did.
func applied(p *rules.Policy, rule *rules.Rule) string {
	why := "always"
	if p.When != nil {
		why = "its when is true"
	}
	var does []string
	switch {
	case rule.Rows != nil && p.Restrictive:
		does = append(does, "restricts rows")
	case rule.Rows != nil:
		does = append(does, "permits rows")
	}
	if len(rule.Hide) > 0 {
		does = append(does, "hides fields")
	}
	if len(rule.Mask) > 0 {
		does = append(does, "masks fields")
	}
	return why + "; " + strings.Join(does, ", ")
}
