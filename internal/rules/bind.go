package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

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

// boundList is the list itself where its elements are bound as they are.
func boundList(list []any) []any {
	if !slices.ContainsFunc(list, func(v any) bool { _, ok := v.(time.Time); return ok }) {
		return list
	}
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = bound(v)
	}
	return out
}

// array is a list as one value, written when it is first needed.
type array struct {
	list []any
	once sync.Once
	text any // a string, boxed once
	json struct {
		once sync.Once
		text any
		err  error
	}
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

// ErrTooLong is returned for a list that no database takes as one argument.
var ErrTooLong = errors.New("the list is too long")

const (
	// mostListBytes bounds a list as one argument: MariaDB takes 16 MiB with all else.
	mostListBytes = 8 << 20
	// MostElementLength bounds the strings of such a list, in characters, so that
	// databases can compare them in memory.
	MostElementLength = 512
)

// asJSON writes the list as a JSON array. Whole numbers keep all of their digits.
func (a *array) asJSON() (any, error) {
	a.json.once.Do(func() { a.json.text, a.json.err = jsonArray(a.list) })
	return a.json.text, a.json.err
}

func jsonArray(list []any) (any, error) {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = bound(v)
		if s, ok := out[i].(string); ok {
			switch {
			case !utf8.ValidString(s):
				return nil, errUnusable
			case utf8.RuneCountInString(s) > MostElementLength:
				return nil, ErrTooLong
			}
		}
	}
	text, err := json.Marshal(out)
	switch {
	case err != nil:
		return nil, errUnusable
	case len(text) > mostListBytes:
		return nil, ErrTooLong
	}
	return string(text), nil
}

var arrayEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Whole says how a list is bound as one value.
type Whole uint8

// The ways to bind a list.
const (
	OneElement Whole = iota
	AsArray          // the text of a PostgreSQL array
	AsJSON           // the text of a JSON array
)

// Bind gives the value that a database gets for a slot: of a list the element
// that the slot names, or all of it.
func (r *Ruling) Bind(s *ast.Slot, whole Whole) (any, error) {
	if s.ID < 0 || s.ID >= len(r.values) {
		return nil, errors.New("unknown session value")
	}
	v := &r.values[s.ID]
	switch {
	case v.err != nil:
		return nil, v.err
	case whole == OneElement:
		return pick(v.bound, s)
	case v.array == nil || s.Elem != -1:
		return nil, errors.New("this is no list")
	case whole == AsJSON:
		return v.array.asJSON()
	default:
		return v.array.value(), nil
	}
}

// fromCEL converts CEL's value to one that can be bound.
func fromCEL(v ref.Val) (any, error) {
	switch v := v.(type) {
	case types.Bool:
		return bool(v), nil
	case types.Int:
		return int64(v), nil
	case types.Double:
		return bindable(float64(v))
	case types.String:
		return bindable(string(v))
	case types.Timestamp:
		return bindable(v.Time)
	case types.Duration:
		return bindable(v.Duration)
	case traits.Lister:
		size, ok := v.Size().(types.Int)
		if !ok {
			return nil, errUnusable
		}
		out := make([]any, size)
		for i := range out {
			item, err := fromCEL(v.Get(types.Int(i)))
			if err != nil {
				return nil, err
			}
			out[i] = item
		}
		return out, nil
	case traits.Mapper:
		native, err := v.ConvertToNative(reflect.TypeFor[map[string]any]())
		if err != nil {
			return nil, errUnusable
		}
		return bindable(native)
	default:
		return nil, errUnusable
	}
}

// pairsOf is a map as a list: each key, then its value, in the order of the keys.
type pairsOf []any

func flatten(m map[string]any) pairsOf {
	out := make(pairsOf, 0, 2*len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, key, m[key])
	}
	return out
}

// unusableError is a value that no database would read as it is.
type unusableError string

func (e unusableError) Error() string { return string(e) }

const (
	errUnusable = unusableError("values of this kind can't be bound")
	errNumber   = unusableError("it is no finite number")
	errNUL      = unusableError("it holds a NUL character")
	errFine     = unusableError("it is finer than a microsecond, which databases don't keep; truncate it")
)

// bindable refuses values that a database would read differently.
func bindable(v any) (any, error) {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errNumber
		}
	case string:
		for i := 0; i < len(v); i++ {
			if v[i] == 0 {
				return nil, errNUL
			}
		}
	case []any:
		out, err := bindableAll(v)
		return out, err
	case map[string]any:
		out, err := bindableAll(flatten(v))
		return pairsOf(out), err
	case time.Time:
		if v.Nanosecond()%1000 != 0 { // databases keep microseconds and would round
			return nil, errFine
		}
		return v.UTC(), nil
	case time.Duration:
		if v%time.Microsecond != 0 {
			return nil, errFine
		}
		return v.Microseconds(), nil
	}
	return v, nil
}

// bindableAll is bindable for each element of a list.
func bindableAll(list []any) ([]any, error) {
	out := make([]any, len(list))
	for i, v := range list {
		var err error
		if out[i], err = bindable(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}
