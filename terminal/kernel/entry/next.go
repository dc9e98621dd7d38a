package entry

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"tapbench/terminal/kernel/clause"
)

// Selected is the application that was selected.
type Selected struct {
	Candidate
	Name []byte // DF name, 84
	FCI  []byte // the whole answer to SELECT
}

// Next has the best candidate that is left selected, or the one that the cardholder chooses, and
// takes it off the list (EMV 4.3 Book 1, 12.4). One that the card refuses is left out and the next
// one tried; so is one whose answer is malformed, or names another application. The error is a
// *[NoApplicationError] when none is left, or the card's.
func (l *List) Next(ctx context.Context) (Selected, error) {
	for len(l.left) > 0 {
		c, ok := l.choose(ctx)
		if !ok {
			break
		}
		selected, err := l.final(ctx, c)
		if err != nil {
			return Selected{}, err
		}
		if selected != nil {
			return *selected, nil
		}
	}
	return Selected{}, l.none()
}

// choose takes the next candidate off the list, or empties it if nobody agrees to any. Once the
// cardholder has agreed to one that came to nothing, none is taken that he hasn't agreed to.
func (l *List) choose(ctx context.Context) (Candidate, bool) {
	chooser := l.terminal.Chooser
	if chooser == nil {
		return l.best()
	}
	place, agreed := 0, true
	switch {
	case len(l.left) > 1:
		place, agreed = chooser.Choose(ctx, l.Candidates())
		l.asked = true
	case l.left[0].Confirm, l.asked:
		agreed = chooser.Confirm(ctx, l.left[0])
		l.asked = true
	}
	if !agreed || place < 0 || place >= len(l.left) {
		l.remark(clause.Select, ErrNotAgreed.Error())
		l.left, l.refused = nil, ErrNotAgreed
		return Candidate{}, false
	}
	return l.take(place), true
}

// best takes the first candidate that needs no confirmation.
func (l *List) best() (Candidate, bool) {
	for place, c := range l.left {
		if !c.Confirm {
			return l.take(place), true
		}
		l.remark(clause.Select, fmt.Sprintf("%X needs the cardholder's confirmation, which this terminal "+
			"can't ask for: passed over", c.AID))
	}
	l.left = nil
	return Candidate{}, false
}

func (l *List) take(place int) Candidate {
	c := l.left[place]
	l.left = slices.Delete(l.left, place, place+1)
	return c
}

// final selects a candidate; nil: the card refuses it.
func (l *List) final(ctx context.Context, c Candidate) (*Selected, error) {
	command := SelectByName(c.selects())
	response, err := Ask(ctx, l.card, command)
	if err != nil {
		return nil, err
	}
	if !Normal(response) {
		l.refused = command.Refused(response.SW)
		l.remark(l.clauseOfFinal(), fmt.Sprintf("%X can't be selected (%s): the next candidate",
			c.AID, response.SW))
		return nil, nil //nolint:nilnil // the next one
	}
	f, err := parseFCI(response.Data)
	if err == nil && !l.isSelected(c, f.name) {
		err = fmt.Errorf("%X was selected, and %X answered", c.AID, f.name)
	}
	if err != nil {
		l.refused = fmt.Errorf("%w: %w", ErrData, err)
		l.remark(l.clauseOfFinal(), l.refused.Error()+": the next candidate")
		return nil, nil //nolint:nilnil // the next one
	}
	return &Selected{Candidate: c, Name: f.name, FCI: response.Data}, nil
}

// isSelected says whether an answer to the final SELECT is the candidate's: of a contact card the
// name must be the same (12.4); a contactless one's may go on where the directory's ends.
func (l *List) isSelected(c Candidate, name []byte) bool {
	if l.Directory == FromPPSE {
		return bytes.HasPrefix(name, c.AID)
	}
	return bytes.Equal(name, c.AID)
}

func (l *List) clauseOfFinal() string {
	if l.Directory == FromPPSE {
		return clause.FinalSelection
	}
	return clause.Select
}
