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
)

// Proprietary data objects of the payment application's records and answers.
const (
	// TagCardKey is PK_V, 65 bytes.
	TagCardKey tlv.Tag = 0xDF20
	// TagCardClass is the card's class, 13 bytes.
	TagCardClass tlv.Tag = 0xDF21
	// TagCardSignature is the TSM's signature "vcard", 64 bytes.
	TagCardSignature tlv.Tag = 0xDF22
	// TagTapSignature is the card key's signature over the payment, 64 bytes.
	TagTapSignature tlv.Tag = 0xDF23
)
