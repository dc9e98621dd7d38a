package bank

import (
	"time"

	"tapbench/applet/message"
	"tapbench/backend/api"
)

// State is how far one of the bank's things has come.
type State string

// The states of a user.
const (
	// UserPending: the credential is out, its secret hasn't come back.
	UserPending State = "pending"
	// UserOpen: the account is open.
	UserOpen State = "open"
)

// The states of an offer: a run of phase 2 between message 2 and message 4.
const (
	OfferMade    State = "made"
	OfferUsed    State = "used"
	OfferExpired State = "expired"
)

// The states of a bank account ID.
const (
	// AccountGranted: it can fund TSM accounts.
	AccountGranted State = "granted"
	// AccountClosed: its holder has given it up.
	AccountClosed State = "closed"
	// AccountExpired: its last epoch is over.
	AccountExpired State = "expired"
)

// The states of a nonce for a registration. A used one is forgotten.
const (
	NonceGiven   State = "given"
	NonceUsed    State = "used"
	NonceExpired State = "expired"
)

// The states of a funding.
const (
	// FundingHeld: the limit lies in the TSM's escrow.
	FundingHeld State = "held"
	// FundingReturned: its epoch is over, and what was left is the customer's again.
	FundingReturned State = "returned"
)

// Transition is one arrow in the life of one of the bank's things. From is empty where it begins.
type Transition struct {
	Of       string
	From, To State
	By       string
}

// Transitions returns all arrows; there are no others. None leads out of "returned", "used",
// "closed" and "expired".
func Transitions() []Transition {
	return []Transition{
		{"user", "", UserPending, "Open"},
		{"user", UserPending, UserPending, "Open"},
		{"user", UserPending, UserOpen, "Activate"},
		{"offer", "", OfferMade, "AIDRequest"},
		{"offer", OfferMade, OfferUsed, "AIDKeys"},
		{"offer", OfferMade, OfferExpired, "five minutes"},
		{"account", "", AccountGranted, "AIDKeys"},
		{"account", AccountGranted, AccountGranted, "Fund, Return"},
		{"account", AccountGranted, AccountClosed, "Close"},
		{"account", AccountGranted, AccountExpired, "its last epoch's end"},
		{"nonce", "", NonceGiven, "Nonce"},
		{"nonce", NonceGiven, NonceUsed, "Fund"},
		{"nonce", NonceGiven, NonceExpired, "five minutes"},
		{"funding", "", FundingHeld, "Fund"},
		{"funding", FundingHeld, FundingReturned, "Return"},
	}
}

func (u user) state() State {
	if u.open {
		return UserOpen
	}
	return UserPending
}

func (r run) state(now time.Time) State {
	switch {
	case r.done:
		return OfferUsed
	case !now.Before(r.expires):
		return OfferExpired
	default:
		return OfferMade
	}
}

func (a account) state(now message.Epoch) State {
	switch {
	case a.closed:
		return AccountClosed
	case a.certificate.Expiry < now:
		return AccountExpired
	default:
		return AccountGranted
	}
}

func (n nonce) state(now time.Time) State {
	if !now.Before(n.expires) {
		return NonceExpired
	}
	return NonceGiven
}

// wants refuses a thing that isn't in the state that a request needs.
func wants(got, want State, refusals map[State]string) error {
	if got == want {
		return nil
	}
	code := api.CodeState
	if got == "expired" {
		code = api.CodeExpired
	}
	return api.Refuse(code, "%s", refusals[got])
}
