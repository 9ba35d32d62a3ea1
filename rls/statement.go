package rls

import (
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/resolve"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/semantic"
)

// Statement is what a database runs in place of a logical query: pass SQL and
// Args to database/sql as they are.
type Statement struct {
	SQL  string
	Args []any
	// Columns are the output columns, in order.
	Columns []Column
	// Decision tells which policies applied where, and why.
	Decision *Decision
	// Fingerprint identifies the result for caches.
	Fingerprint Fingerprint
}

// Column is one output column: its logical name, which is the alias, the
// field's name or the expression as written, and its datatype, which is
// semantic.Unknown where it isn't known.
type Column struct {
	Name     string
	Datatype semantic.Datatype
}

// Fingerprint covers a statement's SQL and bound values, the model, the
// policies and the dialect: over unchanged data, statements of equal
// fingerprints have equal results. It reveals none of what it covers.
type Fingerprint [sha256.Size]byte

// String is the fingerprint in hexadecimal.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

func columns(b *resolve.Bound) []Column {
	out := make([]Column, len(b.Columns))
	for i, c := range b.Columns {
		out[i] = Column{Name: c.Name, Datatype: semantic.Datatype(c.Type)}
	}
	return out
}

// bindArgs gives each argument slot its value: the caller's where the caller
// wrote a placeholder, the session's everywhere else.
func bindArgs(slots []dialect.Arg, ruling *rules.Ruling, args []any) ([]any, error) {
	out := make([]any, len(slots))
	for i, s := range slots {
		switch {
		case s.Slot != nil:
			v, err := sessionValue(s, ruling)
			if err != nil {
				return nil, fault.New(fault.Denied, 0, "the policies need session property %s, which this session lacks", s.Slot.Name)
			}
			out[i] = v
		case s.Param >= 0 && s.Param < len(args):
			if err := checkArg(args[s.Param]); err != nil {
				return nil, err
			}
			out[i] = args[s.Param]
		default:
			return nil, fault.New(fault.Internal, 0, "an argument has no value")
		}
	}
	return out, nil
}

// sessionValue is the session's value for a slot, as it is bound.
func sessionValue(arg dialect.Arg, ruling *rules.Ruling) (any, error) {
	if !arg.List {
		v, err := ruling.Value(arg.Slot)
		return bindValue(v), err
	}
	list, err := ruling.List(arg.Slot)
	return arrayText(list), err
}

// timestampLayout is how session timestamps are bound: text in UTC, which every
// database compares with its own date and time types as they are. The decimals
// are there only where they aren't zero.
const timestampLayout = "2006-01-02 15:04:05.999999"

func bindValue(v any) any {
	if at, ok := v.(time.Time); ok {
		return at.UTC().Format(timestampLayout)
	}
	return v
}

// arrayText writes a list as PostgreSQL reads arrays: every element in double
// quotes, with backslashes before quotes and backslashes (PostgreSQL manual, 8.15.6).
func arrayText(list []any) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, v := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		b.WriteString(arrayEscapes.Replace(fmt.Sprint(bindValue(v))))
		b.WriteByte('"')
	}
	b.WriteByte('}')
	return b.String()
}

var arrayEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// checkArg refuses arguments that database/sql would not bind by position.
func checkArg(arg any) error {
	switch arg.(type) {
	case sql.NamedArg, *sql.NamedArg:
		return fault.New(fault.Unsupported, 0, "named arguments are not supported").WithHint("use ? and give the values in order")
	case sql.Out, *sql.Out:
		return fault.New(fault.Unsupported, 0, "output arguments are not supported")
	}
	return nil
}

// identity hashes what a fingerprint covers besides the statement.
func identity(cfg Config) []byte {
	h := sha256.New()
	model, policies := cfg.Policies.Model().Hash(), cfg.Policies.Hash()
	h.Write(model[:])
	h.Write(policies[:])
	h.Write([]byte(cfg.Dialect.String()))
	return h.Sum(nil)
}

// scoped is an identity within a scope; the empty scope is none.
func scoped(identity []byte, scope string) []byte {
	if scope == "" {
		return identity
	}
	h := sha256.New()
	h.Write(identity)
	writePart(h, scope)
	return h.Sum(nil)
}

// fingerprint hashes a statement. Every part is preceded by its length, so that
// no two statements run together.
func (e *Enforcer) fingerprint(sql string, args []any) Fingerprint {
	h := sha256.New()
	h.Write(e.identity)
	writePart(h, sql)
	for _, a := range args {
		writePart(h, canonicalArg(a))
	}
	return Fingerprint(h.Sum(nil))
}

func writePart(h hash.Hash, part string) {
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(part)))
	h.Write(size[:])
	h.Write([]byte(part))
}

// canonicalArg writes an argument with its type.
func canonicalArg(arg any) string {
	v, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if err != nil { // a type of the driver's own
		return fmt.Sprintf("%T %#v", arg, arg)
	}
	switch v := v.(type) {
	case nil:
		return "null"
	case time.Time:
		return "time " + v.Format(time.RFC3339Nano)
	case []byte:
		return "bytes " + string(v)
	default:
		return strings.TrimSpace(fmt.Sprintf("%T %v", v, v))
	}
}
