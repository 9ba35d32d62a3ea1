package rules

import (
	"encoding/binary"
	"math/bits"
	"unique"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// Shape is everything about a session that rules depend on besides the
// values that are bound. Sessions of equal shapes get the same Access of every
// dataset, so that one text serves them all.
type Shape struct{ text unique.Handle[string] }

// Shape gives the shape of the session.
func (r *Ruling) Shape() Shape { return r.shape }

// describe writes the shape: for each slot whether its value can be had, truth
// values, and how many elements a list has.
func (r *Ruling) describe() Shape {
	out := make([]byte, 0, 2*len(r.values))
	for i, v := range r.values {
		switch x := v.v.(type) {
		case nil:
			out = append(out, missingByte(v.err))
		case bool:
			out = append(out, truthByte(x))
		case []any:
			out = append(out, 'l')
			out = describeList(out, x, r.set.slots[i].unrolled)
		case pairsOf: // rules write out maps
			out = append(out, 'p')
			out = describeList(out, x, true)
		default:
			out = append(out, 'v')
		}
	}
	return Shape{unique.Make(string(out))}
}

// describeList adds the length of a list and, where rules write out its elements,
// those that are truth values. Where only IN reads it the length is rounded up.
func describeList(out []byte, list []any, unrolled bool) []byte {
	if !unrolled {
		return binary.AppendUvarint(out, uint64(roundUp(len(list))))
	}
	out = binary.AppendUvarint(out, uint64(len(list)))
	for _, v := range list {
		if b, ok := v.(bool); ok {
			out = append(out, truthByte(b))
		}
	}
	return out
}

// missingByte tells a value that CEL can't compute from one that isn't there.
func missingByte(err error) byte {
	if err == errUnknown {
		return 'u'
	}
	return 'm'
}

func truthByte(b bool) byte {
	if b {
		return 't'
	}
	return 'f'
}

// mostElements is how many elements a list may have that is written out. A
// database takes some ten thousand arguments, and a query may read a list often.
const mostElements = 512

// roundUp gives the next power of two, 0 for none: lists of many lengths then
// share one text. All long lists share one.
func roundUp(n int) int {
	switch {
	case n == 0:
		return 0
	case n > mostElements:
		return ast.ManyElements
	}
	return 1 << bits.Len(uint(n-1))
}

// markUnrolled notes the slots that rules use otherwise than as the list of an IN.
func (s *Set) markUnrolled(e ast.Expr) {
	inList := map[*ast.Slot]bool{}
	ast.Walk(e, func(x ast.Expr) bool {
		switch x := x.(type) {
		case *ast.InList:
			if len(x.List) == 1 {
				if slot, ok := x.List[0].(*ast.Slot); ok {
					inList[slot] = true
				}
			}
		case *ast.Slot:
			if !inList[x] && x.ID >= 0 && x.ID < len(s.slots) {
				s.slots[x.ID].unrolled = true
			}
		}
		return true
	})
}
