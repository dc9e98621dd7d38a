package wire

import "tapbench/pcsc/tlv"

// Data objects of GET DATA, management application; P1-P2 is the tag.
const (
	// DataCapability: version, slots, algorithms; no condition.
	DataCapability tlv.Tag = 0xDF01
	// DataLifeCycle: the life cycle state, 1 byte; no condition.
	DataLifeCycle tlv.Tag = 0xDF02
	// DataSECertificate: CERT_SE, 158 bytes; host authenticated.
	DataSECertificate tlv.Tag = 0xDF03
	// DataStatus: states of all slots and of the arming; host authenticated.
	DataStatus tlv.Tag = 0xDF04
	// DataLaunch: what unlocks the element, and whether it did; host authenticated.
	DataLaunch tlv.Tag = 0xDF05
	// DataCards: of each card slot kind, limit and what was shown of it; host authenticated.
	DataCards tlv.Tag = 0xDF06
	// DataTokens: of each token slot what the wallet needs of it; host authenticated.
	DataTokens tlv.Tag = 0xDF07
)

// Proprietary data objects of the payment applications' records and answers.
const (
	// TagCardKey is PK_V, 65 bytes.
	TagCardKey tlv.Tag = 0xDF20
	// TagCardClass is the card's class, 13 bytes.
	TagCardClass tlv.Tag = 0xDF21
	// TagCardSignature is the TSM's signature "vcard", 64 bytes.
	TagCardSignature tlv.Tag = 0xDF22
	// TagTapSignature is the card key's signature over the payment, 64 bytes.
	TagTapSignature tlv.Tag = 0xDF23
	// TagMerchantChallenge is the SE's challenge to the merchant, 16 bytes.
	TagMerchantChallenge tlv.Tag = 0xDF24
	// TagTerminalTime is the terminal's time, 4 bytes: seconds since 1970.
	TagTerminalTime tlv.Tag = 0xDF25
	// TagMerchantHash is SHA-256 over the merchant's compact certificate, 32 bytes.
	TagMerchantHash tlv.Tag = 0xDF26
	// TagMeterUnit is a metering commitment's unit in minor units, 1 byte; 00: a payment.
	TagMeterUnit tlv.Tag = 0xDF27
	// TagToken is an offline token: its fields and signature, 188 bytes.
	TagToken tlv.Tag = 0xDF28
	// TagTokenInterval is the units of a statement: from and to, 2 bytes.
	TagTokenInterval tlv.Tag = 0xDF29
	// TagTokenShown is what is shown of a token: from and to, and w_to with a payment, 2 or 34 bytes.
	TagTokenShown tlv.Tag = 0xDF2A
	// TagRelayData is what was exchanged against relays, 14 bytes: in a token's record, in field 55.
	TagRelayData tlv.Tag = 0xDF2D
	// TagMerchantReceipt is the merchant's signature "merchant-receipt", 64 bytes.
	TagMerchantReceipt tlv.Tag = 0xDF2C
)
