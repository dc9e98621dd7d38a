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
	Spent     State = 'S'
)

// Meaning says what a state is.
type Meaning struct {
	State State
	Name  string
	Slot  wire.SlotState
	Arm   wire.ArmState
	Text  string
}

// States are the table's columns.
func States() []Meaning {
	return []Meaning{
		{Empty, "empty", wire.CardEmpty, wire.ArmNone, "never used, or given up with its account"},
		{Requested, "requested", wire.CardRequested, wire.ArmNone, "the key exists, the card doesn't"},
		{Issued, "issued", wire.CardReady, wire.ArmNone, "ready, and no reader sees it"},
		{Active, "active", wire.CardReady, wire.ArmReady, "armed for one tap"},
		{Bound, "bound", wire.CardSpent, wire.ArmBound, "shown to one payment, once or twice"},
		{UsedUp, "used up", wire.CardSpent, wire.ArmBound, "shown to it three times"},
		{Spent, "spent", wire.CardSpent, wire.ArmNone, "its tap is over"},
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

// Row is an act in all states, in the order of [States].
type Row struct {
	Act   Act
	Name  string
	Cells [7]Cell
}

// Table returns all rows. There is one card in the element: with another one, ARM in R, B, U and S
// is accepted for that one, and ends what this one is bound to.
func Table() []Row {
	return []Row{
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
	}
}

// row reads cells: a state's letter is 9000 and that state next, with a minus it is 6985.
func row(act Act, name string, cells ...string) Row {
	r := Row{Act: act, Name: name}
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
				"arms no such card and replaces it (CARD REQUEST in I), the TSM declines it.",
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
