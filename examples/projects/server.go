package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/session"
)

const (
	maxBody      = 64 << 10
	maxRows      = 1000
	queryTimeout = 10 * time.Second
)

// server answers the holders of keys.
type server struct{ registry *project.Registry }

// handler has the two endpoints. Whoever isn't authenticated learns nothing.
func (s server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /query", s.authenticated(query))
	mux.HandleFunc("GET /history", s.authenticated(s.history))
	return mux
}

// caller is who a token stands for.
type caller struct {
	project *project.Project
	session session.Session
}

// authenticated finds the caller of a request, and writes what the endpoint gives.
func (s server) authenticated(endpoint func(r *http.Request, c caller) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), queryTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		answer, err := func() (any, error) {
			token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			p, who, err := s.registry.Authenticate(ctx, token)
			if errors.Is(err, rls.ErrNoSession) {
				err = project.ErrUnauthenticated // a key that fits no more is as good as none
			}
			if err != nil {
				return nil, err
			}
			return endpoint(r, caller{p, who})
		}()
		status := http.StatusOK
		if err != nil {
			var message string
			status, message = explain(err)
			answer = map[string]string{"error": message}
		}
		write(w, status, answer)
	}
}

// write sends an answer as JSON.
func write(w http.ResponseWriter, status int, answer any) {
	var body bytes.Buffer
	to := json.NewEncoder(&body)
	to.SetEscapeHTML(false)
	if err := to.Encode(answer); err != nil { // JSON has no infinity
		status = http.StatusInternalServerError
		body.Reset()
		body.WriteString(`{"error":"the answer can't be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a caller who has gone can't be told
}

// result is the answer to a query.
type result struct {
	Columns   []string `json:"columns"`
	Rows      [][]any  `json:"rows"`
	Truncated bool     `json:"truncated,omitempty"`
}

// query runs a logical query as the caller.
func query(r *http.Request, c caller) (any, error) {
	var body struct {
		Query string `json:"query"`
		Args  []any  `json:"args"`
	}
	in := json.NewDecoder(r.Body)
	in.UseNumber() // so that large integers stay what they are
	if err := in.Decode(&body); err != nil {
		return nil, badBody{err}
	}
	args, err := arguments(body.Args)
	if err != nil {
		return nil, badBody{err}
	}
	rows, err := c.project.Query(r.Context(), c.session, body.Query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return read(rows)
}

// read takes up to maxRows rows.
func read(rows *project.Rows) (result, error) {
	columns, err := rows.Columns()
	if err != nil {
		return result{}, err
	}
	out := result{Columns: columns, Rows: [][]any{}}
	for rows.Next() {
		if out.Truncated = len(out.Rows) == maxRows; out.Truncated {
			break
		}
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return result{}, err
		}
		out.Rows = append(out.Rows, row)
	}
	return out, rows.Err()
}

// arguments are those that JSON has, as database/sql takes them.
func arguments(in []any) ([]any, error) {
	for i, v := range in {
		switch v := v.(type) {
		case nil, string, bool:
		case json.Number:
			whole, err := v.Int64()
			if in[i] = whole; err == nil {
				continue
			}
			if in[i], err = v.Float64(); err != nil {
				return nil, fmt.Errorf("argument %d is no number of 64 bits", i+1)
			}
		default:
			return nil, fmt.Errorf("argument %d is no text, number, boolean or null", i+1)
		}
	}
	return in, nil
}

// entry is what a caller sees of a query of the past.
type entry struct {
	Time   time.Time      `json:"time"`
	Query  string         `json:"query"`
	Status project.Status `json:"status"`
	Error  string         `json:"error,omitempty"`
	Rows   int64          `json:"rows"`
}

// history gives the queries of the caller's own key: in a project that is
// shared, those of others are none of its business.
func (s server) history(r *http.Request, c caller) (any, error) {
	if err := s.registry.FlushHistory(r.Context()); err != nil { // to see the last one too
		return nil, err
	}
	page, err := c.project.History(r.Context(), project.Filter{Key: c.session.Origin(), Limit: 20})
	if err != nil {
		return nil, err
	}
	entries := []entry{}
	for _, e := range page.Entries {
		entries = append(entries, entry{e.Time, e.Query, e.Status, e.ErrorClass, e.Rows})
	}
	return map[string]any{"entries": entries}, nil
}

// badBody is a request that isn't what the endpoint takes.
type badBody struct{ error }

func (e badBody) Unwrap() error { return e.error }

// explain gives the status and the text for an error: all failures of
// authentication are one, and so is all that a caller can't see. What isn't the
// caller's business is not told.
func explain(err error) (status int, message string) {
	var refusal *rls.Error
	var tooLarge *http.MaxBytesError
	var bad badBody
	switch {
	case errors.Is(err, project.ErrUnauthenticated), errors.Is(err, project.ErrNotFound):
		return http.StatusUnauthorized, "no valid key"
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit)
	case errors.As(err, &bad):
		return http.StatusBadRequest, "the body is no JSON of the form {\"query\": \"…\", \"args\": […]}"
	case errors.As(err, &refusal) && errors.Is(err, rls.ErrDenied): // unknown names too
		return http.StatusNotFound, fmt.Sprintf("%d:%d: this key sees nothing of that name", refusal.Line, refusal.Column)
	case errors.As(err, &refusal):
		return http.StatusBadRequest, refusal.Detail()
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout, "the query took too long"
	case errors.Is(err, project.ErrInactive), errors.Is(err, project.ErrConnection), errors.Is(err, project.ErrClosed):
		return http.StatusServiceUnavailable, "the project takes no queries now"
	default:
		return http.StatusInternalServerError, "the query failed"
	}
}
