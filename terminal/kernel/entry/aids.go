package entry

import (
	"bytes"
	"context"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel/clause"
)

// fromAIDs tries the terminal's applications one by one.
func (l *List) fromAIDs(ctx context.Context) error {
	l.Directory = FromList
	for i, a := range l.terminal.Applications {
		if err := l.tryAID(ctx, i, a); err != nil {
			return err
		}
	}
	return nil
}

// tryAID selects one of the terminal's applications, and every further one of the card's whose name
// begins with it.
func (l *List) tryAID(ctx context.Context, place int, a Application) error {
	c := SelectByName(a.AID)
	for range MaxCandidates {
		response, err := Ask(ctx, l.card, c)
		if err != nil {
			return err
		}
		first := c.P2 != selectNext
		switch {
		case first && place == 0 && response.SW == apdu.SWFunctionNotSupported:
			return fmt.Errorf("%w: %w", ErrCardBlocked, c.Refused(response.SW))
		case Normal(response), response.SW == apdu.SWFileDeactivated:
		case first:
			l.refused = c.Refused(response.SW)
			return nil // such an answer names no application
		default:
			return nil // there is no further one
		}
		if !l.foundByAID(place, a, response) {
			return nil
		}
		c.P2 = selectNext
	}
	l.remark(clause.AIDs, fmt.Sprintf("more than %d applications begin with %X: no further ones tried",
		MaxCandidates, a.AID))
	return nil
}

// foundByAID takes an application that was found into the list, and says whether there may be a
// further one: the card's name is longer than what was asked for.
func (l *List) foundByAID(place int, a Application, response apdu.Response) bool {
	f, err := parseFCI(response.Data)
	if err != nil || !bytes.HasPrefix(f.name, a.AID) {
		l.remark(clause.AIDs, fmt.Sprintf("SELECT %X answered no FCI with its name: passed over", a.AID))
		return false
	}
	blocked := !Normal(response)
	switch {
	case blocked:
		l.refused = SelectByName(f.name).Refused(response.SW)
		l.remark(clause.AIDs, fmt.Sprintf("application %X is blocked (%s): not a candidate", f.name,
			response.SW))
	case a.Takes(f.name):
		found := Candidate{Candidate: emv.Candidate{AID: f.name}, Taken: place}
		found.describe(f.own)
		l.add(found)
	default:
		l.remark(clause.AIDs, fmt.Sprintf("%X is longer than %X, which must match whole: passed over",
			f.name, a.AID))
	}
	return len(f.name) > len(a.AID)
}
