package policytest

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// scalar reads a value as YAML has it: nil, a string, an int64, a float64 or a bool.
func scalar(n *yaml.Node) (any, error) {
	if n.Kind != yaml.ScalarNode {
		return nil, errors.New("must be a single value")
	}
	var v any
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!str", "!!timestamp":
		return n.Value, nil
	case "!!int":
		var i int64
		if err := n.Decode(&i); err != nil {
			return nil, errors.New("is out of range for an integer")
		}
		return i, nil
	case "!!bool", "!!float":
		if err := n.Decode(&v); err != nil {
			return nil, errors.New("can't be read")
		}
		if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			return nil, errors.New("must be a finite number")
		}
		return v, nil
	default:
		return nil, errors.New("can't be read")
	}
}

// physical reads a fixture's value for a column of a datatype, as SQLite keeps it.
func physical(n *yaml.Node, t semantic.Datatype) (any, error) {
	v, err := scalar(n)
	if err != nil || v == nil {
		return nil, err
	}
	fits := true
	switch t {
	case semantic.String:
		_, fits = v.(string)
	case semantic.Integer:
		_, fits = v.(int64)
	case semantic.Decimal, semantic.Float:
		v, fits = number(v)
	case semantic.Boolean:
		_, fits = v.(bool)
	case semantic.Date, semantic.DateTime, semantic.DateTimeTz:
		v, fits = instant(v, t)
	case semantic.Time:
		text, ok := v.(string)
		_, err := time.Parse(time.TimeOnly, text)
		fits = ok && err == nil
	}
	if !fits {
		return nil, fmt.Errorf("must be of datatype %s%s", t, layoutHint(t))
	}
	if b, ok := v.(bool); ok {
		return map[bool]int64{true: 1}[b], nil
	}
	return v, nil
}

func layoutHint(t semantic.Datatype) string {
	switch t {
	case semantic.Date:
		return ", as 2006-01-02"
	case semantic.Time:
		return ", as 15:04:05"
	case semantic.DateTime:
		return ", as 2006-01-02 15:04:05"
	case semantic.DateTimeTz:
		return ", as 2006-01-02T15:04:05Z"
	case semantic.String:
		return ": write it in quotes"
	default:
		return ""
	}
}

func number(v any) (any, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	default:
		return nil, false
	}
}

// The layouts of times as Hedgerow has them on SQLite, all in UTC.
const (
	dayLayout     = time.DateOnly
	instantLayout = "2006-01-02 15:04:05.999999"
)

// instant brings a time into the form that SQLite keeps.
func instant(v any, t semantic.Datatype) (any, bool) {
	text, ok := v.(string)
	if !ok {
		return nil, false
	}
	at, ok := parseTime(text)
	switch {
	case !ok || at.Nanosecond()%1000 != 0: // microseconds are kept
		return nil, false
	case t == semantic.Date && len(text) != len(dayLayout):
		return nil, false
	case t == semantic.Date:
		return at.Format(dayLayout), true
	default:
		return at.Format(instantLayout), true
	}
}

func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{dayLayout, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", time.RFC3339Nano} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// logical converts what SQLite returned to the value of a field, as
// policy.Set.Visible takes it.
func logical(v any, t semantic.Datatype) (any, error) {
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	if v == nil {
		return nil, nil
	}
	fits := true
	switch t {
	case semantic.String:
		_, fits = v.(string)
	case semantic.Integer:
		_, fits = v.(int64)
	case semantic.Decimal, semantic.Float:
		v, fits = number(v)
	case semantic.Boolean:
		var i int64
		i, fits = v.(int64)
		v = i != 0
	case semantic.Date, semantic.DateTime, semantic.DateTimeTz:
		text, _ := v.(string)
		v, fits = parseTime(text)
	}
	if !fits {
		return nil, fmt.Errorf("the database gives a value that is no %s", t)
	}
	return v, nil
}

// property reads a session's value. What doesn't fit the type is left for the
// schema to refuse.
func property(n *yaml.Node, t session.Type) (any, error) {
	switch {
	case t.IsList() && n.Kind == yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			v, err := property(item, t.Elem())
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case t.IsMap() && n.Kind == yaml.MappingNode:
		values := map[string]any{}
		for key, item := range diag.Pairs(n) {
			v, err := property(item, t.Elem())
			if err != nil {
				return nil, err
			}
			values[key.Value] = v
		}
		return values, nil
	case n.Kind != yaml.ScalarNode:
		return nil, fmt.Errorf("must be of type %s", t)
	case t == session.Timestamp:
		if at, err := time.Parse(time.RFC3339Nano, n.Value); err == nil {
			return at, nil
		}
	case t == session.Duration:
		if d, err := time.ParseDuration(n.Value); err == nil {
			return d, nil
		}
	}
	return scalar(n)
}

// show writes a value so that different values have different texts: a string
// that could be taken for something else is in quotes.
func show(v any, t semantic.Datatype) string {
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	switch v := v.(type) {
	case nil:
		return "NULL"
	case bool:
		return strconv.FormatBool(v)
	case int64:
		if t == semantic.Boolean && (v == 0 || v == 1) {
			return strconv.FormatBool(v == 1)
		}
		return strconv.FormatInt(v, 10)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatFloat(v, 'g', 12, 64)
	case time.Time:
		return showTime(v, t)
	case string:
		return showString(v, t)
	default:
		return fmt.Sprintf("%T %v", v, v)
	}
}

func showTime(at time.Time, t semantic.Datatype) string {
	if t == semantic.Date {
		return at.Format(dayLayout)
	}
	return at.Format(instantLayout)
}

func showString(s string, t semantic.Datatype) string {
	switch t {
	case semantic.Date, semantic.DateTime, semantic.DateTimeTz:
		if at, ok := parseTime(s); ok {
			return showTime(at, t)
		}
	}
	_, err := strconv.ParseFloat(s, 64)
	plain := err != nil && s != "" && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, func(r rune) bool {
		return r == '"' || !strconv.IsPrint(r)
	})
	switch s {
	case "NULL", "true", "false":
		plain = false
	}
	if plain {
		return s
	}
	return strconv.Quote(s)
}
