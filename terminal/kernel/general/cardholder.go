package general

import (
	"context"

	"tapbench/applet/emv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// verifyCardholder walks the card's CVM list (EMV 4.3 Book 3, 10.5), if the AIP says that it wants
// its holder verified.
func (t *transaction) verifyCardholder(ctx context.Context) error {
	if t.fast != nil {
		t.verifyFastCardholder(ctx)
		return nil
	}
	if t.contactless() && t.out.AIP[0]&emv.AIPDevice != 0 {
		t.verifiedByDevice()
		return nil
	}
	if t.out.AIP[0]&emv.AIPCardholder == 0 {
		t.out.CVM = rules.CVMResults{noMethodApplied, 0, 0}
		t.note(clause.Cardholder, "card doesn't ask for its holder to be verified")
		return nil
	}
	list, err := t.cvmList()
	if err != nil {
		return err
	}
	trail := &outcome.CardholderTrail{List: list, Purchase: rules.Purchase{
		Amount:         t.Amount + t.Cashback,
		InCardCurrency: t.data.Currency != nil && *t.data.Currency == t.config.Terminal.Currency,
		Unattended:     t.config.Terminal.unattended(),
		Cash:           t.Type == Cash && t.config.Terminal.unattended(),
		ManualCash:     t.Type == Cash && !t.config.Terminal.unattended(),
		Cashback:       t.Cashback > 0,
	}}
	t.out.Trail.Cardholder = trail
	v := &verifier{t: t, ctx: ctx}
	results, tvr, steps := rules.Cardholder(list, trail.Purchase, v)
	if v.err != nil {
		return v.err
	}
	t.out.CVM, trail.Steps = results, steps
	t.join(tvr, clause.Cardholder)
	if list == nil || len(list.Rules) == 0 {
		return nil // nothing was performed
	}
	t.out.TSI.Set(rules.DidCardholder)
	t.out.Signature = results[2] == unsure && signs(rules.CVMRule{Code: results[0]}.Method())
	return nil
}

// What stands in the CVM results (Book 4, 6.3.4.5, annex A4).
const (
	noMethodApplied = 0x3F
	unsure          = 0x00
	successful      = 0x02
)

// verifiedByDevice takes the word of a card in a device that has verified its holder: the results
// are those that Book C-2 has for it.
func (t *transaction) verifiedByDevice() {
	t.out.CVM = rules.CVMResults{byte(rules.PlainPIN), 0, successful}
	t.out.TSI.Set(rules.DidCardholder)
	t.note(clause.Contactless, "the card's device has verified its holder")
}

func signs(m rules.Method) bool {
	return m == rules.Signature || m == rules.PlainPINSignature || m == rules.EncipheredPINSigned
}

// cvmList reads 8E. A list that is cut off is obviously wrong.
func (t *transaction) cvmList() (*rules.CVMList, error) {
	raw, ok := t.objects.Find(emv.TagCVMList)
	if !ok {
		return nil, nil //nolint:nilnil // the card has none
	}
	list, err := rules.ParseCVMList(raw)
	if err != nil {
		return nil, outcome.Terminated(clause.Erroneous, emv.Describe(emv.TagCVMList)+" is malformed", err)
	}
	return &list, nil
}

// verifier does what a rule of a list asks for.
type verifier struct {
	t   *transaction
	ctx context.Context //nolint:containedctx // rules' callback has none
	err error           // ends the transaction
}

// Supports says whether the terminal has a method, by its capabilities: one whose PIN pad is
// missing in spite of them has a pad that isn't working. A card that is held against a reader
// checks no PIN.
func (v *verifier) Supports(m rules.Method) bool {
	if v.t.contactless() && m >= rules.PlainPIN && m <= rules.EncipheredPINSigned &&
		m != rules.OnlinePINMethod {
		return false
	}
	return v.t.config.Terminal.supports(m)
}

// Verify has a person do it.
func (v *verifier) Verify(m rules.Method) rules.Outcome {
	if v.err != nil {
		return rules.Failed
	}
	switch m {
	case rules.PlainPIN, rules.EncipheredPIN:
		return v.offlinePIN(m == rules.EncipheredPIN)
	case rules.PlainPINSignature, rules.EncipheredPINSigned:
		if o := v.offlinePIN(m == rules.EncipheredPINSigned); o != rules.Done {
			return o
		}
		return rules.Unsure // the signature is still to come
	case rules.OnlinePINMethod:
		return v.onlinePIN()
	case rules.Signature:
		return rules.Unsure
	case rules.NoCVM:
		return rules.Done
	case rules.FailCVM:
		return rules.Failed
	default:
		return rules.Failed
	}
}
