package dialect

import (
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// units is the closed list of units of time, each as a number of a base unit
// that every database has.
var units = map[ast.Unit]struct {
	count int
	base  string
}{
	ast.Microsecond: {1, "microsecond"},
	ast.Second:      {1, "second"},
	ast.Minute:      {1, "minute"},
	ast.Hour:        {1, "hour"},
	ast.Day:         {1, "day"},
	ast.Week:        {7, "day"},
	ast.Month:       {1, "month"},
	ast.Quarter:     {3, "month"},
	ast.Year:        {1, "year"},
}

// dateAddForm writes X + INTERVAL Amount Unit.
type dateAddForm func(p *printer, n *ast.DateAdd)

func (p *printer) dateAdd(n *ast.DateAdd) {
	if _, ok := units[n.Unit]; !ok {
		p.fail(fault.Internal, n.Pos, "unknown unit of time")
		return
	}
	p.d.DateAdd(p, &ast.DateAdd{Pos: n.Pos, X: p.moment(n.X), Amount: p.number(n.Amount), Unit: n.Unit, Sub: n.Sub})
}

// dateTrunc truncates to a unit: a date stays a date, all else becomes a point
// in time. The template gives the value in either type; $2 is the operand.
func dateTrunc(template string) form {
	return func(p *printer, c *ast.Call) {
		to := ast.CastDateTime
		if function.TypeOf(c.Args[1]) == ast.Date {
			to = ast.CastDate
		}
		p.render(c.Pos, strings.Replace(p.d.Casts[to].Plain, "$1", template, 1), c.Args...)
	}
}

// dateFormat spells a constant format out, piece by piece.
func dateFormat(p *printer, c *ast.Call) {
	format, ok := stringValue(c.Args[1])
	if !ok {
		p.unsupported(c.Pos, "DATE_FORMAT with a format that is not constant")
		return
	}
	var pieces []func()
	var plain strings.Builder
	flush := func() {
		if s := plain.String(); s != "" {
			pieces = append(pieces, func() { p.write(p.d.String(s)) })
			plain.Reset()
		}
	}
	specifiers := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			plain.WriteByte(format[i])
			continue
		}
		i++
		if i < len(format) && format[i] == '%' {
			plain.WriteByte('%')
			continue
		}
		var template string
		if i < len(format) {
			template = p.d.DateFormat[format[i]]
		}
		if template == "" {
			p.unsupported(c.Pos, "a specifier in this DATE_FORMAT").
				WithHint("use %%Y, %%m, %%d, %%H, %%i, %%s and the like")
			return
		}
		flush()
		specifiers++
		pieces = append(pieces, func() { p.render(c.Pos, template, c.Args[0]) })
	}
	flush()
	if specifiers == 0 {
		p.unsupported(c.Pos, "DATE_FORMAT without a specifier")
		return
	}
	p.write("(")
	for i, piece := range pieces {
		if i > 0 {
			p.write(" || ")
		}
		piece()
	}
	p.write(")")
}
