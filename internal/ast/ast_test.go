package ast_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/hedgerow/hedgerow/internal/ast"
)

// kinds holds one value of every kind of expression.
var kinds = map[string]Expr{
	"Literal": &Literal{}, "Param": &Param{}, "Slot": &Slot{}, "Name": &Name{}, "Star": &Star{}, "Column": &Column{},
	"And": &And{}, "Or": &Or{}, "Xor": &Xor{}, "Not": &Not{}, "Compare": &Compare{}, "Quantified": &Quantified{},
	"Is": &Is{}, "Between": &Between{}, "Like": &Like{}, "InList": &InList{}, "InQuery": &InQuery{}, "Exists": &Exists{},
	"Subquery": &Subquery{}, "Tuple": &Tuple{}, "Case": &Case{}, "Cast": &Cast{}, "Binary": &Binary{}, "Neg": &Neg{},
	"BitNot": &BitNot{}, "DateAdd": &DateAdd{}, "Extract": &Extract{}, "Call": &Call{},
}

// TestKindsAreComplete holds the list above against the source.
func TestKindsAreComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "expr.go", nil, 0)
	require.NoError(t, err)
	var declared []string
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Name.Name != "expr" {
			continue
		}
		name := fn.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
		declared = append(declared, name)
		require.Contains(t, kinds, name)
	}
	require.Len(t, kinds, len(declared))
}

// filler puts a fresh Param wherever an expression can stand.
type filler struct{ params []*Param }

func (f *filler) param() *Param {
	p := &Param{Index: len(f.params)}
	f.params = append(f.params, p)
	return p
}

var exprType = reflect.TypeFor[Expr]()

func (f *filler) fill(v reflect.Value, depth int) {
	// Lists end before pointers do, so that no list holds a nil.
	if depth > 8 && v.Kind() == reflect.Slice || depth > 10 && v.Kind() == reflect.Pointer {
		return
	}
	switch {
	case v.Type() == exprType:
		v.Set(reflect.ValueOf(f.param()))
	case v.Type() == reflect.TypeFor[Body]():
		sel := &Select{}
		f.fill(reflect.ValueOf(sel).Elem(), depth+1)
		v.Set(reflect.ValueOf(sel))
	case v.Type() == reflect.TypeFor[TableExpr]():
		join := &Join{On: f.param(), Left: &Derived{Query: &Query{Body: &Values{Rows: [][]Expr{{f.param()}}}}},
			Right: &Derived{Query: &Query{Body: &SetOp{
				Left:  &Query{Body: &Select{Where: f.param()}},
				Right: &Select{Having: f.param()},
			}}}}
		v.Set(reflect.ValueOf(join))
	case v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), depth+1)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), depth+1)
		}
	case v.Kind() == reflect.Slice:
		s := reflect.MakeSlice(v.Type(), 1, 1)
		f.fill(s.Index(0), depth+1)
		v.Set(s)
	}
}

// TestWalkSkipsNothing puts a parameter into every place of every node where
// an expression can stand, and requires Walk to reach each.
func TestWalkSkipsNothing(t *testing.T) {
	for name, e := range kinds {
		t.Run(name, func(t *testing.T) {
			f := &filler{}
			e := reflect.New(reflect.TypeOf(e).Elem())
			f.fill(e.Elem(), 0)
			seen := map[*Param]bool{}
			Walk(e.Interface().(Expr), func(x Expr) bool {
				if p, ok := x.(*Param); ok {
					seen[p] = true
				}
				return true
			})
			for _, p := range f.params {
				require.True(t, seen[p], "parameter %d of %d was not reached", p.Index, len(f.params))
			}
		})
	}
}

// TestRewriteReachesEverything replaces every parameter of the kinds that
// Rewrite handles, and requires it to say so for those that it doesn't.
func TestRewriteReachesEverything(t *testing.T) {
	unhandled := map[string]bool{"Star": true, "Quantified": true, "InQuery": true, "Exists": true, "Subquery": true, "Call": true}
	for name, e := range kinds {
		t.Run(name, func(t *testing.T) {
			f := &filler{}
			e := reflect.New(reflect.TypeOf(e).Elem())
			f.fill(e.Elem(), 0)
			before := e.Interface().(Expr)
			after, ok := Rewrite(before, func(x Expr) Expr {
				if _, ok := x.(*Param); ok {
					return &Slot{}
				}
				return x
			})
			require.Equal(t, !unhandled[name], ok)
			if !ok {
				return
			}
			params := func(e Expr) (n int) {
				Walk(e, func(x Expr) bool {
					if _, ok := x.(*Param); ok {
						n++
					}
					return true
				})
				return n
			}
			require.Zero(t, params(after), "a parameter was not replaced")
			if name != "Param" {
				require.Equal(t, len(f.params), params(before), "the original was changed")
			}
		})
	}
}

// TestRewriteOfScalarCall covers the calls that Rewrite does handle.
func TestRewriteOfScalarCall(t *testing.T) {
	sep := ","
	call := &Call{Func: "f", Args: []Expr{&Param{}}, Distinct: true, Separator: &sep, Unit: Day}
	after, ok := Rewrite(call, func(x Expr) Expr {
		if _, ok := x.(*Param); ok {
			return Null()
		}
		return x
	})
	require.True(t, ok)
	require.Equal(t, &Call{Func: "f", Args: []Expr{Null()}, Distinct: true, Separator: &sep, Unit: Day}, after)
}
