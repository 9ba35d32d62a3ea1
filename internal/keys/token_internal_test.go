package keys

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scanner is what the comment on tokens promises to secret scanners.
var scanner = regexp.MustCompile(`^hg_[a-z2-7]{16}_[a-z2-7]{56}$`)

func TestToken(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		token, id, hash := newToken()
		assert.Regexp(t, scanner, token)
		got, secret, ok := parseToken(token)
		require.True(t, ok)
		assert.Equal(t, id, got)
		assert.Len(t, secret, secretBytes)
		assert.Equal(t, hash, hashed(secret))
		for _, part := range []string{token, id, string(secret)} {
			assert.False(t, seen[part])
			seen[part] = true
		}
	}
}

// Every token with one character changed, and every shape near a token's, is
// turned away without a look into the store.
func TestTokenIsExact(t *testing.T) {
	token, id, _ := newToken()
	for i := range token {
		for _, c := range "a2_A\n=\x00é" {
			if changed := token[:i] + string(c) + token[i+1:]; changed != token {
				_, _, ok := parseToken(changed)
				assert.False(t, ok, "%q", changed)
			}
		}
	}
	for _, other := range []string{
		"", "hg_", "hg__", token + "a", token[:len(token)-1], token + "\n", " " + token, strings.ToUpper(token),
		strings.TrimPrefix(token, prefix), prefix + token, prefix + id, prefix + id + "_", strings.Replace(token, "_", "", 2),
		prefix + id[:15] + "\n_" + token[20:], token[:len(token)-2] + "\r\n",
	} {
		_, _, ok := parseToken(other)
		assert.False(t, ok, "%q", other)
	}
}

// FuzzToken: what is read as a token is spelled as tokens are, and has one spelling.
func FuzzToken(f *testing.F) {
	token, _, _ := newToken()
	f.Add(token)
	f.Add(strings.ToUpper(token))
	f.Add(token[:40] + "\n" + token[41:])
	f.Add("hg__")
	f.Fuzz(func(t *testing.T, text string) {
		id, secret, ok := parseToken(text)
		if !ok {
			return
		}
		require.Regexp(t, scanner, text)
		require.Equal(t, text, prefix+id+"_"+spelling.EncodeToString(append(secret, checksum(id, secret)...)))
	})
}

// A key that was read before something was forgotten may be older than the
// change, and isn't remembered.
func TestLateReadIsNotRemembered(t *testing.T) {
	r := NewRing(nil, Config{})
	before := r.forgotten
	r.Forget("a")
	r.remember(record{Key: Key{ID: "a"}}, time.Now(), before)
	assert.Empty(t, r.known)
	r.remember(record{Key: Key{ID: "a"}}, time.Now(), r.forgotten)
	assert.Len(t, r.known, 1)
}
