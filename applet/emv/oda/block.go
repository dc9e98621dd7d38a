package oda

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the only hash that EMV's certificates know
	"crypto/subtle"
)

// What every signed block is made of (Book 2, annex A2.1).
const (
	header    = 0x6A
	trailer   = 0xBC
	sha1Code  = 0x01 // hash algorithm indicator (annex B3.1)
	rsaCode   = 0x01 // public key algorithm indicator (annex B2.1)
	padding   = 0xBB
	hashLen   = sha1.Size
	frameLen  = 2 + hashLen // header, hash, trailer
	formatLen = 1
)

// The formats.
const (
	formatIssuer  = 0x02
	formatStatic  = 0x03
	formatCard    = 0x04
	formatDynamic = 0x05
)

// seal signs 6A || fields || SHA-1(fields || more) || BC, with a key whose modulus is that long.
func seal(key *PrivateKey, fields []byte, more ...[]byte) []byte {
	block := append(make([]byte, 0, len(key.public.Modulus)), header)
	block = append(block, fields...)
	sum := digest(fields, more...)
	return key.sign(append(append(block, sum[:]...), trailer))
}

// digest is SHA-1 over all parts.
func digest(fields []byte, more ...[]byte) [hashLen]byte {
	h := sha1.New() //nolint:gosec // as above
	h.Write(fields)
	for _, part := range more {
		h.Write(part)
	}
	return [hashLen]byte(h.Sum(nil))
}

// opened is a block that was recovered: its fields, with the format first, and its hash.
type opened struct {
	fields []byte
	hash   []byte
}

// open recovers a block of a format and checks what doesn't depend on other data, in Book 2's
// order. steps are the clauses of length, trailer, header and format.
func open(
	key PublicKey, block []byte, format byte, object string, steps [4]string,
) (opened, error) {
	plain := key.recover(block)
	fail := func(step int, err error) (opened, error) {
		return opened{}, &Error{Object: object, Clause: steps[step], Err: err}
	}
	switch {
	case plain == nil || len(plain) < frameLen+formatLen:
		return fail(0, ErrLength)
	case plain[len(plain)-1] != trailer:
		return fail(1, ErrTrailer)
	case plain[0] != header:
		return fail(2, ErrHeader)
	case plain[1] != format:
		return fail(3, ErrFormat)
	}
	end := len(plain) - 1 - hashLen
	return opened{fields: plain[1:end], hash: plain[end : end+hashLen]}, nil
}

// covers says whether the hash is that of the fields and more.
func (o opened) covers(more ...[]byte) bool {
	sum := digest(o.fields, more...)
	return subtle.ConstantTimeCompare(sum[:], o.hash) == 1
}

// padded returns head filled up with BB to n bytes.
func padded(head []byte, n int) []byte {
	return append(head, bytes.Repeat([]byte{padding}, n-len(head))...)
}
