package plan

import (
	"slices"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Card is a card slot as the wallet knows it.
type Card struct {
	State wire.SlotState
	// Expiry is the last epoch of a READY card; 0 if the wallet doesn't know.
	Expiry message.Epoch
	// Account is the TSM account slot that pays.
	Account byte
	Kind    wire.CardKind
	// Limit is the limit of a card until expiry for all payments, Shown what it was shown to, in
	// minor units.
	Limit, Shown uint64
}

// Left is what a card until expiry can still be shown to, in minor units.
func (c Card) Left() uint64 { return c.Limit - min(c.Limit, c.Shown) }

// low reports whether a card until expiry has less left than the floor, and than half of its limit.
func (c Card) low(floor uint64) bool {
	return c.Kind == wire.CardUntilExpiry && c.Left() < min(floor, c.Limit/2)
}

// Account is a TSM account as the wallet knows it.
type Account struct {
	Slot   byte
	Bank   string
	Active bool // else a funding waits for its answer
	Expiry message.Epoch
	// Limit is what was moved into it, Spent the most that taps may have taken; minor units.
	Limit, Spent uint64
	// Closing says that it is being given up.
	Closing bool
}

// Left is the least that is left in the account, in minor units.
func (a Account) Left() uint64 { return a.Limit - min(a.Limit, a.Spent) }

// Token is a token slot as the wallet knows it.
type Token struct {
	State wire.SlotState
	Unit  uint8
	// Left is how many units can still be given out, Epoch the last one in which they can.
	Left  int
	Epoch message.Epoch
	// Account is the TSM account slot that paid.
	Account byte
}

// Bank is a bank account ID as the wallet knows it.
type Bank struct {
	Bank    string
	Granted bool
	Expiry  message.Epoch
	// Closing says that it is being given up, Renewing that a new one is being asked for.
	Closing, Renewing bool
}

// Outlook is all that the wallet plans by. Nothing of it comes from a server at that time.
type Outlook struct {
	Now time.Time
	// Since is when a plan was last carried out: instants after it count. Zero: Now.
	Since   time.Time
	Arm     wire.ArmState
	ArmedAt time.Time     // zero: not known
	Kind    wire.CardKind // that the wallet asks for
	Cards   []Card
	// Tokens are the token slots; empty where the wallet wants none. Stock is how many of each class
	// it keeps ready, Classes those of the TSM's that its account covers, in minor units.
	Tokens   []Token
	Stock    int
	Classes  []uint8
	Accounts []Account
	Banks    []Bank
}

// Epoch is the epoch of the outlook.
func (o Outlook) Epoch() message.Epoch { return message.EpochAt(o.Now) }

func (o Outlook) since() time.Time {
	if o.Since.IsZero() {
		return o.Now
	}
	return o.Since
}

// Ready counts the cards that can be armed and are of the kind that the wallet asks for.
func (o Outlook) Ready() int {
	n := 0
	for _, c := range o.Cards {
		if c.State == wire.CardReady && c.Kind == o.Kind && c.Expiry >= o.Epoch() {
			n++
		}
	}
	return n
}

// ReadyTokens counts by class the tokens that were never shown and live on.
func (o Outlook) ReadyTokens() map[uint8]int {
	ready := make(map[uint8]int)
	for _, t := range o.Tokens {
		if t.State == wire.TokenReady && t.Epoch >= o.Epoch() {
			ready[t.Unit]++
		}
	}
	return ready
}

// lacksTokens reports whether a class has fewer tokens ready than the wallet keeps.
func (o Outlook) lacksTokens() bool {
	ready := o.ReadyTokens()
	return slices.ContainsFunc(o.Classes, func(class uint8) bool { return ready[class] < o.Stock })
}

// Paying returns the account that new cards are to be paid from: the first whose rest reaches the
// floor, else the one with the largest rest: the books know only the least that is left. It reports
// false if there is none.
func (o Outlook) Paying(floor uint64) (Account, bool) {
	var best Account
	found := false
	for _, a := range o.Accounts {
		if !a.Active || a.Closing || a.Expiry < o.Epoch() {
			continue
		}
		if a.Left() >= floor {
			return a, true
		}
		if !found || a.Left() > best.Left() {
			best, found = a, true
		}
	}
	return best, found
}

// Stale reports whether a ready card is to be replaced: it lives until an epoch before from, is of
// another kind than the wallet asks for, has almost nothing left of its own limit, or its account
// has expired, or is under the floor, while another one isn't.
func (o Outlook) Stale(c Card, from message.Epoch, floor uint64) bool {
	if c.State != wire.CardReady {
		return false
	}
	if c.Expiry < from || c.Kind != o.Kind || c.low(floor) {
		return true
	}
	paying, ok := o.Paying(floor)
	if !ok || paying.Left() < floor || paying.Slot == c.Account {
		return false
	}
	for _, a := range o.Accounts {
		if a.Slot == c.Account {
			return a.Left() < floor || a.Expiry < o.Epoch()
		}
	}
	return true
}
