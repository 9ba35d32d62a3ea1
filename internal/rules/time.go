package rules

import (
	"regexp"
	"strconv"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// Instants are DATETIME or the like in UTC, durations whole numbers of
// microseconds: a day is 24 hours, whatever the calendar says. What CEL has as
// an error, because a year is not from 1 to 9999 or a duration is too long, is NULL.

const (
	microsPerSecond = 1_000_000
	microsPerMinute = 60 * microsPerSecond
	// maxDuration is the longest duration, 2^63 nanoseconds, in microseconds.
	maxDuration = 9_223_372_036_854_775
	// maxElapsed is the longest time between two instants: cel-go multiplies
	// whole seconds to nanoseconds before it adds the rest.
	maxElapsed = 9_223_372_036 * microsPerSecond
	// The first and the last second of CEL's timestamps, since 1970.
	firstSecond = -62_135_596_800
	lastSecond  = 253_402_300_799
)

// epoch is the instant that CEL counts seconds from.
func epoch() ast.Expr { return &ast.Literal{Kind: ast.TimestampLiteral, Text: "1970-01-01 00:00:00"} }

// timeArithmetic translates + and - of timestamps and durations.
func (t *translator) timeArithmetic(e celast.Expr, op string, args []celast.Expr) ast.Expr {
	if len(args) != 2 || op != operators.Add && op != operators.Subtract {
		return t.unsupported(e)
	}
	if op == operators.Add && t.typeOf(args[1]) == ast.DateTimeTz {
		args = []celast.Expr{args[1], args[0]}
	}
	a, b := t.typeOf(args[0]), t.typeOf(args[1])
	x, y := withType(t.value(args[0])), withType(t.value(args[1]))
	switch {
	case a == ast.DateTimeTz && b == duration && op == operators.Subtract:
		return call("cel.later", x, call("cel.neg", y))
	case a == ast.DateTimeTz && b == duration:
		return call("cel.later", x, y)
	case a == ast.DateTimeTz && b == ast.DateTimeTz && op == operators.Subtract:
		return within(call("cel.elapsed", x, y), maxElapsed)
	case a == duration && b == duration && op == operators.Subtract:
		return within(call("cel.sub", x, y), maxDuration)
	case a == duration && b == duration:
		return within(call("cel.add", x, y), maxDuration)
	default:
		return t.unsupported(e)
	}
}

// within is a duration, or NULL where it is too long to be one.
func within(x ast.Expr, limit int64) ast.Expr { return between(x, -limit, limit) }

func between(x ast.Expr, low, high int64) ast.Expr {
	return &ast.Case{Whens: []ast.When{{Cond: &ast.Between{X: x, Low: number(low), High: number(high)}, Then: x}}}
}

// epochSeconds is int() of a timestamp: the seconds since 1970, rounded down.
func epochSeconds(x ast.Expr) ast.Expr {
	return call("cel.add", call("cel.div", sinceYearOne(x), number(microsPerSecond)), number(firstSecond))
}

// sinceYearOne is an instant as a number of microseconds, which is never negative.
func sinceYearOne(x ast.Expr) ast.Expr {
	return call("cel.sub", call("cel.elapsed", x, epoch()), number(firstSecond*microsPerSecond))
}

// fromEpoch is timestamp() of seconds since 1970.
func fromEpoch(x ast.Expr) ast.Expr {
	return call("cel.later", epoch(), call("cel.mul", between(x, firstSecond, lastSecond), number(microsPerSecond)))
}

// accessors are those of timestamps that are a part of EXTRACT, with what CEL
// counts from zero.
var accessors = map[string]struct {
	unit ast.Unit
	less int64
}{
	"getFullYear": {ast.Year, 0}, "getMonth": {ast.Month, 1}, "getDate": {ast.Day, 0}, "getDayOfMonth": {ast.Day, 1},
	"getHours": {ast.Hour, 0}, "getMinutes": {ast.Minute, 0}, "getSeconds": {ast.Second, 0},
}

// dayAccessors are those that a function computes, counted from one.
var dayAccessors = map[string]string{"getDayOfWeek": "dayofweek", "getDayOfYear": "dayofyear"}

// accessor translates a part of a timestamp, in UTC or at a fixed offset from it.
func (t *translator) accessor(e celast.Expr, c celast.CallExpr) ast.Expr {
	x := withType(t.value(c.Target()))
	if len(c.Args()) == 0 {
		return t.part(e, c.FunctionName(), x, 0)
	}
	minutes, ok := offsetOf(c.Args()[0])
	if !ok {
		return t.refuse(e, "leave the time zone out for UTC, or write a fixed offset such as '+02:00'",
			"%s with a time zone can't be translated to SQL", c.FunctionName())
	}
	// At the offset it may be the year 0 or 10000. The calendar repeats itself
	// after 400 years, so the part is taken that far away from the nearer end.
	offset := minutes * microsPerMinute
	late := &ast.Compare{Op: ast.Ge, Left: x, Right: &ast.Literal{Kind: ast.TimestampLiteral, Text: "5000-01-01 00:00:00"}}
	return &ast.Case{Whens: []ast.When{
		{Cond: late, Then: t.part(e, c.FunctionName(), call("cel.later", x, number(offset-cycle)), cycleYears)},
		{Cond: &ast.Not{X: late}, Then: t.part(e, c.FunctionName(), call("cel.later", x, number(offset+cycle)), -cycleYears)},
	}}
}

const (
	cycleYears = 400
	cycle      = 146_097 * 24 * 60 * microsPerMinute
)

// part is a part of an instant that is so many years too early.
func (t *translator) part(e celast.Expr, fn string, x ast.Expr, early int64) ast.Expr {
	if fn == "getMilliseconds" {
		return call("cel.div", call("cel.mod", sinceYearOne(x), number(microsPerSecond)), number(1000))
	}
	if part, ok := accessors[fn]; ok {
		less := part.less
		if part.unit == ast.Year {
			less -= early
		}
		return minus(&ast.Extract{Unit: part.unit, X: call("cel.calendar", x)}, less)
	}
	if function, ok := dayAccessors[fn]; ok {
		return minus(call(function, call("cel.calendar", x)), 1)
	}
	return t.unsupported(e)
}

func minus(x ast.Expr, n int64) ast.Expr {
	if n == 0 {
		return x
	}
	return call("cel.sub", x, number(n))
}

var fixedOffset = regexp.MustCompile(`^([+-]?)([01][0-9]|2[0-3]):([0-5][0-9])$`)

// offsetOf reads a time zone that is a constant: UTC, or a fixed offset from it
// in minutes.
func offsetOf(e celast.Expr) (minutes int64, ok bool) {
	if e.Kind() != celast.LiteralKind {
		return 0, false
	}
	zone, _ := e.AsLiteral().Value().(string)
	if zone == "UTC" {
		return 0, true
	}
	m := fixedOffset.FindStringSubmatch(zone)
	if m == nil {
		return 0, false
	}
	h, errH := strconv.ParseInt(m[2], 10, 64)
	min, errM := strconv.ParseInt(m[3], 10, 64)
	minutes = h*60 + min
	if m[1] == "-" {
		minutes = -minutes
	}
	return minutes, errH == nil && errM == nil
}

// durationUnits are the accessors of durations, which count whole units.
var durationUnits = map[string]int64{
	"getHours": 60 * microsPerMinute, "getMinutes": microsPerMinute, "getSeconds": microsPerSecond, "getMilliseconds": 1000,
}

// wholeUnits translates an accessor of a duration: the whole duration in a
// unit, cut toward zero.
func (t *translator) wholeUnits(e celast.Expr, c celast.CallExpr) ast.Expr {
	unit, ok := durationUnits[c.FunctionName()]
	if !ok || len(c.Args()) > 0 {
		return t.unsupported(e)
	}
	return call("cel.div", t.value(c.Target()), number(unit))
}
