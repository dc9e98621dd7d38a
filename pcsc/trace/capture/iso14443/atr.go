package iso14443

// A contactless card has no ATR; the reader's driver makes one of what the card said when it was
// activated (PC/SC 2.01.09, part 3, 3.1.3.2.3): 3B, 8n for n historical bytes, 80, 01, the
// historical bytes, and TCK, the exclusive or of everything from 8n on.

// The parts of such an ATR.
const (
	atrTS     = 0x3B
	atrTD1    = 0x80
	atrTD2    = 0x01
	atrPrefix = 4
	maxHist   = 15
)

// atrOf returns the ATR with these historical bytes; more than 15 are cut off, as n has no more.
func atrOf(hist []byte) []byte {
	hist = hist[:min(len(hist), maxHist)]
	atr := append([]byte{atrTS, 0x80 | byte(len(hist)&0x0F), atrTD1, atrTD2}, hist...)
	var tck byte
	for _, v := range atr[1:] {
		tck ^= v
	}
	return append(atr, tck)
}

// Historical returns the historical bytes of an ATR that has the form of a contactless card's, and
// whether it has. They alias atr.
func Historical(atr []byte) ([]byte, bool) {
	if len(atr) < atrPrefix+1 || len(atr) > atrPrefix+maxHist+1 {
		return nil, false
	}
	hist := atr[atrPrefix : len(atr)-1]
	return hist, string(atr) == string(atrOf(hist))
}

// The interface bytes of an ATS (ISO/IEC 14443-4:2018, 5.2): T0 says which of them follow TL.
const (
	atsTA = 0x10
	atsTB = 0x20
	atsTC = 0x40
)

// atrOfATS returns the ATR of a type A card from its ATS without CRC, and whether the ATS holds
// together: TL counts its bytes, itself among them.
func atrOfATS(ats []byte) ([]byte, bool) {
	if len(ats) == 0 || int(ats[0]) != len(ats) {
		return nil, false
	}
	if len(ats) == 1 {
		return atrOf(nil), true
	}
	at := 2
	for _, present := range []byte{atsTA, atsTB, atsTC} {
		if ats[1]&present != 0 {
			at++
		}
	}
	if at > len(ats) {
		return nil, false
	}
	return atrOf(ats[at:]), true
}

// lenATQB is the length of a basic ATQB without CRC: 50, PUPI, application data, protocol info. The
// extended one has a fourth byte of protocol info.
const lenATQB = 1 + 4 + 4 + 3

// atrOfATQB returns the ATR of a type B card from its ATQB and the first byte of its answer to
// ATTRIB, whose upper half is MBLI: application data, protocol info and that half are its
// historical bytes.
func atrOfATQB(atqb []byte, answer byte) []byte {
	hist := append([]byte(nil), atqb[5:lenATQB]...)
	return atrOf(append(hist, answer&0xF0))
}
