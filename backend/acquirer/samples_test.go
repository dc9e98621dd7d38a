package acquirer

import (
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/backend/money"
)

// sample is one message of each type, made of fixed values, and how it is read again.
type sample struct {
	mti   string
	build func() (isoMessage, error)
	// read parses a message of this type, the answers as answers to the sample's request.
	read func(m isoMessage) error
}

func dropping[T any](_ T, err error) error { return err }

// samples returns a sample of every type, in the order of the types.
func samples(t testing.TB) []sample {
	t.Helper()
	pay := authorisation(t, message.NewPartyID("MERTEST1"))
	back, refund := reversal(pay), refundOf(pay)
	advice, closing := adviceOf(pay), closingOf(pay)
	network := pay.Key
	network.STAN = 47
	none := message.PartyID{}
	a := approval()
	return []sample{
		{mtiAuthorise, pay.message, func(m isoMessage) error {
			return dropping(parseAuthorisation(m, none))
		}},
		{
			mtiAuthoriseAnswer, func() (isoMessage, error) { return a.message(pay) },
			func(m isoMessage) error { return dropping(parseAuthorisationAnswer(m, pay)) },
		},
		{mtiRefund, refund.message, func(m isoMessage) error {
			return dropping(parseRefund(m, none))
		}},
		{mtiRefundAnswer, func() (isoMessage, error) {
			return RefundResponse{Code: CodeApproved, RRN: "632600000044"}.message(refund)
		}, func(m isoMessage) error { return dropping(parseRefundAnswer(m, refund)) }},
		{mtiAdvise, advice.message, func(m isoMessage) error {
			return dropping(parseAdvice(m, none))
		}},
		{mtiAdviseAnswer, func() (isoMessage, error) {
			return AdviceResponse{Code: CodeApproved, RRN: advice.RRN}.message(advice)
		}, func(m isoMessage) error { return dropping(parseAdviceAnswer(m, advice)) }},
		{mtiReverse, back.message, func(m isoMessage) error {
			return dropping(parseReversal(m, none))
		}},
		{mtiReverseAnswer, func() (isoMessage, error) {
			return ReversalResponse{Code: CodeApproved, RRN: "632600000042"}.message(back)
		}, func(m isoMessage) error { return dropping(parseReversalAnswer(m, back)) }},
		{mtiReconcile, closing.message, func(m isoMessage) error {
			return dropping(parseReconcile(m, none))
		}},
		{mtiReconcileAnswer, func() (isoMessage, error) {
			booked := closing.Totals
			booked.Refunds = Tally{}
			return ReconcileResponse{Code: CodeReconcile, Totals: booked}.message(closing)
		}, func(m isoMessage) error { return dropping(parseReconcileAnswer(m, closing)) }},
		{
			mtiNetwork, func() (isoMessage, error) { return NetworkEcho.message(network), nil },
			func(m isoMessage) error { return dropping(parseNetwork(m)) },
		},
		{mtiNetworkAnswer, func() (isoMessage, error) {
			return NetworkEcho.answer(network, CodeApproved), nil
		}, func(m isoMessage) error { return NetworkEcho.accepted(m, network) }},
	}
}

func refundOf(q AuthorisationRequest) RefundRequest {
	r := RefundRequest{
		Key: q.Key, Original: q.Key, RRN: "632600000042", Amount: money.Must("EUR:3.00"),
	}
	r.STAN = 44
	return r
}

func adviceOf(q AuthorisationRequest) AdviceRequest {
	iad := emv.IAD(emv.CVRIssuerAuthenticated)
	r := AdviceRequest{
		Key: q.Key, Original: q.Key, RRN: "632600000042", Amount: q.Amount,
		Completion: Completion{
			Terminal: q.ICC.Terminal, ARC: [2]byte{'0', '0'}, IssuerAuth: *approval().IssuerAuth,
			AIP: q.ICC.AIP, ATC: q.ICC.ATC, CID: emv.CIDTC,
			TC: [8]byte{0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11}, IAD: iad[:],
		},
	}
	r.STAN = 45
	return r
}

func closingOf(q AuthorisationRequest) ReconcileRequest {
	r := ReconcileRequest{
		Key: q.Key, Date: "1121", Currency: money.EUR,
		Totals: Totals{Payments: Tally{3, 3750}, Reversals: Tally{1, 1250}, Refunds: Tally{1, 300}},
	}
	r.STAN = 46
	return r
}
