package tsm

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/store"
)

var _ acquirer.Decider = (*TSM)(nil)

// The operations under which answers to merchants are kept.
const (
	opAuthorise = "acquirer/0100"
	opReverse   = "acquirer/0400"
)

// Authorise decides on a payment and books an approved one: from the card's account to the
// merchant, in the same step as the answer. The same request again gets the first answer again, a
// decline too; another request under the same key is declined with CodeDuplicate. The checks, in
// this order: the card, currency and amount, expiry of card and account, that the account isn't
// closed, the card's limit (for this payment, or with all before it if the card lives until it
// expires), the ARQC and the card key's signature, that a one-show card wasn't spent before and
// that the ATC is above the last one's, that the authorisation wasn't reversed already, and the
// account's balance.
func (t *TSM) Authorise(
	ctx context.Context, q acquirer.AuthorisationRequest,
) (acquirer.AuthorisationResponse, error) {
	seen, err := t.examine(ctx, q)
	if err != nil {
		return acquirer.AuthorisationResponse{}, err
	}
	sum := q.Sum()
	return once(ctx, t, opAuthorise, sum, identity(q),
		acquirer.AuthorisationResponse{Code: acquirer.CodeDuplicate},
		func(tx store.Tx) (acquirer.AuthorisationResponse, error) {
			return t.decide(ctx, tx, q, sum, seen)
		})
}

// identity returns a hash over what makes an authorisation the same one. The signature is no part
// of it: one message has many.
func identity(q acquirer.AuthorisationRequest) [sha256.Size]byte {
	pan := q.PAN.Bytes()
	raw := append(q.Amount.AppendBinary(nil), pan[:]...)
	raw = append(raw, q.ICC.Terminal.Encode()...)
	raw = binary.BigEndian.AppendUint16(raw, q.ICC.ATC)
	return sha256.Sum256(append(raw, q.ICC.ARQC[:]...))
}

// examined is what a request's cryptogram and signature are worth by one card.
type examined struct {
	key     message.PublicKey
	put     message.CardPut
	genuine bool
}

// examine checks cryptogram and signature before the step, beside other requests' steps: they cost
// more than the booking and need nothing but what a card keeps for life. Without a card it returns
// nil.
func (t *TSM) examine(
	ctx context.Context, q acquirer.AuthorisationRequest,
) (seen *examined, err error) {
	err = t.DB.View(ctx, func(tx store.Tx) error {
		c, ok, err := getIssued(ctx, tx, q.PAN)
		if ok && err == nil {
			seen = &examined{key: c.key, put: c.put}
		}
		return err
	})
	if seen != nil {
		seen.genuine = genuine(q, seen.key, seen.put)
	}
	return seen, err
}

// again examines within the step what wasn't there before it: the card was put between.
func again(
	ctx context.Context, tx store.Tx, q acquirer.AuthorisationRequest,
) (*examined, error) {
	c, ok, err := getIssued(ctx, tx, q.PAN)
	if err != nil || !ok {
		return nil, err
	}
	return &examined{key: c.key, put: c.put, genuine: genuine(q, c.key, c.put)}, nil
}

// decide makes Authorise's checks and books.
func (t *TSM) decide(
	ctx context.Context, tx store.Tx, q acquirer.AuthorisationRequest, sum [sha256.Size]byte,
	seen *examined,
) (acquirer.AuthorisationResponse, error) {
	c, ok, err := t.getCard(ctx, tx, q.PAN, sum)
	if ok && seen == nil && err == nil {
		seen, err = again(ctx, tx, q)
	}
	if err != nil {
		return acquirer.AuthorisationResponse{}, err
	}
	if !ok || seen == nil {
		return acquirer.AuthorisationResponse{Code: acquirer.CodeInvalidCard}, nil
	}
	code := t.judge(q, c, seen.put.Class)
	if code.Approved() && !seen.genuine {
		code = acquirer.CodeSecurity
	}
	if code.Approved() && c.reversed {
		code = acquirer.CodeDoNotHonour
	}
	if code.Approved() {
		if code, err = t.capture(ctx, tx, q, sum, c); err != nil {
			return acquirer.AuthorisationResponse{}, err
		}
	}
	answer := acquirer.AuthorisationResponse{Code: code}
	if seen.genuine { // only the card that asked can read the answer
		auth := q.ICC.IssuerAuth(seen.put.MasterKey, code)
		answer.IssuerAuth = &auth
	}
	if code.Approved() {
		answer.RRN = reference(sum)
		answer.Approval = answer.RRN[6:]
	}
	return answer, nil
}

// reference returns a retrieval reference number of 12 digits. It says nothing of anybody.
func reference(sum [sha256.Size]byte) string {
	return fmt.Sprintf("%012d", binary.BigEndian.Uint64(sum[:8])%1_000_000_000_000)
}

// judge makes the checks that need no key and no book.
func (t *TSM) judge(
	q acquirer.AuthorisationRequest, c card, class message.Class,
) acquirer.Code {
	limit, err := money.ParseN12(class.Limit[:], t.currency())
	if err != nil || q.Amount.IsZero() {
		return acquirer.CodeInvalidAmount
	}
	all := q.Amount
	if class.Kind == wire.CardUntilExpiry {
		if all, err = all.Add(c.paid); err != nil {
			return acquirer.CodeInvalidAmount
		}
	}
	above, err := all.Compare(limit)
	switch {
	case err != nil: // another currency
		return acquirer.CodeInvalidAmount
	case class.Expiry < t.epoch(), c.accountExpiry < t.epoch():
		return acquirer.CodeExpiredCard
	case c.state != StateActive: // closed; a merchant isn't told
		return acquirer.CodeDoNotHonour
	case above > 0:
		return acquirer.CodeExceedsLimit
	case class.Kind == wire.CardOneShow && c.spent, q.ICC.ATC <= c.atc:
		return acquirer.CodeSecurity
	default:
		return acquirer.CodeApproved
	}
}

// genuine checks the cryptogram and the card key's signature over what the terminal sent.
func genuine(q acquirer.AuthorisationRequest, key message.PublicKey, put message.CardPut) bool {
	arqc := q.ICC.Cryptogram(put.MasterKey)
	return subtle.ConstantTimeCompare(arqc[:], q.ICC.ARQC[:]) == 1 &&
		q.ICC.CID == wire.P1ARQC && q.ICC.Sequence == put.Sequence &&
		message.Verify(key, q.ICC.TapMessage(q.PAN).Digest(), q.ICC.Tap) == nil
}

// capture books an approved payment, or says why it can't be booked.
func (t *TSM) capture(
	ctx context.Context, tx store.Tx, q acquirer.AuthorisationRequest, sum [sha256.Size]byte, c card,
) (acquirer.Code, error) {
	err := t.credit(ctx, tx, q.Party, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("payment"), sum[:]),
		Debit: prepaid(c.tid), Amount: q.Amount, Reason: "payment",
	})
	if errors.Is(err, ledger.ErrInsufficient) {
		return acquirer.CodeInsufficientFunds, nil
	}
	if err != nil {
		return "", err
	}
	tap := message.Encode(wire.SigTap, struct {
		Tap       message.Tap
		Signature message.Signature
	}{q.ICC.TapMessage(q.PAN), q.ICC.Tap})
	var more acquirer.Totals
	more.Payments.Add(q.Amount)
	day, err := tally(ctx, tx, q.Key, more)
	if err != nil {
		return "", err
	}
	return acquirer.CodeApproved, putPayment(ctx, tx, payment{
		sum: sum, pan: q.PAN, merchant: q.Party, amount: q.Amount, tap: tap, atc: q.ICC.ATC, day: day,
	})
}

// credit carries a transfer to a merchant out, and opens the merchant's account for the first one.
func (t *TSM) credit(
	ctx context.Context, tx store.Tx, to message.PartyID, transfer ledger.Transfer,
) error {
	transfer.Credit = merchant(to)
	_, err := ledger.Execute(ctx, tx, transfer)
	if !errors.Is(err, ledger.ErrNoAccount) {
		return err
	}
	err = ledger.Open(ctx, tx, ledger.Account{
		ID: merchant(to), Kind: ledger.Liability, Currency: t.currency(),
	})
	if err == nil {
		_, err = ledger.Execute(ctx, tx, transfer)
	}
	return err
}

// Reverse takes a payment back, once. A reversal of an authorisation that never came is remembered,
// so that the late authorisation is declined; one that was declined has nothing to take back. A
// payment whose day is closed, or of which something was refunded, can only be refunded. Once what
// was left of the account has gone back to its bank, a reversal is refused with CodeExpiredCard.
func (t *TSM) Reverse(
	ctx context.Context, q acquirer.ReversalRequest,
) (acquirer.ReversalResponse, error) {
	original := q.Original.Sum()
	return once(ctx, t, opReverse, original, sha256.Sum256(q.Amount.AppendBinary(original[:])),
		acquirer.ReversalResponse{Code: acquirer.CodeInvalidTransaction},
		func(tx store.Tx) (acquirer.ReversalResponse, error) {
			return t.takeBack(ctx, tx, q, original)
		})
}

func (t *TSM) takeBack(
	ctx context.Context, tx store.Tx, q acquirer.ReversalRequest, original [sha256.Size]byte,
) (acquirer.ReversalResponse, error) {
	p, ok, err := getPayment(ctx, tx, original)
	if err != nil {
		return acquirer.ReversalResponse{}, err
	}
	if ok {
		if open, err := t.open(ctx, tx, q, p); err != nil || !open {
			return acquirer.ReversalResponse{Code: acquirer.CodeInvalidTransaction}, err
		}
		if over, err := ended(ctx, tx, p.tid); err != nil || over {
			return acquirer.ReversalResponse{Code: acquirer.CodeExpiredCard}, err
		}
	}
	if err := putReversal(ctx, tx, original, q.Amount.Minor()); err != nil {
		return acquirer.ReversalResponse{}, err
	}
	if !ok {
		return acquirer.ReversalResponse{Code: acquirer.CodeApproved}, nil
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("reversal"), original[:]),
		Debit: merchant(p.merchant), Credit: prepaid(p.tid), Amount: q.Amount, Reason: "reversal",
	})
	if err != nil {
		return acquirer.ReversalResponse{}, err
	}
	var more acquirer.Totals
	more.Reversals.Add(q.Amount)
	_, err = tally(ctx, tx, q.Original, more)
	return acquirer.ReversalResponse{Code: acquirer.CodeApproved, RRN: reference(original)}, err
}

// open reports whether a booked payment can be taken back as a reversal wants it.
func (t *TSM) open(
	ctx context.Context, tx store.Tx, q acquirer.ReversalRequest, p payment,
) (bool, error) {
	day, err := openDay(ctx, tx, q.Original)
	if err != nil {
		return false, err
	}
	back, err := refunded(ctx, tx, p.sum)
	return day == p.day && back == 0 && p.minor == q.Amount.Minor() &&
		q.Amount.Currency() == t.currency(), err
}
