package rls_test

import (
	"context"
	"log/slog"
	"os"

	"github.com/hedgerow/hedgerow/examples/shop"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// Every decision goes to the audit log. Session properties are redacted unless
// the policy file marks them as loggable.
func ExampleLogDecisions() {
	model, err := semantic.Parse("model.yaml", shop.Model())
	check(err)
	policies, err := policy.Parse("policy.yaml", shop.Policy(), model)
	check(err)
	plain := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "fingerprint" {
			return slog.Attr{} // they differ from run to run, or with the model
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: plain}))
	enforcer, err := rls.New(rls.Config{Policies: policies, Dialect: rls.SQLite, OnDecision: rls.LogDecisions(logger)})
	check(err)
	s, err := policies.Schema().New(map[string]any{"organization_id": "acme", "user_id": 1, "role": "admin"})
	check(err)

	ctx := context.Background()
	_, _ = enforcer.Enforce(ctx, s, "SELECT COUNT(*) FROM products")
	_, _ = enforcer.Enforce(ctx, s, "SELECT secret FROM vault")
	// Output:
	// level=INFO msg="query accepted" query="SELECT COUNT(*) FROM products" session.organization_id=[redacted] session.user_id=[redacted] session.role=[redacted] datasets=[products] policies="[own-organization common]"
	// level=WARN msg="query refused" query="SELECT secret FROM vault" session.organization_id=[redacted] session.user_id=[redacted] session.role=[redacted] error="1:20: unknown dataset \"vault\"; name a dataset that this session may see, without a database or schema before it" reason="the model has no such dataset"
}
