package rules

// Codes are action codes, the card's (IAC) or the terminal's (TAC): which bits of a TVR lead where
// (EMV 4.3 Book 3, 10.7).
type Codes struct {
	Denial, Online, Default [5]byte
}

// IACDefaults are a card's codes where it has none: nothing is denied, everything goes online, and
// is declined if that can't be (10.7).
func IACDefaults() Codes {
	all := [5]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	return Codes{Online: all, Default: all}
}

// Decision is which cryptogram the terminal asks for.
type Decision byte

// The decisions, as reference control parameters (Book 3, 6.5.5.2, bits 8 and 7).
const (
	Decline Decision = 0x00 // AAC
	Approve Decision = 0x40 // TC
	Online  Decision = 0x80 // ARQC
)

// String returns "AAC", "TC" or "ARQC".
func (d Decision) String() string {
	switch d {
	case Decline:
		return "AAC"
	case Approve:
		return "TC"
	case Online:
		return "ARQC"
	default:
		return "unknown"
	}
}

// Reach is what a terminal can do.
type Reach byte

// The kinds of terminals, by their type's first digit and what is possible now.
const (
	OfflineOnly Reach = iota // has no way online
	OnlineOnly               // asks the issuer about everything
	Either                   // asks if the codes say so
)

// Action is the terminal action analysis before the first GENERATE AC (10.7).
func Action(tvr TVR, card, terminal Codes, reach Reach) Decision {
	switch {
	case tvr.Meets(card.Denial) || tvr.Meets(terminal.Denial):
		return Decline
	case reach == OnlineOnly:
		return Online
	case reach == Either && (tvr.Meets(card.Online) || tvr.Meets(terminal.Online)):
		return Online
	case reach == OfflineOnly && (tvr.Meets(card.Default) || tvr.Meets(terminal.Default)):
		return Decline
	default:
		return Approve
	}
}

// Unreachable is the decision after the card has asked to go online and the issuer couldn't be
// asked (10.9): the default codes decide.
func Unreachable(tvr TVR, card, terminal Codes) Decision {
	if tvr.Meets(card.Default) || tvr.Meets(terminal.Default) {
		return Decline
	}
	return Approve
}
