package keys

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"hash/crc32"
	"strings"
)

// A token is hg_ID_SECRET: 16 characters of base32 for the random id, then 56
// for the secret and a checksum. The sizes are multiples of 5 bytes, so that
// each token has one spelling. Secret scanners find it by
//
//	hg_[a-z2-7]{16}_[a-z2-7]{56}
//
// and by the checksum, which also turns mistyped tokens away before the store
// is asked. The checksum protects nothing else: anybody can compute it.
const (
	prefix       = "hg_"
	idBytes      = 10
	secretBytes  = 32
	checksumSize = 3
)

// spelling has no padding and only characters that survive in URLs and headers.
var spelling = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// newToken makes a random token; its id is for the store to keep, with the hash
// of its secret.
func newToken() (token, id string, hash [sha256.Size]byte) {
	random := make([]byte, idBytes+secretBytes)
	_, _ = rand.Read(random) // never fails
	id, secret := spelling.EncodeToString(random[:idBytes]), random[idBytes:]
	return prefix + id + "_" + spelling.EncodeToString(append(secret[:secretBytes:secretBytes], checksum(id, secret)...)), id, hashed(secret)
}

// parseToken takes a token apart; false means that it isn't one.
func parseToken(token string) (id string, secret []byte, ok bool) {
	rest, ok := strings.CutPrefix(token, prefix)
	id, tail, cut := strings.Cut(rest, "_")
	if !ok || !cut || len(id) != spelling.EncodedLen(idBytes) || len(tail) != spelling.EncodedLen(secretBytes+checksumSize) {
		return "", nil, false
	}
	// the decoder skips line breaks, which shows in the lengths
	if b, err := spelling.DecodeString(id); err != nil || len(b) != idBytes {
		return "", nil, false
	}
	b, err := spelling.DecodeString(tail)
	if err != nil || len(b) != secretBytes+checksumSize {
		return "", nil, false
	}
	secret = b[:secretBytes]
	return id, secret, string(checksum(id, secret)) == string(b[secretBytes:])
}

func checksum(id string, secret []byte) []byte {
	sum := crc32.Update(crc32.ChecksumIEEE([]byte(id)), crc32.IEEETable, secret)
	return []byte{byte(sum >> 16), byte(sum >> 8), byte(sum)}
}

// hashed is what the store keeps of a secret. A fast hash is enough: slow ones
// make guessing a password costly, but 256 random bits can't be guessed at any
// speed, and a slow one would tax every request.
func hashed(secret []byte) [sha256.Size]byte { return sha256.Sum256(secret) }
