package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what somebody might have used
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"

	"tapbench/applet/message"
	"tapbench/cmd/tapbench/internal/audit/search"
)

// form is one way in which a secret may be written down. Hexadecimal and base64 of it are the
// search's own business.
type form struct {
	name  string
	bytes []byte
}

// Names of forms.
const (
	formPlain    = ""
	formReversed = "reversed"
	formDecimal  = "decimal"
	formSHA256   = "SHA-256"
	formSHA1     = "SHA-1"
)

// truncated is how much of a digest is looked for: its first and its last bytes. Whoever cuts more
// off keeps too little to tell a thousand users apart for long.
const truncated = search.MinPattern

// forms returns the ways in which a party without a key may have written a secret down.
func (s Secret) forms() []form {
	var all []form
	for _, plain := range s.plain() {
		all = append(all, form{formPlain, plain})
		back := slices.Clone(plain)
		slices.Reverse(back)
		all = append(all, form{formReversed, back})
	}
	if s.isText() {
		upper, lower := bytes.ToUpper(s.Value), bytes.ToLower(s.Value)
		all = append(all, form{formPlain, upper}, form{formPlain, lower})
	} else {
		all = append(all, form{formDecimal, []byte(new(big.Int).SetBytes(s.Value).String())})
	}
	for _, in := range s.inputs() {
		sum, old := sha256.Sum256(in), sha1.Sum(in) //nolint:gosec // what somebody might have used
		all = append(all, digestForms(formSHA256, sum[:])...)
		all = append(all, digestForms(formSHA1, old[:])...)
	}
	return distinct(all)
}

// digestForms returns what is looked for of a digest.
func digestForms(name string, sum []byte) []form {
	return []form{{name, sum[:truncated]}, {name, sum[len(sum)-truncated:]}}
}

// distinct leaves out what is too short to be looked for and what is there twice.
func distinct(all []form) []form {
	seen := make(map[string]bool, len(all))
	return slices.DeleteFunc(all, func(f form) bool {
		drop := len(f.bytes) < search.MinPattern || len(f.bytes) > search.MaxPattern ||
			seen[string(f.bytes)]
		seen[string(f.bytes)] = true
		return drop
	})
}

// isText reports whether the secret is a name.
func (s Secret) isText() bool { return s.Kind == User || s.Kind == Merchant || s.Kind == Bank }

// plain returns the bytes that tell the secret, as they may lie in a message.
func (s Secret) plain() [][]byte {
	switch s.Kind {
	case PAN:
		digits := strings.TrimRight(hex.EncodeToString(s.Value), "f")
		return [][]byte{packed(digits), packed(digits[1:]), []byte(digits)}
	case UserKey, ElementKey, AccountKeys, TIDKeys, CardKey, TokenKey:
		if len(s.Value) == 65 { // 04 || x || y: x says all
			return [][]byte{s.Value[1:33]}
		}
	default:
	}
	return [][]byte{s.Value}
}

// packed returns pairs of digits as bytes; an odd last digit is left out.
func packed(digits string) []byte {
	b, _ := hex.DecodeString(digits[:len(digits)&^1]) // they are digits
	return b
}

// inputs returns what somebody may have hashed.
func (s Secret) inputs() [][]byte {
	digits := hex.EncodeToString(s.Value)
	in := [][]byte{s.Value}
	switch {
	case s.isText():
		for _, width := range []int{8, 16} { // as party IDs and users are sent
			if n := width - len(s.Value); n > 0 {
				in = append(in, append(slices.Clone(s.Value), strings.Repeat(" ", n)...))
			}
		}
		return append(in, bytes.ToUpper(s.Value), bytes.ToLower(s.Value))
	case s.Kind == PAN:
		return append(in, []byte(strings.TrimRight(digits, "f")))
	case len(s.Value) == 65:
		in = append(in, s.Value[1:33])
	}
	return append(in, []byte(digits), []byte(strings.ToUpper(digits)),
		[]byte(base64.StdEncoding.EncodeToString(s.Value)))
}

// keyed returns the ways in which a party with a key may have written a secret down.
func (s Secret) keyed(key []byte) []form {
	in := s.inputs()
	if !s.isText() && s.Kind != PAN {
		in = in[:1]
	}
	var all []form
	for _, b := range in {
		mac := hmac.New(sha256.New, key)
		mac.Write(b)
		all = append(all, digestForms("HMAC-SHA-256", mac.Sum(nil))...)
		mac = hmac.New(sha1.New, key)
		mac.Write(b)
		all = append(all, digestForms("HMAC-SHA-1", mac.Sum(nil))...)
		before := sha256.Sum256(slices.Concat(key, b))
		all = append(all, digestForms("salted SHA-256", before[:])...)
		behind := sha256.Sum256(slices.Concat(b, key))
		all = append(all, digestForms("salted SHA-256", behind[:])...)
		if len(key) == 16 {
			tag := message.CMAC([16]byte(key), b)
			all = append(all, digestForms("AES-CMAC", tag[:])...)
		}
	}
	return all
}

// keys returns what of a value may be a key: it as a whole, or its halves, of 16 or 32 bytes.
func keys(value []byte) [][]byte {
	switch len(value) {
	case 16, 24:
		return [][]byte{value}
	case 32, 64:
		half := len(value) / 2
		return [][]byte{value, value[:half], value[half:]}
	default:
		return nil
	}
}
