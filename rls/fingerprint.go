package rls

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"time"
)

// Fingerprint covers a statement's SQL and bound values, the model, the
// policies and the dialect: over unchanged data, statements of equal
// fingerprints have equal results. Fingerprints are compared with == and may be
// keys of maps. What they print as is the same in every process.
type Fingerprint struct {
	// identity stands for the model, the policies and the dialect; values are the
	// arguments, each with its type and length. Nothing is hashed before it is asked for.
	identity, sql, values string
}

// Sum is the fingerprint as a SHA-256 hash. It reveals none of what it covers.
func (f Fingerprint) Sum() [sha256.Size]byte {
	plan := sha256.Sum256([]byte(f.identity + f.sql))
	return sha256.Sum256(append(plan[:], f.values...))
}

// String is Sum in hexadecimal.
func (f Fingerprint) String() string {
	sum := f.Sum()
	return hex.EncodeToString(sum[:])
}

// Format prints String under every verb: none reaches the values.
func (f Fingerprint) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(f.String())) }

// MarshalText is String.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// valuesOf writes arguments so that no two lists of them look alike.
func valuesOf(args []any) string {
	var room [128]byte
	out := room[:0]
	for _, a := range args {
		out = appendValue(out, a)
	}
	return string(out)
}

// appendValue writes an argument so that no two values, and no two lists of
// values, look alike.
func appendValue(out []byte, arg any) []byte {
	if out, ok := appendPlain(out, arg); ok {
		return out
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if err == nil {
		if out, ok := appendPlain(out, v); ok {
			return out
		}
	}
	text := fmt.Sprintf("%T %#v", arg, arg) // a type of the driver's own
	return append(appendLength(out, 'o', len(text)), text...)
}

// appendPlain writes a value of one of the types that drivers take as they are.
func appendPlain(out []byte, arg any) ([]byte, bool) {
	switch v := arg.(type) {
	case nil:
		return append(out, 'n'), true
	case string:
		return append(appendLength(out, 's', len(v)), v...), true
	case int64:
		return binary.BigEndian.AppendUint64(append(out, 'i'), uint64(v)), true
	case float64:
		return binary.BigEndian.AppendUint64(append(out, 'f'), math.Float64bits(v)), true
	case bool:
		if v {
			return append(out, 't'), true
		}
		return append(out, 'b'), true
	case []byte:
		return append(appendLength(out, 'x', len(v)), v...), true
	case time.Time:
		text := v.Format(time.RFC3339Nano)
		return append(appendLength(out, 'd', len(text)), text...), true
	default:
		return out, false
	}
}

func appendLength(out []byte, kind byte, n int) []byte {
	return binary.AppendUvarint(append(out, kind), uint64(n))
}
