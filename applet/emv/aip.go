package emv

// The bits of the application interchange profile (EMV 4.3 Book 3, annex C1): of byte 1 what the
// card can do, and wants done.
const (
	AIPSDA        byte = 0x40
	AIPDDA        byte = 0x20
	AIPCardholder byte = 0x10 // its holder is to be verified
	AIPRisk       byte = 0x08 // the terminal is to manage its risk
	AIPIssuer     byte = 0x04 // it takes EXTERNAL AUTHENTICATE
	AIPDevice     byte = 0x02 // contactless: its device verifies the holder (Book C-2 2.6)
	AIPCDA        byte = 0x01
)

// AIPRelay is the bit of byte 2 that says that the card takes part in the exchange against relays
// (EMV Contactless Book C-2 2.6).
const AIPRelay byte = 0x01
