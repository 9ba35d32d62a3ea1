package session

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// canonical converts a value to the canonical Go type of t, and copies it.
// Its errors describe the Go type of what came, never the value.
func canonical(t Type, v any) (any, error) {
	switch {
	case t.IsList():
		return canonicalList(t, v)
	case t.IsMap():
		return canonicalMap(t, v)
	default:
		return canonicalScalar(t, v)
	}
}

func canonicalList(t Type, v any) (any, error) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Slice && rv.Kind() != reflect.Array {
		return nil, mismatch(t, v)
	}
	list := make([]any, rv.Len())
	for i := range list {
		elem, err := canonicalScalar(t.Elem(), rv.Index(i).Interface())
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		list[i] = elem
	}
	return list, nil
}

// canonicalMap leaves the key out of its errors: keys are part of the value.
func canonicalMap(t Type, v any) (any, error) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Map || rv.Type().Key().Kind() != reflect.String {
		return nil, mismatch(t, v)
	}
	result := make(map[string]any, rv.Len())
	for it := rv.MapRange(); it.Next(); {
		key := it.Key().String()
		if err := checkText(key); err != nil {
			return nil, fmt.Errorf("a key %w", err)
		}
		elem, err := canonicalScalar(t.Elem(), it.Value().Interface())
		if err != nil {
			return nil, fmt.Errorf("a value of the map: %w", err)
		}
		result[key] = elem
	}
	return result, nil
}

func canonicalScalar(t Type, v any) (any, error) {
	switch t {
	case String:
		return canonicalString(v)
	case Int:
		return canonicalInt(v)
	case Double:
		return canonicalDouble(v)
	case Bool:
		if rv := reflect.ValueOf(v); rv.Kind() == reflect.Bool {
			return rv.Bool(), nil
		}
	case Timestamp:
		if at, ok := v.(time.Time); ok {
			return canonicalTime(at)
		}
	case Duration:
		if d, ok := v.(time.Duration); ok {
			return d, nil
		}
	}
	return nil, mismatch(t, v)
}

func canonicalString(v any) (any, error) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.String {
		return nil, mismatch(String, v)
	}
	if err := checkText(rv.String()); err != nil {
		return nil, fmt.Errorf("the string %w", err)
	}
	return strings.Clone(rv.String()), nil
}

// canonicalInt refuses a time.Duration: its unit would be lost.
func canonicalInt(v any) (any, error) {
	rv := reflect.ValueOf(v)
	_, isDuration := v.(time.Duration)
	switch {
	case isDuration || v == nil:
		return nil, mismatch(Int, v)
	case rv.CanInt():
		return rv.Int(), nil
	case rv.CanUint():
		if rv.Uint() > math.MaxInt64 {
			return nil, fmt.Errorf("the number does not fit a 64-bit signed integer")
		}
		return int64(rv.Uint()), nil
	default:
		return nil, mismatch(Int, v)
	}
}

func canonicalDouble(v any) (any, error) {
	rv := reflect.ValueOf(v)
	if v != nil && rv.CanFloat() {
		if f := rv.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f, nil
		}
		return nil, fmt.Errorf("the number is not finite")
	}
	n, err := canonicalInt(v)
	if err != nil {
		return nil, mismatch(Double, v)
	}
	i := n.(int64)
	f := float64(i)
	// 2^63 itself is a float64 that no int64 can be compared with.
	if f >= math.MaxInt64 || int64(f) != i {
		return nil, fmt.Errorf("the integer has no exact double")
	}
	return f, nil
}

func canonicalTime(at time.Time) (any, error) {
	at = at.UTC().Round(0) // without the monotonic clock, so that == compares instants
	if at.Year() < 1 || at.Year() > 9999 {
		return nil, fmt.Errorf("the time is outside the years 1 to 9999")
	}
	return at, nil
}

func checkText(s string) error {
	switch {
	case !utf8.ValidString(s):
		return fmt.Errorf("is not valid UTF-8")
	case strings.ContainsRune(s, 0):
		return fmt.Errorf("holds a NUL character")
	default:
		return nil
	}
}

func mismatch(t Type, v any) error {
	if v == nil {
		return fmt.Errorf("must be %s, not nil", t)
	}
	return fmt.Errorf("must be %s, not a Go %s", t, reflect.TypeOf(v))
}

// copied protects a stored value from whoever it is handed to.
func copied(v any) any {
	switch v := v.(type) {
	case []any:
		return slices.Clone(v)
	case map[string]any:
		return maps.Clone(v)
	default:
		return v // scalars are immutable
	}
}
