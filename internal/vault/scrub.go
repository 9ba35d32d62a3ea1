package vault

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	// shortSecret is a length below which replacing a secret in a text would tell
	// it: "conn[redacted]ction".
	shortSecret = 6
	// fragment is how many bytes of a secret in a row may not be shown: drivers
	// quote pieces of a DSN that they can't read, cut at any character of a password.
	fragment = 4
)

// Scrub gives an error that may be shown: in its text every secret is replaced
// by "[redacted]", as it is and as drivers write it: URL-escaped, quoted,
// escaped. Of a DSN that Expand gave, or that is understood as one, the DSN as a
// whole, its password and the secrets that were put into it are replaced; its
// host and user may stay. All of the text goes when replacing isn't enough:
//   - when a secret of less than 6 bytes is found in it,
//   - when 4 bytes in a row of a secret are left in it,
//   - when a DSN of Expand's can't be read in exactly one way.
//
// errors.Is finds what it found in err. errors.As and errors.Unwrap find
// nothing: drivers keep whole DSNs in the fields of their errors. Scrub of nil
// is nil.
func Scrub(err error, secrets ...Secret) error {
	if err == nil {
		return nil
	}
	return hide(scrub(err.Error(), secrets), err)
}

func scrub(text string, secrets []Secret) string {
	var n needles
	for _, s := range secrets {
		n.add(s)
	}
	if n.unclear {
		return redacted
	}
	for _, p := range n.passwords {
		if len(p) < shortSecret && leaks(text, p) {
			return redacted
		}
	}
	var all []string
	for _, s := range slices.Concat(n.passwords, n.dsns) {
		all = append(all, forms(s)...)
	}
	// The longest first: a DSN before the password in it.
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	var pairs []string
	for _, s := range slices.Compact(all) {
		pairs = append(pairs, s, redacted)
	}
	text = strings.NewReplacer(pairs...).Replace(text)
	for _, p := range n.passwords {
		if leaks(text, p) {
			return redacted
		}
	}
	return text
}

// needles are the texts to look for.
type needles struct {
	passwords []string
	dsns      []string
	unclear   bool
}

func (n *needles) add(s Secret) {
	value := s.Reveal()
	if value == "" {
		return
	}
	r := read(value)
	switch {
	case s.data.dsn && !r.clear:
		n.unclear = true
	case s.data.dsn || r.clear && len(r.secrets) > 0:
		n.dsns = append(n.dsns, value)
		n.passwords = append(n.passwords, r.secrets...)
	default:
		n.passwords = append(n.passwords, value)
	}
	for _, part := range s.data.parts {
		n.add(part)
	}
}

// forms are the ways in which drivers and Go's packages write a text.
func forms(s string) []string {
	quoted, ascii := strconv.Quote(s), strconv.QuoteToASCII(s)
	all := []string{
		s, percentEncode(s), url.QueryEscape(s), url.PathEscape(s), url.UserPassword("", s).String()[1:],
		quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1],
		escapeValue(s), strings.ReplaceAll(s, "'", "''"),
	}
	if b, err := json.Marshal(s); err == nil {
		all = append(all, string(b[1:len(b)-1]))
	}
	return slices.DeleteFunc(all, func(f string) bool { return f == "" })
}

// leaks tells whether a text holds a secret, or a long piece of it, under any
// decoding.
func leaks(text, secret string) bool {
	pieces := map[string]bool{}
	size := min(len(secret), fragment)
	for i := range len(secret) - size + 1 {
		pieces[secret[i:i+size]] = true
	}
	for _, t := range decodings(text) {
		for i := range len(t) - size + 1 {
			if pieces[t[i:i+size]] {
				return true
			}
		}
	}
	return false
}

// decodings undoes what may have been done to a secret before it came into a
// text, as far as the text allows.
func decodings(text string) []string {
	bare := unbackslash(text)
	return []string{
		text,
		unpercent(text),
		unpercent(strings.ReplaceAll(text, "+", " ")),
		bare,
		unpercent(bare),
		unbackslash(bare),
		strings.ReplaceAll(text, "''", "'"),
	}
}

func unpercent(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if c, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// unbackslash reads the escapes of Go and JSON, and drops the backslash of others.
func unbackslash(text string) string {
	var b strings.Builder
	for text != "" {
		if text[0] != '\\' || len(text) == 1 {
			b.WriteByte(text[0])
			text = text[1:]
			continue
		}
		c, multibyte, tail, err := strconv.UnquoteChar(text, 0)
		switch {
		case err != nil:
			b.WriteByte(text[1])
			text = text[2:]
			continue
		case multibyte:
			b.WriteRune(c)
		default:
			b.WriteByte(byte(c))
		}
		text = tail
	}
	return b.String()
}
