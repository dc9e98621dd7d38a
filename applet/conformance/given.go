package conformance

import (
	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
)

// given is all that cards have ever answered of their tokens, whoever asked. It looks at answers
// only, and wants of them what spend_meter.pml claims of a secure element's index machine:
//
//	A  no unit lies in two statements that differ, and the same statement has the same bytes
//	B  what a metering merchant can claim never passes what was ticked to it
//	C  a close gives nothing back that somebody can claim, and nothing is given out after it
type given struct {
	t      TB
	tokens map[message.Hash]*givenToken
}

// givenToken is what was answered of one token.
type givenToken struct {
	token      message.Token
	statements []givenStatement
	closed     bool
	at         byte
}

// givenStatement is a signed payment or commitment.
type givenStatement struct {
	digest  message.Hash
	sigma   message.Signature
	units   token.Interval
	metered bool
	ticks   byte // of a commitment: how far the terminal has asked
	value   byte // the highest index whose value came out
}

func newGiven(t TB) *given {
	return &given{t: t, tokens: map[message.Hash]*givenToken{}}
}

// of returns what was answered of a token.
func (g *given) of(t message.Token) *givenToken {
	id := t.ID()
	if g.tokens[id] == nil {
		g.tokens[id] = &givenToken{token: t}
	}
	return g.tokens[id]
}

// signed takes an answer to GENERATE AC.
func (g *given) signed(p *purchase, record emv.TokenRecord, a emv.OfflineAnswer) {
	g.t.Helper()
	of, digest := g.of(record.Token), p.digest(record)
	units := token.Interval{From: record.From, To: record.To}
	if of.closed {
		g.t.Errorf("C: units %v were signed after the token was closed at %d", units, of.at)
	}
	for _, s := range of.statements {
		if s.digest == digest {
			if s.sigma != a.Signature {
				g.t.Errorf("A: the statement on %v has two signatures", units)
			}
			return
		}
		if s.units.Overlaps(units) {
			g.t.Errorf("A: units %v and %v lie in two statements", s.units, units)
		}
	}
	s := givenStatement{
		digest: digest, sigma: a.Signature, units: units, metered: p.d.Unit != 0, ticks: units.From,
		value: units.From,
	}
	if a.Value != nil {
		s.value = a.To
	}
	of.statements = append(of.statements, s)
	of.judge(g.t)
}

// ticked takes an answer to TICK, or notes with ok false that one was asked for.
func (g *given) ticked(p *purchase, record emv.TokenRecord, k byte, ok bool) {
	g.t.Helper()
	of, digest := g.of(record.Token), p.digest(record)
	for i := range of.statements {
		s := &of.statements[i]
		if s.digest != digest {
			continue
		}
		s.ticks = max(s.ticks, k)
		if !ok {
			return
		}
		if of.closed {
			g.t.Errorf("C: tick %d came out after the token was closed at %d", k, of.at)
		}
		s.value = max(s.value, k)
		of.judge(g.t)
		return
	}
	if ok {
		g.t.Errorf("B: tick %d of a commitment that wasn't signed", k)
	}
}

// closedAt takes an answer to TOKEN CLOSE.
func (g *given) closedAt(t message.Token, at byte) {
	g.t.Helper()
	of := g.of(t)
	if of.closed && of.at != at {
		g.t.Errorf("C: closed at %d and at %d", of.at, at)
	}
	of.closed, of.at = true, at
	of.judge(g.t)
}

// judge looks at B and C.
func (of *givenToken) judge(t TB) {
	t.Helper()
	for i, s := range of.statements {
		if of.closed && s.claimable() > of.at {
			t.Errorf("C: closed at %d, and %d can be claimed", of.at, s.claimable())
		}
		if !s.metered {
			continue
		}
		if s.value > s.ticks || s.value > s.units.To {
			t.Errorf("B: w_%d is out, of %v was ticked to %d", s.value, s.units, s.ticks)
		}
		for _, later := range of.statements[i+1:] {
			if later.value > s.value {
				t.Errorf("B: w_%d of %v shows the ticks of %v", later.value, later.units, s.units)
			}
		}
	}
}

// claimable is the highest unit that a merchant can claim with a statement.
func (s givenStatement) claimable() byte {
	if s.metered {
		return min(s.value, s.units.To)
	}
	return s.units.To
}

// claimed is how many units of a token merchants can claim.
func (of *givenToken) claimed() (units int) {
	for _, s := range of.statements {
		units += int(s.claimable() - s.units.From)
	}
	return units
}
