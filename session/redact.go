package session

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
)

var (
	_ fmt.Stringer   = Session{}
	_ fmt.GoStringer = Session{}
	_ fmt.Formatter  = Session{}
	_ slog.LogValuer = Session{}
	_ json.Marshaler = Session{}
)

// redactedText stands for a value that may not be shown.
const redactedText = "[redacted]"

// shown gives name and printable value of each present property.
func (s Session) shown(yield func(Property, any) bool) {
	if s.data == nil {
		return
	}
	for i, p := range s.data.schema.properties {
		v, ok := s.At(i)
		if !ok {
			continue
		}
		if !p.Loggable {
			v = redactedText
		}
		if !yield(p, v) {
			return
		}
	}
}

// String lists the present properties; values that are not Loggable are redacted.
func (s Session) String() string {
	if !s.Valid() {
		return "session(invalid)"
	}
	var parts []string
	for p, v := range s.shown {
		if text, ok := v.(string); ok && p.Loggable {
			v = fmt.Sprintf("%q", text)
		}
		parts = append(parts, fmt.Sprintf("%s: %v", p.Name, v))
	}
	return "session(" + strings.Join(parts, ", ") + ")"
}

// GoString is String, so that %#v redacts too.
func (s Session) GoString() string { return s.String() }

// Format prints String under every verb: none reaches the values.
func (s Session) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte(s.String())) // fmt has no way to report it
}

// LogValue is a group of the present properties, redacted like String.
func (s Session) LogValue() slog.Value {
	if !s.Valid() {
		return slog.StringValue(s.String())
	}
	var attrs []slog.Attr
	for p, v := range s.shown {
		attrs = append(attrs, slog.Any(p.Name, v))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON is an object of the present properties, redacted like String; the
// zero Session is null. It is for logs: a session can't be read back from it.
func (s Session) MarshalJSON() ([]byte, error) {
	if !s.Valid() {
		return []byte("null"), nil
	}
	shown := make(map[string]any)
	for p, v := range s.shown {
		shown[p.Name] = v
	}
	return json.Marshal(shown)
}
