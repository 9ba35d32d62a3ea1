package session_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/session"
)

func TestParseType(t *testing.T) {
	for text, want := range map[string]session.Type{
		"string": session.String, "int": session.Int, "double": session.Double, "bool": session.Bool,
		"timestamp": session.Timestamp, " duration ": session.Duration,
		"list(string)": session.List(session.String), "list( int )": session.List(session.Int),
		"map(string, double)": session.Map(session.Double), "map(string,bool)": session.Map(session.Bool),
	} {
		got, err := session.ParseType(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
		again, err := session.ParseType(got.String())
		require.NoError(t, err, text)
		assert.Equal(t, got, again, text)
	}
	for _, text := range []string{
		"", "String", "text", "list", "list()", "list(list(int))", "list(int", "map(int, string)", "map(string)",
		"map(string, list(int))", "list(int))", "string()", "invalid",
	} {
		_, err := session.ParseType(text)
		assert.Error(t, err, "%q", text)
	}
}

func TestType(t *testing.T) {
	assert.Equal(t, session.Type(0), session.List(session.List(session.Int)), "lists don't nest")
	assert.Equal(t, session.Type(0), session.Map(0))
	assert.True(t, session.List(session.Int).IsList())
	assert.False(t, session.List(session.Int).IsMap())
	assert.True(t, session.Map(session.Int).IsMap())
	assert.Equal(t, session.Int, session.Map(session.Int).Elem())
	assert.Equal(t, session.Type(0), session.Int.Elem())
	assert.Equal(t, "invalid", session.Type(0).String())
	for b := range 256 {
		typ := session.Type(b)
		if typ.String() == "invalid" {
			_, err := session.NewSchema(session.Property{Name: "p", Type: typ})
			assert.Error(t, err, "type %d", b)
		}
	}
}

func TestNewSchemaRefuses(t *testing.T) {
	text := session.String
	for name, c := range map[string]struct {
		props []session.Property
		want  string
	}{
		"empty name":        {[]session.Property{{Type: text}}, "not a valid name"},
		"digit first":       {[]session.Property{{Name: "1a", Type: text}}, "not a valid name"},
		"blank":             {[]session.Property{{Name: "a b", Type: text}}, "not a valid name"},
		"not ASCII":         {[]session.Property{{Name: "größe", Type: text}}, "not a valid name"},
		"CEL word":          {[]session.Property{{Name: "in", Type: text}}, "reserved word"},
		"twice":             {[]session.Property{{Name: "a", Type: text}, {Name: "a", Type: text}}, "declared twice"},
		"twice but case":    {[]session.Property{{Name: "ab", Type: text}, {Name: "Ab", Type: text}}, "declared twice"},
		"no type":           {[]session.Property{{Name: "a"}}, "no valid type"},
		"default type":      {[]session.Property{{Name: "a", Type: text, Default: 5}}, "default: must be string, not a Go int"},
		"default not among": {[]session.Property{{Name: "a", Type: text, Default: "x", Values: []any{"y"}}}, "default: is not one of"},
		"value type":        {[]session.Property{{Name: "a", Type: text, Values: []any{"y", 7}}}, "allowed value 1"},
		"nil value":         {[]session.Property{{Name: "a", Type: text, Values: []any{nil}}}, "not nil"},
		"required default":  {[]session.Property{{Name: "a", Type: text, Required: true, Default: "x"}}, "required and has a default"},
		"list element":      {[]session.Property{{Name: "a", Type: session.List(text), Values: []any{[]string{"x"}}}}, "allowed value 0"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := session.NewSchema(c.props...)
			assert.Nil(t, s)
			assert.ErrorContains(t, err, c.want)
			var typed *session.Error
			require.ErrorAs(t, err, &typed)
		})
	}
}

type (
	role  string
	level int8
	roles []role
)

func TestValues(t *testing.T) {
	berlin := time.FixedZone("Berlin", 3600)
	noon := time.Date(2024, 5, 1, 12, 0, 0, 0, berlin)
	now := time.Now()
	for _, c := range []struct {
		typ   session.Type
		given any
		want  any
	}{
		{session.String, "x", "x"},
		{session.String, role("admin"), "admin"},
		{session.String, "", ""},
		{session.Int, 7, int64(7)},
		{session.Int, level(-3), int64(-3)},
		{session.Int, uint64(math.MaxInt64), int64(math.MaxInt64)},
		{session.Double, float32(0.5), 0.5},
		{session.Double, 3, 3.0},
		{session.Double, uint8(3), 3.0},
		{session.Double, int64(1) << 60, float64(int64(1) << 60)},
		{session.Double, int64(math.MinInt64), float64(math.MinInt64)},
		{session.Bool, true, true},
		{session.Timestamp, noon, time.Date(2024, 5, 1, 11, 0, 0, 0, time.UTC)},
		{session.Timestamp, now, now.UTC().Round(0)},
		{session.Duration, time.Minute, time.Minute},
		{session.List(session.String), []string{"a", "b"}, []any{"a", "b"}},
		{session.List(session.String), roles{"a"}, []any{"a"}},
		{session.List(session.String), []any{"a", role("b")}, []any{"a", "b"}},
		{session.List(session.String), []string(nil), []any{}},
		{session.List(session.Int), [2]uint8{1, 2}, []any{int64(1), int64(2)}},
		{session.List(session.Double), []any{1, 2.5}, []any{1.0, 2.5}},
		{session.Map(session.Int), map[role]int{"a": 1}, map[string]any{"a": int64(1)}},
		{session.Map(session.Bool), map[string]any{"a": true}, map[string]any{"a": true}},
	} {
		t.Run(fmt.Sprintf("%s from %T", c.typ, c.given), func(t *testing.T) {
			schema, err := session.NewSchema(session.Property{Name: "p", Type: c.typ})
			require.NoError(t, err)
			s, err := schema.New(map[string]any{"p": c.given})
			require.NoError(t, err)
			got, ok := s.Value("p")
			require.True(t, ok)
			assert.Equal(t, c.want, got)
			if at, ok := got.(time.Time); ok {
				assert.True(t, at == c.want, "canonical instants are comparable with ==")
			}
		})
	}
}

func TestValuesRefused(t *testing.T) {
	text := "s3cret"
	for _, c := range []struct {
		typ   session.Type
		given any
		want  string
	}{
		{session.String, 5, "must be string, not a Go int"},
		{session.String, []byte(text), "not a Go []uint8"},
		{session.String, &text, "not a Go *string"},
		{session.String, text + "\x00", "NUL"},
		{session.String, text + "\xff", "UTF-8"},
		{session.Int, text, "must be int, not a Go string"},
		{session.Int, 1.0, "must be int, not a Go float64"},
		{session.Int, uint64(math.MaxInt64) + 1, "does not fit"},
		{session.Int, time.Second, "not a Go time.Duration"},
		{session.Int, true, "must be int"},
		{session.Double, math.NaN(), "not finite"},
		{session.Double, math.Inf(-1), "not finite"},
		{session.Double, int64(1)<<53 + 1, "no exact double"},
		{session.Double, int64(math.MaxInt64), "no exact double"},
		{session.Double, text, "must be double"},
		{session.Bool, 1, "must be bool"},
		{session.Timestamp, text, "must be timestamp"},
		{session.Timestamp, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "years 1 to 9999"},
		{session.Duration, 5, "must be duration"},
		{session.List(session.String), text, "must be list(string)"},
		{session.List(session.String), []any{text, 5}, "element 1: must be string"},
		{session.List(session.String), []any{nil}, "element 0: must be string, not nil"},
		{session.List(session.String), [][]string{{text}}, "element 0"},
		{session.Map(session.String), map[int]string{1: text}, "must be map(string, string)"},
		{session.Map(session.String), map[string]any{text: 5}, "a value of the map"},
		{session.Map(session.String), map[string]string{text + "\xff": ""}, "a key"},
	} {
		t.Run(fmt.Sprintf("%s from %T", c.typ, c.given), func(t *testing.T) {
			schema, err := session.NewSchema(session.Property{Name: "p", Type: c.typ})
			require.NoError(t, err)
			s, err := schema.New(map[string]any{"p": c.given})
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "s3cret")
			assert.False(t, s.Valid())
			var typed *session.Error
			require.ErrorAs(t, err, &typed)
			assert.Equal(t, "p", typed.Property)
		})
	}
}

func shop(t *testing.T) *session.Schema {
	t.Helper()
	schema, err := session.NewSchema(
		session.Property{Name: "organization_id", Type: session.String, Required: true},
		session.Property{Name: "regions", Type: session.List(session.String), Values: []any{"EU", "US"}},
		session.Property{Name: "role", Type: session.String, Default: "member", Values: []any{"member", "admin"}, Loggable: true},
		session.Property{Name: "limits", Type: session.Map(session.Int)},
	)
	require.NoError(t, err)
	return schema
}

func TestNewReportsEverything(t *testing.T) {
	_, err := shop(t).New(map[string]any{
		"regions": []string{"EU", "s3cret"}, "role": "s3cret", "limits": 5, "Role": "admin", "extra": "s3cret",
	})
	require.Error(t, err)
	var got []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var typed *session.Error
		require.ErrorAs(t, e, &typed)
		got = append(got, typed.Property+": "+typed.Message)
	}
	assert.Equal(t, []string{
		"organization_id: is required and has no value",
		"regions: is not one of the allowed values",
		"role: is not one of the allowed values",
		"limits: must be map(string, int), not a Go int",
		`Role: is not in the schema; did you mean "role"?`,
		"extra: is not in the schema",
	}, got)
	assert.NotContains(t, err.Error(), "s3cret")
}

func TestUnicodeNameIsUnknown(t *testing.T) {
	schema, err := session.NewSchema(session.Property{Name: "k", Type: session.Int})
	require.NoError(t, err)
	_, err = schema.New(map[string]any{"\u212a": 1}) // the Kelvin sign folds to k in Unicode
	require.ErrorContains(t, err, "is not in the schema")
	assert.NotContains(t, err.Error(), "did you mean")
}

func TestDefaultsAndAbsence(t *testing.T) {
	s, err := shop(t).New(map[string]any{"organization_id": "acme", "role": nil, "regions": nil})
	require.NoError(t, err)
	role, ok := s.Value("role")
	assert.True(t, ok)
	assert.Equal(t, "member", role)
	for _, name := range []string{"regions", "limits", "nothing", "ROLE", ""} {
		v, ok := s.Value(name)
		assert.False(t, ok, name)
		assert.Nil(t, v, name)
	}
	var names []string
	for name := range s.All() {
		names = append(names, name)
	}
	assert.Equal(t, []string{"organization_id", "role"}, names)
}

func TestImmutable(t *testing.T) {
	regions, limits := []string{"EU"}, map[string]int{"rows": 5}
	schema := shop(t)
	s, err := schema.New(map[string]any{"organization_id": "acme", "regions": regions, "limits": limits})
	require.NoError(t, err)
	regions[0], limits["rows"] = "US", 6
	for range 2 { // the second round sees what the first one damaged
		got, _ := s.Value("regions")
		assert.Equal(t, []any{"EU"}, got)
		got.([]any)[0] = "US"
		got, _ = s.Value("limits")
		assert.Equal(t, map[string]any{"rows": int64(5)}, got)
		got.(map[string]any)["rows"] = int64(6)
		for _, v := range s.All() {
			if list, ok := v.([]any); ok {
				list[0] = "US"
			}
		}
		p, ok := schema.Property("regions")
		require.True(t, ok)
		assert.Equal(t, []any{"EU", "US"}, p.Values)
		p.Values[0] = "XX"
	}
}

func TestDefaultIsImmutable(t *testing.T) {
	given := []string{"EU"}
	schema, err := session.NewSchema(session.Property{Name: "regions", Type: session.List(session.String), Default: given})
	require.NoError(t, err)
	given[0] = "US"
	p, _ := schema.Property("regions")
	p.Default.([]any)[0] = "US"
	s, err := schema.New(nil)
	require.NoError(t, err)
	got, _ := s.Value("regions")
	assert.Equal(t, []any{"EU"}, got)
}

func TestPlaces(t *testing.T) {
	schema := shop(t)
	s, err := schema.New(map[string]any{"organization_id": "acme", "regions": []string{"EU", "US"}})
	require.NoError(t, err)
	i, ok := schema.Index("regions")
	require.True(t, ok)
	assert.Equal(t, 1, i)
	assert.Equal(t, 2, s.Len(i))
	assert.Equal(t, 0, s.Len(0))
	v, ok := s.Elem(i, 1)
	assert.True(t, ok)
	assert.Equal(t, "US", v)
	for _, place := range [][2]int{{i, 2}, {i, -1}, {0, 0}, {3, 0}, {-1, 0}, {9, 0}} {
		_, ok := s.Elem(place[0], place[1])
		assert.False(t, ok, place)
	}
	_, ok = s.At(-1)
	assert.False(t, ok)
	_, ok = s.At(99)
	assert.False(t, ok)
}

func TestZeroSession(t *testing.T) {
	var s session.Session
	assert.False(t, s.Valid())
	assert.Nil(t, s.Schema())
	_, ok := s.Value("organization_id")
	assert.False(t, ok)
	for range s.All() {
		t.Error("the zero session has no values")
	}
	assert.Equal(t, "session(invalid)", s.String())
	out, err := json.Marshal(s)
	require.NoError(t, err)
	assert.Equal(t, "null", string(out))
	assert.Equal(t, "session(invalid)", s.LogValue().String())
}

func TestNilSchema(t *testing.T) {
	var schema *session.Schema
	_, err := schema.New(nil)
	require.Error(t, err)
	_, ok := schema.Property("x")
	assert.False(t, ok)
	assert.Empty(t, slices.Collect(schema.Properties()))
}

func TestComparable(t *testing.T) {
	schema := shop(t)
	a, err := schema.New(map[string]any{"organization_id": "acme"})
	require.NoError(t, err)
	b, err := schema.New(map[string]any{"organization_id": "acme"})
	require.NoError(t, err)
	same := a
	assert.True(t, a == same)
	assert.False(t, a == b)
	assert.Same(t, schema, a.Schema())
}

func TestRedaction(t *testing.T) {
	s, err := shop(t).New(map[string]any{
		"organization_id": "s3cret", "regions": []string{"EU"}, "role": "admin", "limits": map[string]int{"s3cret": 123456},
	})
	require.NoError(t, err)
	type wrapper struct {
		Public session.Session
		hidden session.Session
	}
	var outputs []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t", "%p", "%T"} {
		outputs = append(outputs, fmt.Sprintf(verb, s), fmt.Sprintf(verb, &s), fmt.Sprintf(verb, wrapper{s, s}))
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("query", "session", s)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("query", "session", s, "context", session.NewContext(context.Background(), s))
	asJSON, err := json.Marshal(map[string]any{"session": s})
	require.NoError(t, err)
	outputs = append(outputs, log.String(), string(asJSON))
	for _, text := range outputs {
		for _, secret := range []string{"s3cret", "EU", "123456", "73337263726574"} {
			assert.NotContains(t, text, secret)
		}
	}
	assert.Equal(t, `session(organization_id: [redacted], regions: [redacted], role: "admin", limits: [redacted])`, s.String())
	assert.JSONEq(t, `{"session": {"organization_id": "[redacted]", "regions": "[redacted]", "role": "admin", "limits": "[redacted]"}}`,
		string(asJSON))
	assert.Contains(t, log.String(), "session.role=admin")
}

func TestContext(t *testing.T) {
	s, err := shop(t).New(map[string]any{"organization_id": "acme"})
	require.NoError(t, err)
	_, ok := session.FromContext(context.Background())
	assert.False(t, ok)
	ctx := session.NewContext(context.Background(), s)
	got, ok := session.FromContext(ctx)
	assert.True(t, ok)
	assert.Equal(t, s, got)
	_, ok = session.FromContext(session.NewContext(ctx, session.Session{}))
	assert.False(t, ok, "the zero session hides the outer one")
}

func TestOrigin(t *testing.T) {
	s, err := shop(t).New(map[string]any{"organization_id": "acme"})
	require.NoError(t, err)
	keyed := s.WithOrigin("key7")
	assert.Equal(t, "key7", keyed.Origin())
	assert.Empty(t, s.Origin())
	assert.NotEqual(t, s, keyed)
	assert.Same(t, s.Schema(), keyed.Schema())
	v, ok := keyed.Value("organization_id")
	assert.True(t, ok)
	assert.Equal(t, "acme", v)
	assert.Equal(t, s.String(), keyed.String())
	assert.False(t, session.Session{}.WithOrigin("key7").Valid())
	assert.Empty(t, session.Session{}.WithOrigin("key7").Origin())
}

func TestProperties(t *testing.T) {
	var names []string
	for p := range shop(t).Properties() {
		names = append(names, p.Name)
	}
	assert.Equal(t, "organization_id regions role limits", strings.Join(names, " "))
}

func TestErrorText(t *testing.T) {
	assert.Equal(t, `session property "a": is bad`, (&session.Error{Property: "a", Message: "is bad"}).Error())
	assert.Equal(t, "session: there is no schema", (&session.Error{Message: "there is no schema"}).Error())
}
