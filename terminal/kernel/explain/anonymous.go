package explain

import (
	"fmt"
	"strconv"
	"time"

	"tapbench/applet/decode"
	"tapbench/applet/emv"
	"tapbench/backend/money"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
)

// Tap is a payment by one of tapbench's anonymous cards, as a receipt and an observer of package
// kernel have it.
type Tap struct {
	Steps      []kernel.Step // those that have ended, in order
	Result     kernel.Result
	Reason     string // of a decline
	Time       time.Time
	Amount     money.Amount
	AID        string // hexadecimal
	Label, PAN string // masked
	Cryptogram string // such as "TC 1122334455667788"
	Code       string // the TSM's answer, two characters
	Offline    bool   // by token
}

// own is where the profile is described.
const own = "applet/PROTOCOL.md"

// part is what the profile does in one step.
type part struct{ step, name, title, clause, text string }

// onlineParts are the steps of a payment that the TSM authorises.
func onlineParts() []part {
	return []part{
		{
			kernel.StepPPSE, "directory", "Directory", "EMV Contactless Book B 2.6, 3.3",
			"the card's contactless applications, of which the terminal knows tapbench's",
		},
		{
			kernel.StepSelect, "selection", "Application selection", clause.Book1 + "12.4", "",
		},
		{
			kernel.StepGPO, "options", "Processing options", clause.Book3 + "10.1",
			"the card answers if its wallet has armed it for this amount and currency",
		},
		{
			kernel.StepRelay, "relay", "Relay resistance", clause.Contactless,
			"before the card shows itself it answers at once, or it is far away (docs/relay.md)",
		},
		{
			kernel.StepMerchant, "merchant", "Merchant authentication", own,
			"before the card shows itself the merchant signs its challenge, if it asks for that",
		},
		{
			kernel.StepRecords, "records", "Application data", clause.Book3 + "10.2",
			"an account number for this payment alone, a card key, and the TSM's signature over both",
		},
		{
			kernel.StepAuthenticate, "authentication", "Card authentication", own,
			"the TSM's signature, then expiry, currency and limit of the card's class; " +
				"EMV's offline data authentication isn't performed: its keys would name the card",
		},
		{
			kernel.StepCryptogram, "first cryptogram", "First cryptogram", clause.Book3 + "10.8",
			"an ARQC is asked for, always: such a card is never approved offline; " +
				"its key signs what the terminal has sent",
		},
		{
			kernel.StepAuthorise, "online", "Online processing", clause.Book3 + "10.9",
			"the TSM decides, by the cryptogram and the account behind the card",
		},
		{
			kernel.StepCompletion, "second cryptogram", "Second cryptogram", clause.Book3 + "10.11",
			"the card checks the TSM's answer, and says the last word",
		},
	}
}

// offlineParts are those of a payment by token.
func offlineParts() []part {
	return []part{
		{
			kernel.StepSelect, "selection", "Application selection", clause.Book1 + "12.3.3",
			"by its name: the application isn't in the directory",
		},
		{
			kernel.StepGPO, "options", "Processing options", own,
			"the terminal names amount, merchant and time; the card chooses a token",
		},
		{
			kernel.StepRelay, "relay", "Relay resistance", clause.Contactless,
			"before the card shows itself it answers at once, or it is far away (docs/relay.md)",
		},
		{
			kernel.StepMerchant, "merchant", "Merchant authentication", own,
			"before the card shows a token the merchant signs its challenge",
		},
		{kernel.StepRecords, "records", "Application data", own, "the token, which the TSM has signed"},
		{
			kernel.StepCryptogram, "first cryptogram", "Cryptogram", own,
			"a TC: the token's key signs this payment to this merchant",
		},
		{
			kernel.StepVerify, "verification", "Verification of the token", "docs/offline.md",
			"the terminal judges alone: signatures, units, time, deny list, what it has seen",
		},
		{
			kernel.StepKeep, "claim", "Claim", "docs/offline.md",
			"it is kept before anything is approved; the TSM pays it at the next settlement",
		},
		{
			kernel.StepReceipt, "receipt", "Receipt", own,
			"the card gets the merchant's signature over what it has paid",
		},
	}
}

// OfTap explains a payment by an anonymous card, and the error that came beside it.
func OfTap(t Tap, err error) Explanation {
	e := Explanation{
		Result: t.Result.String(), Time: t.Time, PAN: t.PAN, AID: t.AID, Label: t.Label,
		Amount: t.Amount.Decimal() + " " + t.Amount.Currency().Code(),
	}
	if t.Reason != "" {
		e.Reason = &outcome.Reason{Text: t.Reason, Clause: own}
	}
	if err != nil {
		e.Error = err.Error()
	}
	parts := onlineParts()
	if t.Offline {
		parts = offlineParts()
	}
	for _, p := range parts {
		e.Phases = append(e.Phases, p.phase(&t))
	}
	if e.reached("options") && !t.Offline {
		aip := emv.AIP()
		e.AIP, e.TVR = hexOf(aip[:]), "8000000000"
		if e.reached("relay") {
			e.TVR = "8000000002" // performed
		}
	}
	e.settle(&t, err)
	return e
}

// phase is what became of a step.
func (p part) phase(t *Tap) Phase {
	out := Phase{Name: p.name, Title: p.title, Clause: p.clause, State: NotReached}
	for _, s := range t.Steps {
		if s.Name != p.step {
			continue
		}
		out.State = Done
		if p.text != "" {
			out.Facts = append(out.Facts, Fact{Name: "what", Text: p.text})
		}
		if s.Err == nil {
			out.Facts = append(out.Facts, t.facts(p.step)...)
		}
		if s.APDUs > 0 {
			out.Facts = append(out.Facts, Fact{
				Name:  "exchanges",
				Value: strconv.Itoa(s.APDUs),
				Text:  fmt.Sprintf("%d bytes to the card, %d from it", s.Sent, s.Received),
			})
		}
	}
	return out
}

// facts are what a receipt knows of a step.
func (t *Tap) facts(step string) []Fact {
	switch {
	case step == kernel.StepSelect && t.AID != "":
		return []Fact{{Name: "application", Value: t.AID, Text: strconv.Quote(t.Label)}}
	case step == kernel.StepGPO && !t.Offline:
		aip := emv.AIP()
		return []Fact{
			{
				Name: "AIP", Value: hexOf(aip[:]), Clause: clause.Book3 + "annex C1",
				Bits: bitsOf(emv.TagAIP, aip[:], noClause),
			},
			{Name: "AFL", Value: hexOf(emv.AFL()), Text: decode.Words(emv.TagAFL, emv.AFL())},
		}
	case step == kernel.StepAuthorise && t.Code != "":
		return []Fact{{Name: "response code", Value: t.Code, Clause: "ISO 8583:1987"}}
	case step == kernel.StepCompletion && t.Cryptogram != "":
		return []Fact{{Name: "cryptogram", Value: t.Cryptogram, Clause: clause.Book3 + "6.5.5.4"}}
	default:
		return nil
	}
}

func (e *Explanation) reached(name string) bool {
	for _, p := range e.Phases {
		if p.Name == name && p.State == Done {
			return true
		}
	}
	return false
}

// settle says of the last phase that was reached what ended the payment there.
func (e *Explanation) settle(t *Tap, err error) {
	last := -1
	for i, p := range e.Phases {
		if p.State == Done {
			last = i
		}
	}
	for i := range max(last, 0) { // what only some payments have
		if p := &e.Phases[i]; p.State == NotReached {
			p.State = Skipped
		}
	}
	var failed error
	for _, s := range t.Steps {
		failed = s.Err
	}
	switch {
	case last < 0:
		e.endedHere(err)
	case failed != nil:
		p := &e.Phases[last]
		p.State = EndedHere
		p.Facts = append(p.Facts, Fact{Name: "result", Text: failed.Error(), Against: true})
	case t.Result == kernel.Declined:
		e.Phases[last].add(Fact{Name: "result", Text: "declined: " + t.Reason, Against: true})
	case t.Result == kernel.Approved:
		e.Phases[last].add(Fact{Name: "result", Text: "approved"})
	default:
		e.endedHere(err)
	}
}
