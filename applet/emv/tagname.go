package emv

import (
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// TagName returns the name of a data object of a payment application for display, or an empty
// string for a tag that isn't one. Sources: EMV 4.3 Book 1, annex B, and Book 3, annex A1; for what
// contactless kernels add: EMV Contactless Books C-2 and C-3, version 2.6; ours: wire.
//
// Of a tag that means one thing here and another in a file's control parameters (ISO/IEC
// 7816-4:2005, 5.3.3) this is the name that it has here. Where two kernels give one tag two
// meanings, both are named.
func TagName(tag tlv.Tag) string {
	switch {
	case tag < 0x40:
		return ""
	case tag < 0x80:
		return classTagName(tag)
	case tag <= TagFCIProprietary:
		return contextTagName(tag)
	case tag == TagFCIDiscretionary:
		return "FCI issuer discretionary data"
	case tag&^0x7F == 0x5F00:
		return interindustryTagName(tag)
	case tag&^0x7F == 0x9F00:
		return numberedTagName(tag)
	case tag&^0x3F == 0xDF00:
		return ownTagName(tag)
	default:
		return ""
	}
}

// numberedTagName names 9F00 to 9F7F. The tables below it are indexed by the tag's low bits.
func numberedTagName(tag tlv.Tag) string {
	switch tag & 0x60 {
	case 0x00:
		return lowTagName(tag)
	case 0x20:
		return middleTagName(tag)
	case 0x40:
		return highTagName(tag)
	default:
		return contactlessTagName(tag)
	}
}

// classTagName names the tags of one byte below 80.
func classTagName(tag tlv.Tag) string {
	return [0x40]string{
		0x42 & 0x3F:                   "issuer identification number",
		TagADFName & 0x3F:             "ADF name",
		TagLabel & 0x3F:               "application label",
		0x56 & 0x3F:                   "track 1 data",
		TagTrack2 & 0x3F:              "track 2 equivalent data",
		TagPAN & 0x3F:                 "PAN",
		TagApplicationTemplate & 0x3F: "application template",
		TagFCI & 0x3F:                 "FCI template",
		TagRecord & 0x3F:              "record template",
		0x71 & 0x3F:                   "issuer script template 1",
		0x72 & 0x3F:                   "issuer script template 2",
		0x73 & 0x3F:                   "directory discretionary template",
		TagFormat2 & 0x3F:             "response template format 2",
	}[tag&0x3F]
}

// contextTagName names the tags 80 to A5.
func contextTagName(tag tlv.Tag) string {
	return [0x40]string{
		TagFormat1 & 0x3F:         "response template format 1",
		0x81 & 0x3F:               "amount authorised (binary)",
		TagAIP & 0x3F:             "application interchange profile",
		TagCommandTemplate & 0x3F: "command template",
		TagDFName & 0x3F:          "DF name",
		0x86 & 0x3F:               "issuer script command",
		TagPriority & 0x3F:        "application priority indicator",
		0x88 & 0x3F:               "short file identifier",
		0x89 & 0x3F:               "authorisation code",
		TagARC & 0x3F:             "authorisation response code",
		TagCDOL1 & 0x3F:           "CDOL1",
		TagCDOL2 & 0x3F:           "CDOL2",
		TagCVMList & 0x3F:         "CVM list",
		0x8F & 0x3F:               "CA public key index",
		0x90 & 0x3F:               "issuer public key certificate",
		TagIssuerAuth & 0x3F:      "issuer authentication data",
		0x92 & 0x3F:               "issuer public key remainder",
		0x93 & 0x3F:               "signed static application data",
		TagAFL & 0x3F:             "application file locator",
		TagTVR & 0x3F:             "terminal verification results",
		0x97 & 0x3F:               "TDOL",
		0x98 & 0x3F:               "TC hash value",
		0x99 & 0x3F:               "transaction PIN data",
		TagDate & 0x3F:            "transaction date",
		0x9B & 0x3F:               "transaction status information",
		TagTransactionType & 0x3F: "transaction type",
		0x9D & 0x3F:               "DDF name",
		TagFCIProprietary & 0x3F:  "FCI proprietary template",
	}[tag&0x3F]
}

// interindustryTagName names what begins with 5F.
func interindustryTagName(tag tlv.Tag) string {
	return [0x80]string{
		0x5F20 & 0x7F:        "cardholder name",
		TagExpiration & 0x7F: "application expiration date",
		0x5F25 & 0x7F:        "application effective date",
		0x5F28 & 0x7F:        "issuer country code",
		TagCurrency & 0x7F:   "transaction currency code",
		0x5F2D & 0x7F:        "language preference",
		0x5F30 & 0x7F:        "service code",
		TagSequence & 0x7F:   "PAN sequence number",
		0x5F36 & 0x7F:        "transaction currency exponent",
		0x5F50 & 0x7F:        "issuer URL",
		0x5F53 & 0x7F:        "IBAN",
		0x5F54 & 0x7F:        "bank identifier code",
		0x5F55 & 0x7F:        "issuer country code (alpha 2)",
		0x5F56 & 0x7F:        "issuer country code (alpha 3)",
		0x5F57 & 0x7F:        "account type",
	}[tag&0x7F]
}

// lowTagName names 9F00 to 9F1F.
func lowTagName(tag tlv.Tag) string {
	return [0x20]string{
		0x9F01 & 0x1F:          "acquirer identifier",
		TagAmount & 0x1F:       "amount authorised",
		TagAmountOther & 0x1F:  "amount other",
		0x9F04 & 0x1F:          "amount other (binary)",
		0x9F05 & 0x1F:          "application discretionary data",
		0x9F06 & 0x1F:          "application identifier (terminal)",
		TagUsageControl & 0x1F: "application usage control",
		0x9F08 & 0x1F:          "application version number",
		0x9F09 & 0x1F:          "application version number (terminal)",
		0x9F0A & 0x1F:          "application selection registered proprietary data",
		0x9F0B & 0x1F:          "cardholder name extended",
		0x9F0C & 0x1F:          "issuer identification number extended",
		TagIACDefault & 0x1F:   "issuer action code default",
		TagIACDenial & 0x1F:    "issuer action code denial",
		TagIACOnline & 0x1F:    "issuer action code online",
		TagIAD & 0x1F:          "issuer application data",
		0x9F11 & 0x1F:          "issuer code table index",
		0x9F12 & 0x1F:          "application preferred name",
		0x9F13 & 0x1F:          "last online ATC register",
		0x9F14 & 0x1F:          "lower consecutive offline limit",
		0x9F15 & 0x1F:          "merchant category code",
		TagMerchant & 0x1F:     "merchant identifier",
		0x9F17 & 0x1F:          "PIN try counter",
		0x9F18 & 0x1F:          "issuer script identifier",
		0x9F19 & 0x1F:          "token requestor ID",
		TagCountry & 0x1F:      "terminal country code",
		0x9F1B & 0x1F:          "terminal floor limit",
		0x9F1C & 0x1F:          "terminal identification",
		0x9F1D & 0x1F:          "terminal risk management data",
		0x9F1E & 0x1F:          "interface device serial number",
		0x9F1F & 0x1F:          "track 1 discretionary data",
	}[tag&0x1F]
}

// middleTagName names 9F20 to 9F3F.
func middleTagName(tag tlv.Tag) string {
	return [0x20]string{
		0x9F20 & 0x1F:          "track 2 discretionary data",
		0x9F21 & 0x1F:          "transaction time",
		0x9F22 & 0x1F:          "CA public key index (terminal)",
		0x9F23 & 0x1F:          "upper consecutive offline limit",
		0x9F24 & 0x1F:          "payment account reference",
		0x9F25 & 0x1F:          "last 4 digits of PAN",
		TagCryptogram & 0x1F:   "application cryptogram",
		TagCID & 0x1F:          "cryptogram information data",
		0x9F29 & 0x1F:          "extended selection",
		0x9F2A & 0x1F:          "kernel identifier",
		0x9F2D & 0x1F:          "ICC PIN encipherment public key certificate",
		0x9F2E & 0x1F:          "ICC PIN encipherment public key exponent",
		0x9F2F & 0x1F:          "ICC PIN encipherment public key remainder",
		0x9F32 & 0x1F:          "issuer public key exponent",
		0x9F33 & 0x1F:          "terminal capabilities",
		0x9F34 & 0x1F:          "CVM results",
		TagTerminalType & 0x1F: "terminal type",
		TagATC & 0x1F:          "application transaction counter",
		TagUN & 0x1F:           "unpredictable number",
		TagPDOL & 0x1F:         "PDOL",
		0x9F39 & 0x1F:          "POS entry mode",
		0x9F3A & 0x1F:          "amount in reference currency",
		0x9F3B & 0x1F:          "application reference currency",
		0x9F3C & 0x1F:          "transaction reference currency code",
		0x9F3D & 0x1F:          "transaction reference currency exponent",
	}[tag&0x1F]
}

// highTagName names 9F40 to 9F5F.
func highTagName(tag tlv.Tag) string {
	return [0x20]string{
		0x9F40 & 0x1F:                 "additional terminal capabilities",
		0x9F41 & 0x1F:                 "transaction sequence counter",
		TagApplicationCurrency & 0x1F: "application currency code",
		0x9F43 & 0x1F:                 "application reference currency exponent",
		0x9F44 & 0x1F:                 "application currency exponent",
		0x9F45 & 0x1F:                 "data authentication code",
		0x9F46 & 0x1F:                 "ICC public key certificate",
		0x9F47 & 0x1F:                 "ICC public key exponent",
		0x9F48 & 0x1F:                 "ICC public key remainder",
		0x9F49 & 0x1F:                 "DDOL",
		0x9F4A & 0x1F:                 "static data authentication tag list",
		TagDynamicSignature & 0x1F:    "signed dynamic application data",
		0x9F4C & 0x1F:                 "ICC dynamic number",
		0x9F4D & 0x1F:                 "log entry",
		0x9F4E & 0x1F:                 "merchant name and location",
		0x9F4F & 0x1F:                 "log format",
		0x9F51 & 0x1F:                 "DRDOL or application currency code",
		0x9F53 & 0x1F:                 "transaction category code",
		0x9F5A & 0x1F:                 "application program identifier",
		0x9F5B & 0x1F:                 "DSDOL or issuer script results",
		0x9F5D & 0x1F:                 "application capabilities or available offline spending amount",
	}[tag&0x1F]
}

// contactlessTagName names 9F60 to 9F7F.
func contactlessTagName(tag tlv.Tag) string {
	return [0x20]string{
		0x9F60 & 0x1F: "CVC3 (track 1)",
		0x9F61 & 0x1F: "CVC3 (track 2)",
		0x9F62 & 0x1F: "PCVC3 (track 1)",
		0x9F63 & 0x1F: "PUNATC (track 1)",
		0x9F64 & 0x1F: "NATC (track 1)",
		0x9F65 & 0x1F: "PCVC3 (track 2)",
		0x9F66 & 0x1F: "terminal transaction qualifiers",
		0x9F67 & 0x1F: "NATC (track 2)",
		0x9F68 & 0x1F: "card additional processes",
		0x9F69 & 0x1F: "UDOL or card authentication related data",
		0x9F6A & 0x1F: "unpredictable number (numeric)",
		0x9F6B & 0x1F: "track 2 data",
		0x9F6C & 0x1F: "card transaction qualifiers",
		0x9F6D & 0x1F: "mag-stripe application version number (reader)",
		0x9F6E & 0x1F: "form factor indicator or third party data",
		0x9F7C & 0x1F: "customer exclusive data or merchant custom data",
		0x9F7E & 0x1F: "mobile support indicator",
		0x9F7F & 0x1F: "card production life cycle data",
	}[tag&0x1F]
}

// ownTagName names what wire registers.
func ownTagName(tag tlv.Tag) string {
	return [0x40]string{
		wire.DataCapability & 0x3F:    "capability",
		wire.DataLifeCycle & 0x3F:     "life cycle state",
		wire.DataSECertificate & 0x3F: "SE certificate",
		wire.DataStatus & 0x3F:        "status of the slots",
		wire.DataLaunch & 0x3F:        "what unlocks the element",
		wire.DataCards & 0x3F:         "kinds, limits and totals of the cards",
		wire.DataTokens & 0x3F:        "uses of the offline tokens",
		wire.TagCardKey & 0x3F:        "card key",
		wire.TagCardClass & 0x3F:      "card class",
		wire.TagCardSignature & 0x3F:  "card signature by the TSM",
		wire.TagTapSignature & 0x3F:   "tap signature",

		wire.TagMerchantChallenge & 0x3F: "challenge to the merchant",
		wire.TagTerminalTime & 0x3F:      "terminal's time",
		wire.TagMerchantHash & 0x3F:      "hash of the merchant's certificate",
		wire.TagMeterUnit & 0x3F:         "metering unit",
		wire.TagToken & 0x3F:             "offline token",
		wire.TagTokenInterval & 0x3F:     "units that are paid with",
		wire.TagTokenShown & 0x3F:        "units and value shown",
		wire.TagRelayData & 0x3F:         "relay resistance data",
		wire.TagMerchantReceipt & 0x3F:   "merchant's receipt",
	}[tag&0x3F]
}
