package dialect

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// whiteSpace is what CEL's trim takes away: all characters with Unicode's
// property White_Space.
const whiteSpace = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

// whiteSpaceNumbers lists the code points for a function that makes a string of them.
func whiteSpaceNumbers() string {
	var out []string
	for _, r := range whiteSpace {
		out = append(out, strconv.Itoa(int(r)))
	}
	return strings.Join(out, ", ")
}

// whiteSpaceEscaped is the set as a string constant of PostgreSQL.
func whiteSpaceEscaped() string {
	var b strings.Builder
	for _, r := range whiteSpace {
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return "E'" + b.String() + "'"
}

// whiteSpacePattern is a regular expression of MySQL and MariaDB for white space
// at both ends. It doesn't take the ends of lines for the end.
func whiteSpacePattern() string {
	pattern := "(?-m)^[" + whiteSpace + "]+|[" + whiteSpace + "]+$"
	return "_utf8mb4 X'" + strings.ToUpper(hex.EncodeToString([]byte(pattern))) + "'"
}
