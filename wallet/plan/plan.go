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
	// Resume takes a funding up again whose answer was lost.
	Resume Act = "resume"
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
	Bank string // of Register
	// From, of Refill, is the first epoch to whose end a card must live; others are replaced.
	From message.Epoch
	Why  string
}

// Policy says when a wallet acts. [DefaultPolicy] is what all wallets do: one that does otherwise
// can be recognised by it.
type Policy struct {
	// Threshold is how few ready cards make the wallet refill; 1 to [wire.CardSlots].
	Threshold int
	// Floor is the rest below which an account gives way to the next one, in minor units.
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
	return slices.Index([]Act{Disarm, Resume, Register, Refill, Tell}, a)
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
// the second bank's account is there before it is needed.
func planAccounts(o Outlook, p Policy, s Schedule) []Step {
	var steps []Step
	held := map[string]bool{}
	for _, a := range o.Accounts {
		held[a.Bank] = true
		switch {
		case !a.Active:
			steps = append(steps, Step{
				Act: Resume, At: o.Now, Bank: a.Bank, Why: "the answer to a funding is missing",
			})
		case a.Expiry < o.Epoch():
			steps = append(steps, tell(o.Now, "the account paid from %s has expired", a.Bank))
		case a.Expiry == o.Epoch():
			steps = append(steps, tell(o.Now, "the account paid from %s ends with this epoch", a.Bank))
		}
	}
	free := wire.TIDSlots - len(o.Accounts)
	for _, b := range o.Banks {
		if !b.Granted || held[b.Bank] || b.Expiry < o.Epoch() {
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

func tell(at time.Time, format string, args ...any) Step {
	return Step{Act: Tell, At: at, Why: fmt.Sprintf(format, args...)}
}

// planCards has at most one refill: whatever its reason, it does all that is due by then.
func planCards(o Outlook, p Policy, s Schedule) []Step {
	if _, ok := o.Paying(p.Floor); !ok {
		return nil
	}
	refill := nextRefill(o, p, s)
	if o.Arm != wire.ArmNone { // the card that is armed stays
		refill.At = later(refill.At, planArming(o, p)[0].At)
	}
	return []Step{refill}
}

func nextRefill(o Outlook, p Policy, s Schedule) Step {
	var first message.Epoch // in which a ready card ends
	expired, moved, used := false, false, false
	for _, c := range o.Cards {
		used = used || c.State == wire.CardSpent
		if c.State != wire.CardReady {
			continue
		}
		used = true
		expired = expired || c.Expiry < o.Epoch()
		moved = moved || o.Stale(c, 0, p.Floor)
		if first == 0 || c.Expiry < first {
			first = c.Expiry
		}
	}
	slot := later(o.Now, s.Slot(o.since(), p.Slot))
	refill := func(at time.Time, why string) Step {
		return Step{Act: Refill, At: at, From: renewed(at, p, s), Why: why}
	}
	switch ready := o.Ready(); {
	case !used:
		return refill(o.Now, "there was no card yet")
	case expired:
		return refill(o.Now, "cards have expired")
	case ready < p.Threshold:
		return refill(slot, fmt.Sprintf("%d cards ready, fewer than %d", ready, p.Threshold))
	case moved:
		return refill(slot, "an account is under the floor, another one isn't")
	default:
		return refill(later(o.Now, s.Instant("renew", first, p.Window)), "cards end with the epoch")
	}
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
