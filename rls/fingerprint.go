package rls

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"time"
	"unique"
)

// Fingerprint covers a statement's SQL and bound values, the model, the
// policies and the dialect: over unchanged data, statements of equal
// fingerprints have equal results. Fingerprints are compared with == and may be
// keys of maps. What they print as is the same in every process.
type Fingerprint struct {
	// enforcer is the digest of what the statements of one enforcer have in common.
	// It is hashed together with the rest when that is asked for.
	enforcer digest
	sql      string
	values   canonical
}

// canonical is a list of values, each with its type and length: in short, padded
// with zeros, or in long where there is no room.
type canonical struct {
	short [40]byte
	long  string
}

// digest is the SHA-256 hash of something, kept once.
type digest struct {
	sum unique.Handle[[sha256.Size]byte]
}

func newDigest(parts ...string) digest {
	return digest{unique.Make(sha256.Sum256([]byte(strings.Join(parts, ""))))}
}

// text is the hash as a string of bytes, "" for the zero digest.
func (d digest) text() string {
	if d == (digest{}) {
		return ""
	}
	sum := d.sum.Value()
	return string(sum[:])
}

// Sum is the fingerprint as a SHA-256 hash. It reveals none of what it covers.
func (f Fingerprint) Sum() [sha256.Size]byte {
	sql := sha256.Sum256([]byte(f.sql)) // all but the last have a fixed length
	return sha256.Sum256([]byte(f.enforcer.text() + string(sql[:]) + string(f.values.short[:]) + f.values.long))
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

// set writes the arguments of a statement.
func (c *canonical) set(args []any) {
	out := c.short[:0]
	for _, a := range args {
		out = appendValue(out, a)
	}
	if len(out) > len(c.short) { // append has moved it
		c.short, c.long = [len(c.short)]byte{}, string(out)
	}
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
