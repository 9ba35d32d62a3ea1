package session

import (
	"fmt"
	"strings"
)

// Type is the type of a property: one of the scalar constants, or what [List]
// or [Map] make of one. Types are comparable with ==. The zero Type is not a
// type and no schema takes it.
type Type uint8

// The scalar types, with the Go type of their canonical values.
const (
	String    Type = iota + 1 // string: valid UTF-8 without NUL
	Int                       // int64
	Double                    // float64, never NaN or infinite
	Bool                      // bool
	Timestamp                 // time.Time: an instant in UTC, of the years 1 to 9999
	Duration                  // time.Duration
)

const (
	listBit    Type = 1 << 4
	mapBit     Type = 1 << 5
	scalarMask      = listBit - 1
)

// scalarNames holds the scalar types as policy files write them.
var scalarNames = [...]string{
	String: "string", Int: "int", Double: "double", Bool: "bool", Timestamp: "timestamp", Duration: "duration",
}

// List is the type of a list of scalars; its canonical values are []any. It is
// the zero Type when elem isn't scalar.
func List(elem Type) Type {
	if !elem.scalar() {
		return 0
	}
	return elem | listBit
}

// Map is the type of a map from strings to scalars; its canonical values are
// map[string]any. It is the zero Type when value isn't scalar.
func Map(value Type) Type {
	if !value.scalar() {
		return 0
	}
	return value | mapBit
}

// ParseType reads a type as policy files write it: string, int, double, bool,
// timestamp, duration, list(T) or map(string, T), where T is scalar.
func ParseType(text string) (Type, error) {
	name := strings.TrimSpace(text)
	if t := parseScalar(name); t != 0 {
		return t, nil
	}
	head, args, ok := strings.Cut(name, "(")
	args, closed := strings.CutSuffix(args, ")")
	if ok && closed {
		switch strings.TrimSpace(head) {
		case "list":
			if t := parseScalar(strings.TrimSpace(args)); t != 0 {
				return List(t), nil
			}
		case "map":
			key, value, _ := strings.Cut(args, ",")
			if t := parseScalar(strings.TrimSpace(value)); t != 0 && strings.TrimSpace(key) == "string" {
				return Map(t), nil
			}
		}
	}
	return 0, fmt.Errorf("unknown property type %q; write string, int, double, bool, timestamp, duration, "+
		"list(T) or map(string, T) with one of these as T", text)
}

func parseScalar(name string) Type {
	for i, scalar := range scalarNames {
		if name == scalar && name != "" {
			return Type(i)
		}
	}
	return 0
}

// IsList tells whether the type is a list.
func (t Type) IsList() bool { return t.valid() && t&listBit != 0 }

// IsMap tells whether the type is a map.
func (t Type) IsMap() bool { return t.valid() && t&mapBit != 0 }

// Elem is the type of a list's elements or of a map's values, and the zero
// Type for a scalar.
func (t Type) Elem() Type {
	if t.IsList() || t.IsMap() {
		return t & scalarMask
	}
	return 0
}

// String gives the type as ParseType reads it.
func (t Type) String() string {
	switch {
	case t.scalar():
		return scalarNames[t]
	case t.IsList():
		return "list(" + t.Elem().String() + ")"
	case t.IsMap():
		return "map(string, " + t.Elem().String() + ")"
	default:
		return "invalid"
	}
}

func (t Type) scalar() bool { return t >= String && t <= Duration }

// valid is true for scalars and for one of the two container bits over a scalar.
func (t Type) valid() bool {
	container := t &^ scalarMask
	return (t & scalarMask).scalar() && (container == 0 || container == listBit || container == mapBit)
}
