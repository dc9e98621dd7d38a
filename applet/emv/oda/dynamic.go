package oda

import (
	"bytes"
	"crypto/subtle"
)

const dynamicObject = "signed dynamic application data"

// Dynamic is what a card signs itself (tag 9F4B; Book 2, 6.5.1 and 6.6.1).
type Dynamic struct {
	// Number is the ICC dynamic number, 2 to 8 bytes (tag 9F4C).
	Number []byte
	// Combined is what else CDA signs; nil for DDA.
	Combined *Combined
}

// Combined is what CDA signs beside the number (Book 2, table 19).
type Combined struct {
	CID         byte
	Cryptogram  [8]byte
	Transaction [hashLen]byte // SHA-1: [TransactionHash]
	// Relay are the relay resistance data that were exchanged before, [RelayLen] bytes: the
	// terminal's entropy, the card's, and its three times (EMV Contactless Book C-2); nil: none.
	Relay []byte
}

// RelayLen is the length of relay resistance data, in bytes.
const RelayLen = 14

// Dynamic data's own lengths.
const (
	minNumber   = 2
	maxNumber   = 8
	combinedLen = 1 + 8 + hashLen
	headLen     = 3 // format, hash algorithm, length of the dynamic data
)

// TransactionHash is SHA-1 over the values that the card got, of PDOL, CDOL1 and, for a second
// cryptogram, CDOL2, and the data objects of its answer but 9F4B, as they are encoded and in their
// order (Book 2, 6.6.1).
func TransactionHash(given ...[]byte) [hashLen]byte { return digest(nil, given...) }

// Sign makes signed dynamic application data. terminal is the value of the DDOL's data, or of the
// unpredictable number for CDA. An error wraps [ErrDynamic]: a number of another length than 2 to
// 8, relay resistance data of another than [RelayLen], or no room for all.
func (d Dynamic) Sign(card *PrivateKey, terminal []byte) ([]byte, error) {
	said := append([]byte{byte(len(d.Number))}, d.Number...)
	fits := true
	if c := d.Combined; c != nil {
		fits = len(c.Relay) == 0 || len(c.Relay) == RelayLen
		said = append(append(append(said, c.CID), c.Cryptogram[:]...), c.Transaction[:]...)
		said = append(said, c.Relay...)
	}
	room := len(card.public.Modulus) - frameLen
	if n := len(d.Number); n < minNumber || n > maxNumber || !fits || headLen+len(said) > room {
		return nil, &Error{Object: dynamicObject, Clause: "6.5.1", Err: ErrDynamic}
	}
	fields := append([]byte{formatDynamic, sha1Code, byte(len(said))}, said...)
	return seal(card, padded(fields, room), terminal), nil
}

// VerifyDynamic checks signed dynamic application data of DDA (Book 2, 6.5.2) and returns what was
// signed. An error is an [*Error].
func VerifyDynamic(card PublicKey, signed, terminal []byte) (Dynamic, error) {
	block, said, err := openDynamic(card, signed, "6.5.2", "6.5.2 step 4")
	if err != nil {
		return Dynamic{}, err
	}
	if !block.covers(terminal) {
		return Dynamic{}, &Error{Object: dynamicObject, Clause: "6.5.2 step 7", Err: ErrHash}
	}
	number, _, ok := splitNumber(said)
	if !ok {
		return Dynamic{}, &Error{Object: dynamicObject, Clause: "6.5.1, table 15", Err: ErrDynamic}
	}
	return Dynamic{Number: number}, nil
}

// VerifyCombined checks signed dynamic application data of CDA (Book 2, 6.6.2): un is the
// terminal's unpredictable number, cid the cryptogram information data beside the signature, given
// what [TransactionHash] takes. An error is an [*Error]. With [ErrCryptogram] what was signed is
// returned, too: its cryptogram information data count, not cid (Book 4, 6.3.2).
func VerifyCombined(
	card PublicKey, signed, un []byte, cid byte, given ...[]byte,
) (Dynamic, error) {
	block, said, err := openDynamic(card, signed, "6.6.2", "6.6.2 step 5")
	if err != nil {
		return Dynamic{}, err
	}
	fail := func(step string, err error) (Dynamic, error) {
		return Dynamic{}, &Error{Object: dynamicObject, Clause: "6.6.2 step " + step, Err: err}
	}
	number, rest, ok := splitNumber(said)
	if !ok || len(rest) < combinedLen {
		return fail("5", ErrDynamic)
	}
	c := Combined{
		CID: rest[0], Cryptogram: [8]byte(rest[1:9]), Transaction: [hashLen]byte(rest[9:combinedLen]),
	}
	if more := rest[combinedLen:]; len(more) >= RelayLen {
		c.Relay = bytes.Clone(more[:RelayLen])
	}
	sum := TransactionHash(given...)
	switch {
	case c.CID != cid:
		_, err := fail("6", ErrCryptogram)
		return Dynamic{Number: number, Combined: &c}, err
	case !block.covers(un):
		return fail("9", ErrHash)
	case subtle.ConstantTimeCompare(sum[:], c.Transaction[:]) == 0:
		return fail("12", ErrTransaction)
	}
	return Dynamic{Number: number, Combined: &c}, nil
}

// openDynamic returns the block and the dynamic data in it.
func openDynamic(card PublicKey, signed []byte, clause, length string) (opened, []byte, error) {
	block, err := open(card, signed, formatDynamic, dynamicObject, [4]string{
		clause + " step 1", clause + " step 2", clause + " step 3", clause + " step 4",
	})
	if err != nil {
		return opened{}, nil, err
	}
	if block.fields[1] != sha1Code {
		return opened{}, nil, &Error{Object: dynamicObject, Clause: clause, Err: ErrAlgorithm}
	}
	n := int(block.fields[2])
	if headLen+n > len(block.fields) {
		return opened{}, nil, &Error{Object: dynamicObject, Clause: length, Err: ErrDynamic}
	}
	return block, block.fields[headLen : headLen+n], nil
}

// splitNumber takes the dynamic number, with its length before it, off the dynamic data.
func splitNumber(said []byte) (number, rest []byte, ok bool) {
	if len(said) == 0 {
		return nil, nil, false
	}
	n := int(said[0])
	if n < minNumber || n > maxNumber || 1+n > len(said) {
		return nil, nil, false
	}
	return bytes.Clone(said[1 : 1+n]), said[1+n:], true
}
