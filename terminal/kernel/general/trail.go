package general

import "tapbench/terminal/kernel/rules"

// Trail is what the steps of a transaction went by, so that somebody can follow them. A step that
// wasn't carried out has left nil.
type Trail struct {
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
