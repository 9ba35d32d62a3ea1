package enginetest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"vitess.io/vitess/go/test/vschemawrapper"
	querypb "vitess.io/vitess/go/vt/proto/query"
	vschemapb "vitess.io/vitess/go/vt/proto/vschema"
	"vitess.io/vitess/go/vt/vtenv"
	vtengine "vitess.io/vitess/go/vt/vtgate/engine"
	"vitess.io/vitess/go/vt/vtgate/planbuilder"
	"vitess.io/vitess/go/vt/vtgate/planbuilder/plancontext"
	"vitess.io/vitess/go/vt/vtgate/vindexes"

	"github.com/hedgerow/hedgerow/internal/enginetest/warehouse"
	"github.com/hedgerow/hedgerow/rls"
)

// newVitess describes the warehouse to Vitess's planner: the tenant decides on
// the shard of a row, and every shard has all the regions.
func newVitess(t *testing.T) plancontext.VSchema {
	t.Helper()
	keyspace := &vschemapb.Keyspace{
		Sharded:  true,
		Vindexes: map[string]*vschemapb.Vindex{"by_tenant": {Type: "xxhash"}},
		Tables:   map[string]*vschemapb.Table{},
	}
	for _, t := range warehouse.Generate(1) {
		keyspace.Tables[t.Name] = vitessTable(t)
	}
	env := vtenv.NewTestEnv()
	vschema := vindexes.BuildVSchema(&vschemapb.SrvVSchema{Keyspaces: map[string]*vschemapb.Keyspace{"main": keyspace}}, env.Parser())
	require.NoError(t, vschema.Keyspaces["main"].Error)
	w, err := vschemawrapper.NewVschemaWrapper(env, vschema, planbuilder.TestBuilder)
	require.NoError(t, err)
	w.Keyspace = vschema.Keyspaces["main"].Keyspace
	w.Version = planbuilder.Gen4
	return w
}

func vitessTable(t *warehouse.Table) *vschemapb.Table {
	out := &vschemapb.Table{ColumnListAuthoritative: true}
	for _, c := range t.Columns {
		typ := querypb.Type_VARCHAR
		switch c.Type {
		case warehouse.Integer, warehouse.Boolean:
			typ = querypb.Type_INT64
		case warehouse.Money:
			typ = querypb.Type_DECIMAL
		case warehouse.Date:
			typ = querypb.Type_DATE
		case warehouse.DateTime:
			typ = querypb.Type_DATETIME
		}
		out.Columns = append(out.Columns, &vschemapb.Column{Name: c.Name, Type: typ})
	}
	if t.Index("tenant") < 0 {
		out.Type = vindexes.TypeReference
		return out
	}
	out.ColumnVindexes = []*vschemapb.ColumnVindex{{Column: "tenant", Name: "by_tenant"}}
	return out
}

// outside matches a quoted string or name, or a placeholder.
var outside = regexp.MustCompile("'(?:[^'\\\\]|''|\\\\.)*'|`(?:[^`]|``)*`|\\?")

// rewritten replaces the placeholders of a statement.
func rewritten(st *rls.Statement, to func(n int, value any) string) string {
	n := -1
	return outside.ReplaceAllStringFunc(st.SQL, func(s string) string {
		if s != "?" {
			return s
		}
		n++
		return to(n, st.Args[n])
	})
}

// protocols are the ways in which a host can hand its values to Vitess.
func protocols() map[string]func(st *rls.Statement) string {
	return map[string]func(st *rls.Statement) string{
		// Vitess's own driver: one bind variable for one value.
		"named": func(st *rls.Statement) string {
			names := map[any]string{}
			return rewritten(st, func(_ int, v any) string {
				if _, ok := names[v]; !ok {
					names[v] = fmt.Sprintf(":v%d", len(names)+1)
				}
				return names[v]
			})
		},
		// MySQL's driver with interpolateParams=true: Vitess finds equal values itself.
		"interpolated": func(st *rls.Statement) string {
			return rewritten(st, func(_ int, v any) string { return warehouse.SQL{Backslashes: true}.Literal(v) })
		},
		// MySQL's prepared statements: Vitess can't know that two values are equal.
		"prepared": func(st *rls.Statement) string {
			return rewritten(st, func(n int, _ any) string { return fmt.Sprintf(":v%d", n+1) })
		},
	}
}

// notOneShard lists the queries that Vitess 24 doesn't send to one shard, with
// what it does instead.
func notOneShard() map[string]string {
	return map[string]string{
		"intersect":                     "syntax error", // Vitess doesn't parse INTERSECT and EXCEPT
		"except":                        "syntax error",
		"set operations in parentheses": "syntax error",
		"values as a table":             "panic: no columns available", // nor can it name the columns of VALUES
		// The numbers have no shard; the orders come from one.
		"recursive calendar with gaps filled": "Aggregate(Projection(Sort(Join(Reference, EqualUnique))))",
	}
}

// TestVitess: statements of one tenant go to one shard as a whole, if the host
// lets Vitess see that the tenant is the same everywhere; in any case no part
// of them goes to all shards.
func TestVitess(t *testing.T) {
	vschema := newVitess(t)
	require.Equal(t, "Scatter", planned("SELECT order_id FROM wh_orders", vschema), "the premise")
	set := loadPolicies(t, string(warehouse.Model), string(warehouse.Policies))
	for _, v := range warehouse.Viewers() {
		e, s := newEnforcer(t, rls.MySQL, set, v.Properties)
		for protocol, write := range protocols() {
			t.Run(v.Name+"/"+protocol, func(t *testing.T) {
				whole := 0
				for _, q := range loadQueries(t) {
					st, err := e.Enforce(t.Context(), s, q.text)
					require.NoError(t, err, q.name)
					got := planned(write(st), vschema)
					if got == "EqualUnique" {
						whole++
					}
					if protocol != "prepared" {
						checkShard(t, q.name, got)
					}
					assert.NotContains(t, got, "Scatter", q.name)
				}
				t.Logf("%d of %d queries go to one shard as a whole", whole, len(loadQueries(t)))
			})
		}
	}
}

func checkShard(t *testing.T, name, got string) {
	t.Helper()
	if want, ok := notOneShard()[name]; ok {
		assert.Contains(t, got, want, name)
		return
	}
	assert.Equal(t, "EqualUnique", got, name)
}

// planned describes the plan of a query, or tells why there is none.
func planned(query string, v plancontext.VSchema) (description string) {
	defer func() {
		if r := recover(); r != nil { // Vitess's planner, not ours
			description = fmt.Sprint("panic: ", r)
		}
	}()
	plan, err := planbuilder.TestBuilder(query, v, "main")
	if err != nil {
		return err.Error()
	}
	return describe(vtengine.PrimitiveToPlanDescription(plan.Instructions, nil))
}

// describe tells how many shards the parts of a plan go to: EqualUnique alone
// is a query that one shard answers as a whole.
func describe(d vtengine.PrimitiveDescription) string {
	if len(d.Inputs) == 0 {
		return d.Variant
	}
	inputs := make([]string, len(d.Inputs))
	for i, in := range d.Inputs {
		inputs[i] = describe(in)
	}
	return d.OperatorType + "(" + strings.Join(inputs, ", ") + ")"
}
