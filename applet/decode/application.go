package decode

import (
	"tapbench/applet/emv"
	"tapbench/applet/wire"
)

// kind says whose commands and data elements an application has.
type kind byte

const (
	unselected     kind = iota // nothing was selected in this dialogue
	foreign                    // an application that the decoder doesn't know
	management                 // ours
	ownPayment                 // ours
	ownOffline                 // ours
	directory                  // PPSE or PSE
	payment                    // EMV, somebody else's
	securityDomain             // GlobalPlatform
)

// known reports whether the decoder knows the application's data elements.
func (k kind) known() bool { return k > foreign }

// emv reports whether the application speaks EMV.
func (k kind) emv() bool { return k.ours() || k == directory || k == payment }

// ours reports whether the application is one of our own payment applications.
func (k kind) ours() bool { return k == ownPayment || k == ownOffline }

// ridLen is the length of a registered application provider identifier (ISO/IEC 7816-4:2005,
// 8.2.1.2).
const ridLen = 5

// applicationOf returns name and kind of the application that a DF name names. A payment scheme's
// is known by its registered application provider identifier.
func applicationOf(name []byte) (string, kind) {
	switch string(name) {
	case string(wire.AIDManagement):
		return "tapbench management", management
	case string(wire.AIDPayment):
		return "tapbench payment", ownPayment
	case string(wire.AIDOffline):
		return "tapbench offline payment", ownOffline
	case string(wire.AIDPPSE):
		return "PPSE", directory
	case emv.NamePSE:
		return "PSE", directory
	case "\xA0\x00\x00\x00\x03\x00\x00\x00", "\xA0\x00\x00\x00\x03\x00\x00",
		"\xA0\x00\x00\x01\x51\x00\x00", "\xA0\x00\x00\x01\x51\x00\x00\x00":
		return "issuer security domain", securityDomain
	}
	if len(name) < ridLen {
		return "", foreign
	}
	if s := schemeOf(name[:ridLen]); s != "" {
		return s, payment
	}
	return foreignName(name), foreign
}

// schemeOf returns the payment scheme to which a registered application provider identifier
// belongs, or "".
func schemeOf(rid []byte) string {
	if rid[0] != 0xA0 || rid[1] != 0 || rid[2] != 0 {
		return ""
	}
	for _, s := range [...]struct {
		low, high byte
		name      string
	}{
		{0x00, 0x03, "Visa"},
		{0x00, 0x04, "Mastercard"},
		{0x00, 0x25, "American Express"},
		{0x00, 0x29, "LINK"},
		{0x00, 0x42, "CB"},
		{0x00, 0x65, "JCB"},
		{0x01, 0x21, "Dankort"},
		{0x01, 0x41, "PagoBANCOMAT"},
		{0x01, 0x52, "Discover"},
		{0x02, 0x28, "mada"},
		{0x02, 0x77, "Interac"},
		{0x03, 0x24, "Discover"},
		{0x03, 0x33, "UnionPay"},
		{0x03, 0x59, "girocard"},
		{0x03, 0x71, "Verve"},
		{0x03, 0x84, "eftpos"},
		{0x05, 0x24, "RuPay"},
		{0x06, 0x58, "Mir"},
		{0x06, 0x72, "Troy"},
	} {
		if rid[3] == s.low && rid[4] == s.high {
			return s.name
		}
	}
	return ""
}

// foreignName returns the name of an application whose data elements the decoder doesn't know, or
// "".
func foreignName(aid []byte) string {
	for _, a := range [...]struct{ prefix, name string }{
		{"\xA0\x00\x00\x03\x08", "PIV"},
		{"\xD2\x76\x00\x01\x24\x01", "OpenPGP card"},
		{"\xA0\x00\x00\x02\x47\x10\x01", "eMRTD"},
		{"\xA0\x00\x00\x06\x47\x2F\x00\x01", "FIDO"},
		{"\xA0\x00\x00\x00\x87\x10\x02", "USIM"},
		{"\xA0\x00\x00\x00\x87\x10\x04", "ISIM"},
		{"\xA0\x00\x00\x00\x63PKCS-15", "PKCS #15"},
		{"\xD2\x76\x00\x00\x85\x01\x01", "NDEF"},
		{"\xA0\x00\x00\x05\x27\x21\x01", "YubiKey OATH"},
		{"\xA0\x00\x00\x05\x27\x20\x01", "YubiKey OTP"},
	} {
		if len(aid) >= len(a.prefix) && string(aid[:len(a.prefix)]) == a.prefix {
			return a.name
		}
	}
	return ""
}
