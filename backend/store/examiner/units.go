package examiner

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"tapbench/applet/message"
)

// The places of a token's units. Each unit is in exactly one of them.
const (
	// UnitPaid: a merchant was paid for it.
	UnitPaid = "paid"
	// UnitBack: it has come back to the account that withdrew the token, by close or reclaim.
	UnitBack = "come back"
	// UnitClaimed: in a terminal's journal, and not paid yet.
	UnitClaimed = "claimed"
	// UnitHeld: on a card, which hasn't given it out.
	UnitHeld = "on a card"
	// UnitTorn: its card has given it out, and no terminal claims it. It comes back at reclaim.
	UnitTorn = "torn"
	// UnitGone: no card that was seen gives it out, because the token never arrived, made room for
	// another one or was closed there. It comes back at close or reclaim.
	UnitGone = "on no card"
)

// Units is a run of a token's units that are in one place: the units From+1 to To.
type Units struct {
	From  uint8  `json:"from"`
	To    uint8  `json:"to"`
	Place string `json:"place"`
}

// Token says where the units of one token are.
type Token struct {
	ID    string  `json:"token"` // tokID, hexadecimal
	State string  `json:"state"` // at the TSM
	Unit  int64   `json:"unit_minor"`
	Units []Units `json:"units"`
}

// account is one token with all that anybody says of it.
type account struct {
	*token
	party   string
	id      message.Hash
	claimed []claim
	held    []Held
}

// compareUnits says of each unit of each token where it is, and finds those that are in two places.
func compareUnits(r *Report, f Files, services []tsm) error {
	accounts := map[message.Hash]*account{}
	for _, t := range services {
		for id, k := range t.issued {
			accounts[id] = &account{token: k, party: t.party, id: id}
		}
	}
	forgotten := map[message.Hash]bool{}
	for _, c := range f.Claims {
		read, there, err := c.read()
		if err != nil {
			return err
		}
		switch a := accounts[read.token]; {
		case !there:
			forgotten[c.Key] = true
		case a == nil:
			r.find(c.Terminal, "a claim of token %s, which nobody has issued", short(read.token))
		default:
			a.claimed = append(a.claimed, read)
		}
	}
	for _, h := range f.Held {
		a := accounts[h.ID]
		if a == nil {
			r.find(h.Element, "token %s, which nobody has issued", short(h.ID))
			continue
		}
		a.held = append(a.held, h)
	}
	sums := map[string]int64{}
	for _, a := range accounts {
		a.compareHeld(r)
		a.compareStatements(r)
		if f.Claims != nil {
			a.compareClaims(r, forgotten)
		}
		at := a.places()
		a.compareCounts(r, at)
		r.Tokens = append(r.Tokens, a.report(at))
		for _, place := range at[1:] {
			sums[place] += a.unit
		}
	}
	for place, minor := range sums {
		r.Units = append(r.Units, Place{Name: place, Minor: minor})
	}
	slices.SortFunc(r.Units, func(a, b Place) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Tokens, func(a, b Token) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

// compareClaims holds what terminals claim against what the TSM has paid. Forgotten are the keys of
// claims that journals only know to be paid.
func (a *account) compareClaims(r *Report, forgotten map[message.Hash]bool) {
	for _, c := range a.claimed {
		if c.state == claimPaid && !a.proven[c.account] && a.paidUpTo(c.account) < c.units.to {
			r.find(c.terminal, "units %d to %d of token %s are paid here, and not at the TSM",
				c.units.from+1, c.units.to, short(a.id))
		}
	}
	for _, p := range a.claims {
		known := slices.ContainsFunc(a.claimed, func(c claim) bool { return c.account == p.account })
		if !known && !forgotten[p.account] && !forgotten[tickKey(p)] {
			r.find(a.party, "units %d to %d of token %s were paid, and no terminal has claimed them",
				p.units.from+1, p.units.to, short(a.id))
		}
	}
}

// tickKey is the key under which a journal keeps the last tick of a metering commitment that was
// paid.
func tickKey(p paid) message.Hash {
	return sha256.Sum256(append(p.account[:], p.units.to))
}

// compareCounts holds what the TSM says of a token in numbers against its units.
func (a *account) compareCounts(r *Report, at []string) {
	var paid, back int64
	for _, place := range at {
		switch place {
		case UnitPaid:
			paid++
		case UnitBack:
			back++
		}
	}
	if paid != a.paid || back != a.back {
		r.find(a.party, "of token %s %d units are paid and %d back, its row says %d and %d",
			short(a.id), paid, back, a.paid, a.back)
	}
}

// compareHeld holds a token against its element: nothing was claimed before the element has given
// it out, and what has come back by its close can't be given out any more.
func (a *account) compareHeld(r *Report) {
	if len(a.held) > 1 {
		r.find(a.held[1].Element, "token %s is at %s too", short(a.id), a.held[0].Element)
	}
	for _, h := range a.held {
		for _, c := range a.claimed {
			if c.units.to > h.Given {
				r.find(c.terminal, "unit %d of token %s is claimed, %s has given out %d", c.units.to,
					short(a.id), h.Element, h.Given)
			}
		}
		for _, p := range a.claims {
			if p.units.to > h.Given {
				r.find(a.party, "unit %d of token %s is paid, %s has given out %d", p.units.to,
					short(a.id), h.Element, h.Given)
			}
		}
		if a.at.Valid && (!h.Closed || int64(h.Given) != a.at.Int64) {
			r.find(a.party, "token %s came back from unit %d on, %s has given out %d", short(a.id),
				a.at.Int64, h.Element, h.Given)
		}
	}
}

// compareStatements finds units under two statements. It is no finding once the TSM has proven it:
// then the later statement was paid out of the loss, or refused.
func (a *account) compareStatements(r *Report) {
	owner := map[uint8]message.Hash{} // by unit
	for _, c := range a.standing() {
		if a.proven[c.account] {
			continue
		}
		for unit := c.units.from; unit < c.units.to; unit++ {
			if before, taken := owner[unit]; taken && before != c.account {
				r.find(c.terminal, "unit %d of token %s is claimed twice", unit+1, short(a.id))
				break
			}
			owner[unit] = c.account
		}
	}
}

// standing returns all statements that claim units: those that were paid, and those of journals
// that weren't refused.
func (a *account) standing() []claim {
	var all []claim
	for _, p := range a.claims {
		all = append(all, claim{terminal: a.party, account: p.account, units: p.units})
	}
	for _, c := range a.claimed {
		if c.state != claimRefused {
			all = append(all, c)
		}
	}
	return all
}

// paidUpTo returns up to which unit a statement was paid out of the token.
func (a *account) paidUpTo(statement message.Hash) uint8 {
	for _, p := range a.claims {
		if p.account == statement {
			return p.units.to
		}
	}
	return 0
}

// places returns the place of each unit, from 1 on. What the TSM has booked goes before what a
// journal says, and that before what the card does.
func (a *account) places() []string {
	at := make([]string, a.length+1)
	put := func(from, to int64, place string) {
		for unit := from + 1; unit <= min(to, a.length); unit++ {
			if at[unit] == "" {
				at[unit] = place
			}
		}
	}
	for _, p := range a.claims {
		put(int64(p.units.from), int64(p.units.to), UnitPaid)
	}
	if a.state == "reclaimed" {
		put(0, a.length, UnitBack)
	}
	if a.at.Valid {
		put(a.at.Int64, a.length, UnitBack)
	}
	for _, c := range a.claimed {
		if c.state != claimRefused && !a.proven[c.account] {
			put(int64(c.units.from), int64(c.units.to), UnitClaimed)
		}
	}
	for _, h := range a.held {
		put(0, int64(h.Given), UnitTorn)
		if !h.Closed {
			put(0, a.length, UnitHeld)
		}
	}
	put(0, a.length, UnitGone)
	return at
}

// report returns the places as runs.
func (a *account) report(at []string) Token {
	t := Token{ID: hex.EncodeToString(a.id[:]), State: a.state, Unit: a.unit, Units: []Units{}}
	for unit := 1; unit < len(at); unit++ {
		last := len(t.Units) - 1
		if last < 0 || t.Units[last].Place != at[unit] {
			t.Units = append(t.Units, Units{From: uint8(unit - 1), Place: at[unit]})
			last++
		}
		t.Units[last].To = uint8(unit)
	}
	return t
}

// short is enough of a tokID to know it by.
func short(id message.Hash) string { return hex.EncodeToString(id[:4]) }
