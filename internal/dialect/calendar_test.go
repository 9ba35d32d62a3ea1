package dialect_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// addMonths keeps to the last day of a month.
func addMonths(d time.Time, n int) time.Time {
	first := time.Date(d.Year(), d.Month()+time.Month(n), 1, d.Hour(), d.Minute(), d.Second(), 0, time.UTC)
	return first.AddDate(0, 0, min(d.Day(), first.AddDate(0, 1, -1).Day())-1)
}

// monthsBetween counts whole months: one is complete at the same day and time.
func monthsBetween(a, b time.Time) int {
	if b.Before(a) {
		return -monthsBetween(b, a)
	}
	n := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
	ofMonth := func(d time.Time) time.Duration {
		return d.Sub(time.Date(d.Year(), d.Month(), 1, 0, 0, 0, 0, time.UTC))
	}
	if ofMonth(b) < ofMonth(a) {
		n--
	}
	return n
}

// TestCalendar compares the arithmetic of dates with Go's on random points in
// time, many of them at the ends of months and in leap years.
func TestCalendar(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 11))
	random := func() time.Time {
		d := time.Date(1999+r.IntN(30), time.Month(1+r.IntN(12)), 1, 0, 0, 0, 0, time.UTC)
		switch r.IntN(4) {
		case 0: // the first day
		case 1:
			d = d.AddDate(0, 1, -1-r.IntN(3))
		default:
			d = d.AddDate(0, 0, r.IntN(28))
		}
		if r.IntN(2) == 0 {
			d = d.Add(time.Duration(r.IntN(86400)) * time.Second)
		}
		return d
	}
	type question struct {
		name string
		expr ast.Expr
		want any
	}
	var all []question
	for range 150 {
		a, b, n := random(), random(), r.IntN(60)-30
		x, y := when(a.Format(time.DateTime)), when(b.Format(time.DateTime))
		monday := a.Truncate(24*time.Hour).AddDate(0, 0, -(int(a.Weekday())+6)%7)
		_, isoWeek := a.ISOWeek()
		ask := func(name string, expr ast.Expr, want any) {
			all = append(all, question{fmt.Sprintf("%s of %s, %s, %d", name, a, b, n), expr, want})
		}
		ask("months between", diff(ast.Month, x, y), monthsBetween(a, b))
		ask("quarters between", diff(ast.Quarter, x, y), monthsBetween(a, b)/3)
		ask("years between", diff(ast.Year, x, y), monthsBetween(a, b)/12)
		ask("weeks between", diff(ast.Week, x, y), int(b.Sub(a)/(7*24*time.Hour)))
		ask("hours between", diff(ast.Hour, x, y), int(b.Sub(a)/time.Hour))
		ask("days from to", call("datediff", x, y), int(a.Truncate(24*time.Hour).Sub(b.Truncate(24*time.Hour))/(24*time.Hour)))
		ask("plus months", plus(x, n, ast.Month), addMonths(a, n).Format(time.DateTime))
		ask("plus years", plus(x, n, ast.Year), addMonths(a, 12*n).Format(time.DateTime))
		ask("plus weeks", plus(x, n, ast.Week), a.AddDate(0, 0, 7*n).Format(time.DateTime))
		ask("plus minutes", plus(x, n, ast.Minute), a.Add(time.Duration(n)*time.Minute).Format(time.DateTime))
		ask("last day", call("last_day", x), addMonths(a.AddDate(0, 0, 1-a.Day()), 1).AddDate(0, 0, -1).Format(time.DateOnly))
		ask("monday", call("date_trunc", "week", x), monday.Format(time.DateTime))
		ask("week 0", call("week", x), (a.YearDay()+6-int(a.Weekday()))/7)
		ask("week 3", call("week", x, 3), isoWeek)
		ask("week 5", call("week", x, 5), (a.YearDay()+6-(int(a.Weekday())+6)%7)/7)
		ask("day of year", call("dayofyear", x), a.YearDay())
	}
	onServers(t, func(t *testing.T, e engine) {
		const batch = 16
		for at := 0; at < len(all); at += batch {
			var exprs []any
			for _, q := range all[at : at+batch] {
				exprs = append(exprs, q.expr)
			}
			text, _, err := e.d.Print(rows(exprs...))
			require.NoError(t, err)
			out, err := e.query(t, text)
			require.NoError(t, err)
			for i, q := range all[at : at+batch] {
				assert.Equal(t, q.want, like(q.want, out[0][i]), q.name)
			}
		}
	})
}
