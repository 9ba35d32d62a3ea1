package keys

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// maxProperties bounds the JSON of one key's properties, in bytes.
const maxProperties = 64 << 10

// value is a property's value in JSON: an object whose one field is named after
// the type, so that a value comes back with the type it had. An int is a JSON
// number of up to 19 digits, which Go reads exactly.
type value struct {
	String    *string           `json:"string,omitempty"`
	Int       *int64            `json:"int,omitempty"`
	Double    *float64          `json:"double,omitempty"`
	Bool      *bool             `json:"bool,omitempty"`
	Timestamp *time.Time        `json:"timestamp,omitempty"`
	Duration  *time.Duration    `json:"duration,omitempty"` // nanoseconds
	List      *[]value          `json:"list,omitempty"`
	Map       *map[string]value `json:"map,omitempty"`
}

// encodeProperties writes properties as JSON with sorted names. It takes what
// session.Schema.New takes; a nil value is the same as none.
func encodeProperties(properties map[string]any) (string, error) {
	out := make(map[string]value, len(properties))
	for name, v := range properties {
		if v == nil {
			continue
		}
		if err := checkText(name); err != nil {
			return "", fmt.Errorf("%w: the name of a property %w", ErrInvalid, err)
		}
		encoded, err := encode(v)
		if err != nil {
			return "", fmt.Errorf("%w: property %q: %w", ErrInvalid, name, err)
		}
		out[name] = encoded
	}
	text, err := json.Marshal(out)
	if err != nil {
		return "", fmt.Errorf("%w: the properties can't be written", ErrInvalid) // the cause may quote a value
	}
	if len(text) > maxProperties {
		return "", fmt.Errorf("%w: the properties take more than %d bytes", ErrInvalid, maxProperties)
	}
	return string(text), nil
}

// encode takes a scalar, or a slice or string-keyed map of scalars. Its errors
// describe the Go type, never the value.
func encode(v any) (value, error) {
	rv := reflect.ValueOf(v)
	switch {
	case rv.Kind() == reflect.Slice || rv.Kind() == reflect.Array:
		list := make([]value, rv.Len())
		for i := range list {
			elem, err := encodeScalar(rv.Index(i).Interface())
			if err != nil {
				return value{}, fmt.Errorf("element %d: %w", i, err)
			}
			list[i] = elem
		}
		return value{List: &list}, nil
	case rv.Kind() == reflect.Map && rv.Type().Key().Kind() == reflect.String:
		entries := make(map[string]value, rv.Len())
		for it := rv.MapRange(); it.Next(); {
			key := it.Key().String()
			if err := checkText(key); err != nil {
				return value{}, fmt.Errorf("a key %w", err)
			}
			elem, err := encodeScalar(it.Value().Interface())
			if err != nil {
				return value{}, fmt.Errorf("a value of the map: %w", err)
			}
			entries[key] = elem
		}
		return value{Map: &entries}, nil
	default:
		return encodeScalar(v)
	}
}

func encodeScalar(v any) (value, error) {
	switch v := v.(type) {
	case nil:
		return value{}, errors.New("a value is nil")
	case time.Time:
		return encodeTime(v)
	case time.Duration:
		return value{Duration: &v}, nil
	}
	switch rv := reflect.ValueOf(v); {
	case rv.Kind() == reflect.String:
		s := rv.String()
		if err := checkText(s); err != nil {
			return value{}, fmt.Errorf("the string %w", err)
		}
		return value{String: &s}, nil
	case rv.Kind() == reflect.Bool:
		b := rv.Bool()
		return value{Bool: &b}, nil
	case rv.CanInt():
		n := rv.Int()
		return value{Int: &n}, nil
	case rv.CanUint() && rv.Uint() <= math.MaxInt64:
		n := int64(rv.Uint())
		return value{Int: &n}, nil
	case rv.CanFloat() && !math.IsNaN(rv.Float()) && !math.IsInf(rv.Float(), 0):
		f := rv.Float()
		return value{Double: &f}, nil
	default:
		return value{}, fmt.Errorf("no property has the Go type %T, or not this value of it", v)
	}
}

func encodeTime(at time.Time) (value, error) {
	at = at.UTC().Round(0)
	if at.Year() < 1 || at.Year() > 9999 {
		return value{}, errors.New("the time is outside the years 1 to 9999")
	}
	return value{Timestamp: &at}, nil
}

// decodeProperties reads what encodeProperties wrote; it refuses all else.
func decodeProperties(text string) (map[string]any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	var in map[string]value
	if err := d.Decode(&in); err != nil {
		return nil, errUnreadable // the cause may quote a value
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errUnreadable
	}
	out := make(map[string]any, len(in))
	for name, v := range in {
		decoded, err := v.decode()
		if err != nil {
			return nil, err
		}
		out[name] = decoded
	}
	return out, nil
}

// errUnreadable: a newer version or another hand wrote the row.
var errUnreadable = errors.New("the stored properties can't be read")

func (v value) decode() (any, error) {
	switch {
	case v.List != nil && v == (value{List: v.List}):
		list := make([]any, len(*v.List))
		for i, e := range *v.List {
			elem, err := e.scalar()
			if err != nil {
				return nil, err
			}
			list[i] = elem
		}
		return list, nil
	case v.Map != nil && v == (value{Map: v.Map}):
		entries := make(map[string]any, len(*v.Map))
		for key, e := range *v.Map {
			elem, err := e.scalar()
			if err != nil {
				return nil, err
			}
			entries[key] = elem
		}
		return entries, nil
	default:
		return v.scalar()
	}
}

// scalar gives the value of the one field that is set.
func (v value) scalar() (any, error) {
	switch {
	case v.String != nil && v == (value{String: v.String}):
		return *v.String, nil
	case v.Int != nil && v == (value{Int: v.Int}):
		return *v.Int, nil
	case v.Double != nil && v == (value{Double: v.Double}):
		return *v.Double, nil
	case v.Bool != nil && v == (value{Bool: v.Bool}):
		return *v.Bool, nil
	case v.Timestamp != nil && v == (value{Timestamp: v.Timestamp}):
		return v.Timestamp.UTC(), nil
	case v.Duration != nil && v == (value{Duration: v.Duration}):
		return *v.Duration, nil
	default:
		return nil, errUnreadable
	}
}

func checkText(s string) error {
	switch {
	case !utf8.ValidString(s):
		return errors.New("is not valid UTF-8")
	case strings.IndexByte(s, 0) >= 0:
		return errors.New("holds a NUL character")
	default:
		return nil
	}
}
