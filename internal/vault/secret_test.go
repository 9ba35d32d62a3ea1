package vault_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"testing"

	"github.com/hedgerow/hedgerow/internal/vault"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestSecretDoesntPrint: no printer shows the value, however the secret is held.
func TestSecretDoesntPrint(t *testing.T) {
	s := vault.NewSecret("hunter2")
	require.Equal(t, "hunter2", s.Reveal())
	type holder struct {
		Public vault.Secret
		hidden vault.Secret
		Ptr    *vault.Secret
		Any    any
		Map    map[string]vault.Secret
	}
	h := holder{s, s, &s, s, map[string]vault.Secret{"a": s}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T", "%10v"} {
		fmt.Fprintf(&out, verb+verb+verb+verb+"\n", s, &s, h, &h)
	}
	fmt.Fprintln(&out, s, &s, h, []vault.Secret{s}, s.String(), s.GoString())
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "s", s, "h", h)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "s", s, "h", h)
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		b, err := marshal(h)
		require.NoError(t, err)
		out.Write(b)
	}
	type element struct{ S vault.Secret }
	b, err := xml.Marshal(element{s})
	require.NoError(t, err)
	out.Write(b)
	fmt.Fprintln(&out, assert.ObjectsAreEqual(h, 1), fmt.Errorf("with %v and %w", s, fmt.Errorf("%+v", h)))
	for _, form := range []string{"hunter2", "68756e74657232", "68756E74657232", "104 117 110"} {
		assert.NotContains(t, out.String(), form)
	}
	asJSON, err := json.Marshal(s)
	require.NoError(t, err)
	assert.Equal(t, `"[redacted]"`, string(asJSON))
	assert.Equal(t, "[redacted] [redacted] [redacted]", fmt.Sprintf("%v %#v %d", s, s, s))
}

func TestZeroSecret(t *testing.T) {
	var s vault.Secret
	assert.Empty(t, s.Reveal())
	assert.Equal(t, "[redacted]", s.String())
	assert.True(t, s == vault.Secret{}, "secrets compare")
}
