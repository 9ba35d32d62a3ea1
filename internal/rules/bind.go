package rules

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// bindings prepares a slot's value for binding.
func bindings(v any, err error) value {
	if err != nil {
		return value{err: err}
	}
	out := value{v: v}
	switch v := v.(type) {
	case []any:
		out.bound, out.array = boundList(v), &array{list: v}
	case pairsOf:
		out.bound = boundList(v)
	default:
		out.bound = bound(v)
	}
	return out
}

// timestampLayout is how session timestamps are bound: text in UTC, which every
// database compares with its own date and time types as they are. The decimals
// are there only where they aren't zero.
const timestampLayout = "2006-01-02 15:04:05.999999"

func bound(v any) any {
	if at, ok := v.(time.Time); ok {
		return at.UTC().Format(timestampLayout)
	}
	return v
}

func boundList(list []any) []any {
	for i, v := range list {
		if at, ok := v.(time.Time); ok {
			list = append(append([]any(nil), list[:i]...), list[i:]...) // a copy
			list[i] = bound(at)
		}
	}
	return list
}

// array is a list as one value, written when it is first needed.
type array struct {
	list []any
	once sync.Once
	text any // a string, boxed once
}

// value writes the list as PostgreSQL reads arrays: every element in double
// quotes, with backslashes before quotes and backslashes (PostgreSQL manual, 8.15.6).
func (a *array) value() any {
	a.once.Do(func() {
		var b strings.Builder
		b.WriteByte('{')
		for i, v := range a.list {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('"')
			b.WriteString(arrayEscapes.Replace(fmt.Sprint(bound(v))))
			b.WriteByte('"')
		}
		b.WriteByte('}')
		a.text = b.String()
	})
	return a.text
}

var arrayEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Bind gives the value that a database gets for a slot: of a list the element
// that the slot names, or all of it as one array.
func (r *Ruling) Bind(s *ast.Slot, whole bool) (any, error) {
	if s.ID < 0 || s.ID >= len(r.values) {
		return nil, errors.New("unknown session value")
	}
	v := &r.values[s.ID]
	switch {
	case v.err != nil:
		return nil, v.err
	case !whole:
		return pick(v.bound, s)
	case v.array == nil || s.Elem != -1:
		return nil, errors.New("this is no list")
	default:
		return v.array.value(), nil
	}
}
