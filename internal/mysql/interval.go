package mysql

import (
	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// unit converts a simple unit of time; compound ones such as DAY_HOUR take
// strings that every database reads in its own way.
func (c *conv) unit(t sqlparser.IntervalType) ast.Unit {
	switch t {
	case sqlparser.IntervalMicrosecond:
		return ast.Microsecond
	case sqlparser.IntervalSecond:
		return ast.Second
	case sqlparser.IntervalMinute:
		return ast.Minute
	case sqlparser.IntervalHour:
		return ast.Hour
	case sqlparser.IntervalDay:
		return ast.Day
	case sqlparser.IntervalWeek:
		return ast.Week
	case sqlparser.IntervalMonth:
		return ast.Month
	case sqlparser.IntervalQuarter:
		return ast.Quarter
	case sqlparser.IntervalYear:
		return ast.Year
	}
	c.refuse("compound units of time are not supported", "add the parts one by one, as in d + INTERVAL 1 DAY + INTERVAL 2 HOUR")
	return ""
}

// dateAdd converts all forms of adding an interval to a date or subtracting it,
// with their operands in the order in which they were written.
func (c *conv) dateAdd(e *sqlparser.IntervalDateExpr) ast.Expr {
	out := &ast.DateAdd{}
	switch e.Syntax {
	case sqlparser.IntervalDateExprBinaryAdd, sqlparser.IntervalDateExprBinarySub:
		out.Sub = e.Syntax == sqlparser.IntervalDateExprBinarySub
		out.X = c.expr(e.Date)
		out.Pos = c.claim('+', '-')
		c.claim(sqlparser.INTERVAL)
		c.amount(out, e)
	case sqlparser.IntervalDateExprBinaryAddLeft:
		out.Pos = c.claim(sqlparser.INTERVAL)
		c.amount(out, e)
		out.X = c.expr(e.Date)
	case sqlparser.IntervalDateExprTimestampadd:
		out.Pos = c.claim(sqlparser.TIMESTAMPADD)
		c.cur += 2 // the parenthesis and the unit, which may be written SQL_TSI_DAY
		out.Unit = c.unit(e.Unit)
		out.Amount = c.expr(e.Interval)
		out.X = c.expr(e.Date)
	case sqlparser.IntervalDateExprDateAdd, sqlparser.IntervalDateExprAdddate, sqlparser.IntervalDateExprDateSub, sqlparser.IntervalDateExprSubdate:
		out.Sub = e.Syntax == sqlparser.IntervalDateExprDateSub || e.Syntax == sqlparser.IntervalDateExprSubdate
		out.Pos = c.claim(sqlparser.DATE_ADD, sqlparser.ADDDATE, sqlparser.DATE_SUB, sqlparser.SUBDATE)
		out.X = c.expr(e.Date)
		if e.Unit == sqlparser.IntervalNone { // ADDDATE(d, 3) adds days
			out.Amount, out.Unit = c.expr(e.Interval), ast.Day
			break
		}
		c.claim(sqlparser.INTERVAL)
		c.amount(out, e)
	default:
		c.refuse("this form of INTERVAL is not supported", "write d + INTERVAL 1 DAY")
		return nil
	}
	return out
}

func (c *conv) amount(out *ast.DateAdd, e *sqlparser.IntervalDateExpr) {
	out.Amount = c.expr(e.Interval)
	if out.Unit = c.unit(e.Unit); out.Unit != "" {
		c.claimName(string(out.Unit))
	}
}
