package card

import (
	"tapbench/applet/emv"
	"tapbench/applet/wire"
)

// knownApplications are the DF names that card info asks for, besides what the card lists itself:
// ours, and those of the applications that are met most. What they are called is decode's to say.
func knownApplications() []string {
	return []string{
		string(wire.AIDManagement), string(wire.AIDPayment),
		"\xA0\x00\x00\x00\x03\x10\x10",         // Visa
		"\xA0\x00\x00\x00\x03\x20\x10",         // Visa Electron
		"\xA0\x00\x00\x00\x04\x10\x10",         // Mastercard
		"\xA0\x00\x00\x00\x04\x30\x60",         // Maestro
		"\xA0\x00\x00\x00\x25\x01",             // American Express
		"\xA0\x00\x00\x00\x42\x10\x10",         // CB
		"\xA0\x00\x00\x00\x65\x10\x10",         // JCB
		"\xA0\x00\x00\x01\x52\x30\x10",         // Discover
		"\xA0\x00\x00\x02\x77\x10\x10",         // Interac
		"\xA0\x00\x00\x03\x33\x01\x01\x01",     // UnionPay debit
		"\xA0\x00\x00\x03\x33\x01\x01\x02",     // UnionPay credit
		"\xA0\x00\x00\x03\x59\x10\x10\x02\x80", // girocard
		"\xA0\x00\x00\x05\x24\x10\x10",         // RuPay
		"\xA0\x00\x00\x01\x51\x00\x00\x00",     // GlobalPlatform issuer security domain
		"\xA0\x00\x00\x00\x03\x00\x00\x00",     // the same, as older cards name it
		"\xA0\x00\x00\x03\x08\x00\x00\x10\x00", // PIV (NIST SP 800-73-4, part 1, 2.2)
		"\xD2\x76\x00\x01\x24\x01",             // OpenPGP card
		"\xA0\x00\x00\x00\x63PKCS-15",          // PKCS #15 (ISO/IEC 7816-15)
		"\xA0\x00\x00\x02\x47\x10\x01",         // eMRTD (ICAO Doc 9303-10)
		"\xE8\x07\x04\x00\x7F\x00\x07\x03\x02", // eID (BSI TR-03110)
		"\xA0\x00\x00\x01\x67ESIGN",            // eSign
		"\xA0\x00\x00\x06\x47\x2F\x00\x01",     // FIDO
		"\xA0\x00\x00\x00\x87\x10\x02",         // USIM (ETSI TS 101 220)
		"\xD2\x76\x00\x00\x85\x01\x01",         // NDEF (NFC Forum Type 4 Tag)
		"\xD2\x76\x00\x00\x85\x01\x00",         // MIFARE DESFire
		"\xA0\x00\x00\x05\x27\x21\x01",         // YubiKey OATH
	}
}

// directories are the DF names of the payment system environments, contactless and contact.
func directories() []string { return []string{string(wire.AIDPPSE), emv.NamePSE} }

// applicationName returns the name of an application that decode doesn't know by its AID.
func applicationName(aid string) string {
	switch aid {
	case "\xE8\x07\x04\x00\x7F\x00\x07\x03\x02":
		return "eID"
	case "\xA0\x00\x00\x01\x67ESIGN":
		return "eSign"
	case "\xD2\x76\x00\x00\x85\x01\x00":
		return "MIFARE DESFire"
	default:
		return ""
	}
}
