package vault

import (
	"context"
	"regexp"
	"strings"
)

var (
	urlForm   = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*://|file:)`)
	pairsForm = regexp.MustCompile(`^\s*[A-Za-z_][A-Za-z0-9_]*\s*=`)
)

// Expand replaces each ${reference} of a DSN template by its secret, and $${ by
// ${. The result is a Secret, because it holds them; it need not have any.
//
// How a secret is written depends on what the template begins with:
//   - a URL, such as postgres://app:${env:PGPASS}@host/db, or file: has it
//     percent-encoded, all but ASCII letters, digits and "-._~";
//   - key=value pairs, such as host=h password=${env:PGPASS}, have blanks,
//     quotes and backslashes escaped, inside quotes and outside;
//   - anything else has it as it is. That is right for the password of
//     go-sql-driver/mysql's DSNs and for a template that is one reference, such
//     as ${env:DATABASE_URL}.
//
// The errors are those of Resolve, and ErrTemplate for a "${" without "}".
func (r Resolver) Expand(ctx context.Context, template string) (Secret, error) {
	escape := escaper(template)
	var b strings.Builder
	var parts []Secret
	for rest := template; ; {
		before, after, found := strings.Cut(rest, "${")
		if !found {
			b.WriteString(rest)
			return newDSN(b.String(), parts), nil
		}
		if literal, ok := strings.CutSuffix(before, "$"); ok {
			b.WriteString(literal + "${")
			rest = after
			continue
		}
		ref, after, found := strings.Cut(after, "}")
		if !found {
			return Secret{}, failure(ErrTemplate, "a reference has no closing brace; a literal ${ is written $${")
		}
		part, err := r.Resolve(ctx, ref)
		if err != nil {
			return Secret{}, err
		}
		b.WriteString(before + escape(part.Reveal()))
		parts = append(parts, part)
		rest = after
	}
}

// escaper chooses how secrets are written by the form of a template.
func escaper(template string) func(string) string {
	switch {
	case urlForm.MatchString(template):
		return percentEncode
	case pairsForm.MatchString(template):
		return escapeValue
	default:
		return func(value string) string { return value }
	}
}

// percentEncode leaves only RFC 3986's unreserved characters, so that it is
// right in every part of a URL.
func percentEncode(value string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(value) {
		c := value[i]
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString(string([]byte{'%', hex[c>>4], hex[c&15]}))
		}
	}
	return b.String()
}

// escapeValue writes the value of a key=value pair.
func escapeValue(value string) string {
	var b strings.Builder
	for i := range len(value) {
		if strings.IndexByte(" \t\n\r\v\f'\\", value[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(value[i])
	}
	return b.String()
}
