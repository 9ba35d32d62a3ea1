package keys

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type (
	word  string
	level uint8
)

// Values come back exactly, with their types.
func TestPropertiesKeepTheirTypes(t *testing.T) {
	at := time.Date(2026, 5, 4, 3, 2, 1, 123456789, time.FixedZone("", 3600))
	text, err := encodeProperties(map[string]any{
		"none": nil, "word": word("<&>\u2028é"), "empty": "", "big": int64(1)<<53 + 1, "least": int64(math.MinInt64), "most": uint64(math.MaxInt64),
		"level": level(7), "half": float32(0.5), "third": 1.0 / 3, "whole": 2.0, "zero": math.Copysign(0, -1), "tiny": math.SmallestNonzeroFloat64,
		"huge": math.MaxFloat64, "yes": true, "no": false, "at": at, "long": time.Duration(math.MaxInt64),
		"words": []word{"a", "b"}, "nothing": []string(nil), "mixed": []any{"a", 1, 1.0, at}, "array": [2]int{1, 2},
		"map": map[word]any{"a": 1, "b": 1.0, "": time.Second}, "bare": map[string]int(nil),
	})
	require.NoError(t, err)
	got, err := decodeProperties(text)
	require.NoError(t, err)
	utc := at.UTC()
	assert.Equal(t, map[string]any{
		"word": "<&>\u2028é", "empty": "", "big": int64(1)<<53 + 1, "least": int64(math.MinInt64), "most": int64(math.MaxInt64),
		"level": int64(7), "half": 0.5, "third": 1.0 / 3, "whole": 2.0, "zero": math.Copysign(0, -1), "tiny": math.SmallestNonzeroFloat64,
		"huge": math.MaxFloat64, "yes": true, "no": false, "at": utc, "long": time.Duration(math.MaxInt64),
		"words": []any{"a", "b"}, "nothing": []any{}, "mixed": []any{"a", int64(1), 1.0, utc}, "array": []any{int64(1), int64(2)},
		"map": map[string]any{"a": int64(1), "b": 1.0, "": time.Second}, "bare": map[string]any{},
	}, got)
	assert.True(t, math.Signbit(got["zero"].(float64)))

	again, err := encodeProperties(got)
	require.NoError(t, err)
	assert.Equal(t, text, again, "the JSON is canonical")
}

func TestPropertiesRefused(t *testing.T) {
	secret := "s3cret"
	for name, v := range map[string]any{
		"pointer": &secret, "struct": struct{ S string }{secret}, "NUL": secret + "\x00", "UTF-8": secret + "\xff",
		"wide": uint64(math.MaxInt64) + 1, "NaN": math.NaN(), "infinite": math.Inf(1), "year": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		"nil element": []any{nil}, "nested": [][]string{{secret}}, "nested map": map[string]any{secret: []string{secret}},
		"int keys": map[int]string{1: secret}, "bad key": map[string]int{secret + "\xff": 1}, "func": func() {}, "complex": 1i,
		"long": strings.Repeat(secret, maxProperties/len(secret)+1),
	} {
		_, err := encodeProperties(map[string]any{"p": v})
		assert.ErrorIs(t, err, ErrInvalid, name)
		assert.NotContains(t, err.Error(), secret, name)
	}
	_, err := encodeProperties(map[string]any{"p\xff": 1})
	assert.ErrorIs(t, err, ErrInvalid)
}

// A row that another hand wrote is refused as a whole.
func TestUnreadableProperties(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `{`, `{} {}`, `{"p":{}}`, `{"p":1}`, `{"p":{"int":1,"string":"a"}}`, `{"p":{"int":1.5}}`, `{"p":{"int":9223372036854775808}}`,
		`{"p":{"decimal":"1"}}`, `{"p":{"list":[{"list":[]}]}}`, `{"p":{"list":[{}]}}`, `{"p":{"map":{"a":{"map":{}}}}}`, `{"p":{"int":1,"list":[]}}`,
		`{"p":{"timestamp":"yesterday"}}`, `{"p":null}`, `{"p":{"int":null}}`,
	} {
		_, err := decodeProperties(text)
		assert.Error(t, err, text)
	}
}
