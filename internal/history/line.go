package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
)

// A line of a spool is 8 hexadecimal digits, a space, an entry in JSON, and a
// line feed. The digits are a checksum of the JSON: after a crash of the machine
// a file may hold anything.

const digits = 8

func encodeLine(e Entry) ([]byte, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	line := fmt.Appendf(make([]byte, 0, digits+len(text)+2), "%08x ", crc32.ChecksumIEEE(text))
	return append(append(line, text...), '\n'), nil
}

// errLine doesn't quote the line, which holds a query.
var errLine = errors.New("a line can't be read")

// decodeLine reads a line with or without its line feed.
func decodeLine(line []byte) (Entry, error) {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if len(line) <= digits || line[digits] != ' ' {
		return Entry{}, errLine
	}
	text := line[digits+1:]
	sum, err := strconv.ParseUint(string(line[:digits]), 16, 32)
	if err != nil || uint32(sum) != crc32.ChecksumIEEE(text) {
		return Entry{}, errLine
	}
	var e Entry
	if err := json.Unmarshal(text, &e); err != nil {
		return Entry{}, errLine
	}
	if e, err = e.clean(); err != nil {
		return Entry{}, errLine
	}
	return e, nil
}
