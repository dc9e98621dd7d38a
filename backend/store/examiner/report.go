package examiner

import (
	"cmp"
	"fmt"
	"slices"
)

// Finding is something that can't be: money doubled, lost, or without a reason.
type Finding struct {
	Party string `json:"party"` // the party's ID, or of two "A and B"
	What  string `json:"what"`
}

// String returns the finding as a line.
func (f Finding) String() string { return f.Party + ": " + f.What }

// Place is one of the places where a unit can be, over all parties.
type Place struct {
	Name  string `json:"place"`
	Minor int64  `json:"minor"`
}

// The places. Each unit that was handed in is in exactly one of them; what the TSM has lost to
// double spending stands against units that nobody handed in.
const (
	// PlaceCustomer: owed by a bank to a user.
	PlaceCustomer = "customer"
	// PlaceUnderWay: in a bank's escrow, and the TSM hasn't booked it yet.
	PlaceUnderWay = "under way"
	// PlaceAccount: prepaid in a TSM account.
	PlaceAccount = "TSM account"
	// PlaceToken: in an offline token, neither paid nor back.
	PlaceToken = "token"
	// PlaceReturning: left over in a TSM account that has ended, and not yet back at its bank.
	PlaceReturning = "returning"
	// PlaceMerchant: owed by the TSM to a merchant.
	PlaceMerchant = "merchant"
	// PlacePaidOut: paid out to a merchant.
	PlacePaidOut = "paid out"
	// PlaceLoss: owed or paid out to merchants out of the TSM's own money; it is below 0.
	PlaceLoss = "loss"
)

// Report is what an examination has found.
type Report struct {
	// HandedIn is what users have paid in at all banks, in minor units.
	HandedIn int64     `json:"handed_in_minor"`
	Places   []Place   `json:"places"`
	Findings []Finding `json:"findings"`
	// Units is where the units of all offline tokens are, in minor units; Tokens says it of each
	// token, by index.
	Units  []Place `json:"token_units,omitempty"`
	Tokens []Token `json:"tokens,omitempty"`
	// Payments is how many payments stand, Reversed how many were taken back.
	Payments int `json:"payments"`
	Reversed int `json:"reversed"`
}

// Sound reports whether nothing was found.
func (r Report) Sound() bool { return len(r.Findings) == 0 }

func (r *Report) find(party, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{Party: party, What: fmt.Sprintf(format, args...)})
}

func (r *Report) put(place string, minor int64) {
	i := slices.IndexFunc(r.Places, func(p Place) bool { return p.Name == place })
	if i < 0 {
		i = len(r.Places)
		r.Places = append(r.Places, Place{Name: place})
	}
	r.Places[i].Minor += minor
}

// close compares the sum over all places with what was handed in.
func (r *Report) close() {
	var sum int64
	for _, p := range r.Places {
		sum += p.Minor
	}
	if sum != r.HandedIn {
		r.find("all", "%d were handed in, and %d are there", r.HandedIn, sum)
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Compare(a.Party, b.Party)
	})
}
