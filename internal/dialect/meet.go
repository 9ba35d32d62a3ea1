package dialect

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// Databases differ in what they make of values of several types that meet in
// one place. Here each operand is brought into the one meaning, or refused,
// before it is printed. A dialect with Mixes set has that meaning by itself, but
// for what it makes of text beside a number or a date.

// class is a group of types whose values can be compared on every database.
type class uint8

const (
	unknownClass class = iota // NULL, a placeholder, a field without a datatype
	truthClass
	numberClass
	textClass
	momentClass // a date, with or without a time
	clockClass  // a time of day
)

func classOf(e ast.Expr) class {
	switch function.TypeOf(e) {
	case ast.Boolean:
		return truthClass
	case ast.Integer, ast.Decimal, ast.Float:
		return numberClass
	case ast.String:
		return textClass
	case ast.Date, ast.DateTime, ast.DateTimeTz:
		return momentClass
	case ast.Time:
		return clockClass
	default:
		return unknownClass
	}
}

// classNames are for messages.
var classNames = map[class]string{
	truthClass: "a truth value", numberClass: "a number", textClass: "a string", momentClass: "a date", clockClass: "a time of day",
}

// truth prepares a condition: a number is true unless it is 0.
func (p *printer) truth(e ast.Expr) ast.Expr {
	if p.d.Mixes {
		return e
	}
	switch classOf(e) {
	case numberClass:
		if p.d.TruthNumber == "" {
			return e
		}
		return &ast.Compare{Op: ast.Ne, Left: e, Right: &ast.Literal{Kind: ast.IntLiteral, Text: "0"}}
	case textClass, momentClass, clockClass:
		p.unsupported(ast.PosOf(e), classNames[classOf(e)]+" as a condition").WithHint("compare it with a value")
	}
	return e
}

// number prepares an operand of arithmetic.
func (p *printer) number(e ast.Expr) ast.Expr {
	switch classOf(e) {
	case truthClass:
		if p.d.TruthNumber != "" {
			return &ast.Cast{X: e, Type: ast.CastInteger, Precision: -1, Scale: -1}
		}
	case textClass:
		if n, ok := numeral(e); ok {
			return n
		}
		if !p.d.TextNumbers {
			p.unsupported(ast.PosOf(e), "a string in place of a number").WithHint("CAST it to a number")
		}
	case momentClass, clockClass:
		if p.d.Mixes {
			return e
		}
		p.unsupported(ast.PosOf(e), "arithmetic on a date or time").WithHint("use INTERVAL, DATEDIFF or TIMESTAMPDIFF")
	}
	return e
}

// textual prepares an operand that is read as text. Only what every database
// writes in one way has a text.
func (p *printer) textual(e ast.Expr) ast.Expr {
	if p.d.Mixes {
		return e
	}
	switch t := function.TypeOf(e); t {
	case ast.Boolean:
		return p.number(e)
	case ast.Float, ast.DateTimeTz:
		p.unsupported(ast.PosOf(e), "a "+string(t)+" as text").WithHint("format it where it is shown")
	case ast.DateTime, ast.Time:
		if !p.d.TimeText {
			p.unsupported(ast.PosOf(e), "a "+string(t)+" as text").WithHint("use DATE_FORMAT")
		}
	case ast.Decimal:
		if !p.d.Decimals || !fixed(e) {
			p.unsupported(ast.PosOf(e), "a Decimal as text").WithHint("CAST it to SIGNED or to DECIMAL(p, s) first, or format it where it is shown")
		}
	}
	return e
}

// fixed tells whether a decimal has the same number of decimals everywhere.
func fixed(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Column, *ast.Literal, *ast.Cast, *ast.Slot:
		return true
	default:
		return false
	}
}

// moment prepares an operand that is read as a date or time.
func (p *printer) moment(e ast.Expr) ast.Expr {
	switch classOf(e) {
	case truthClass, numberClass:
		p.unsupported(ast.PosOf(e), "a number as a date").WithHint("write DATE '2024-01-31'")
	case textClass:
		if s, ok := stringValue(e); ok {
			if l, ok := momentLiteral(e, s); ok {
				return local(l)
			}
			if _, ok := clockLiteral(e, s); !ok {
				p.unsupported(ast.PosOf(e), "this string as a date").WithHint("write DATE '2024-01-31'")
			}
		}
	}
	return e
}

// whole prepares a count or position.
func (p *printer) whole(e ast.Expr) ast.Expr {
	if p.d.Mixes {
		return e
	}
	switch function.TypeOf(e) {
	case ast.Decimal, ast.Float:
		p.unsupported(ast.PosOf(e), "a number with decimals as a count").WithHint("ROUND it or CAST it to SIGNED")
	}
	return p.number(e)
}

// alike prepares values that are compared with each other. Constants in quotes
// become what they are compared with.
func (p *printer) alike(x ...ast.Expr) []ast.Expr {
	if rows, ok := transposed(x); ok {
		return byColumn(x, rows, func(column []ast.Expr) []ast.Expr { return p.alike(column...) })
	}
	var seen [clockClass + 1]bool
	for _, e := range x {
		if _, quoted := stringValue(e); !quoted {
			seen[classOf(e)] = true
		}
	}
	if p.d.DateText && seen[textClass] && seen[momentClass] {
		seen[textClass] = false
	}
	switch {
	case seen[textClass] && (seen[truthClass] || seen[numberClass] || seen[momentClass] || seen[clockClass]),
		seen[momentClass] && (seen[truthClass] || seen[numberClass] || seen[clockClass]),
		seen[clockClass] && (seen[truthClass] || seen[numberClass]):
		p.unsupported(ast.PosOf(&ast.Tuple{X: x}), "a comparison of "+p.mixture(seen)).WithHint("CAST one of them")
	case seen[numberClass]:
		return p.each(x, p.amount)
	case seen[truthClass]:
		return p.each(x, p.flag)
	case seen[momentClass]:
		return p.dated(p.inZone(p.each(x, p.point)))
	case seen[clockClass]:
		return p.each(x, p.clock)
	}
	return x
}

// pair is alike for two values. Those of one type meet as they are.
func (p *printer) pair(a, b ast.Expr) (ast.Expr, ast.Expr) {
	if t := function.TypeOf(a); t != ast.Unknown && t == function.TypeOf(b) {
		return a, b
	}
	x := p.alike(a, b)
	return x[0], x[1]
}

// mixture names the classes that meet.
func (p *printer) mixture(seen [clockClass + 1]bool) string {
	var names []string
	for c := truthClass; c <= clockClass; c++ {
		if seen[c] {
			names = append(names, classNames[c])
		}
	}
	return strings.Join(names, " with ")
}

func (p *printer) each(x []ast.Expr, f func(ast.Expr) ast.Expr) []ast.Expr {
	out := make([]ast.Expr, len(x))
	for i, e := range x {
		out[i] = e
		if e != nil {
			out[i] = f(e)
		}
	}
	return out
}

// amount prepares what meets a number.
func (p *printer) amount(e ast.Expr) ast.Expr {
	if classOf(e) != textClass {
		return p.number(e)
	}
	n, ok := numeral(e)
	if !ok {
		p.unsupported(ast.PosOf(e), "a comparison of a number with this string").WithHint("compare it with a number")
	}
	return n
}

// point prepares what meets a date.
func (p *printer) point(e ast.Expr) ast.Expr {
	if s, ok := stringValue(e); ok {
		if l, ok := momentLiteral(e, s); ok {
			return l
		}
	}
	e = p.moment(e)
	if p.d.DateText && classOf(e) == textClass {
		return &ast.Cast{Pos: ast.PosOf(e), X: e, Type: ast.CastDateTime, Precision: -1, Scale: -1}
	}
	return e
}

// flag prepares what meets a truth value.
func (p *printer) flag(e ast.Expr) ast.Expr {
	if classOf(e) == textClass {
		p.unsupported(ast.PosOf(e), "a comparison of a truth value with a string").WithHint("compare it with TRUE or FALSE")
	}
	return e
}

// clock prepares what meets a time of day.
func (p *printer) clock(e ast.Expr) ast.Expr {
	s, ok := stringValue(e)
	if !ok {
		return e
	}
	l, ok := clockLiteral(e, s)
	if !ok {
		p.unsupported(ast.PosOf(e), "a comparison of a time of day with this string").WithHint("write TIME '23:59:59'")
		return e
	}
	return l
}

// transposed gives row values by position instead of by row, if all values are
// rows of one length.
func transposed(x []ast.Expr) (columns [][]ast.Expr, ok bool) {
	for _, e := range x {
		t, isTuple := e.(*ast.Tuple)
		if !isTuple || columns != nil && len(t.X) != len(columns) {
			return nil, false
		}
		if columns == nil {
			columns = make([][]ast.Expr, len(t.X))
		}
		for i, v := range t.X {
			columns[i] = append(columns[i], v)
		}
	}
	return columns, columns != nil
}

// byColumn makes row values of what a function makes of each of their columns.
func byColumn(rows []ast.Expr, columns [][]ast.Expr, f func(column []ast.Expr) []ast.Expr) []ast.Expr {
	out := make([]ast.Expr, len(rows))
	for i := range rows {
		out[i] = &ast.Tuple{Pos: rows[i].(*ast.Tuple).Pos, X: make([]ast.Expr, len(columns))}
	}
	for c, column := range columns {
		for i, v := range f(column) {
			out[i].(*ast.Tuple).X[c] = v
		}
	}
	return out
}

// shared prepares values of which one is the result. Where strings are among
// them, all become text.
func (p *printer) shared(x ...ast.Expr) []ast.Expr {
	if p.d.Mixes {
		return x
	}
	texts, others, moments := false, false, true
	for _, e := range x {
		switch c := classOf(e); c {
		case textClass:
			texts = true
			s, quoted := stringValue(e)
			moments = moments && quoted && spellsMoment(s)
		case unknownClass:
		default:
			others = true
			moments = moments && c == momentClass
		}
	}
	if !texts || !others || moments {
		return p.alike(x...)
	}
	return p.each(x, func(e ast.Expr) ast.Expr {
		switch classOf(e) {
		case textClass, unknownClass:
			return e
		default:
			return &ast.Cast{Pos: ast.PosOf(e), X: e, Type: ast.CastChar, Precision: -1, Scale: -1}
		}
	})
}

// member prepares the left side of IN, ANY or ALL over a query.
func (p *printer) member(x ast.Expr, q *ast.Query) ast.Expr {
	if _, row := x.(*ast.Tuple); row {
		return x
	}
	column := &ast.Subquery{Query: q}
	met := p.alike(x, column)
	if met[1] == ast.Expr(column) {
		return met[0]
	}
	if classOf(column) != truthClass && p.d.DateText { // midnight is as good as no time
		midnight := &ast.Literal{Kind: ast.StringLiteral, Text: " 00:00:00"}
		return &ast.Call{Func: "replace", Args: []ast.Expr{x, midnight, &ast.Literal{Kind: ast.StringLiteral}}}
	}
	p.unsupported(ast.PosOf(x), "a comparison of "+classNames[classOf(x)]+" with "+classNames[classOf(column)]).
		WithHint("CAST the subquery's column")
	return met[0]
}

var (
	numeralShape = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	dateShape    = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	momentShape  = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d{1,6})?(Z|[+-]\d\d(:?\d\d)?)?$`)
	clockShape   = regexp.MustCompile(`^\d\d:\d\d:\d\d(\.\d{1,6})?$`)
)

// numeral gives the number that a string constant spells.
func numeral(e ast.Expr) (ast.Expr, bool) {
	s, ok := stringValue(e)
	if !ok || !numeralShape.MatchString(s) {
		return e, false
	}
	digits, negative := strings.CutPrefix(s, "-")
	l := &ast.Literal{Pos: ast.PosOf(e), Kind: ast.IntLiteral, Text: digits}
	if strings.Contains(digits, ".") {
		l.Kind = ast.DecimalLiteral
	}
	if negative {
		return &ast.Neg{X: l}, true
	}
	return l, true
}

// spellsMoment reports whether a string spells a date or a point in time.
func spellsMoment(s string) bool {
	_, ok := momentLiteral(nil, s)
	return ok
}

// momentLiteral gives the date or time that a string spells. One with Z or an
// offset from UTC is in UTC, and keeps the Z for what meets it to be an instant.
func momentLiteral(e ast.Expr, s string) (ast.Expr, bool) {
	l := &ast.Literal{Kind: ast.DateLiteral, Text: s}
	if e != nil {
		l.Pos = ast.PosOf(e)
	}
	if dateShape.MatchString(s) {
		_, err := time.Parse(time.DateOnly, s)
		return l, err == nil
	}
	m := momentShape.FindStringSubmatch(s)
	if m == nil || m[3] == "" && m[4] != "" {
		return e, false
	}
	day, minute, second, fraction, zone := m[1], m[2], cmp.Or(m[3], ":00"), strings.TrimRight(strings.TrimRight(m[4], "0"), "."), m[5]
	l.Kind, l.Text = ast.TimestampLiteral, day+" "+minute+second+fraction
	if zone == "" {
		_, err := time.Parse(time.DateTime, l.Text)
		return l, err == nil
	}
	layout := time.DateTime + map[int]string{1: "Z07", 3: "Z07", 5: "Z0700", 6: "Z07:00"}[len(zone)]
	at, err := time.Parse(layout, day+" "+minute+second+zone)
	at = at.UTC()
	l.Text = at.Format(time.DateTime) + fraction + "Z"
	return l, err == nil && 0 <= at.Year() && at.Year() <= 9999
}

func clockLiteral(e ast.Expr, s string) (ast.Expr, bool) {
	_, err := time.Parse(time.TimeOnly, s)
	return &ast.Literal{Pos: ast.PosOf(e), Kind: ast.TimeLiteral, Text: s}, err == nil && clockShape.MatchString(s)
}

// inZone makes instants local unless they meet a value of a type that has a zone.
func (p *printer) inZone(x []ast.Expr) []ast.Expr {
	for _, e := range x {
		if function.TypeOf(e) == ast.DateTimeTz {
			return x
		}
	}
	return p.each(x, local)
}

// local takes the Z from an instant: it stands for the point in time in UTC.
func local(e ast.Expr) ast.Expr {
	l, ok := e.(*ast.Literal)
	if !ok || l.Kind != ast.TimestampLiteral || !strings.HasSuffix(l.Text, "Z") {
		return e
	}
	return &ast.Literal{Pos: l.Pos, Kind: l.Kind, Text: strings.TrimSuffix(l.Text, "Z")}
}

// dated writes a date that meets a point in time with its midnight, where dates
// are text.
func (p *printer) dated(x []ast.Expr) []ast.Expr {
	if p.d.TypedDates {
		return x
	}
	times := false
	for _, e := range x {
		times = times || function.TypeOf(e) == ast.DateTime
	}
	if !times {
		return x
	}
	return p.each(x, atMidnight)
}

func atMidnight(e ast.Expr) ast.Expr {
	l, ok := e.(*ast.Literal)
	switch {
	case ok && l.Kind == ast.DateLiteral:
		return &ast.Literal{Pos: l.Pos, Kind: ast.TimestampLiteral, Text: l.Text + " 00:00:00"}
	case function.TypeOf(e) == ast.Date:
		return &ast.Cast{X: e, Type: ast.CastDateTime, Precision: -1, Scale: -1}
	default:
		return e
	}
}
