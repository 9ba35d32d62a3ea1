package mysql

import (
	"strings"

	"github.com/hedgerow/hedgerow/internal/fault"
)

// fromANSI writes an expression of standard SQL in MySQL's lexical syntax. ||
// becomes <<, which has the place in MySQL's precedence that || needs: below +
// and -, above comparison. That is safe because bit operators, which standard
// SQL lacks, are refused here.
func fromANSI(text string) (*source, *fault.Error) {
	src := &source{text: text, orig: text}
	if len(text) > DefaultLimits().Bytes {
		return src, fault.New(fault.Limit, 0, "the expression is too long")
	}
	var edits []edit
	for i := 0; i < len(text); {
		end := i + 1
		switch rest := text[i:]; {
		case rest[0] == '\'', rest[0] == '"':
			if end = quotedEnd(text, i); end < 0 {
				return src, fault.New(fault.Syntax, i+1, "the quoted text is not closed")
			}
			edits = append(edits, edit{i, end, requote(text[i:end])})
		case strings.HasPrefix(rest, "--"):
			if end = i + strings.IndexByte(rest, '\n'); end < i {
				end = len(text)
			}
			edits = append(edits, edit{i, end, " "})
		case strings.HasPrefix(rest, "/*"):
			if n := strings.Index(rest[2:], "*/"); n >= 0 {
				end = i + 2 + n + 2
			} else {
				end = len(text) // the gate refuses it
			}
		case strings.HasPrefix(rest, "||"):
			end = i + 2
			edits = append(edits, edit{i, end, "<<"})
		case strings.HasPrefix(rest, "<<"), strings.HasPrefix(rest, ">>"), strings.HasPrefix(rest, "!") && !strings.HasPrefix(rest, "!="),
			strings.IndexByte("&|^~#`\\", rest[0]) >= 0:
			return src, fault.New(fault.Unsupported, i+1, "%q is not standard SQL", rest[:1]).
				WithHint("give the field an expression for the dialect MYSQL")
		}
		if strings.HasPrefix(text[i:], "!=") {
			end = i + 2
		}
		i = end
	}
	return src.rewrite(edits), nil
}

// quotedEnd finds the end of the quoted text that starts at i, in which a
// doubled quote stands for one; -1 if there is none.
func quotedEnd(text string, i int) int {
	quote := text[i]
	for j := i + 1; j < len(text); j++ {
		if text[j] != quote {
			continue
		}
		if j+1 < len(text) && text[j+1] == quote {
			j++
			continue
		}
		return j + 1
	}
	return -1
}

// requote writes a standard string or quoted name for MySQL.
func requote(s string) string {
	quote, inner := s[:1], s[1:len(s)-1]
	inner = strings.ReplaceAll(inner, quote+quote, quote)
	if quote == `"` {
		return "`" + strings.ReplaceAll(inner, "`", "``") + "`"
	}
	inner = strings.ReplaceAll(inner, `\`, `\\`)
	return "'" + strings.ReplaceAll(inner, "'", "''") + "'"
}
