package rls

import (
	"context"
	"log/slog"
	"slices"
	"strings"
)

// loggedQuery is how many bytes of a query LogDecisions shows: the author
// of a query must not be able to fill the log.
const loggedQuery = 4 << 10

// LogDecisions makes a Config.OnDecision that writes every outcome to a logger;
// nil stands for slog.Default().
//
// An accepted query is logged at level Info with its text, the session, the
// datasets it reads, the policies that applied and the statement's fingerprint.
// A refused one is logged at level Warn with its text, the session, the error
// that the caller got and, where that hides it, the true reason. Of a
// query longer than 4 KiB the beginning is logged. Session properties that
// their schema doesn't mark as loggable are redacted, and bound values
// are not logged at all; a query's own constants are.
func LogDecisions(logger *slog.Logger) func(context.Context, Outcome) {
	return func(ctx context.Context, o Outcome) {
		to := logger
		if to == nil {
			to = slog.Default()
		}
		about := []slog.Attr{slog.String("query", shortened(o.Query)), slog.Any("session", o.Session)}
		if o.Err != nil || o.Statement == nil {
			about = append(about, slog.Any("error", o.Err))
			if o.Reason != "" {
				about = append(about, slog.String("reason", o.Reason))
			}
			to.LogAttrs(ctx, slog.LevelWarn, "query refused", about...)
			return
		}
		datasets, policies := o.Statement.Decision.names()
		about = append(about, slog.Any("datasets", datasets), slog.Any("policies", policies),
			slog.String("fingerprint", o.Statement.Fingerprint.String()))
		to.LogAttrs(ctx, slog.LevelInfo, "query accepted", about...)
	}
}

// names lists the datasets that were read and the policies that applied, each
// once, in the order of their first occurrence.
func (d *Decision) names() (datasets, policies []string) {
	if d == nil {
		return nil, nil
	}
	for _, o := range d.Occurrences {
		if !slices.Contains(datasets, o.Dataset) {
			datasets = append(datasets, o.Dataset)
		}
		for _, v := range o.Applied {
			if !slices.Contains(policies, v.Policy) {
				policies = append(policies, v.Policy)
			}
		}
	}
	return datasets, policies
}

func shortened(query string) string {
	if len(query) <= loggedQuery {
		return query
	}
	return strings.ToValidUTF8(query[:loggedQuery], "") + "…"
}
