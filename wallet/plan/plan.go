package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Act is what a wallet does by itself.
type Act string

// The acts.
const (
	// Disarm takes a consent back that nobody has used. No server hears of it.
	Disarm Act = "disarm"
	// Free gives up a TSM account that has expired, so that its slot can be used again. No server
	// hears of it.
	Free Act = "free"
	// Close goes on with the closing of an account that was broken off.
	Close Act = "close"
	// Resume takes a funding up again whose answer was lost.
	Resume Act = "resume"
	// Renew gets a new bank account ID where the old one ends with the epoch or has ended.
	Renew Act = "renew"
	// Register registers a TSM account with a bank, ahead of need.
	Register Act = "register"
	// Refill gets cards, until a batch is ready, and replaces those that are no good.
	Refill Act = "refill"
	// Tell is for the user: nothing that the wallet can do alone.
	Tell Act = "tell"
)

// Step is an act with its time and its reason.
type Step struct {
	Act  Act
	At   time.Time
	Bank string // of Renew, Register and Resume
	// From, of Refill, is the first epoch to whose end a card must live; others are replaced.
	From message.Epoch
	Why  string
}

// Policy says when a wallet acts. [DefaultPolicy] is what all wallets do: one that does otherwise
// can be recognised by it.
type Policy struct {
	// Threshold is how few ready cards make the wallet refill; 1 to [wire.CardSlots]. Of cards until
	// expiry one is enough.
	Threshold int
	// Floor is the rest below which an account gives way to the next one, and a card until expiry to
	// a new one, in minor units.
	Floor uint64
	// Window is how long after an epoch's start wallets register and renew.
	Window time.Duration
	// Slot is the time in which there is one instant for refilling.
	Slot time.Duration
	// ArmTimeout is how long a consent lasts.
	ArmTimeout time.Duration
}

// DefaultPolicy returns what a wallet does unless it is told otherwise.
func DefaultPolicy() Policy {
	return Policy{
		Threshold: wire.CardSlots / 2, Floor: 1000, Window: 24 * time.Hour, Slot: time.Hour,
		ArmTimeout: time.Minute,
	}
}

// Next returns what happens next, earliest first: a function of what the wallet knows and of its
// schedule, and of nothing else. What a server hears of ([Register], [Refill]) happens at
// instants that were drawn before any payment; a payment decides only whether there is something
// to do at the next one.
func Next(o Outlook, p Policy, s Schedule) []Step {
	var steps []Step
	steps = append(steps, planArming(o, p)...)
	steps = append(steps, planAccounts(o, p, s)...)
	steps = append(steps, planCards(o, p, s)...)
	slices.SortStableFunc(steps, func(a, b Step) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(order(a.Act), order(b.Act)))
	})
	return steps
}

// order says what comes first at one time: a resumed funding may bring what a refill needs.
func order(a Act) int {
	return slices.Index([]Act{Disarm, Free, Close, Resume, Renew, Register, Refill, Tell}, a)
}

func planArming(o Outlook, p Policy) []Step {
	if o.Arm == wire.ArmNone {
		return nil
	}
	at := o.Now
	if !o.ArmedAt.IsZero() && !o.ArmedAt.After(o.Now) {
		at = o.ArmedAt.Add(p.ArmTimeout)
	}
	return []Step{{
		Act: Disarm, At: later(o.Now, at), Why: "the consent to a tap has run out",
	}}
}

// planAccounts registers each bank account ID once, at its instant in an epoch's window, so that
// the second bank's account is there before it is needed. What has expired makes room first.
func planAccounts(o Outlook, p Policy, s Schedule) []Step {
	steps, held := planHeld(o, p)
	free := wire.TIDSlots - len(held)
	for _, b := range o.Banks {
		step, ok := planBank(o, b, p, s)
		if ok {
			steps = append(steps, step)
		}
		if ok || !b.Granted || b.Expiry < o.Epoch() || slices.Contains(held, b.Bank) {
			continue
		}
		at := s.Window("register/"+b.Bank, o.Now, p.Window)
		switch {
		case free == 0:
			steps = append(steps, tell(o.Now, "no room in the element for an account paid from %s", b.Bank))
		case message.EpochAt(at) <= b.Expiry:
			free--
			steps = append(steps, Step{
				Act: Register, At: at, Bank: b.Bank, Why: "no TSM account is paid from this bank yet",
			})
		}
	}
	paying, ok := o.Paying(p.Floor)
	if len(steps) == 0 && (!ok || paying.Left() < p.Floor) {
		steps = append(steps, tell(o.Now, "no account reaches the floor: open one at another bank"))
	}
	return steps
}

// planHeld plans for the TSM accounts that are there, and returns the banks of those that stay.
func planHeld(o Outlook, p Policy) (steps []Step, held []string) {
	for _, a := range o.Accounts {
		expired := a.Expiry < o.Epoch() && a.Active
		if !expired && !a.Closing {
			held = append(held, a.Bank)
		}
		switch {
		case a.Closing:
			steps = append(steps, Step{
				Act: Close, At: o.unarmed(p), Why: "the closing of an account was broken off",
			})
		case !a.Active:
			steps = append(steps, Step{
				Act: Resume, At: o.Now, Bank: a.Bank, Why: "the answer to a funding is missing",
			})
		case expired:
			steps = append(steps, Step{
				Act: Free, At: o.unarmed(p), Bank: a.Bank, Why: "an account has expired",
			})
		case a.Expiry == o.Epoch():
			steps = append(steps, tell(o.Now, "the account paid from %s ends with this epoch", a.Bank))
		}
	}
	return steps, held
}

// planBank returns what is to be done for a bank account ID before a TSM account can be registered
// with it. It is renewed within its last epoch, so that the next one's accounts can be registered
// at once.
func planBank(o Outlook, b Bank, p Policy, s Schedule) (Step, bool) {
	switch {
	case b.Closing:
		return Step{
			Act: Close, At: o.Now, Bank: b.Bank, Why: "the closing of an account was broken off",
		}, true
	case b.Renewing:
		return Step{
			Act: Renew, At: o.Now, Bank: b.Bank, Why: "the renewal of a bank account ID was broken off",
		}, true
	case b.Granted && b.Expiry <= o.Epoch():
		return Step{
			Act: Renew, At: s.Window("account/"+b.Bank, o.Now, p.Window), Bank: b.Bank,
			Why: "the bank account ID ends with this epoch",
		}, true
	default:
		return Step{}, false
	}
}

// unarmed is when no consent is in force any more: at once, or when it has run out.
func (o Outlook) unarmed(p Policy) time.Time {
	if o.Arm == wire.ArmNone {
		return o.Now
	}
	return planArming(o, p)[0].At
}

func tell(at time.Time, format string, args ...any) Step {
	return Step{Act: Tell, At: at, Why: fmt.Sprintf(format, args...)}
}

// planCards has at most one refill: whatever its reason, it does all that is due by then.
func planCards(o Outlook, p Policy, s Schedule) []Step {
	if _, ok := o.Paying(p.Floor); !ok {
		return nil
	}
	refill := nextRefill(o, p, s)
	refill.At = later(refill.At, o.unarmed(p)) // the card that is armed stays
	return []Step{refill}
}

func nextRefill(o Outlook, p Policy, s Schedule) Step {
	seen := o.survey(p.Floor)
	threshold := p.Threshold
	if o.Kind == wire.CardUntilExpiry {
		threshold = 1
	}
	slot := later(o.Now, s.Slot(o.since(), p.Slot))
	refill := func(at time.Time, why string) Step {
		return Step{Act: Refill, At: at, From: renewed(at, p, s), Why: why}
	}
	switch ready := o.Ready(); {
	case !seen.used:
		return refill(o.Now, "there was no card yet")
	case seen.expired:
		return refill(o.Now, "cards have expired")
	case ready < threshold:
		return refill(slot, fmt.Sprintf("%d cards ready, fewer than %d", ready, threshold))
	case seen.other:
		return refill(slot, "cards of another kind are left")
	case seen.low:
		return refill(slot, "little is left of the card's limit")
	case o.lacksTokens():
		return refill(slot, "offline tokens are used up")
	case seen.moved:
		return refill(slot, "an account is under the floor, another one isn't")
	default:
		return refill(later(o.Now, s.Instant("renew", seen.first, p.Window)),
			"cards end with the epoch")
	}
}

// survey is what the cards give reason for.
type survey struct {
	first message.Epoch // in which a ready card ends
	// used: a card was there; expired, of another kind, low: one is; moved: another account pays.
	used, expired, other, low, moved bool
}

func (o Outlook) survey(floor uint64) (seen survey) {
	for _, c := range o.Cards {
		seen.used = seen.used || c.State == wire.CardSpent
		if c.State != wire.CardReady {
			continue
		}
		seen.used = true
		seen.expired = seen.expired || c.Expiry < o.Epoch()
		seen.other = seen.other || c.Kind != o.Kind
		seen.low = seen.low || c.low(floor)
		seen.moved = seen.moved || o.Stale(c, 0, floor)
		if seen.first == 0 || c.Expiry < seen.first {
			seen.first = c.Expiry
		}
	}
	return seen
}

// renewed returns the first epoch to whose end a card must live at a time: the next one, once the
// instant for renewing has come.
func renewed(at time.Time, p Policy, s Schedule) message.Epoch {
	e := message.EpochAt(at)
	if at.Before(s.Instant("renew", e, p.Window)) {
		return e
	}
	return e + 1
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
