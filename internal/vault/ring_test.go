package vault_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/hedgerow/hedgerow/internal/vault"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const place = "project/42/dsn"

// key is a master key whose secret is 32 times a byte.
func key(id string, b byte) vault.Key {
	return vault.Key{ID: id, Secret: bytes.Repeat([]byte{b}, 32)}
}

func ring(t testing.TB, primary vault.Key, older ...vault.Key) *vault.Ring {
	t.Helper()
	r, err := vault.NewRing(primary, older...)
	require.NoError(t, err)
	return r
}

func TestSealAndOpen(t *testing.T) {
	r := ring(t, key("k1", 1))
	for _, text := range []string{"", "hunter2", "p\x00ß\xff", strings.Repeat("x", vault.MaxSecret)} {
		sealed, err := r.Seal(text, place)
		require.NoError(t, err)
		require.Regexp(t, `^v1:k1:[A-Za-z0-9_-]+$`, sealed)
		opened, err := r.Open(sealed, place)
		require.NoError(t, err)
		assert.Equal(t, text, opened)
	}
	a, err := r.Seal("same", place)
	require.NoError(t, err)
	b, err := r.Seal("same", place)
	require.NoError(t, err)
	assert.NotEqual(t, a, b, "sealing is randomised")
}

// TestOpenRefuses: nothing opens but what was sealed, where it was sealed for.
func TestOpenRefuses(t *testing.T) {
	r := ring(t, key("k1", 1), key("k2", 1), key("k3", 3))
	sealed, err := r.Seal("hunter2", place)
	require.NoError(t, err)
	box := strings.TrimPrefix(sealed, "v1:k1:")
	for _, c := range []struct {
		name, sealed, context string
		want                  error
	}{
		{"another context", sealed, "project/43/dsn", vault.ErrAuthentic},
		{"no context", sealed, "", vault.ErrContext},
		{"relabelled with a key of the same secret", "v1:k2:" + box, place, vault.ErrAuthentic},
		{"relabelled with another key", "v1:k3:" + box, place, vault.ErrAuthentic},
		{"an unknown key", "v1:k9:" + box, place, vault.ErrUnknownKey},
		{"another version", "v2:k1:" + box, place, vault.ErrMalformed},
		{"no version", "k1:" + box, place, vault.ErrMalformed},
		{"no key", "v1:" + box, place, vault.ErrMalformed},
		{"a bad key id", "v1:k 1:" + box, place, vault.ErrMalformed},
		{"nothing", "", place, vault.ErrMalformed},
		{"too short", "v1:k1:" + box[:50], place, vault.ErrMalformed},
		{"cut", sealed[:len(sealed)-4], place, vault.ErrAuthentic},
		{"a line break inside", sealed[:30] + "\n" + sealed[30:], place, vault.ErrMalformed},
		{"padding", sealed + "=", place, vault.ErrMalformed},
		{"too long", "v1:k1:" + strings.Repeat("A", 100_000), place, vault.ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := r.Open(c.sealed, c.context)
			require.ErrorIs(t, err, c.want)
			assert.Empty(t, text)
			assert.NotContains(t, err.Error(), "hunter2")
			assert.NotContains(t, err.Error(), box[:20])
		})
	}
}

// TestEveryByteCounts: no character of a sealed secret can be changed.
func TestEveryByteCounts(t *testing.T) {
	r := ring(t, key("k1", 1))
	sealed, err := r.Seal("hunter2", place)
	require.NoError(t, err)
	for i := range sealed {
		for _, c := range "ABab01-_:\n =" {
			if byte(c) == sealed[i] {
				continue
			}
			changed := sealed[:i] + string(c) + sealed[i+1:]
			_, err := r.Open(changed, place)
			require.Error(t, err, "byte %d of %s changed to %q", i, sealed, c)
		}
	}
}

func TestRotation(t *testing.T) {
	before := ring(t, key("old", 1))
	after := ring(t, key("new", 2), key("old", 1))
	sealed, err := before.Seal("hunter2", place)
	require.NoError(t, err)
	assert.False(t, before.NeedsRotation(sealed))
	assert.True(t, after.NeedsRotation(sealed))

	opened, err := after.Open(sealed, place)
	require.NoError(t, err)
	assert.Equal(t, "hunter2", opened, "old secrets open until they are rotated")

	rotated, err := after.Seal(opened, place)
	require.NoError(t, err)
	assert.False(t, after.NeedsRotation(rotated))
	opened, err = ring(t, key("new", 2)).Open(rotated, place)
	require.NoError(t, err)
	assert.Equal(t, "hunter2", opened)

	assert.True(t, after.NeedsRotation("no secret"))
}

func TestNewRingRefuses(t *testing.T) {
	for name, keys := range map[string][]vault.Key{
		"the zero key":       {{}},
		"no id":              {key("", 1)},
		"a blank in the id":  {key("a b", 1)},
		"a colon in the id":  {key("a:b", 1)},
		"no ASCII":           {key("kä", 1)},
		"a long id":          {key(strings.Repeat("k", 65), 1)},
		"a short secret":     {{ID: "k", Secret: make([]byte, 16)}},
		"a secret of zeros":  {key("k", 0)},
		"one id twice":       {key("k", 1), key("k", 2)},
		"a bad older secret": {key("k", 1), {ID: "old"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := vault.NewRing(keys[0], keys[1:]...)
			require.ErrorIs(t, err, vault.ErrKey)
			assert.Nil(t, r)
		})
	}
}

// TestZeroRing: a ring without keys seals and opens nothing.
func TestZeroRing(t *testing.T) {
	sealed, err := ring(t, key("k", 1)).Seal("hunter2", place)
	require.NoError(t, err)
	for _, r := range []*vault.Ring{nil, {}} {
		_, err := r.Seal("x", place)
		require.ErrorIs(t, err, vault.ErrUnknownKey)
		_, err = r.Open(sealed, place)
		require.ErrorIs(t, err, vault.ErrUnknownKey)
		assert.True(t, r.NeedsRotation(sealed))
	}
}

func TestSealRefuses(t *testing.T) {
	r := ring(t, key("k", 1))
	_, err := r.Seal("hunter2", "")
	require.ErrorIs(t, err, vault.ErrContext)
	_, err = r.Seal(strings.Repeat("x", vault.MaxSecret+1), place)
	require.ErrorIs(t, err, vault.ErrTooLong)
}

// TestRingIsItsOwn: the ring doesn't see what the host does to its slice.
func TestRingIsItsOwn(t *testing.T) {
	k := key("k", 1)
	r := ring(t, k)
	sealed, err := r.Seal("hunter2", place)
	require.NoError(t, err)
	clear(k.Secret)
	_, err = r.Open(sealed, place)
	require.NoError(t, err)
}

// TestKeysDontPrint: neither a key nor a ring shows a key's bytes.
func TestKeysDontPrint(t *testing.T) {
	k := vault.Key{ID: "k", Secret: []byte("0123456789abcdefABCDEFhunter2---")}
	r := ring(t, k)
	type nested struct {
		K vault.Key
		R *vault.Ring
	}
	asJSON, err := json.Marshal(nested{k, r})
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", k, "ring", r)
	for _, text := range []string{
		fmt.Sprintf("%v %+v %#v %s %q %x %d", k, k, k, k, k, k, k),
		fmt.Sprintf("%v %+v %#v %v %#v", r, r, r, *r, *r),
		fmt.Sprintf("%+v %#v", nested{k, r}, &nested{k, r}),
		string(asJSON), log.String(),
	} {
		for _, form := range []string{
			"hunter2", fmt.Sprintf("%x", "hunter2"), fmt.Sprint([]byte("hunter2"))[1:18],
			fmt.Sprintf("%#v", []byte("hunter2"))[7:20], base64.StdEncoding.EncodeToString(k.Secret)[:20],
		} {
			assert.NotContains(t, text, form)
		}
	}
}
