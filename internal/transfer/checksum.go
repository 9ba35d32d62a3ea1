package transfer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
)

// Sum is a checksum of rows in any order: the sum modulo 2^256 of the SHA-256 of
// each row's canonical encoding. Databases give rows in no order of their own,
// so the checksum must not depend on one; unlike XOR, a sum also counts how often
// a row occurs. As the hashes of different rows are as good as random, two
// different multisets of rows have equal sums by accident with a probability of
// 2^-256. It protects against accidents, not against somebody who may choose
// all rows of both sides. The zero Sum is that of no rows.
type Sum [4]uint64 // least significant word first

// add adds one row.
func (s *Sum) add(encoded []byte) {
	h := sha256.Sum256(encoded)
	var carry uint64
	for i := range s {
		s[i], carry = bits.Add64(s[i], binary.BigEndian.Uint64(h[len(h)-8*(i+1):]), carry)
	}
}

// String is the checksum as 64 hexadecimal digits.
func (s Sum) String() string {
	var b [sha256.Size]byte
	for i, word := range s {
		binary.BigEndian.PutUint64(b[len(b)-8*(i+1):], word)
	}
	return hex.EncodeToString(b[:])
}

// Scan reads what String wrote, from a column of a database.
func (s *Sum) Scan(v any) error {
	b, err := hex.DecodeString(fmt.Sprintf("%s", v))
	if err != nil || len(b) != sha256.Size {
		return errors.New("transfer: a stored checksum can't be read")
	}
	for i := range s {
		s[i] = binary.BigEndian.Uint64(b[len(b)-8*(i+1):])
	}
	return nil
}

// content is the number of rows with their checksum.
type content struct {
	rows int64
	sum  Sum
}

func (c *content) add(encoded []byte) {
	c.rows++
	c.sum.add(encoded)
}

// encode appends one value to a row's encoding. NULL has a mark of its own and
// every text its length, so that no two rows have one encoding.
func encode(row []byte, v *string) []byte {
	if v == nil {
		return append(row, 0)
	}
	row = append(row, 1)
	row = binary.BigEndian.AppendUint64(row, uint64(len(*v)))
	return append(row, *v...)
}
