package emv

import "tapbench/applet/wire"

// Track2ServiceCode says: chip card for international use, authorised by the issuer, no
// restrictions (ISO/IEC 7813:2006, 4.2, table of service codes).
const Track2ServiceCode = "221"

// Track2Len is the length of the track 2 equivalent data that tapbench's cards have.
const Track2Len = 14

// Track2 returns the track 2 equivalent data, tag 57 (EMV 4.3 Book 3, annex A): 19 digits of PAN,
// D, YYMM, service code, no discretionary data, F. Expiration is YYMMDD.
//
//	99 99 99 .. .. .. .. .. .. .D YY MM 22 1F
//
// It holds the whole PAN: it is as secret as the PAN is.
func Track2(pan PAN, expiration [wire.DateLen]byte) [Track2Len]byte {
	var t [Track2Len]byte
	copy(t[:], pan[:])
	t[9] = pan[9]&0xF0 | 0x0D
	t[10], t[11] = expiration[0], expiration[1]
	t[12], t[13] = 0x22, 0x1F
	return t
}
