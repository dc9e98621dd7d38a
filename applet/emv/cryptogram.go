package emv

import (
	"encoding/binary"
	"fmt"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// MasterKey is a card's cryptogram master key, which card and TSM share. It prints as
// "MasterKey(hidden)".
type MasterKey [wire.KeyLen]byte

// Reveal returns the key's bytes, for storage by issuer and card.
func (k MasterKey) Reveal() [wire.KeyLen]byte { return k }

// String hides the key.
func (k MasterKey) String() string { return "MasterKey(hidden)" }

// GoString hides the key.
func (k MasterKey) GoString() string { return k.String() }

// Format hides the key, whatever the verb.
func (k MasterKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// MarshalText hides the key.
func (k MasterKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// MarshalJSON hides the key.
func (k MasterKey) MarshalJSON() ([]byte, error) { return []byte(`"hidden"`), nil }

// SessionKey returns AES(master key, ATC || 00 .. 00): the common session key derivation for a
// cipher of 16-byte blocks and 16-byte keys (EMV 4.3 Book 2, A1.3.1). The result is a plain array,
// which prints: it is not to be kept, only passed on to [Cryptogram] and [ARPC].
func SessionKey(mk MasterKey, atc uint16) [wire.KeyLen]byte {
	return cryptogram.SessionKeyAES(cryptogram.Key(mk), cryptogram.ByATC(atc)).Reveal()
}

// Cryptogram returns an ARQC, TC or AAC: the leftmost 8 bytes of AES-CMAC over the concatenated
// parts (EMV 4.3 Book 2, 8.1.2). In the first GENERATE AC they are CDOL1 data, AIP, ATC and IAD; in
// the second the CDOL1 data, the CDOL2 data, AIP, ATC and IAD.
func Cryptogram(sk [wire.KeyLen]byte, parts ...[]byte) [wire.CryptogramLen]byte {
	var in []byte
	for _, part := range parts {
		in = append(in, part...)
	}
	mac := message.CMAC(sk, in)
	return [wire.CryptogramLen]byte(mac[:wire.CryptogramLen])
}

// ARPC returns the issuer's answer to an ARQC by method 2 (EMV 4.3 Book 2, 8.2.2): the leftmost 4
// bytes of AES-CMAC over ARQC || CSU, without proprietary data.
func ARPC(sk [wire.KeyLen]byte, arqc [wire.CryptogramLen]byte, csu [4]byte) [4]byte {
	return cryptogram.ARPC2AES(sk, arqc, csu, nil)
}

// IssuerAuthLen is the length of the issuer authentication data.
const IssuerAuthLen = 8

// IssuerAuth returns the issuer authentication data, tag 91: ARPC || CSU.
func IssuerAuth(arpc, csu [4]byte) [IssuerAuthLen]byte {
	return [IssuerAuthLen]byte(append(arpc[:], csu[:]...))
}

// CSUApproved returns the card status update of an approval: byte 2 bit 8, issuer approves online
// transaction, and bit 2, reset the offline counters (EMV 4.3 Book 3, annex C, card status update).
func CSUApproved() [4]byte { return [4]byte{0x00, 0x82, 0x00, 0x00} }

// CSUDeclined returns the card status update of a decline: nothing is set.
func CSUDeclined() [4]byte { return [4]byte{} }

// Approves reports whether a card status update approves the payment.
func Approves(csu [4]byte) bool { return csu[1]&0x80 != 0 }

// The card verification results, bytes 4 to 7 of the IAD.
const (
	// CVRNone stands in the first cryptogram.
	CVRNone uint32 = 0x00000000
	// CVRIssuerAuthenticated stands in the second cryptogram when the ARPC was right.
	CVRIssuerAuthenticated uint32 = 0x80000000
	// CVRIssuerAuthFailed stands in the second cryptogram when the ARPC was wrong.
	CVRIssuerAuthFailed uint32 = 0x40000000
)

// IADLen is the length of the issuer application data that tapbench's cards answer.
const IADLen = 7

// IAD returns the issuer application data, tag 9F10: length 06, key index 01, cryptogram version
// 54, card verification results.
func IAD(cvr uint32) [IADLen]byte {
	iad := [IADLen]byte{0x06, 0x01, 0x54}
	binary.BigEndian.PutUint32(iad[3:], cvr)
	return iad
}

// ParseIAD returns the card verification results, or [ErrData] for issuer application data of
// another length, key index or cryptogram version.
func ParseIAD(b []byte) (cvr uint32, err error) {
	if len(b) != IADLen || b[0] != 0x06 || b[1] != 0x01 || b[2] != 0x54 {
		return 0, fmt.Errorf("%w: issuer application data % X", ErrData, b[:min(len(b), IADLen)])
	}
	return binary.BigEndian.Uint32(b[3:]), nil
}
