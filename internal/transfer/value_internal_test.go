package transfer

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/semantic"
)

// TestCanonical: what drivers give for one value has one text, and what isn't
// of the datatype has none.
func TestCanonical(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	noon := time.Date(2024, 2, 29, 12, 0, 0, 1000, time.UTC)
	for _, c := range []struct {
		datatype semantic.Datatype
		want     string // "" is refused
		given    []any
	}{
		{semantic.String, "5", []any{"5", []byte("5")}},
		{semantic.String, "", []any{int64(5), 5.0, true, noon}},
		{semantic.Integer, "5", []any{int64(5), uint64(5), []byte("5"), "5", "5.0", "+5"[1:], "005", 5.0}},
		{semantic.Integer, "0", []any{int64(0), "-0", "0.00", []byte("0"), math.Copysign(0, -1)}},
		{semantic.Integer, "-9223372036854775808", []any{int64(math.MinInt64), "-9223372036854775808.0"}},
		{semantic.Integer, "", []any{"9223372036854775808", uint64(math.MaxUint64), 5.5, "5.5", "", "x", noon, "1e3", "0x10", "1_000"}},
		{semantic.Decimal, "0.1", []any{0.1, "0.10", []byte(".1"), "00.1000"}},
		{semantic.Decimal, "100", []any{int64(100), "100.00", 1e2}},
		{semantic.Decimal, "-123456789012345678901234567890.5", []any{"-0123456789012345678901234567890.50"}},
		{semantic.Decimal, "", []any{"NaN", "Infinity", math.NaN(), math.Inf(1), "", ".", "-", "1e5", "--1", "1.2.3", " 1", "١"}},
		{semantic.Float, "0.1", []any{0.1, "0.1", []byte("0.10"), "1e-1"}},
		{semantic.Float, "0", []any{0.0, math.Copysign(0, -1), int64(0), "-0"}},
		{semantic.Float, "0.10000000149011612", []any{float32(0.1)}},
		{semantic.Float, "NaN", []any{math.NaN(), "NaN"}},
		{semantic.Float, "", []any{"", "x", true, noon}},
		{semantic.Boolean, "1", []any{true, int64(1), []byte("1"), "t", "true", []byte{1}}},
		{semantic.Boolean, "0", []any{false, int64(0), []byte("0"), "f", "false", []byte{0}}},
		{semantic.Boolean, "", []any{int64(2), "", "yes", noon}},
		{semantic.Date, "2024-02-29", []any{time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), "2024-02-29", []byte("2024-02-29"), "2024-02-29 00:00:00"}},
		{semantic.Date, "", []any{noon, "2024-02-30", "0000-00-00", "2024-02-29 12:00:00", "", int64(0), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
			time.Date(2024, 2, 29, 0, 0, 0, 0, berlin), "infinity"}},
		{semantic.Time, "12:00:00.000001", []any{noon, "12:00:00.000001", []byte("12:00:00.0000010")}},
		{semantic.Time, "", []any{"24:00:00", "-01:00:00", "838:59:59", "12:00:00.0000001", "noon"}},
		{semantic.DateTime, "2024-02-29 12:00:00.000001", []any{noon, "2024-02-29 12:00:00.000001", "2024-02-29T12:00:00.000001"}},
		{semantic.DateTime, "", []any{noon.In(berlin), noon.Add(1), "2024-02-29 12:00:00+01:00", "2024-02-29 12:00:00.0000001"}},
		{semantic.DateTimeTz, "2024-02-29 12:00:00.000001", []any{noon, noon.In(berlin), "2024-02-29 12:00:00.000001", "2024-02-29T13:00:00.000001+01:00",
			"2024-02-29T12:00:00.000001Z", "2024-02-29 13:00:00.000001+01"}},
		{semantic.DateTimeTz, "", []any{"2024-02-30 12:00:00", "", int64(1)}},
		{semantic.Opaque, "\x00\xff", []any{[]byte{0, 255}, "\x00\xff"}},
		{semantic.Unknown, "5", []any{int64(5), "5", []byte("5")}},
		{"Strange", "", []any{"5"}},
	} {
		for _, v := range c.given {
			got, err := canonical(v, c.datatype, &sqlite)
			if c.want == "" {
				assert.Error(t, err, "%s %#v", c.datatype, v)
				continue
			}
			if assert.NoError(t, err, "%s %#v", c.datatype, v) {
				assert.Equal(t, c.want, *got, "%s %#v", c.datatype, v)
			}
		}
		null, err := canonical(nil, c.datatype, &sqlite)
		assert.NoError(t, err)
		assert.Nil(t, null)
	}
}

// TestZeroDates: MySQL's driver gives 0000-00-00 as year 1, and times in the zone
// that it was told.
func TestZeroDates(t *testing.T) {
	for _, d := range []semantic.Datatype{semantic.Date, semantic.DateTime, semantic.DateTimeTz} {
		_, err := canonical(time.Time{}, d, &mariadb)
		assert.Error(t, err)
		_, err = canonical(time.Time{}, d, &postgresql)
		assert.NoError(t, err)
		_, err = canonical(time.Date(2024, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)), d, &mariadb)
		assert.Error(t, err)
	}
}

// TestBound: a value that the target doesn't have is refused before it is written.
func TestBound(t *testing.T) {
	for _, c := range []struct {
		text     string
		datatype semantic.Datatype
		kind     *kind
		want     any // nil is refused
	}{
		{"5", semantic.Decimal, &sqlite, int64(5)},
		{"0.1", semantic.Decimal, &sqlite, 0.1},
		{"12345678901234567890", semantic.Decimal, &sqlite, nil},
		{"0.12345678901234567891", semantic.Decimal, &sqlite, nil},
		{"0.12345678901234567891", semantic.Decimal, &mariadb, "0.12345678901234567891"},
		{"NaN", semantic.Float, &sqlite, nil},
		{"+Inf", semantic.Float, &mysql, nil},
		{"+Inf", semantic.Float, &postgresql, math.Inf(1)},
		{"2024-01-01 12:00:00.500000", semantic.DateTimeTz, &postgresql, "2024-01-01 12:00:00.5+00"},
		{"2024-01-01 12:00:00.000000", semantic.DateTimeTz, &mariadb, "2024-01-01 12:00:00"},
		{"x", "Strange", &sqlite, nil},
	} {
		got, err := bound(&c.text, c.text, c.datatype, c.kind)
		if c.want == nil {
			assert.Error(t, err, c.text)
			continue
		}
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, got)
	}
}

// TestSum: the order of rows doesn't matter, their number does, and no two rows
// run together.
func TestSum(t *testing.T) {
	of := func(rows ...[]*string) Sum {
		var s Sum
		for _, r := range rows {
			var encoded []byte
			for _, v := range r {
				encoded = encode(encoded, v)
			}
			s.add(encoded)
		}
		return s
	}
	p := func(s string) *string { return &s }
	a, b := []*string{p("a"), p("")}, []*string{p(""), p("a")}
	assert.Equal(t, of(a, b, a), of(b, a, a))
	all := []Sum{of(), of(a), of(b), of(a, a), of(b, b), of(a, b), of(a, a, b), of([]*string{p("a"), nil}), of([]*string{nil, p("a")}), of([]*string{p("a\x00"), p("")})}
	for i, one := range all {
		for _, other := range all[:i] {
			assert.NotEqual(t, one, other)
		}
		var back Sum
		require.NoError(t, back.Scan([]byte(one.String())))
		assert.Equal(t, one, back)
	}
	assert.Error(t, new(Sum).Scan("00"))
	assert.Error(t, new(Sum).Scan(nil))
	s := Sum{math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64} // -1: every word carries
	s.add(nil)
	var one Sum
	one.add(nil)
	one[0]--
	assert.Equal(t, one, s)
}

func TestInUTC(t *testing.T) {
	for zone, want := range map[string]bool{
		"+00:00 CET": true, "SYSTEM UTC": true, "UTC CET": true, "Etc/UTC CET": true,
		"SYSTEM CET": false, "Europe/Berlin UTC": false, "+01:00 UTC": false, "": false,
	} {
		assert.Equal(t, want, inUTC(zone), zone)
	}
}
