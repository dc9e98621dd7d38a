package dispute

import (
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute/doublespend"
)

// The JSON of a subject: exactly one of the three. A statement is type, label and fields, which are
// what is signed, then the signature, and of a meter its last tick and that tick's chain value.
type (
	subjectJSON struct {
		Payment *paymentJSON `json:"payment,omitempty"`
		Offline *offlineJSON `json:"offline_payment,omitempty"`
		Double  *doubleJSON  `json:"double_spending,omitempty"`
	}
	paymentJSON struct {
		Card      octets `json:"card"`
		VCard     octets `json:"vcard"`
		Epoch     octets `json:"epoch_certificate"`
		Tap       octets `json:"tap"`
		Signature octets `json:"signature"`
	}
	offlineJSON struct {
		Token octets `json:"token"`
		Taken octets `json:"statement"`
	}
	doubleJSON struct {
		Token octets `json:"token"`
		A     octets `json:"a"`
		B     octets `json:"b"`
	}
)

// newSubjectJSON returns the JSON of a subject, or of none.
func newSubjectJSON(s Subject) (j subjectJSON) {
	switch s := s.(type) {
	case Payment:
		j.Payment = &paymentJSON{
			Card: message.Encode(wire.SigVCard, s.Card), VCard: s.VCard[:], Epoch: s.Epoch.Encode(),
			Tap: message.Encode(wire.SigTap, s.Tap), Signature: s.Signed[:],
		}
	case OfflinePayment:
		j.Offline = &offlineJSON{message.Encode(wire.SigToken, s.Token), s.Taken.Encode()}
	case DoubleSpend:
		e := doublespend.New(s.Token, s.A, s.B)
		j.Double = &doubleJSON{message.Encode(wire.SigToken, e.Token), e.A.Encode(), e.B.Encode()}
	}
	return j
}

// count is how many subjects there are.
func (j subjectJSON) count() (n int) {
	for _, there := range []bool{j.Payment != nil, j.Offline != nil, j.Double != nil} {
		if there {
			n++
		}
	}
	return n
}

func (j subjectJSON) subject() (Subject, error) {
	switch {
	case j.count() != 1:
		return nil, errors.New("it holds none, or more than one, of the kinds of evidence")
	case j.Payment != nil:
		return j.Payment.payment()
	case j.Offline != nil:
		return j.Offline.payment()
	default:
		return j.Double.evidence()
	}
}

func (j paymentJSON) payment() (p Payment, err error) {
	if p.Card, err = message.Decode[message.VCard](wire.SigVCard, j.Card); err != nil {
		return p, fmt.Errorf("card: %w", err)
	}
	if p.Tap, err = message.Decode[message.Tap](wire.SigTap, j.Tap); err != nil {
		return p, fmt.Errorf("tap: %w", err)
	}
	if p.Epoch, err = message.ParseCertificate(j.Epoch); err != nil {
		return p, fmt.Errorf("epoch certificate: %w", err)
	}
	if p.VCard, err = signature(j.VCard); err != nil {
		return p, fmt.Errorf("vcard: %w", err)
	}
	p.Signed, err = signature(j.Signature)
	return p, err
}

func (j offlineJSON) payment() (p OfflinePayment, err error) {
	if p.Token, err = message.Decode[message.Token](wire.SigToken, j.Token); err != nil {
		return p, fmt.Errorf("token: %w", err)
	}
	if p.Taken, err = doublespend.DecodeStatement(j.Taken); err != nil {
		return p, fmt.Errorf("statement: %w", err)
	}
	if p.Taken.Kind() == wire.SigTokenClose {
		return p, errors.New("statement: a close pays nothing")
	}
	return p, nil
}

// evidence takes the statements in the order of their digests only.
func (j doubleJSON) evidence() (d DoubleSpend, err error) {
	t, err := message.Decode[message.Token](wire.SigToken, j.Token)
	if err != nil {
		return d, fmt.Errorf("token: %w", err)
	}
	a, err := doublespend.DecodeStatement(j.A)
	if err != nil {
		return d, fmt.Errorf("first statement: %w", err)
	}
	b, err := doublespend.DecodeStatement(j.B)
	if err != nil {
		return d, fmt.Errorf("second statement: %w", err)
	}
	d = DoubleSpend{doublespend.New(t, a, b)}
	if d.A != a {
		return d, errors.New("the statements aren't in their order")
	}
	return d, nil
}
