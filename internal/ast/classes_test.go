package ast_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/hedgerow/hedgerow/internal/ast"
)

// TestClasses: expressions are of one class when they are equal but for their
// positions and types, and whatever else is changed in one makes it of another.
func TestClasses(t *testing.T) {
	for name, e := range kinds {
		make := func() reflect.Value {
			v := reflect.New(reflect.TypeOf(e).Elem())
			(&filler{}).fill(v.Elem(), 0)
			if call, ok := v.Interface().(*Call); ok {
				call.Over = nil
			}
			return v
		}
		switch e.(type) {
		case *Name, *Star, *Quantified, *InQuery, *Exists, *Subquery:
			var c Classes
			require.NotEqual(t, c.Of(make().Interface().(Expr), nil), c.Of(make().Interface().(Expr), nil), name)
			continue
		}
		var c Classes
		first := make().Interface().(Expr)
		require.Equal(t, c.Of(first, nil), c.Of(make().Interface().(Expr), nil), name)
		for i := range reflect.TypeOf(e).Elem().NumField() {
			field := reflect.TypeOf(e).Elem().Field(i)
			other := make()
			changed := other.Elem().Field(i)
			switch {
			case field.Name == "Pos" || field.Name == "Rel" || field.Name == "Type" && name != "Cast" || name == "Slot" && field.Name == "Name":
				continue
			case field.Type == reflect.TypeFor[Expr]():
				changed.Set(reflect.ValueOf(Null()))
			case changed.Kind() == reflect.String:
				changed.SetString("another")
			case changed.Kind() == reflect.Bool:
				changed.SetBool(!changed.Bool())
			case changed.CanInt():
				changed.SetInt(changed.Int() + 1)
			case changed.CanUint():
				changed.SetUint(changed.Uint() + 1)
			case changed.Kind() == reflect.Slice:
				changed.Set(reflect.AppendSlice(changed, changed))
			case field.Type == reflect.TypeFor[*string]():
				changed.Set(reflect.ValueOf(new(string)))
			case field.Type == reflect.TypeFor[*Window]():
				changed.Set(reflect.ValueOf(&Window{}))
			default:
				t.Fatalf("%s.%s is of a type that this test can't change", name, field.Name)
			}
			require.NotEqual(t, c.Of(first, nil), c.Of(other.Interface().(Expr), nil), "%s.%s", name, field.Name)
		}
	}
}

// TestClassesInside: the expressions in one are told too.
func TestClassesInside(t *testing.T) {
	id := func() Expr { return &Column{Pos: 7, Table: "t", Name: "id"} }
	var c Classes
	sum := c.Of(&Binary{Op: Add, Left: id(), Right: id()}, nil)
	seen := map[int]int{}
	c.Of(&Neg{X: &Binary{Op: Add, Left: id(), Right: id()}}, func(_ Expr, class int) { seen[class]++ })
	require.Equal(t, 1, seen[sum])
	require.Equal(t, 2, seen[c.Of(id(), nil)])
	require.Equal(t, c.Of(&Extract{Unit: Year, X: id()}, nil), c.Of(&Call{Func: "year", Args: []Expr{id()}}, nil))
}
