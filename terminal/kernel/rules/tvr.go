package rules

import "fmt"

// TVR is the terminal verification results (tag 95; EMV 4.3 Book 3, annex C5).
type TVR [5]byte

// TVRBit is one bit of a TVR: its byte, from 0, and its place in it.
type TVRBit uint16

// bit names bit n, 8 the highest, of byte b, 1 the first, as the annex counts.
const (
	byte1 = 0 << 8
	byte2 = 1 << 8
	byte3 = 2 << 8
	byte4 = 3 << 8
	byte5 = 4 << 8
)

// The bits of a TVR.
const (
	NoAuthentication TVRBit = byte1 | 0x80 // offline data authentication was not performed
	SDAFailed        TVRBit = byte1 | 0x40
	DataMissing      TVRBit = byte1 | 0x20
	OnExceptionFile  TVRBit = byte1 | 0x10
	DDAFailed        TVRBit = byte1 | 0x08
	CDAFailed        TVRBit = byte1 | 0x04
	SDASelected      TVRBit = byte1 | 0x02

	OtherVersion    TVRBit = byte2 | 0x80
	Expired         TVRBit = byte2 | 0x40
	NotYetEffective TVRBit = byte2 | 0x20
	NotAllowed      TVRBit = byte2 | 0x10 // the requested service
	NewCard         TVRBit = byte2 | 0x08

	NotVerified     TVRBit = byte3 | 0x80 // the cardholder
	UnknownMethod   TVRBit = byte3 | 0x40
	PINTriesUsed    TVRBit = byte3 | 0x20
	NoPINPad        TVRBit = byte3 | 0x10
	PINNotEntered   TVRBit = byte3 | 0x08
	OnlinePIN       TVRBit = byte3 | 0x04 // entered
	AboveFloor      TVRBit = byte4 | 0x80
	LowerLimit      TVRBit = byte4 | 0x40 // of consecutive offline transactions
	UpperLimit      TVRBit = byte4 | 0x20
	RandomlyOnline  TVRBit = byte4 | 0x10
	MerchantOnline  TVRBit = byte4 | 0x08
	DefaultTDOL     TVRBit = byte5 | 0x80
	IssuerNotProven TVRBit = byte5 | 0x40
	ScriptBefore    TVRBit = byte5 | 0x20 // failed, before the final GENERATE AC
	ScriptAfter     TVRBit = byte5 | 0x10

	// Of contactless cards (EMV Contactless Book C-2 2.6).
	RelayInexact      TVRBit = byte5 | 0x08 // relay resistance threshold exceeded
	RelayTooLate      TVRBit = byte5 | 0x04 // time limits exceeded
	RelayPerformed    TVRBit = byte5 | 0x02
	RelayNotPerformed TVRBit = byte5 | 0x01
)

// Set sets bits.
func (t *TVR) Set(bits ...TVRBit) {
	for _, b := range bits {
		t[b>>8] |= byte(b & 0xFF)
	}
}

// Has says whether a bit is set.
func (t TVR) Has(b TVRBit) bool { return t[b>>8]&byte(b&0xFF) != 0 }

// Join sets what is set in another one.
func (t *TVR) Join(other TVR) {
	for i := range t {
		t[i] |= other[i]
	}
}

// Meets says whether a bit is set that an action code names.
func (t TVR) Meets(code [5]byte) bool {
	for i := range t {
		if t[i]&code[i] != 0 {
			return true
		}
	}
	return false
}

// String returns ten hexadecimal digits.
func (t TVR) String() string { return fmt.Sprintf("%X", t[:]) }

func of(bits ...TVRBit) (t TVR) {
	t.Set(bits...)
	return t
}

// TSI is the transaction status information (tag 9B; annex C6).
type TSI [2]byte

// TSIBit is one bit of its first byte; the second is reserved.
type TSIBit byte

// The bits of a TSI: what was performed.
const (
	DidAuthentication TSIBit = 0x80 // offline data authentication
	DidCardholder     TSIBit = 0x40
	DidCardRisk       TSIBit = 0x20
	DidIssuer         TSIBit = 0x10
	DidTerminalRisk   TSIBit = 0x08
	DidScripts        TSIBit = 0x04
)

// Set sets a bit.
func (t *TSI) Set(b TSIBit) { t[0] |= byte(b) }

// Has says whether a bit is set.
func (t TSI) Has(b TSIBit) bool { return t[0]&byte(b) != 0 }

// String returns four hexadecimal digits.
func (t TSI) String() string { return fmt.Sprintf("%X", t[:]) }
