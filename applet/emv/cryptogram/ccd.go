package cryptogram

import "fmt"

// CCDIADLen is the length of issuer application data in format A of the common core definitions.
const CCDIADLen = 32

// The fixed parts of format A (EMV 4.3 Book 3, annex C): two halves that each begin with their
// length, and the common core identifier: format A with cryptogram version 5, which is triple DES,
// or 6, which is AES.
const (
	halfLen        = 0x0F
	CCIFormatA3DES = 0xA5
	CCIFormatAAES  = 0xA6
)

// CCDIAD is issuer application data in format A.
type CCDIAD struct {
	TripleDES bool    // cryptogram version 5; else 6
	KeyIndex  byte    // derivation key index
	CVR       [5]byte // card verification results
	Counters  [8]byte // the issuer's choice
	Own       [15]byte
}

// Encode returns 0F || A6 || key index || CVR [5] || counters [8] || 0F || own [15]; with triple
// DES A5 stands for A6.
func (d CCDIAD) Encode() []byte {
	identifier := byte(CCIFormatAAES)
	if d.TripleDES {
		identifier = CCIFormatA3DES
	}
	out := append(make([]byte, 0, CCDIADLen), halfLen, identifier, d.KeyIndex)
	out = append(append(out, d.CVR[:]...), d.Counters[:]...)
	return append(append(out, halfLen), d.Own[:]...)
}

// ParseCCDIAD reads it, or says [ErrScheme].
func ParseCCDIAD(b []byte) (CCDIAD, error) {
	const counters, second, own = 8, 16, 17
	if len(b) != CCDIADLen || b[0] != halfLen || b[second] != halfLen ||
		b[1] != CCIFormatAAES && b[1] != CCIFormatA3DES {
		return CCDIAD{}, fmt.Errorf("%w: IAD of %d bytes", ErrScheme, len(b))
	}
	return CCDIAD{
		TripleDES: b[1] == CCIFormatA3DES,
		KeyIndex:  b[2], CVR: [5]byte(b[3:]), Counters: [8]byte(b[counters:]), Own: [15]byte(b[own:]),
	}, nil
}

// CSU is a card status update, by which the issuer answers in method 2 (EMV 4.3 Book 3, annex C).
type CSU [4]byte

// Bits of the first byte: the PIN tries that "update" sets are its low nibble.
const (
	CSUOwn   byte = 0x80 // proprietary authentication data follow
	CSUTries byte = 0x0F
)

// Bits of the second byte.
const (
	CSUApproves    byte = 0x80 // issuer approves the online transaction
	CSUBlocksCard  byte = 0x40
	CSUBlocks      byte = 0x20 // the application
	CSUSetsTries   byte = 0x10 // the PIN try counter becomes that of byte 1
	CSUGoOnline    byte = 0x08 // on the next transaction
	CSUByProxy     byte = 0x04
	CSUCounters    byte = 0x03 // the mask of what offline counters become:
	CSUCountersTop byte = 0x01 // their upper limits
	CSUCounters0   byte = 0x02 // zero
	CSUCountersAdd byte = 0x03 // with this transaction added
)
