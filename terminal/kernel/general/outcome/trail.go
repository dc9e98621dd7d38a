package outcome

import (
	"fmt"

	"tapbench/terminal/kernel/rules"
)

// Trail is what the steps of a transaction went by, so that somebody can follow them. A step that
// wasn't carried out has left nil.
type Trail struct {
	Measuring    bool // the exchange against relays has begun, and not come to a result
	Restrictions *RestrictionsTrail
	Cardholder   *CardholderTrail
	Risk         *RiskTrail
	Action       *ActionTrail
}

// RestrictionsTrail is what the processing restrictions compared (EMV 4.3 Book 3, 10.4).
type RestrictionsTrail struct {
	Card     rules.Offered
	Terminal rules.Asked
}

// CardholderTrail is how the CVM list was walked (10.5).
type CardholderTrail struct {
	List     *rules.CVMList // nil: the card has none
	Purchase rules.Purchase
	Steps    []rules.CVMStep // one for each rule that was looked at
}

// RiskTrail is what the terminal risk management compared (10.6).
type RiskTrail struct {
	Sums    rules.Sums
	Limits  rules.Limits
	History rules.History
	Random  int // 1 to 99, drawn
}

// ActionTrail is what the terminal action analysis compared the TVR with (10.7).
type ActionTrail struct {
	TVR            rules.TVR // as it stood then, before the first GENERATE AC
	Card, Terminal rules.Codes
	Reach          rules.Reach
}

// Why names the first bit that led to a decision before the first cryptogram.
func (a *ActionTrail) Why(d rules.Decision) string {
	switch d {
	case rules.Decline:
		if s := firstBit(a.TVR, "denial", a.Card.Denial, a.Terminal.Denial); s != "" {
			return s
		}
		return a.WhyUnreachable(a.TVR)
	case rules.Online:
		if s := firstBit(a.TVR, "online", a.Card.Online, a.Terminal.Online); s != "" {
			return s
		}
		return "the terminal always goes online"
	case rules.Approve:
		return "no action code says otherwise"
	default:
		return ""
	}
}

// WhyUnreachable names the first bit of a TVR that led to a decline without the issuer, which
// couldn't be asked.
func (a *ActionTrail) WhyUnreachable(tvr rules.TVR) string {
	return firstBit(tvr, "default", a.Card.Default, a.Terminal.Default)
}

// firstBit names the first bit of a TVR that an action code has, the card's before the terminal's.
func firstBit(tvr rules.TVR, kind string, card, terminal [5]byte) string {
	for _, who := range []struct {
		name string
		code [5]byte
	}{{"issuer", card}, {"terminal", terminal}} {
		for i := range tvr {
			for bit := 8; bit >= 1; bit-- {
				if mask := byte(1) << (bit - 1); tvr[i]&who.code[i]&mask != 0 {
					return fmt.Sprintf("%s action code (%s) has TVR byte %d bit %d", who.name, kind, i+1, bit)
				}
			}
		}
	}
	return ""
}
