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
// arguments must be of those types. Where one is rounded to what a column can
// hold, it must be such a value.
type Expected map[int][]expectation

// expectation is a type; exactly says that all values must be of it, and not
// only comparable with it.
type expectation struct {
	typ     ast.Type
	exactly bool
}

// Expected returns what a query expects of its placeholders; nil where the database
// takes all (see Dialect.Converts and Dialect.RoundsKeys).
func (d *Dialect) Expected(q *ast.Query) Expected {
	if !d.Converts && !d.RoundsKeys {
		return nil
	}
	out := Expected{}
	switch {
	case d.Converts:
		ast.WalkQuery(q, func(e ast.Expr) bool {
			if met, _ := met(e); comparesParams(e, met) {
				out.add(met, false)
			}
			return true
		})
	case d.RoundsKeys:
		ast.WalkQuery(q, func(e ast.Expr) bool {
			out.lookups(e)
			return true
		})
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// lookups adds what may be looked up in an index of whole numbers or dates.
func (x Expected) lookups(e ast.Expr) {
	var met []ast.Expr
	switch n := e.(type) {
	case *ast.Compare:
		if n.Op == ast.Eq || n.Op == ast.Ne || n.Op == ast.NullSafeEq {
			met = []ast.Expr{n.Left, n.Right}
		}
	case *ast.InList:
		met = append([]ast.Expr{n.X}, n.List...)
	}
	columns, rows := transposed(met)
	if !rows {
		columns = [][]ast.Expr{met}
	}
	for _, values := range columns {
		x.add(slices.DeleteFunc(slices.Clone(values), func(v ast.Expr) bool {
			c, column := v.(*ast.Column)
			_, param := v.(*ast.Param)
			return !param && !(column && (c.Type == ast.Integer || c.Type == ast.Date))
		}), true)
	}
}

// add expects of the placeholders among values that meet the types of the others.
func (x Expected) add(met []ast.Expr, exactly bool) {
	var types []expectation
	for _, v := range met {
		if _, param := v.(*ast.Param); param || v == nil || isNullLiteral(v) {
			continue
		}
		if t := (expectation{function.TypeOf(v), exactly}); !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	for _, v := range met {
		if p, ok := v.(*ast.Param); ok && len(types) > 0 {
			for _, t := range types {
				if !slices.Contains(x[p.Index], t) {
					x[p.Index] = append(x[p.Index], t)
				}
			}
		}
	}
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
				return nil, fault.New(fault.Unsupported, 0, "the value of placeholder %d is a %T that can't be compared with values of type %s", i+1, args[i], t.typ).
					WithHint("give a value of that type")
			}
			args[i] = v
		}
	}
	return args, nil
}

// ofType returns an argument as a value of a type, if it certainly is one.
func ofType(arg any, want expectation) (any, bool) {
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
	if b, ok := v.Interface().([]byte); ok && want.exactly {
		v = reflect.ValueOf(string(b))
	}
	switch want.typ {
	case ast.Integer:
		if want.exactly {
			return wholeNumberOf(v)
		}
		return numberOf(v)
	case ast.Decimal, ast.Float: // a whole number may not fit a decimal
		return doubleOf(v)
	case ast.Boolean:
		return v.Interface(), v.Kind() == reflect.Bool
	case ast.Date:
		moment, ok := momentOf(v)
		midnight := time.Date(moment.Year(), moment.Month(), moment.Day(), 0, 0, 0, 0, moment.Location())
		return moment.Format(time.DateOnly), ok && moment.Equal(midnight)
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

// wholeNumberOf reads a whole number of 64 bits.
func wholeNumberOf(v reflect.Value) (any, bool) {
	switch {
	case v.CanInt(), v.CanUint():
		return v.Interface(), true
	case v.Kind() == reflect.Bool:
		return v.Interface(), true
	case v.CanFloat():
		return int64(v.Float()), math.Abs(v.Float()) < mostExact && v.Float() == math.Trunc(v.Float())
	case v.Kind() == reflect.String:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		return n, err == nil
	default:
		return nil, false
	}
}

// mostExact bounds the whole numbers that a double holds exactly.
const mostExact = 1 << 53

func doubleOf(v reflect.Value) (any, bool) {
	x, ok := numberOf(v)
	if n, whole := x.(int64); whole {
		return float64(n), ok && -mostExact <= n && n <= mostExact
	}
	return x, ok
}

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
