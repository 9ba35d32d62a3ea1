package ast

import "fmt"

// Classes numbers expressions: two get the same number when they are the same
// but for their positions. An expression with a query or a window in it is the
// same as no other. The zero Classes is ready.
type Classes struct {
	numbers map[string]int
	next    int
}

// Of gives the number of an expression, and tells seen, if it isn't nil, of those
// of it and of every expression in it. It takes time linear in the expression's size.
func (c *Classes) Of(e Expr, seen func(e Expr, class int)) int {
	text, ok := ownText(e)
	key := append(make([]byte, 0, 64), text...)
	Walk(e, func(x Expr) bool {
		if x == e {
			return true
		}
		key = fmt.Append(key, " ", c.Of(x, seen))
		return false
	})
	class, known := c.numbers[string(key)]
	if !known || !ok {
		class = c.next
		c.next++
	}
	if !known && ok {
		if c.numbers == nil {
			c.numbers = map[string]int{}
		}
		c.numbers[string(key)] = class
	}
	if seen != nil {
		seen(e, class)
	}
	return class
}

// ownText is all of a node but its position and the expressions in it. ok is
// false for a node that is the same as no other.
func ownText(e Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *Literal:
		return fmt.Sprintf("literal %d %t %q", e.Kind, e.DoubleQuoted, e.Text), true
	case *Param:
		return fmt.Sprint("param ", e.Index), true
	case *Slot:
		return fmt.Sprint("slot ", e.ID, e.Elem, e.Count), true
	case *Column:
		return fmt.Sprintf("column %q %q", e.Table, e.Name), true
	case *And, *Or, *Xor, *Not, *Tuple, *Neg, *BitNot:
		return fmt.Sprintf("%T", e), true
	case *Compare:
		return fmt.Sprint("compare ", e.Op, e.Exact, e.Definite), true
	case *Is:
		return fmt.Sprint("is ", e.Kind, e.Not), true
	case *Between:
		return fmt.Sprint("between ", e.Not), true
	case *Like:
		return fmt.Sprint("like ", e.Escape != nil, e.Not), true
	case *InList:
		return fmt.Sprint("in ", e.Not, e.Exact, e.Definite), true
	case *Case:
		return fmt.Sprint("case ", e.Operand != nil, len(e.Whens), e.Else != nil), true
	case *Cast:
		return fmt.Sprint("cast ", e.Type, " ", e.Precision, " ", e.Scale), true
	case *Binary:
		return fmt.Sprint("binary ", e.Op), true
	case *DateAdd:
		return fmt.Sprint("add ", e.Unit, e.Sub), true
	case *Extract: // YEAR(x) is another way to write it
		return callText(&Call{Func: string(e.Unit), Args: []Expr{e.X}}), true
	case *Call:
		return callText(e), e.Over == nil
	default:
		return "", false
	}
}

func callText(c *Call) string {
	text := fmt.Sprint("call ", c.Func, " ", len(c.Args), c.Star, c.Distinct, c.IgnoreNulls, c.Unit)
	for _, o := range c.OrderBy {
		text += fmt.Sprint(" ", o.Desc)
	}
	if c.Separator != nil {
		text += fmt.Sprintf(" %q", *c.Separator)
	}
	return text
}
