package rules

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"

	"github.com/hedgerow/hedgerow/semantic"
)

// Truth is the outcome of a rule for one row.
type Truth uint8

// The outcomes. Unknown covers what CEL has as an error too.
const (
	Unknown Truth = iota
	True
	False
)

// Outcome is what one policy's rule said of a row.
type Outcome struct {
	Policy *Policy
	Truth  Truth
}

// Visible evaluates the rules of a dataset for one row with cel-go itself. The
// row maps fields to values, to-one steps to maps and to-many steps to slices of
// maps; a field that is nil or missing is NULL, a missing step an absent parent, and
// a value that CEL lacks unknown.
func (r *Ruling) Visible(d *semantic.Dataset, row map[string]any) (bool, []Outcome, error) {
	value, err := rowValue(row, 0)
	if err != nil {
		return false, nil, err
	}
	access, err := r.Dataset(d)
	if err != nil {
		return false, nil, err
	}
	var outcomes []Outcome
	permitted, restricted := false, false
	for _, p := range access.Applied {
		rule := p.Rules[d]
		if rule.Rows == nil {
			continue
		}
		truth, err := rule.evaluate(rowActivation{activation{r.session}, value})
		if err != nil {
			return false, nil, err
		}
		outcomes = append(outcomes, Outcome{p, truth})
		permitted = permitted || !p.Restrictive && truth == True
		restricted = restricted || p.Restrictive && truth != True
	}
	return permitted && !restricted, outcomes, nil
}

// evaluate runs the rule's own CEL expression.
func (rule *Rule) evaluate(vars interpreter.Activation) (Truth, error) {
	if rule.program == nil {
		return Unknown, errors.New("the rule has no program")
	}
	program, err := rule.program()
	if err != nil {
		return Unknown, err
	}
	switch out, _, err := program.Eval(vars); {
	case err != nil:
		return Unknown, nil
	case out == types.True:
		return True, nil
	case out == types.False:
		return False, nil
	default:
		return Unknown, nil
	}
}

// rowActivation adds the row to a session's values.
type rowActivation struct {
	activation
	row map[string]any
}

func (a rowActivation) ResolveName(name string) (any, bool) {
	if name == "row" {
		return a.row, true
	}
	return a.activation.ResolveName(name)
}

// nullSuffix marks, beside each field of a row that cel-go sees, whether it is
// NULL. NULL fields themselves are left out: reading one is an error then,
// which like an unknown is neither true nor false.
const nullSuffix = "@null"

const maxRowDepth = 32

// rowValue converts a host's row to what cel-go evaluates.
func rowValue(row map[string]any, depth int) (map[string]any, error) {
	if depth > maxRowDepth {
		return nil, errors.New("the row is nested too deep")
	}
	out := make(map[string]any, 2*len(row))
	for name, v := range row {
		value, err := fieldValue(v, depth)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", name, err)
		}
		if value == lacked { // no value, and no NULL either
			continue
		}
		out[name+nullSuffix] = value == nil
		if value != nil {
			out[name] = value
		}
	}
	return out, nil
}

// lacked stands for a value that a field may have and CEL lacks.
var lacked any = unusableError("a value that CEL lacks")

// outside tells an instant that CEL lacks.
func outside(at time.Time) bool { return at.UTC().Year() < 1 || at.UTC().Year() > 9999 }

// fieldValue gives the value that CEL sees.
func fieldValue(v any, depth int) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return rowValue(v, depth+1)
	case float64:
		if math.IsNaN(v) { // most databases can't hold it, or compare it in another way
			return lacked, nil
		}
		return v, nil
	case time.Time:
		if outside(v) {
			return lacked, nil
		}
		return v, nil
	case string, bool, int64:
		return v, nil
	}
	x := reflect.ValueOf(v)
	switch {
	case x.Kind() == reflect.Pointer:
		if x.IsNil() {
			return nil, nil
		}
		return fieldValue(x.Elem().Interface(), depth+1)
	case x.CanInt():
		return x.Int(), nil
	case x.CanUint():
		if x.Uint() > math.MaxInt64 {
			return lacked, nil
		}
		return int64(x.Uint()), nil
	case x.CanFloat():
		return fieldValue(x.Float(), depth)
	case x.Kind() == reflect.String:
		return x.String(), nil
	case x.Kind() == reflect.Bool:
		return x.Bool(), nil
	case x.Kind() == reflect.Slice:
		return rowsValue(x, depth)
	}
	return nil, fmt.Errorf("a value of type %T can't be evaluated", v)
}

func rowsValue(x reflect.Value, depth int) (any, error) {
	rows := make([]any, x.Len())
	for i := range rows {
		row, ok := x.Index(i).Interface().(map[string]any)
		if !ok {
			return nil, errors.New("a list must hold rows: map[string]any")
		}
		value, err := rowValue(row, depth+1)
		if err != nil {
			return nil, err
		}
		rows[i] = value
	}
	return rows, nil
}

// programOf makes the program that evaluates a rule for a row, when it is first
// needed. Tests for null become reads of the marks that rowValue sets.
func programOf(env *cel.Env, tree *celast.AST) (cel.Program, error) {
	tree = celast.Copy(tree)
	factory := celast.NewExprFactory()
	next := int64(1) << 32
	celast.PostOrderVisit(tree.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() != celast.CallKind {
			return
		}
		call := e.AsCall()
		fn := call.FunctionName()
		if fn != operators.Equals && fn != operators.NotEquals {
			return
		}
		field, null := call.Args()[0], call.Args()[1]
		if isNull(field) {
			field, null = null, field
		}
		if !isNull(null) || field.Kind() != celast.SelectKind {
			return
		}
		next++
		mark := factory.NewSelect(next, field.AsSelect().Operand(), field.AsSelect().FieldName()+nullSuffix)
		if fn == operators.NotEquals {
			next++
			mark = factory.NewCall(next, operators.LogicalNot, mark)
		}
		e.SetKindCase(mark)
		delete(tree.ReferenceMap(), e.ID()) // it said which equality this was
	}))
	return env.PlanProgram(tree)
}
