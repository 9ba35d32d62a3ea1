package transfer

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/semantic"
)

// errForm: a value isn't of its field's datatype. It never says which value.
var errForm = errors.New("holds a value that isn't one")

// The canonical forms of times, and how they are bound: without zeros at the
// end, as Hedgerow has them on SQLite.
const (
	canonicalTime     = "15:04:05.000000"
	canonicalDateTime = "2006-01-02 15:04:05.000000"
	boundTime         = "15:04:05.999999"
	boundDateTime     = "2006-01-02 15:04:05.999999"
)

// canonical writes what a driver gave for a value of a datatype so that equal
// values have equal texts, whatever the database and the driver; nil is NULL.
func canonical(v any, t semantic.Datatype, k *kind) (*string, error) {
	if v == nil {
		return nil, nil
	}
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	var text string
	var err error
	switch t {
	case semantic.String:
		s, ok := v.(string)
		if text = s; !ok {
			err = errForm
		}
	case semantic.Integer:
		text, err = integer(v)
	case semantic.Decimal:
		text, err = decimal(v)
	case semantic.Float:
		text, err = float(v)
	case semantic.Boolean:
		text, err = boolean(v)
	case semantic.Date, semantic.Time, semantic.DateTime, semantic.DateTimeTz:
		text, err = temporal(v, t, k)
	case semantic.Opaque, semantic.Unknown:
		text, err = opaque(v)
	default:
		err = errForm
	}
	if err != nil {
		return nil, err
	}
	return &text, nil
}

// bound is the argument that writes a canonical value to a target. raw is what
// the driver of the source gave.
func bound(text *string, raw any, t semantic.Datatype, k *kind) (any, error) {
	if text == nil {
		return nil, nil
	}
	switch t {
	case semantic.Integer:
		return strconv.ParseInt(*text, 10, 64)
	case semantic.Decimal:
		if k.realDecimals {
			return realDecimal(*text)
		}
		return *text, nil
	case semantic.Float:
		f, err := strconv.ParseFloat(*text, 64)
		if err == nil && !k.nonFinite && (math.IsNaN(f) || math.IsInf(f, 0)) {
			return nil, errors.New("holds a number that isn't finite, which the target doesn't have")
		}
		return f, err
	case semantic.Boolean:
		return *text == "1", nil
	case semantic.Time:
		return rewrite(*text, canonicalTime, boundTime)
	case semantic.DateTime:
		return rewrite(*text, canonicalDateTime, boundDateTime)
	case semantic.DateTimeTz:
		s, err := rewrite(*text, canonicalDateTime, boundDateTime)
		return s + k.offset, err
	case semantic.String, semantic.Date:
		return *text, nil
	case semantic.Opaque, semantic.Unknown:
		return raw, nil
	default:
		return nil, errForm
	}
}

func rewrite(text, from, to string) (string, error) {
	at, err := time.Parse(from, text)
	return at.Format(to), err
}

func integer(v any) (string, error) {
	text, err := decimal(v)
	if err != nil {
		return "", err
	}
	if _, err := strconv.ParseInt(text, 10, 64); err != nil {
		return "", errors.New("holds a number that isn't whole, or has more than 64 bits")
	}
	return text, nil
}

// decimal normalises: no sign of zero, no zeros that mean nothing.
func decimal(v any) (string, error) {
	text, err := numeral(v)
	if err != nil {
		return "", err
	}
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return "", errForm
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if negative && whole != "0" {
		whole = "-" + whole
	}
	return whole, nil
}

// numeral writes a number without an exponent. A float64 is the decimal that
// SQLite keeps in it: the shortest that is nearest to it.
func numeral(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case bool:
		return strconv.Itoa(map[bool]int{true: 1}[v]), nil
	default:
		return "", errForm
	}
}

// realDecimal is a decimal as SQLite has it: an integer of 64 bits, or a REAL
// from which the same decimal comes back.
func realDecimal(text string) (any, error) {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err == nil {
		if back, _ := decimal(f); back == text {
			return f, nil
		}
	}
	return nil, errors.New("holds a decimal of more digits than a number of the target")
}

func float(v any) (string, error) {
	var f float64
	switch v := v.(type) {
	case float64:
		f = v
	case float32:
		f = float64(v)
	case int64:
		f = float64(v)
	case string:
		var err error
		if f, err = strconv.ParseFloat(v, 64); err != nil {
			return "", errForm
		}
	default:
		return "", errForm
	}
	if f == 0 {
		f = 0 // not every database has a negative zero
	}
	return strconv.FormatFloat(f, 'g', -1, 64), nil
}

func boolean(v any) (string, error) {
	switch fmt.Sprint(v) {
	case "0", "false", "f", "\x00":
		return "0", nil
	case "1", "true", "t", "\x01":
		return "1", nil
	default:
		return "", errForm
	}
}

func opaque(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), nil
	case int64, uint64, float64, float32, bool:
		return fmt.Sprint(v), nil
	default:
		return "", errForm
	}
}

// temporal writes a date, a time of day, a date and time without a zone, or an
// instant in UTC.
func temporal(v any, t semantic.Datatype, k *kind) (string, error) {
	at, err := moment(v, t, k)
	switch {
	case err != nil:
		return "", err
	case at.Nanosecond()%1000 != 0:
		return "", errors.New("holds a time with more than microseconds")
	case t == semantic.Time:
		return at.Format(canonicalTime), nil
	case at.Year() < 1 || at.Year() > 9999:
		return "", errors.New("holds a date outside the years 1 to 9999")
	case t == semantic.Date && !at.Equal(at.Truncate(24*time.Hour)):
		return "", errForm
	case t == semantic.Date:
		return at.Format(time.DateOnly), nil
	default:
		return at.Format(canonicalDateTime), nil
	}
}

// layouts are the texts of times that databases and drivers give.
var layouts = map[semantic.Datatype][]string{
	semantic.Date:     {time.DateOnly, "2006-01-02 15:04:05"},
	semantic.Time:     {time.TimeOnly, "15:04"},
	semantic.DateTime: {time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly},
	semantic.DateTimeTz: {time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly,
		"2006-01-02 15:04:05Z07:00", time.RFC3339, "2006-01-02 15:04:05Z07"},
}

// moment reads a time; its digits are the canonical ones.
func moment(v any, t semantic.Datatype, k *kind) (time.Time, error) {
	switch v := v.(type) {
	case string:
		for _, layout := range layouts[t] {
			if at, err := time.Parse(layout, v); err == nil {
				return at.UTC(), nil
			}
		}
	case time.Time:
		_, offset := v.Zone()
		switch {
		case t == semantic.DateTimeTz && k.instants:
			return v.UTC(), nil
		case offset != 0:
			return v, errors.New("comes from the driver in a time zone; open the database in UTC")
		case k.zeroDates && v.IsZero():
			return v, errors.New("holds a date that may be 0000-00-00; open the database with parseTime=false")
		}
		return v.UTC(), nil
	}
	return time.Time{}, errForm
}
