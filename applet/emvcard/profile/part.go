package profile

// Object is a data object with its value.
type Object struct {
	// Tag is the data object's tag.
	Tag Tag `json:"tag"`
	// Value is what it holds, without tag and length.
	Value Hex `json:"value" is:"bytes 0-240"`
}

// Gettable is a data object for GET DATA.
type Gettable struct {
	// Tag is the data object's tag, of two bytes.
	Tag Tag `json:"tag"`
	// Value is what it holds at first.
	Value Hex `json:"value" is:"bytes 0-240"`
	// Put lets an issuer script change it, by PUT DATA.
	Put bool `json:"put,omitzero"`
}

// Record is one record of a file.
type Record struct {
	// SFI is the file's short identifier. Terminals know 1 to 10 as the payment system's format.
	SFI byte `json:"sfi" is:"number 1-30"`
	// Number is the record's number.
	Number byte `json:"record" is:"number 1-255"`
	// Signed puts the record under the signed static data.
	Signed bool `json:"signed,omitzero"`
	// Tags are the data objects in the record, in their order. Parts of a certificate that have
	// nothing to hold (92, 9F48, 9F2F) are left out.
	Tags []Tag `json:"tags" count:"1-32"`
}

// CVM is a list of cardholder verification methods.
type CVM struct {
	// X is the first amount that conditions name, in minor units of the application's currency.
	X uint64 `json:"x,omitzero" is:"number 0-4294967295"`
	// Y is the second one.
	Y uint64 `json:"y,omitzero" is:"number 0-4294967295"`
	// Rules are tried in their order.
	Rules []CVMRule `json:"rules" count:"1-16"`
}

// CVMRule is one rule of the list (EMV 4.3 Book 3, annex C3).
type CVMRule struct {
	// Method is how the holder is verified.
	Method string `json:"method" is:"word method"`
	// When is the condition under which the rule holds.
	When string `json:"when" is:"word condition"`
	// Next has the next rule tried when this one fails; otherwise verification has failed.
	Next bool `json:"next,omitzero"`
}

// IAC are the issuer action codes.
type IAC struct {
	// Denial are the bits that decline without asking the issuer, tag 9F0E.
	Denial Hex `json:"denial" is:"bytes 5-5"`
	// Online are those that ask the issuer, tag 9F0F.
	Online Hex `json:"online" is:"bytes 5-5"`
	// Default are those that decline when the issuer can't be asked, tag 9F0D.
	Default Hex `json:"default" is:"bytes 5-5"`
}

// Key says how an RSA key is drawn.
type Key struct {
	// Bits is the modulus' length, a multiple of 8.
	Bits uint16 `json:"bits" is:"number 1024-1976"`
	// Exponent is the public exponent.
	Exponent uint32 `json:"exponent" is:"number 3-65537"`
}

// PIN is the reference PIN.
type PIN struct {
	// Digits are the PIN's own: 4 to 12.
	Digits string `json:"digits" is:"digits 4-12"`
	// Tries is how many wrong ones block it.
	Tries byte `json:"tries" is:"number 1-15"`
	// CDCVM says that the device has verified its holder, so that nobody asks for the PIN.
	CDCVM bool `json:"cdcvm,omitzero"`
	// Key is the RSA key that PINs are enciphered for (tags 9F2D to 9F2F); without it card_key is.
	Key *Key `json:"key,omitzero"`
}

// Risk are the limits of card risk management. One that isn't given isn't looked at. Lower and
// Upper are for terminals too, if a record names their tags (EMV 4.3 Book 3, 10.6.3).
type Risk struct {
	// Lower is how many transactions may be offline, one after the other, before the card asks for
	// its issuer: tag 9F14.
	Lower *byte `json:"lower,omitzero" is:"number 0-255"`
	// Upper is how many may be before it declines, when the issuer can't be asked: tag 9F23.
	Upper *byte `json:"upper,omitzero" is:"number 0-255"`
	// LowerAmount is the same for the sum of the amounts, in minor units of currency.
	LowerAmount *uint64 `json:"lower_amount,omitzero" is:"number 0-999999999999"`
	// UpperAmount is the sum above which the card declines when the issuer can't be asked.
	UpperAmount *uint64 `json:"upper_amount,omitzero" is:"number 0-999999999999"`
	// Currency is what the sums are in, as ISO 4217 numbers it; the application's unless given.
	Currency string `json:"currency,omitzero" is:"digits 3-3"`
	// OnlineNew has a card that was never online ask for its issuer.
	OnlineNew bool `json:"online_new,omitzero"`
	// MandatoryAuth has the second cryptogram refused when the issuer didn't prove itself.
	MandatoryAuth bool `json:"mandatory_issuer_authentication,omitzero"`
}

// Log is the transaction log (EMV 4.3 Book 3, annex D).
type Log struct {
	// SFI is the log's file.
	SFI byte `json:"sfi" is:"number 11-30"`
	// Entries is how many transactions it holds.
	Entries byte `json:"entries" is:"number 1-30"`
	// Format is what an entry holds, tag 9F4F.
	Format DOL `json:"format" count:"1-32"`
}

// Relay are the times of the exchange of relay resistance data, in units of 100 microseconds (EMV
// Contactless Book C-2 2.6).
type Relay struct {
	// Min is the shortest time that the card needs to answer.
	Min uint16 `json:"min" is:"number 0-65535"`
	// Max is the longest.
	Max uint16 `json:"max" is:"number 0-65535"`
	// Transmission is how long the answer is under way.
	Transmission uint16 `json:"transmission" is:"number 0-65535"`
}
