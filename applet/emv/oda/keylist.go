package oda

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"tapbench/applet/emv"
	"tapbench/applet/jsonfile"
)

// ErrKeyList means that a file isn't a list of keys. The error says where and what was expected.
var ErrKeyList = errors.New("not a list of CA keys")

// Bounds of a list: a line of the longest key has some 900 characters.
const (
	maxKeys    = 1000
	maxKeyLine = 4096
	maxKeyFile = maxKeys * maxKeyLine
)

// ReadCAKeys reads a list of keys: EMVCo's lines, as other terminals read them, or JSON as
// [CAKeys.JSON] writes it. A key whose hash is wrong, or that stands twice, is refused, and so is
// the whole file, as is one without keys. An error wraps [ErrKeyList] or is the reader's.
//
// A line is RID, index, expiry YYMMDD, "rsa", exponent, modulus, "sha1", hash; hexadecimal digits,
// with colons between bytes or without. What follows # is a remark.
func ReadCAKeys(r io.Reader) (CAKeys, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxKeyFile {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrKeyList, maxKeyFile)
	}
	parse := parseKeyLines
	if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] == '{' {
		parse = parseJSONKeys
	}
	keys, err := parse(raw)
	if err == nil && len(keys) == 0 {
		return nil, fmt.Errorf("%w: there is no key in it", ErrKeyList)
	}
	return keys, err
}

func parseKeyLines(raw []byte) (CAKeys, error) {
	var keys CAKeys
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, maxKeyLine)
	number := 0
	for lines.Scan() {
		number++
		text, _, _ := strings.Cut(lines.Text(), "#")
		if strings.TrimSpace(text) == "" {
			continue
		}
		key, err := parseKeyLine(strings.Fields(text))
		if err == nil {
			keys, err = keys.with(key)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrKeyList, number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: line %d: %w", ErrKeyList, number+1, err)
	}
	return keys, nil
}

// with appends a key that must be new.
func (k CAKeys) with(key CAKey) (CAKeys, error) {
	if len(k) == maxKeys {
		return nil, fmt.Errorf("more than %d keys", maxKeys)
	}
	if _, known := k.Find(key.RID[:], key.Index); known {
		return nil, fmt.Errorf("key %s stands there twice", key)
	}
	return append(k, key), nil
}

const keyLineFields = 8

func parseKeyLine(fields []string) (CAKey, error) {
	if len(fields) != keyLineFields {
		return CAKey{}, fmt.Errorf("%d fields, expected RID index YYMMDD rsa exponent modulus sha1 hash",
			len(fields))
	}
	if fields[3] != "rsa" || fields[6] != "sha1" {
		return CAKey{}, fmt.Errorf("algorithms %q and %q, expected rsa and sha1", fields[3], fields[6])
	}
	return keyOf(fields[0], fields[1], fields[2], fields[4], fields[5], fields[7])
}

// keyOf puts a key together from hexadecimal digits.
func keyOf(rid, index, expiry, exponent, modulus, hash string) (CAKey, error) {
	var key CAKey
	var sum [hashLen]byte
	var number [1]byte
	var day [3]byte
	for _, f := range []struct {
		name, text string
		into       []byte
	}{
		{"RID", rid, key.RID[:]},
		{"index", index, number[:]},
		{"expiry", expiry, day[:]},
		{"hash", hash, sum[:]},
	} {
		b, err := digits(f.text)
		if err != nil || len(b) != len(f.into) {
			return CAKey{}, fmt.Errorf("%s: expected %d bytes in hexadecimal", f.name, len(f.into))
		}
		copy(f.into, b)
	}
	key.Index = number[0]
	var err error
	if key.Expiry, err = emv.ParseDate(day); err != nil {
		return CAKey{}, fmt.Errorf("expiry %X isn't a day YYMMDD", day)
	}
	if key.Key.Exponent, err = digits(exponent); err != nil {
		return CAKey{}, fmt.Errorf("exponent: %w", err)
	}
	if key.Key.Modulus, err = digits(modulus); err != nil {
		return CAKey{}, fmt.Errorf("modulus: %w", err)
	}
	if err := key.Key.Check(); err != nil {
		return CAKey{}, err
	}
	if key.Hash() != sum {
		return CAKey{}, fmt.Errorf("the hash of key %s isn't that of its bytes", key)
	}
	return key, nil
}

func digits(text string) ([]byte, error) {
	return hex.DecodeString(strings.ReplaceAll(text, ":", ""))
}

// Lines returns the list as EMVCo's lines.
func (k CAKeys) Lines() string {
	var out strings.Builder
	for _, key := range k {
		expiry, sum := emv.Date(key.Expiry), key.Hash()
		fmt.Fprintf(&out, "%s %02x %s rsa %s %s sha1 %s\n", colons(key.RID[:]), key.Index,
			colons(expiry[:]), colons(key.Key.Exponent), colons(key.Key.Modulus),
			colons(sum[:]))
	}
	return out.String()
}

func colons(b []byte) string {
	parts := make([]string, len(b))
	for i, c := range b {
		parts[i] = hex.EncodeToString([]byte{c})
	}
	return strings.Join(parts, ":")
}

// jsonKeys is a list in JSON.
type jsonKeys struct {
	Keys []jsonKey `json:"ca_keys"`
}

// jsonKey has hexadecimal digits throughout.
type jsonKey struct {
	RID      string `json:"rid"`
	Index    string `json:"index"`
	Expiry   string `json:"expiry"` // YYMMDD
	Exponent string `json:"exponent"`
	Modulus  string `json:"modulus"`
	Hash     string `json:"sha1"`
}

// JSON returns the list in JSON, with upper-case hexadecimal digits.
func (k CAKeys) JSON() ([]byte, error) {
	list := jsonKeys{Keys: make([]jsonKey, 0, len(k))}
	for _, key := range k {
		list.Keys = append(list.Keys, jsonKey{
			RID: fmt.Sprintf("%X", key.RID), Index: fmt.Sprintf("%02X", key.Index),
			Expiry:   fmt.Sprintf("%X", emv.Date(key.Expiry)),
			Exponent: fmt.Sprintf("%X", key.Key.Exponent), Modulus: fmt.Sprintf("%X", key.Key.Modulus),
			Hash: fmt.Sprintf("%X", key.Hash()),
		})
	}
	return json.MarshalIndent(list, "", "  ")
}

func parseJSONKeys(raw []byte) (CAKeys, error) {
	var list jsonKeys
	if err := jsonfile.Decode(raw, "", &list); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyList, err)
	}
	var keys CAKeys
	for i, entry := range list.Keys {
		key, err := keyOf(entry.RID, entry.Index, entry.Expiry, entry.Exponent, entry.Modulus, entry.Hash)
		if err == nil {
			keys, err = keys.with(key)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: key %d: %w", ErrKeyList, i+1, err)
		}
	}
	return keys, nil
}
