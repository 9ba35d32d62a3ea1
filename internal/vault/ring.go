package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

const (
	version   = "v1"
	keySize   = 32 // AES-256
	saltSize  = 16
	maxID     = 64
	overhead  = saltSize + 12 + 16 // and GCM's nonce and tag
	maxSealed = len(version) + 1 + maxID + 1 + (MaxSecret+overhead)*4/3 + 4
)

// Key is a master key of the host.
type Key struct {
	// ID names the key in what it sealed: 1 to 64 ASCII letters, digits, '-'
	// and '_'. It is not secret.
	ID string
	// Secret is 32 random bytes.
	Secret []byte
}

// Format prints the id only, under every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "key(%q, %s)", k.ID, redacted) }

// MarshalJSON has the id only.
func (k Key) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"id": k.ID, "secret": redacted})
}

// LogValue has the id only.
func (k Key) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", k.ID), slog.String("secret", redacted))
}

// Ring seals secrets with its primary key and opens what any of its keys
// sealed. It is immutable and safe for concurrent use; the zero Ring knows no
// key, so it refuses both.
//
// A sealed secret is "v1:<key id>:<base64url of salt, nonce and ciphertext>".
// Each is sealed by AES-256-GCM under a key of its own, which HKDF-SHA256 makes
// of the master key and a random salt of 128 bits, with a random nonce of 96
// bits. So GCM's limit of 2^32 random nonces for a key is out of reach, however
// much one master key seals. The length of the plaintext shows.
type Ring struct {
	primary string
	// master gives a key by its id, nil if unknown. It is a function because
	// printers follow maps and slices.
	master func(id string) []byte
}

// NewRing makes a ring of the key that seals and the older ones that still
// open. It is ErrKey when an id is bad or used twice, or when a secret isn't 32
// bytes long or is all zero.
func NewRing(primary Key, older ...Key) (*Ring, error) {
	secrets := make(map[string][]byte, 1+len(older))
	for _, k := range append([]Key{primary}, older...) {
		switch {
		case !validID(k.ID):
			return nil, failure(ErrKey, "an id is 1 to %d ASCII letters, digits, '-' and '_'", maxID)
		case len(k.Secret) != keySize:
			return nil, failure(ErrKey, "key %q has %d bytes, not %d", k.ID, len(k.Secret), keySize)
		case bytes.Equal(k.Secret, make([]byte, keySize)):
			return nil, failure(ErrKey, "key %q is all zero", k.ID)
		case secrets[k.ID] != nil:
			return nil, failure(ErrKey, "two keys have the id %q", k.ID)
		}
		secrets[k.ID] = bytes.Clone(k.Secret)
	}
	return &Ring{primary: primary.ID, master: func(id string) []byte { return secrets[id] }}, nil
}

func validID(id string) bool {
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' {
			return false
		}
	}
	return id != "" && len(id) <= maxID
}

// Seal encrypts a text of at most MaxSecret bytes under the primary key, in
// printable form. Only Open with the same context gives it back: the context
// names the place that the secret belongs to, so that nobody can move it.
func (r *Ring) Seal(plaintext, context string) (string, error) {
	if len(plaintext) > MaxSecret {
		return "", ErrTooLong
	}
	if r == nil || r.master == nil {
		return "", failure(ErrUnknownKey, "the ring has no key")
	}
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(rand.Reader, salt); err != nil {
		return "", err
	}
	aead, err := r.aead(r.primary, salt)
	if err != nil {
		return "", err
	}
	bound, err := binding(r.primary, context)
	if err != nil {
		return "", err
	}
	sealed := aead.Seal(salt, nil, []byte(plaintext), bound)
	return version + ":" + r.primary + ":" + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open gives the plaintext of a sealed secret. Its errors are ErrMalformed,
// ErrUnknownKey, ErrContext, and ErrAuthentic for what was altered or sealed
// for another context.
func (r *Ring) Open(sealed, context string) (string, error) {
	id, box, err := split(sealed)
	if err != nil {
		return "", err
	}
	bound, err := binding(id, context)
	if err != nil {
		return "", err
	}
	aead, err := r.aead(id, box[:saltSize])
	if err != nil {
		return "", err
	}
	plaintext, err := aead.Open(nil, nil, box[saltSize:], bound)
	if err != nil {
		return "", ErrAuthentic
	}
	return string(plaintext), nil
}

// NeedsRotation tells whether a secret is sealed by another key than the
// primary. It is true as well for what isn't sealed at all: Open says why.
func (r *Ring) NeedsRotation(sealed string) bool {
	id, _, err := split(sealed)
	return err != nil || r == nil || id != r.primary
}

// aead is the cipher of one sealed secret.
func (r *Ring) aead(id string, salt []byte) (cipher.AEAD, error) {
	var master []byte
	if r != nil && r.master != nil {
		master = r.master(id)
	}
	if master == nil {
		return nil, failure(ErrUnknownKey, "%q", id)
	}
	key, err := hkdf.Key(sha256.New, master, salt, "hedgerow/vault/"+version, keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// binding is the additional data that a ciphertext is bound to. No version or
// id holds a NUL, so no two of them read alike.
func binding(id, context string) ([]byte, error) {
	if context == "" {
		return nil, ErrContext
	}
	return []byte(version + "\x00" + id + "\x00" + context), nil
}

// isSealed tells whether a text claims to be sealed.
func isSealed(text string) bool { return strings.HasPrefix(text, version+":") }

// split reads the key's id and the bytes of a sealed secret: the salt and at
// least nonce and tag.
func split(sealed string) (id string, box []byte, err error) {
	if len(sealed) > maxSealed || !isSealed(sealed) {
		return "", nil, ErrMalformed
	}
	id, text, found := strings.Cut(sealed[len(version)+1:], ":")
	if !found || !validID(id) {
		return "", nil, ErrMalformed
	}
	box, err = base64.RawURLEncoding.DecodeString(text)
	// One box has one text: decoding alone ignores line breaks and spare bits.
	if err != nil || len(box) < overhead || base64.RawURLEncoding.EncodeToString(box) != text {
		return "", nil, ErrMalformed
	}
	return id, box, nil
}
