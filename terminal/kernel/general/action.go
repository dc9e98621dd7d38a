package general

import (
	"context"
	"fmt"

	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// analyse is the terminal action analysis (EMV 4.3 Book 3, 10.7): which cryptogram is asked for.
func (t *transaction) analyse(context.Context) error {
	if t.fast != nil {
		return nil // there is nothing left to ask for
	}
	trail := &outcome.ActionTrail{
		TVR: t.out.TVR, Card: t.data.Codes, Terminal: t.application.Codes,
		Reach: t.config.Terminal.reach(),
	}
	t.out.Trail.Action = trail
	t.out.Decision = rules.Action(trail.TVR, trail.Card, trail.Terminal, trail.Reach)
	t.note(clause.Action, fmt.Sprintf("terminal asks for %s %s: %s", article(t.out.Decision),
		t.out.Decision, trail.Why(t.out.Decision)))
	switch t.out.Decision {
	case rules.Approve:
		t.code("Y1")
	case rules.Decline:
		t.code("Z1")
	case rules.Online:
	}
	return nil
}

func article(d rules.Decision) string {
	if d == rules.Approve {
		return "a"
	}
	return "an"
}

// code sets the authorisation response code (Book 4, annex A6).
func (t *transaction) code(arc string) {
	t.out.ARC = [2]byte([]byte(arc))
	t.terminal.code = t.out.ARC[:]
}

// rank orders the cryptograms: a card may answer a lower one than was asked for, never a higher one
// (10.8).
func rank(d rules.Decision) int {
	switch d {
	case rules.Decline:
		return 0
	case rules.Online:
		return 1
	case rules.Approve:
		return 2
	default:
		return 3
	}
}

// The low bits of the cryptogram information data (EMV 4.3 Book 3, 6.5.5.4).
const (
	reasonMask = 0x07
	notAllowed = 0x01
)

// cardReason notes what the card says about its cryptogram.
func (t *transaction) cardReason(cid byte) {
	const advice = 0x08
	switch cid & reasonMask {
	case notAllowed:
		t.note(clause.GenerateAC, "card: service not allowed")
	case 2:
		t.note(clause.GenerateAC, "card: PIN try limit exceeded")
	case 3:
		t.note(clause.GenerateAC, "card: issuer authentication failed")
	}
	if cid&advice != 0 {
		t.note(clause.GenerateAC, "card wants the issuer to be advised")
	}
}
