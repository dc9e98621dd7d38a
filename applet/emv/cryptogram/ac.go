package cryptogram

import "tapbench/applet/message"

// AC is an application cryptogram: ARQC, TC or AAC (tag 9F26).
type AC = [BlockLen]byte

// Data are what a cryptogram covers, in the order of EMV 4.3 Book 2, 8.1.1: the values that the
// terminal sent (amount, other amount, country, TVR, currency, date, type, unpredictable number),
// then the card's.
type Data struct {
	Terminal []byte
	AIP      [2]byte
	ATC      [2]byte
	IAD      []byte // 9F10, as it is answered
}

// CVN10 is a cryptogram of version 10: the card's master key itself, over terminal's data, AIP, ATC
// and the card verification results of the IAD, filled up with zeros.
func CVN10(master Key, d Data, cvr []byte) AC {
	return MAC(master, Padding1, d.Terminal, d.AIP[:], d.ATC[:], cvr)
}

// CVN18 is a cryptogram of version 18, which EMV's common core definitions made general: a session
// key of the common method, over terminal's data, AIP, ATC and the whole IAD, with padding 2.
func CVN18(session Key, d Data) AC {
	return MAC(session, Padding2, d.Terminal, d.AIP[:], d.ATC[:], d.IAD)
}

// CCD is a cryptogram of the common core definitions with AES: the leftmost 8 bytes of a CMAC (EMV
// 4.3 Book 2, A1.2.2) over terminal's data, AIP, ATC and the whole IAD.
func CCD(session Key, d Data) AC {
	return macAES(session, d.Terminal, d.AIP[:], d.ATC[:], d.IAD)
}

// ARPC1 is the issuer's answer by method 1 (EMV 4.3 Book 2, 8.2.1): one block over ARQC xor the
// authorisation response code. Issuer authentication data (tag 91) are ARPC [8] || code [2].
func ARPC1(session Key, arqc AC, code [2]byte) [BlockLen]byte {
	arqc[0] ^= code[0]
	arqc[1] ^= code[1]
	return session.encrypt(arqc)
}

// ARPC2 is the issuer's answer by method 2 (8.2.2): a MAC of 4 bytes over ARQC, card status update
// and 0 to 8 bytes of the issuer's own. Issuer authentication data are ARPC [4] || update [4] ||
// own.
func ARPC2(session Key, arqc AC, update [4]byte, own []byte) [4]byte {
	sum := MAC(session, Padding2, arqc[:], update[:], own)
	return [4]byte(sum[:4])
}

// ARPC2AES is method 2 with AES: the leftmost 4 bytes of a CMAC.
func ARPC2AES(session Key, arqc AC, update [4]byte, own []byte) [4]byte {
	sum := macAES(session, arqc[:], update[:], own)
	return [4]byte(sum[:4])
}

// macAES is the leftmost 8 bytes of a CMAC.
func macAES(key Key, parts ...[]byte) AC {
	var data []byte
	for _, part := range parts {
		data = append(data, part...)
	}
	sum := message.CMAC(key, data)
	return AC(sum[:BlockLen])
}
