package payout

import (
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/backend/api"
)

// Taken is a statement of which units were paid before.
type Taken struct {
	Key       message.Hash
	Party     message.PartyID // who was paid
	Statement token.Interval
	To        uint8 // the last unit that was paid, out of the token or out of the loss
	Lost      bool  // it overlaps one that came first, and was paid out of the loss
}

// Standing is how one token stands at the TSM.
type Standing struct {
	Reclaimed bool
	Closed    bool
	At        uint8 // where it was closed
	Taken     []Taken
}

// Decision is what a claim comes to. A refused claim books nothing, but may prove a guilt all the
// same.
type Decision struct {
	Paid  int64          // what the claim is worth, in minor units, or 0
	Token token.Interval // units to be booked now, out of the token: none that were booked before
	Loss  token.Interval // units to be booked now, out of the loss
	Guilt Guilt          // what the claim proves together with what was there
	Other message.Hash   // the key of the statement that came first, of those that are SpentTwice
	Why   *RefusedError  // nil: it is paid
}

// Guilt is what two statements of one token prove of its element (docs/protocol.md).
type Guilt uint8

// The guilts.
const (
	// Innocent: nothing.
	Innocent Guilt = iota
	// SpentTwice: two statements over the same units.
	SpentTwice
	// SpentClosed: units above the one at which the token was closed.
	SpentClosed
)

// Decide says what a claim that [Claim.Check] has passed comes to, and adds it to the standing, so
// that the next claim of a batch is decided beside it. The first statement over a unit stands; a
// second one of another merchant is paid out of the loss, and so are units above the close. A claim
// of which all was paid before gets the same answer again, even after the reclaim.
func (s *Standing) Decide(party message.PartyID, c Claim) Decision {
	before, first, own := s.find(party, c)
	d := Decision{Paid: c.Worth()}
	switch {
	case before >= c.To:
		return d
	case s.Reclaimed:
		return Decision{Why: refuse(api.ClaimReclaimed, "the token was reclaimed: too late")}
	case own != nil:
		return Decision{
			Guilt: SpentTwice, Other: own.Key,
			Why: refuse(api.ClaimSpentTwice, "this merchant has claimed of units %d to %d before",
				c.Statement.From, c.To),
		}
	case first != nil:
		d.Guilt, d.Other = SpentTwice, first.Key
		d.Loss = token.Interval{From: before, To: c.To}
	default:
		s.split(&d, c, before)
	}
	s.Taken = append(s.Taken, Taken{
		Key: c.Key, Party: party, Statement: c.Statement, To: c.To, Lost: d.Token.Units() == 0,
	})
	return d
}

// find returns up to which unit a claim was paid before, the statement that stands over some of its
// units, and one of the same merchant over some of them.
func (s *Standing) find(party message.PartyID, c Claim) (before uint8, first, own *Taken) {
	before = c.Statement.From
	for i, t := range s.Taken {
		switch {
		case t.Key == c.Key:
			before = max(before, t.To)
		case !t.Statement.Overlaps(c.Statement):
		case t.Party == party:
			own = &s.Taken[i]
		case !t.Lost:
			first = &s.Taken[i]
		}
	}
	return before, first, own
}

// split divides what is to be booked into units up to the close and those above.
func (s *Standing) split(d *Decision, c Claim, before uint8) {
	end := c.To
	if s.Closed && end > s.At {
		end = max(before, s.At)
		d.Guilt, d.Loss = SpentClosed, token.Interval{From: end, To: c.To}
	}
	d.Token = token.Interval{From: before, To: end}
}
