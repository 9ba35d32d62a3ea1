package shop_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/examples/shop"
	"github.com/hedgerow/hedgerow/policy/policytest"
)

// TestPolicyFiles is how an application tests its policies.
func TestPolicyFiles(t *testing.T) {
	policies, err := shop.Policies()
	require.NoError(t, err)
	policytest.Run(t, policies, os.DirFS("policy_test"), "*.yaml", policytest.MinCoverage(1))
}
