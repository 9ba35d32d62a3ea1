package rls_test

import (
	"fmt"
	"maps"
	"slices"
)

// explain makes the failing case as small as can be, and tells of it.
func (x *agreementDB) explain(b *batch, f *failure) string {
	number := b.caseNumber(f.session, f.ruling.slot)
	for _, r := range b.rulings {
		if single, g := x.alone(b, f.session, r); g != nil {
			number = b.caseNumber(f.session, r.slot)
			b, f = x.shrink(single, g)
			break
		}
	}
	if len(b.rulings) > 1 { // they fail together only
		b, f = x.fewer(b, f)
	}
	text := ""
	for _, r := range b.rulings {
		text += r.text()
	}
	return fmt.Sprintf("%s and cel-go disagree: -agreement.seed=%d -agreement.case=%d\n%ssession %v\n%s\n%s\n%v",
		x.kind, x.seed, number, text, b.values[f.session], f.problem, f.sql, f.args)
}

// alone tries one ruling for one session.
func (x *agreementDB) alone(b *batch, session int, r ruling) (*batch, *failure) {
	r.like = -1
	return x.some(b, session, []ruling{r})
}

// some tries rulings for one session.
func (x *agreementDB) some(b *batch, session int, rulings []ruling) (*batch, *failure) {
	less := &batch{number: b.number, family: b.family, tenant: b.tenant, masked: b.masked, values: b.values[session : session+1]}
	if less.assemble(rulings) != nil {
		return nil, nil
	}
	return less, x.try(less)
}

// fewer drops rulings for as long as the others still fail.
func (x *agreementDB) fewer(b *batch, f *failure) (*batch, *failure) {
	session := f.session
	for i := 0; i < len(b.rulings); {
		if less, g := x.some(b, session, slices.Delete(slices.Clone(b.rulings), i, i+1)); g != nil {
			b, f, session = less, g, 0
		} else {
			i++
		}
	}
	return b, f
}

// mostShrinks bounds the work on one failure.
const mostShrinks = 2000

// shrink drops and replaces parts of the ruling for as long as it still fails.
func (x *agreementDB) shrink(b *batch, f *failure) (*batch, *failure) {
	tries := 0
	for smaller := true; smaller; {
		smaller = false
		for _, r := range f.ruling.smaller() {
			if tries++; tries > mostShrinks {
				return b, f
			}
			if single, g := x.alone(b, 0, r); g != nil {
				b, f, smaller = single, g, true
				break
			}
		}
	}
	return b, f
}

// smaller gives the rulings with one part less: a policy, a when, a mask, or an
// expression in place of which stands one of its own parts or a plain value.
func (r ruling) smaller() []ruling {
	var out []ruling
	for i, g := range r.grants {
		if len(r.grants) > 1 {
			less := r
			less.grants = slices.Delete(slices.Clone(r.grants), i, i+1)
			out = append(out, less)
		}
		if g.when != nil {
			less := r
			less.grants = slices.Clone(r.grants)
			less.grants[i].when = nil
			out = append(out, less)
		}
		for _, e := range simpler(g.rows) {
			less := r
			less.grants = slices.Clone(r.grants)
			less.grants[i].rows = e
			out = append(out, less)
		}
	}
	for field, mask := range r.masks {
		less := r
		less.masks = maps.Clone(r.masks)
		delete(less.masks, field)
		out = append(out, less)
		for _, e := range simpler(mask) {
			less := r
			less.masks = maps.Clone(r.masks)
			less.masks[field] = e
			out = append(out, less)
		}
	}
	return out
}

// simpler gives the expression with one part of it replaced.
func simpler(root *expr) []*expr {
	var out []*expr
	for _, e := range root.all() {
		for _, part := range e.all()[1:] {
			if part.typ == e.typ {
				out = append(out, root.with(e, part))
			}
		}
		if len(e.args) == 0 {
			continue
		}
		for _, plain := range plainOf[e.typ] {
			out = append(out, root.with(e, leaf(e.typ, "", plain)))
		}
	}
	return out
}
