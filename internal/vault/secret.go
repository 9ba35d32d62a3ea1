package vault

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

var (
	_ fmt.Formatter          = Secret{}
	_ fmt.Stringer           = Secret{}
	_ fmt.GoStringer         = Secret{}
	_ json.Marshaler         = Secret{}
	_ encoding.TextMarshaler = Secret{}
	_ slog.LogValuer         = Secret{}
	_ fmt.Formatter          = Key{}
	_ json.Marshaler         = Key{}
	_ slog.LogValuer         = Key{}
)

// MaxSecret is the longest secret, in bytes.
const MaxSecret = 64 << 10

// redacted stands for what may not be shown.
const redacted = "[redacted]"

// Secret is a text that shows itself only through Reveal: every printed,
// logged or marshalled form is "[redacted]". The zero Secret is empty. Copies
// of a secret are equal with ==, secrets made by two calls are not.
type Secret struct{ data *data }

type data struct {
	// reveal is a function because fmt and other printers follow pointers, also
	// in unexported fields where no method of Secret redacts.
	reveal func() string
	// dsn tells that the value is a whole DSN, parts are the secrets in it.
	dsn   bool
	parts []Secret
}

// NewSecret makes a secret of a value.
func NewSecret(value string) Secret {
	return Secret{&data{reveal: func() string { return value }}}
}

func newDSN(value string, parts []Secret) Secret {
	return Secret{&data{reveal: func() string { return value }, dsn: true, parts: parts}}
}

// Reveal gives the value.
func (s Secret) Reveal() string {
	if s.data == nil {
		return ""
	}
	return s.data.reveal()
}

// String is "[redacted]".
func (s Secret) String() string { return redacted }

// GoString is "[redacted]".
func (s Secret) GoString() string { return redacted }

// Format prints "[redacted]" under every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalJSON is "[redacted]": a secret can't be read back from it.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// MarshalText is "[redacted]": a secret can't be read back from it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue is "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
