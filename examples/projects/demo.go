package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// step is one request of the demonstration, by the holder of a key.
type step struct {
	title, key   string
	method, path string
	body         string
}

const regions = "SELECT o.region, COUNT(*) AS orders FROM orders o GROUP BY o.region ORDER BY orders DESC, o.region LIMIT 2"

// steps tell a story.
func steps() []step {
	ask := func(title, key, query, args string) step {
		return step{title, key, "POST", "/query", fmt.Sprintf(`{"query": %q%s}`, query, args)}
	}
	return []step{
		ask("The bakery has a project with a model of its own", "the baker",
			"SELECT bread, SUM(loaves) AS loaves FROM sales WHERE sold_on >= ? GROUP BY bread ORDER BY bread", `, "args": ["2026-03-01"]`),
		ask("So has the clinic, where a doctor sees the own appointments", "Dr Adeyemi", "SELECT patient, reason FROM appointments ORDER BY id", ""),
		ask("and the front desk those of all", "the front desk", "SELECT doctor, patient FROM appointments ORDER BY id", ""),
		ask("but no reasons: a hidden field doesn't exist", "the front desk", "SELECT reason FROM appointments", ""),
		ask("and neither does what is in another project", "the front desk", "SELECT bread FROM sales", ""),
		ask("Two customers share the shop's project: this is acme", "acme", regions, ""),
		ask("and this is globex, with the same query", "globex", regions, ""),
		ask("A query that isn't understood is refused, with its place", "acme", "SELECT id FROM orders\nWHERE status = 'paid' FOR UPDATE", ""),
		ask("A key that is wrong, expired, revoked or missing: all the same", "nobody", regions, ""),
		ask("A body that is too large", "acme", "SELECT '"+strings.Repeat("x", maxBody)+"'", ""),
		{"Each key has its history, refused queries too", "the front desk", "GET", "/history", ""},
		{"also in the shared project, where globex doesn't see acme's", "globex", "GET", "/history", ""},
	}
}

// demonstrate sends the requests and prints them with their answers. What
// differs each time, tokens and times, is shown as a placeholder.
func demonstrate(ctx context.Context, out io.Writer, h host) error {
	for _, s := range steps() {
		status, answer, err := send(ctx, h, s)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "# %s\n\n%s %s\nAuthorization: Bearer <token of %s>\n%s\n", s.title, s.method, s.path, s.key, shorten(s.body))
		fmt.Fprintf(out, "%s\n%s\n\n", status, times.ReplaceAllString(answer, "<time>"))
	}
	return nil
}

var times = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)

// send makes one request.
func send(ctx context.Context, h host, s step) (status, answer string, err error) {
	request, err := http.NewRequestWithContext(ctx, s.method, h.url+s.path, strings.NewReader(s.body))
	if err != nil {
		return "", "", err
	}
	request.Header.Set("Authorization", "Bearer "+cmp.Or(h.tokens[s.key], "no-such-key"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.Status, layOut(body), err
}

// layOut writes an answer for the eye: each row and entry on a line, and an
// error as its text.
func layOut(body []byte) string {
	var failed struct{ Error string }
	if json.Unmarshal(body, &failed) == nil && failed.Error != "" {
		return failed.Error
	}
	text := strings.TrimSpace(string(body))
	for _, list := range []string{"],[", "},{"} {
		text = strings.ReplaceAll(text, list, list[:2]+"\n  "+list[2:])
	}
	for _, begin := range []string{`"rows":[`, `"entries":[`} {
		text = strings.ReplaceAll(text, begin, begin+"\n  ")
	}
	return text
}

func shorten(body string) string {
	const most = 200
	switch {
	case body == "":
		return ""
	case len(body) > most:
		return body[:60] + "…\n"
	}
	return body + "\n"
}
