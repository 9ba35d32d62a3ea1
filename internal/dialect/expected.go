package dialect

import (
	"database/sql/driver"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// Expected holds the types of what the caller's placeholders are compared with, by
// their indexes. Where a database converts an argument when a row comes to be
// compared with it, the error of one that can't be converted tells of that row. So
// arguments must be of those types.
type Expected map[int][]ast.Type

// Expected returns what a query expects of its placeholders; nil where the database
// converts nothing at run time (see Dialect.Converts).
func (d *Dialect) Expected(q *ast.Query) Expected {
	if !d.Converts {
		return nil
	}
	var out Expected
	ast.WalkQuery(q, func(e ast.Expr) bool {
		met, _ := met(e)
		if !comparesParams(e, met) {
			return true
		}
		for _, x := range met {
			p, ok := x.(*ast.Param)
			if !ok {
				continue
			}
			for _, other := range met {
				t := function.TypeOf(other)
				if _, param := other.(*ast.Param); param || isNullLiteral(other) || slices.Contains(out[p.Index], t) {
					continue
				}
				if out == nil {
					out = Expected{}
				}
				out[p.Index] = append(out[p.Index], t)
			}
		}
		return true
	})
	return out
}

// Arguments returns arguments as values of the expected types. The error is a
// *fault.Error, Unsupported.
func (x Expected) Arguments(args []any) ([]any, error) {
	if len(x) == 0 {
		return args, nil
	}
	args = slices.Clone(args)
	for i, all := range x {
		for _, t := range all {
			v, ok := ofType(args[i], t)
			if !ok {
				return nil, fault.New(fault.Unsupported, 0, "the value of placeholder %d is a %T and is compared with values of type %s", i+1, args[i], t).
					WithHint("give a value of that type")
			}
			args[i] = v
		}
	}
	return args, nil
}

// ofType returns an argument as a value of a type, if it certainly is one.
func ofType(arg any, t ast.Type) (any, bool) {
	if v, ok := arg.(driver.Valuer); ok {
		var err error
		if arg, err = value(v); err != nil {
			return nil, false
		}
	}
	v := reflect.ValueOf(arg)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if !v.IsValid() || v.Kind() == reflect.Pointer {
		return nil, true // NULL
	}
	switch t {
	case ast.Integer, ast.Decimal, ast.Float:
		return numberOf(v)
	case ast.Boolean:
		return v.Interface(), v.Kind() == reflect.Bool
	case ast.Date:
		moment, ok := momentOf(v)
		return moment.Format(time.DateOnly), ok && moment.Equal(moment.Truncate(24*time.Hour))
	case ast.Time:
		_, err := time.Parse(time.TimeOnly, v.String())
		return arg, v.Kind() == reflect.String && err == nil
	case ast.DateTime, ast.DateTimeTz:
		return momentOf(v)
	default:
		return nil, false
	}
}

// value asks a Valuer, which may be a nil pointer, as database/sql does.
func value(v driver.Valuer) (driver.Value, error) {
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && p.IsNil() {
		return nil, nil
	}
	return v.Value()
}

// shortNumeral is a number of at most 15 digits, as many as a double holds.
var shortNumeral = regexp.MustCompile(`^[-+]?[0-9]{1,15}([.][0-9]+)?$`)

func numberOf(v reflect.Value) (any, bool) {
	switch {
	case v.CanInt():
		return v.Int(), true
	case v.CanUint():
		return int64(v.Uint()), v.Uint() <= math.MaxInt64
	case v.CanFloat():
		return v.Float(), true
	case v.Kind() != reflect.String || !shortNumeral.MatchString(v.String()) || len(v.String()) > 17:
		return nil, false
	case !strings.Contains(v.String(), "."):
		n, err := strconv.ParseInt(v.String(), 10, 64)
		return n, err == nil
	default:
		n, err := strconv.ParseFloat(v.String(), 64)
		return n, err == nil
	}
}

// momentOf reads a point in time of the years that SQL knows.
func momentOf(v reflect.Value) (time.Time, bool) {
	moment, ok := v.Interface().(time.Time)
	if v.Kind() == reflect.String {
		for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02T15:04:05", time.RFC3339} {
			var err error
			if moment, err = time.Parse(layout, v.String()); err == nil {
				ok = true
				break
			}
		}
	}
	return moment, ok && moment.Year() >= 1 && moment.Year() <= 9999
}
