package wallet_test

import (
	"errors"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/api"
	"tapbench/backend/dispute"
	"tapbench/backend/money"
)

// These tests have real payments opened by bank and TSM.

var judgeID = message.NewPartyID("JDG00001")

// evidence is a merchant's proof of a payment that was approved.
func (s *shop) evidence(t *testing.T, amount string) dispute.Payment {
	t.Helper()
	q := s.tap(t, money.Must(amount))
	s.authorise(t, q, acquirer.CodeApproved)
	find := func(tag func() ([]byte, error)) []byte {
		raw, err := tag()
		check(t, err)
		return raw
	}
	class, err := emv.ParseClass(find(func() ([]byte, error) {
		return s.records.Get(wire.TagCardClass, wire.ClassLen)
	}))
	check(t, err)
	return dispute.Payment{
		Card: message.VCard{
			PAN: q.PAN.Bytes(), Class: class,
			Key: message.PublicKey(find(func() ([]byte, error) {
				return s.records.Get(wire.TagCardKey, wire.PointLen)
			})),
		},
		VCard: message.Signature(find(func() ([]byte, error) {
			return s.records.Get(wire.TagCardSignature, wire.SignatureLen)
		})),
		Epoch: s.TSM.Epoch, Tap: q.ICC.TapMessage(q.PAN), Signed: q.ICC.Tap,
	}
}

func (s *shop) openPayment(
	t *testing.T, judge message.PartyID, p dispute.Payment,
) (api.Opening, error) {
	t.Helper()
	return s.TSM.OpenPayment(t.Context(), judge,
		api.OpenPaymentRequest{Payment: message.Encode(wire.MsgDisputed, p)})
}

func TestDisputeNamesTheUser(t *testing.T) { onBothStores(t, testDisputeNamesTheUser) }

func testDisputeNamesTheUser(t *testing.T, s *shop) {
	p := s.evidence(t, "EUR:12.50")
	first, err := s.openPayment(t, judgeID, p)
	check(t, err)
	second, err := s.Bank.OpenFunding(t.Context(), judgeID,
		api.OpenFundingRequest{Head: first.Head, Signature: first.Signature})
	check(t, err)
	outcome := dispute.Outcome{Subject: p}
	outcome.TSM, err = dispute.ParseTSMOpening(first)
	check(t, err)
	outcome.Bank, err = dispute.ParseBankOpening(second)
	check(t, err)
	verdict, err := outcome.Verify(s.TSM.CAKey)
	check(t, err)
	if verdict.User != message.NewUserID("alice") || verdict.Bank != s.Bank.ID {
		t.Errorf("got %+v", verdict)
	}

	// The same again: the first answer, and one entry in each log.
	again, err := s.openPayment(t, judgeID, p)
	check(t, err)
	if string(again.Head) != string(first.Head) {
		t.Error("the same payment was opened twice")
	}
	other := s.evidence(t, "EUR:1.00")
	_, err = s.openPayment(t, judgeID, other)
	check(t, err)
	list, err := s.TSM.Openings(t.Context(), judgeID, api.OpeningsRequest{})
	check(t, err)
	log, err := dispute.ParseLog(list)
	check(t, err)
	check(t, log.Verify(s.TSM.CAKey))
	if len(log.Entries) != 2 || !log.Holds(outcome.TSM.Entry) {
		t.Errorf("the TSM's log has %d entries", len(log.Entries))
	}
}

func TestDisputeRefused(t *testing.T) {
	s := newShop(t)
	p := s.evidence(t, "EUR:12.50")
	first, err := s.openPayment(t, judgeID, p)
	check(t, err)
	head, err := message.Decode[dispute.Head](wire.MsgOpening, first.Head)
	check(t, err)
	signed := func(change func(h *dispute.Head)) api.OpenFundingRequest {
		h := head
		change(&h)
		sig, err := message.Sign(s.TSM.SignKey, h.Sum())
		check(t, err)
		return api.OpenFundingRequest{Head: message.Encode(wire.MsgOpening, h), Signature: sig[:]}
	}
	funding := func(judge message.PartyID, q api.OpenFundingRequest) func() error {
		return func() error {
			_, err := s.Bank.OpenFunding(t.Context(), judge, q)
			return err
		}
	}
	payment := func(judge message.PartyID, change func(p *dispute.Payment)) func() error {
		return func() error {
			altered := p
			change(&altered)
			_, err := s.openPayment(t, judge, altered)
			return err
		}
	}
	forged := api.OpenFundingRequest{Head: first.Head, Signature: make([]byte, wire.SignatureLen)}
	for name, test := range map[string]struct {
		ask  func() error
		want api.Code
	}{
		"payment cut off": {func() error {
			_, err := s.TSM.OpenPayment(t.Context(), judgeID, api.OpenPaymentRequest{
				Payment: message.Encode(wire.MsgDisputed, p)[1:],
			})
			return err
		}, api.CodeMalformed},
		"payment with another amount": {
			payment(judgeID, func(p *dispute.Payment) { p.Tap.Amount[5]++ }), api.CodeSignature,
		},
		"card number without a payment": {
			payment(judgeID, func(p *dispute.Payment) { p.Signed = message.Signature{} }),
			api.CodeSignature,
		},
		"payment opened before, for another judge": {
			payment(message.NewPartyID("JDG00002"), func(*dispute.Payment) {}), api.CodeState,
		},
		"funding without the TSM's word": {funding(judgeID, forged), api.CodeSignature},
		"funding by a head cut off": {
			funding(judgeID, api.OpenFundingRequest{Head: first.Head[1:], Signature: first.Signature}),
			api.CodeMalformed,
		},
		"funding for another judge": {
			funding(message.NewPartyID("JDG00002"), signed(func(*dispute.Head) {})),
			api.CodeMismatch,
		},
		"funding of another bank": {
			funding(judgeID, signed(func(h *dispute.Head) { h.Bank[0]++ })), api.CodeMismatch,
		},
		"funding under another handle": {
			funding(judgeID, signed(func(h *dispute.Head) { h.Handle[0]++ })), api.CodeUnknown,
		},
		"funding with another commitment": {
			funding(judgeID, signed(func(h *dispute.Head) { h.Commitment[0]++ })), api.CodeMismatch,
		},
		"funding by a TSM that the bank doesn't know": {
			funding(judgeID, signed(func(h *dispute.Head) { h.Party[0]++ })), api.CodeForbidden,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.ask(); !errors.Is(err, &api.Problem{Code: test.want}) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	for name, list := range map[string]func() (api.OpeningsResponse, error){
		"TSM": func() (api.OpeningsResponse, error) {
			return s.TSM.Openings(t.Context(), judgeID, api.OpeningsRequest{})
		},
		"bank": func() (api.OpeningsResponse, error) {
			return s.Bank.Openings(t.Context(), judgeID, api.OpeningsRequest{})
		},
	} {
		log, err := list()
		check(t, err)
		if want := map[string]int{"TSM": 1, "bank": 0}[name]; len(log.Entries) != want {
			t.Errorf("the %s's log has %d entries after refusals, want %d", name, len(log.Entries), want)
		}
	}
}
