package semantic_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/semantic"
)

// whole uses every key of the specification.
const whole = `
version: 0.2.0.dev0
semantic_model:
  - name: shop
    description: A shop
    ai_context: {instructions: be brief, synonyms: [store], examples: [how many], other: {x: 1}}
    datasets:
      - name: orders
        source: main.orders
        primary_key: [id]
        unique_keys: [[number, year]]
        description: Orders
        ai_context: purchases
        fields:
          - name: customer_id
            expression:
              dialects:
                - {dialect: ANSI_SQL, expression: customer_id}
                - {dialect: MDX, expression: '[Orders]'}
            dimension: {is_time: false}
            label: Customer
            description: Who
            datatype: Integer
            ai_context: {synonyms: [buyer]}
            custom_extensions: [{vendor_name: DBT, data: '{}'}]
          - name: note
            expression: {dialects: [{dialect: ANSI_SQL, expression: upper(note)}]}
        custom_extensions: [{vendor_name: DBT, data: '{}'}]
      - name: customers
        source: main.customers
    relationships:
      - name: orders_customers
        from: orders
        to: customers
        from_columns: [customer_id]
        to_columns: [id]
        ai_context: who bought
        custom_extensions: [{vendor_name: DBT, data: '{}'}]
    metrics:
      - name: buyers
        expression: {dialects: [{dialect: ANSI_SQL, expression: COUNT(DISTINCT orders.customer_id)}]}
        description: Buyers
        datatype: Integer
        ai_context: {synonyms: [clients]}
        custom_extensions: [{vendor_name: DBT, data: '{}'}]
    custom_extensions: [{vendor_name: DBT, data: '{}'}]
`

// stricter lists, by message, what the loader refuses on purpose although the
// schema allows it.
var stricter = regexp.MustCompile(strings.Join([]string{
	`"semantic_model" must have one element`,
	`a second semantic model in one file`,
	`name "" is empty`,
	`column name "" is empty`,
	`part 1 of the source is empty`,
	`duplicate (dataset|field|metric|relationship) name`,
	`must name at least one column`,
	`names the column ".*" twice`,
	`"from_columns" has \d columns and "to_columns" \d`,
	`unknown dataset `,
	`the dataset ".*" has no field `,
	`a second expression in the dialect`,
	`the expression is empty`,
	`a field outside of an aggregate`,
}, "|"))

// plain turns YAML into what the JSON schema library checks.
func plain(t *testing.T, src []byte) any {
	t.Helper()
	var v any
	require.NoError(t, yaml.Unmarshal(src, &v))
	text, err := json.Marshal(v)
	require.NoError(t, err)
	v, err = jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return v
}

func ossieSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(read(t, "osi-schema.json")))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("ossie.json", doc))
	schema, err := c.Compile("ossie.json")
	require.NoError(t, err)
	return schema
}

// mutation is one change to a document.
type mutation struct {
	name string
	doc  any
}

// mutations gives every document that differs from doc in one place: a key
// deleted or renamed, a value of another type, a list emptied or with an
// element too many.
func mutations(path string, doc any) []mutation {
	out := values(path, doc)
	switch doc := doc.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(doc)) {
			without := maps.Clone(doc)
			delete(without, key)
			renamed := maps.Clone(without)
			renamed[key+"_"] = doc[key]
			out = append(out, mutation{path + "/" + key + " deleted", without}, mutation{path + "/" + key + " renamed", renamed})
			for _, m := range mutations(path+"/"+key, doc[key]) {
				changed := maps.Clone(doc)
				changed[key] = m.doc
				out = append(out, mutation{m.name, changed})
			}
		}
		extra := maps.Clone(doc)
		extra["surplus"] = "x"
		out = append(out, mutation{path + " with a surplus key", extra})
	case []any:
		for i := range doc {
			for _, m := range mutations(fmt.Sprintf("%s/%d", path, i), doc[i]) {
				changed := slices.Clone(doc)
				changed[i] = m.doc
				out = append(out, mutation{m.name, changed})
			}
		}
		if len(doc) > 0 {
			out = append(out, mutation{path + " with its first element twice", append(slices.Clone(doc), doc[0])})
		}
		out = append(out, mutation{path + " with a number appended", append(slices.Clone(doc), json.Number("5"))})
	}
	return out
}

// values gives a value of each type in the place of doc.
func values(path string, doc any) []mutation {
	var out []mutation
	for _, v := range []any{json.Number("5"), json.Number("0.5"), true, "", nil, []any{}, []any{"x"}, map[string]any{}, map[string]any{"x": "y"}} {
		if fmt.Sprintf("%#v", v) != fmt.Sprintf("%#v", doc) {
			out = append(out, mutation{fmt.Sprintf("%s = %#v", path, v), v})
		}
	}
	return out
}

// TestSchema: what Ossie's JSON schema rejects, the loader rejects; what the
// schema accepts, the loader accepts but for the listed exceptions.
func TestSchema(t *testing.T) {
	schema := ossieSchema(t)
	count := 0
	check := func(m mutation) {
		count++
		text, err := json.Marshal(m.doc)
		require.NoError(t, err)
		_, loadErr := semantic.Parse("m.json", text)
		if schemaErr := schema.Validate(m.doc); schemaErr != nil {
			assert.Error(t, loadErr, "%s: %v", m.name, schemaErr)
		} else if loadErr != nil {
			for _, problem := range loadErr.(interface{ Unwrap() []error }).Unwrap() {
				assert.Regexp(t, stricter, problem.Error(), m.name)
			}
		}
		if t.Failed() || count%10 != 0 {
			return
		}
		asYAML, err := yaml.Marshal(numbers(m.doc))
		require.NoError(t, err)
		_, yamlErr := semantic.Parse("m.yaml", asYAML)
		assert.Equal(t, loadErr == nil, yamlErr == nil, "%s: JSON %v, YAML %v", m.name, loadErr, yamlErr)
	}

	base := plain(t, []byte(whole))
	require.NoError(t, schema.Validate(base))
	parse(t, whole)
	for _, m := range mutations("", base) {
		check(m)
	}
	assert.Greater(t, count, 500)
	t.Log(count, "mutations")

	example := plain(t, read(t, "tpcds_semantic_model.yaml"))
	require.NoError(t, schema.Validate(example))
	for i, m := range mutations("", example) {
		if i%61 == 0 { // a sample: the whole takes too long
			check(m)
		}
	}
}

// numbers makes JSON's numbers ones that the YAML library writes unquoted.
func numbers(doc any) any {
	switch doc := doc.(type) {
	case json.Number:
		f, _ := doc.Float64()
		return f
	case map[string]any:
		out := map[string]any{}
		for key, v := range doc {
			out[key] = numbers(v)
		}
		return out
	case []any:
		out := make([]any, len(doc))
		for i, v := range doc {
			out[i] = numbers(v)
		}
		return out
	default:
		return doc
	}
}
