package profile

// Format is what a profile's first field says.
const Format = "tapbench-profile v1"

// The kinds of card.
const (
	// Anonymous is the protocol's own card: a profile gives it its names alone.
	Anonymous = "anonymous"
	// EMV is a card as EMV 4.3 has it.
	EMV = "emv"
)

// Profile is a whole card, before any key is drawn. Each field's comment is its description in the
// schema and in docs/profiles.md.
type Profile struct {
	// Format is the version of this format.
	Format string `json:"format" is:"word format"`
	// Name is the profile's own name.
	Name string `json:"name" is:"name 1-32"`
	// Comment says what the profile is for. It isn't on the card.
	Comment string `json:"comment,omitzero" is:"text 1-1000"`
	// Kind is the kind of card. An anonymous one has one application with aid, label and priority.
	Kind string `json:"kind" is:"word kind"`
	// ATR is the answer to reset, whole.
	ATR Hex `json:"atr" is:"bytes 2-33"`
	// Protocol is the transmission protocol: with T=0 the card answers 61xx and 6Cxx (EMV 4.3
	// Book 1, 9.3.1).
	Protocol string `json:"protocol" is:"word protocol"`
	// Directories are the lists of applications that a terminal may select: 1PAY.SYS.DDF01 (pse,
	// EMV 4.3 Book 1, 12.2) and 2PAY.SYS.DDF01 (ppse, EMV Contactless Book B 2.6).
	Directories []string `json:"directories,omitzero" is:"word directory" count:"0-2"`
	// Blocked has the whole card blocked from the start: SELECT answers 6A81.
	Blocked bool `json:"blocked,omitzero"`
	// Applications are in the order in which a partial name finds them.
	Applications []Application `json:"applications" count:"1-8"`
}

// Application is one application.
type Application struct {
	// AID is the application identifier: tags 84 and 4F. Its first 5 bytes are the RID.
	AID Hex `json:"aid" is:"bytes 5-16"`
	// Label is the application label, tag 50.
	Label string `json:"label" is:"text 1-16"`
	// PreferredName is the application preferred name, tag 9F12. It needs code_table.
	PreferredName string `json:"preferred_name,omitzero" is:"text 1-16"`
	// CodeTable is the issuer code table index, tag 9F11: the part of ISO/IEC 8859 that the preferred
	// name is written in.
	CodeTable byte `json:"code_table,omitzero" is:"number 1-10"`
	// Priority is the application priority indicator, tag 87: 1 is the highest; 0: none is given.
	Priority byte `json:"priority,omitzero" is:"number 0-15"`
	// Confirm has the application selected only when its holder agrees: bit 8 of tag 87.
	Confirm bool `json:"confirm,omitzero"`
	// Blocked has the application blocked from the start: SELECT answers 6283.
	Blocked bool `json:"blocked,omitzero"`
	// Languages are the preferred ones, tag 5F2D, as ISO 639-1 has them.
	Languages []string `json:"languages,omitzero" is:"language 2-2" count:"1-4"`
	// FCI are further data objects of the FCI's template A5.
	FCI []Object `json:"fci,omitzero" count:"1-16"`
	// IssuerData are those of template BF0C in it. The log's entry, 9F4D, is put there by itself.
	IssuerData []Object `json:"issuer_data,omitzero" count:"1-16"`
	// PDOL is the processing options data object list, tag 9F38: tags with lengths, both in
	// hexadecimal digits.
	PDOL DOL `json:"pdol,omitzero" count:"1-32"`
	// CDOL1 is the list of the first GENERATE AC, tag 8C.
	CDOL1 DOL `json:"cdol1,omitzero" count:"1-32"`
	// CDOL2 is that of the second, tag 8D. Without it the first one ends a transaction, as contactless
	// cards have it.
	CDOL2 DOL `json:"cdol2,omitzero" count:"1-32"`
	// DDOL is the list of INTERNAL AUTHENTICATE, tag 9F49.
	DDOL DOL `json:"ddol,omitzero" count:"1-32"`
	// AIP are the application interchange profile's bits, tag 82 (EMV 4.3 Book 3, annex C1), beside
	// those that authentication and relay set by themselves.
	AIP []string `json:"aip,omitzero" is:"word aip" count:"0-4"`
	// Records are the files' records. The AFL, tag 94, follows from them, in their order.
	Records []Record `json:"records,omitzero" count:"1-64"`
	// SignedAIP puts the AIP under the signed static data: tag 9F4A is 82.
	SignedAIP bool `json:"signed_aip,omitzero"`
	// Objects are data objects with values of their own, for records to name.
	Objects []Object `json:"objects,omitzero" count:"1-64"`
	// GetData are what GET DATA answers, beside the card's counters.
	GetData []Gettable `json:"get_data,omitzero" count:"1-16"`
	// CVM is the list of cardholder verification methods, tag 8E.
	CVM *CVM `json:"cvm,omitzero"`
	// Usage is what the application may be used for, tag 9F07 (EMV 4.3 Book 3, annex C2).
	Usage []string `json:"usage,omitzero" is:"word usage" count:"1-10"`
	// IAC are the issuer action codes, tags 9F0D to 9F0F, in the bits of the TVR.
	IAC *IAC `json:"iac,omitzero"`
	// Country is the issuer's country code, tag 5F28, as ISO 3166-1 numbers it.
	Country string `json:"country,omitzero" is:"digits 3-3"`
	// Currency is the application's currency code, tag 9F42, as ISO 4217 numbers it.
	Currency string `json:"currency,omitzero" is:"digits 3-3"`
	// PAN is the account number, tag 5A, with its check digit. Without it bin has one drawn.
	PAN string `json:"pan,omitzero" is:"digits 12-19"`
	// BIN are the first digits of an account number that is drawn for each card.
	BIN string `json:"bin,omitzero" is:"digits 6-8"`
	// PANDigits is the length of a number that is drawn; 16 unless given.
	PANDigits byte `json:"pan_digits,omitzero" is:"number 12-19"`
	// Sequence is the account number's sequence number, tag 5F34.
	Sequence byte `json:"sequence,omitzero" is:"number 0-99"`
	// Effective is the first day, tag 5F25.
	Effective Date `json:"effective,omitzero"`
	// Expires is the last day, tag 5F24. Certificates end with its month.
	Expires Date `json:"expires,omitzero"`
	// ServiceCode is of three digits, tag 5F30 and in track 2; 201 unless given.
	ServiceCode string `json:"service_code,omitzero" is:"digits 3-3"`
	// Holder is the cardholder's name, tag 5F20.
	Holder string `json:"holder,omitzero" is:"text 2-26"`
	// Scheme is how cryptograms are computed.
	Scheme string `json:"scheme,omitzero" is:"word scheme"`
	// Authentication are the kinds of offline data authentication.
	Authentication []string `json:"authentication,omitzero" is:"word authentication" count:"0-4"`
	// Template80 has answers without a signature as a list of values, in template 80, and not of
	// objects, in 77.
	Template80 bool `json:"template_80,omitzero"`
	// IssuerKey is the issuer's RSA key, which the test CA certifies: of 1024 to 1976 bits.
	IssuerKey *Key `json:"issuer_key,omitzero"`
	// CardKey is the card's: no longer than the issuer's, and under CDA of 1640 bits at most, so that
	// its signature fits an answer (EMV 4.3 Book 2, annex D).
	CardKey *Key `json:"card_key,omitzero"`
	// PIN is the reference PIN. Without it VERIFY is refused.
	PIN *PIN `json:"pin,omitzero"`
	// Risk are the limits of card risk management.
	Risk *Risk `json:"risk,omitzero"`
	// Log is the transaction log.
	Log *Log `json:"log,omitzero"`
	// Relay are the times that the card names against relays. Without it there is no such exchange.
	Relay *Relay `json:"relay,omitzero"`
}
