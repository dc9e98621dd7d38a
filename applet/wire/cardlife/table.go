package cardlife

import (
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// State is a letter that stands for a state of one card in its slot.
type State byte

// The states that the element tells apart, in the order in which a card comes by them.
const (
	Empty     State = 'E'
	Requested State = 'R'
	Issued    State = 'I'
	Active    State = 'A'
	Bound     State = 'B'
	UsedUp    State = 'U'
	Spent     State = 'S' // of a one-show card
	Full      State = 'F' // of a card until expiry, and the next
	FullArmed State = 'V'
)

// Meaning says what a state is.
type Meaning struct {
	State State
	Name  string
	Slot  wire.SlotState
	Arm   wire.ArmState
	Text  string
	// Full: the card's limit is reached, so that no payment of more than nothing fits.
	Full bool
}

// Life is the life of one kind of card.
type Life struct {
	Kind wire.CardKind
	// States are the table's columns, Rows its rows.
	States []Meaning
	Rows   []Row
}

// Lives returns the lives of all kinds of card.
func Lives() []Life { return []Life{oneShow(), untilExpiry()} }

// begin are the states with which each life begins.
func begin() []Meaning {
	return []Meaning{
		{Empty, "empty", wire.CardEmpty, wire.ArmNone, "never used, or given up with its account", false},
		{
			Requested, "requested", wire.CardRequested, wire.ArmNone, "the key exists, the card doesn't",
			false,
		},
		{Issued, "issued", wire.CardReady, wire.ArmNone, "ready, and no reader sees it", false},
		{Active, "active", wire.CardReady, wire.ArmReady, "armed for one tap", false},
	}
}

// Act is what is done to a card, a row of the table.
type Act int

// The acts. Those of a tap begin with SELECT; each needs the ones before it to be accepted.
const (
	Select         Act = iota // SELECT
	CardRequest               // CARD REQUEST for its slot
	CardPut                   // CARD PUT for its slot, with the card that was asked for last
	TIDClose                  // TID CLOSE for its account, and a new account in that slot
	Arm                       // ARM
	Disarm                    // DISARM
	Unoffered                 // READ RECORD 1 without GPO
	Options                   // GPO of the payment that it is bound to, or of any
	OtherOptions              // GPO of another payment
	CommonRecord              // GPO and READ RECORD 2
	CardRecord                // GPO and READ RECORD 1 or 3
	Cryptogram                // GPO, READ RECORD and first GENERATE AC for an ARQC
	LastCryptogram            // the same, and the GENERATE AC that ends the tap
)

// Cell is what an act does in a state.
type Cell struct {
	SW   apdu.SW // of the act's last command
	Next State
}

// Row is an act in all states, in the order of [Life].States.
type Row struct {
	Act   Act
	Name  string
	Cells []Cell
}

// oneShow is the life of a card that is shown to one payment. There is one card in the element:
// with another one, ARM in R, B, U and S is accepted for that one, and ends what this one is bound
// to.
func oneShow() Life {
	const once, used = "shown to one payment, once or twice", "shown to it three times"
	states := append(begin(),
		Meaning{Bound, "bound", wire.CardSpent, wire.ArmBound, once, false},
		Meaning{UsedUp, "used up", wire.CardSpent, wire.ArmBound, used, false},
		Meaning{Spent, "spent", wire.CardSpent, wire.ArmNone, "its tap is over", false})
	return Life{Kind: wire.CardOneShow, States: states, Rows: []Row{
		row(Select, "SELECT", "E", "R", "I", "A", "B", "U", "S"),
		row(CardRequest, "CARD REQUEST", "R", "R", "R", "-A", "-B", "-U", "R"),
		row(CardPut, "CARD PUT", "-E", "I", "-I", "-A", "-B", "-U", "-S"),
		row(TIDClose, "TID CLOSE", "E", "E", "E", "-A", "-B", "-U", "S"),
		row(Arm, "ARM", "-E", "-R", "A", "A", "-B", "-U", "-S"),
		row(Disarm, "DISARM", "E", "R", "I", "I", "S", "S", "S"),
		row(Unoffered, "READ RECORD 1", "-E", "-R", "-I", "-A", "-B", "-U", "-S"),
		row(Options, "GPO", "-E", "-R", "-I", "A", "B", "-U", "-S"),
		row(OtherOptions, "GPO, another payment", "-E", "-R", "-I", "A", "-B", "-U", "-S"),
		row(CommonRecord, "GPO, RECORD 2", "-E", "-R", "-I", "A", "B", "-U", "-S"),
		row(CardRecord, "GPO, RECORD 1", "-E", "-R", "-I", "B", "B", "-U", "-S"),
		row(Cryptogram, "and ARQC", "-E", "-R", "-I", "B", "B", "-U", "-S"),
		row(LastCryptogram, "and TC or AAC", "-E", "-R", "-I", "S", "S", "-U", "-S"),
	}}
}

// untilExpiry is the life of a card that is shown until it expires, to payments that leave
// something of its limit; the payment that reaches the limit takes it to F where the table says I.
func untilExpiry() Life {
	const once, used = "shown to a payment, once or twice", "shown to it three times"
	states := append(begin(),
		Meaning{Bound, "bound", wire.CardReady, wire.ArmBound, once, false},
		Meaning{UsedUp, "used up", wire.CardReady, wire.ArmBound, used, false},
		Meaning{Full, "full", wire.CardReady, wire.ArmNone, "its limit is reached", true},
		Meaning{FullArmed, "full, armed", wire.CardReady, wire.ArmReady, "armed in vain", true})
	return Life{Kind: wire.CardUntilExpiry, States: states, Rows: []Row{
		row(Select, "SELECT", "E", "R", "I", "A", "B", "U", "F", "V"),
		row(CardRequest, "CARD REQUEST", "R", "R", "R", "-A", "-B", "-U", "R", "-V"),
		row(CardPut, "CARD PUT", "-E", "I", "-I", "-A", "-B", "-U", "-F", "-V"),
		row(TIDClose, "TID CLOSE", "E", "E", "E", "-A", "-B", "-U", "E", "-V"),
		row(Arm, "ARM", "-E", "-R", "A", "A", "A", "A", "V", "V"),
		row(Disarm, "DISARM", "E", "R", "I", "I", "I", "I", "F", "F"),
		row(Unoffered, "READ RECORD 1", "-E", "-R", "-I", "-A", "-B", "-U", "-F", "-V"),
		row(Options, "GPO", "-E", "-R", "-I", "A", "B", "-U", "-F", "-V"),
		row(OtherOptions, "GPO, another payment", "-E", "-R", "-I", "A", "-B", "-U", "-F", "-V"),
		row(CommonRecord, "GPO, RECORD 2", "-E", "-R", "-I", "A", "B", "-U", "-F", "-V"),
		row(CardRecord, "GPO, RECORD 1", "-E", "-R", "-I", "B", "B", "-U", "-F", "-V"),
		row(Cryptogram, "and ARQC", "-E", "-R", "-I", "B", "B", "-U", "-F", "-V"),
		row(LastCryptogram, "and TC or AAC", "-E", "-R", "-I", "I", "I", "-U", "-F", "-V"),
	}}
}

// row reads cells: a state's letter is 9000 and that state next, with a minus it is 6985.
func row(act Act, name string, cells ...string) Row {
	r := Row{Act: act, Name: name, Cells: make([]Cell, len(cells))}
	for i := range r.Cells {
		r.Cells[i] = Cell{wire.SWNormal, State(cells[i][len(cells[i])-1])}
		if cells[i][0] == '-' {
			r.Cells[i].SW = wire.SWConditionsNotSatisfied
		}
	}
	return r
}

// Outside is a state of a card that the element doesn't know of.
type Outside struct {
	Name string
	Text string
}

// Beyond are the states that others keep, with the reason why no cell of the table can be theirs.
func Beyond() []Outside {
	return []Outside{
		{
			"expired",
			"The class's last epoch is over. The element has no clock and answers as before; the wallet " +
				"arms no such card and replaces it (CARD REQUEST in I or F), the TSM declines it.",
		},
		{
			"blocked",
			"A matter of the TSM's books: it declines. Nothing tells the element, so that no TSM can " +
				"tag a phone by what it blocks; it answers as before.",
		},
		{
			"terminated",
			"CARD REQUEST has made the next key in the slot. Key, PAN and master key of the card are " +
				"gone with that commit, so that no command can name it. After TID CLOSE no command can " +
				"either: its slot is EMPTY.",
		},
	}
}
