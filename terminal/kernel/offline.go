package kernel

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/offline"
)

// How an offline payment can end by what the card does.
var (
	// ErrNoToken means that the card refuses an offline payment before it has shown itself (6985):
	// its wallet hasn't armed it for this amount, no token pays it, or an earlier payment on other
	// terms has broken off. Nothing happened.
	ErrNoToken = errors.New("card has no token for this payment, or isn't armed for it")
	// ErrByCard means that the card answered an AAC: it doesn't pay.
	ErrByCard = errors.New("declined by the card")
	// ErrNothingTicked means that a metering has ended before its first tick: nothing is paid.
	ErrNothingTicked = errors.New("nothing was ticked")
)

// Terms are what an offline payment is about. A tap that broke off is taken again on the same
// terms: the card then answers what it would have answered.
type Terms struct {
	Amount money.Amount // of a metering commitment: all units that may tick
	// Unit is a metering commitment's unit in minor units: 1, 5 or 50; 0: a payment.
	Unit uint8
	Time time.Time
	UN   [wire.UNLen]byte
	// Near are the exchanges of earlier taps on these terms that found the card near:
	// [OfflineOutcome.Near]. A card that is bound to the terms goes on by the first of them.
	Near []message.Relay
}

// NewTerms draws the unpredictable number of a payment that begins now.
func (k *Kernel) NewTerms(amount money.Amount, unit uint8) (Terms, error) {
	t := Terms{Amount: amount, Unit: unit, Time: k.config.Now()}
	if _, err := io.ReadFull(k.config.Rand, t.UN[:]); err != nil {
		return t, fmt.Errorf("drawing the unpredictable number: %w", err)
	}
	return t, nil
}

// Offline takes payments by token, with no network.
type Offline struct {
	*Kernel
	Verifier *offline.Verifier
	// Keep keeps a claim, and returns when it will outlast a loss of power: an [offline.Payment]'s,
	// or the ticks so far of a metering. Only then the card gets a receipt.
	Keep func(Claim) error
	// Observe, if set, is told each step when it has ended.
	Observe func(Step)
}

// Claim is what is kept of a payment, or of the ticks of a commitment: one of both is set.
type Claim struct {
	Spend *message.SpendClaim
	Meter *message.MeterClaim
}

// OfflineOutcome is what is known of an offline payment when it has ended.
type OfflineOutcome struct {
	Result Result
	// Refused is why a payment was declined, one of package offline's errors, of package relay's, or
	// [ErrByCard]; nil: it wasn't.
	Refused error
	// Near are the terms', and the exchange of this tap, if the card was found near.
	Near []message.Relay
	// Shown says that the card may have shown a token. If the payment is unfinished, it may be taken
	// again on the same terms.
	Shown bool
	Token message.TokenFields // once it was shown
	From  uint8               // the units From+1 to To
	To    uint8
	Key   message.Hash // the claim's, once it is kept
	Claim Claim        // as it was kept last
	// Receipt is the merchant's, once the claim is kept. Received says that the card has it.
	Receipt  *message.MerchantReceipt
	Received bool
	AID      []byte
	Label    string
}

// Pay takes a payment from a card that has just been connected. Errors are those of
// [Kernel.Pay], [ErrNoToken] beside [ErrNotArmed], [offline.ErrRequest] for terms that no token
// pays, and what Keep returned. A refusal by the verifier is a decline, no error. Once the claim is
// kept the payment stands, whatever becomes of the receipt or of ctx. The card stays connected.
func (o Offline) Pay(ctx context.Context, card pcsc.Card, terms Terms) (OfflineOutcome, error) {
	t, err := o.begin(card, terms)
	if err != nil {
		return OfflineOutcome{}, err
	}
	if err := t.run(ctx, t.verifyPayment); err != nil || t.outcome.Result == Declined {
		return t.outcome, err
	}
	claim := t.payment.Claim()
	if err := t.keep(Claim{Spend: &claim}); err != nil {
		return t.outcome, err
	}
	t.outcome.Result, t.outcome.Key = Approved, t.payment.Key()
	t.outcome.Claim.Spend = &claim
	t.giveReceipt(ctx, t.payment.Receipt)
	return t.outcome, nil
}

// offlineTap is the state of one offline payment.
type offlineTap struct {
	*transaction
	o       Offline
	terms   Terms
	request offline.Request
	record  emv.TokenRecord
	answer  offline.Answer
	payment offline.Payment
	outcome OfflineOutcome
}

func (o Offline) begin(card pcsc.Card, terms Terms) (*offlineTap, error) {
	if o.config.MerchantKey == nil || o.Verifier == nil || o.Keep == nil {
		return nil, fmt.Errorf("%w: offline it needs a merchant's key, a verifier and a journal",
			ErrConfig)
	}
	if !terms.Amount.Currency().Known() || terms.Amount.IsZero() {
		return nil, fmt.Errorf("%w: no amount", ErrConfig)
	}
	request := offline.Request{
		Amount: terms.Amount.Uint64(), Currency: terms.Amount.Currency().N3(),
		Time: Seconds(terms.Time), UN: terms.UN, Unit: terms.Unit,
	}
	if err := request.Check(); err != nil {
		return nil, err
	}
	counter := pcsc.NewCounter(card)
	return &offlineTap{
		o: o, terms: terms, request: request, outcome: OfflineOutcome{Near: terms.Near},
		transaction: &transaction{
			Kernel: o.Kernel, Purchase: Purchase{Amount: terms.Amount, Observe: o.Observe},
			counter: counter, card: pcsc.NewSession(counter), now: terms.Time,
			terminal: emv.CDOL1Data{
				Amount:   [wire.AmountLen]byte(terms.Amount.AppendN12(nil)),
				Currency: terms.Amount.Currency().N3(), Country: o.config.Country,
				Date: emv.Date(terms.Time), UN: terms.UN, TerminalType: TerminalType,
				Merchant: o.config.Merchant,
			},
		},
	}, nil
}

// run goes through the flow until the verifier has judged.
func (t *offlineTap) run(ctx context.Context, verify func() error) error {
	for _, act := range []func(context.Context) error{
		t.selectOffline, t.offlineOptions, t.measureOffline, t.authenticateMerchant, t.readToken,
		t.takeUnits,
	} {
		if err := act(ctx); err != nil || t.outcome.Result == Declined {
			return err
		}
	}
	return t.step(StepVerify, func() error {
		if err := verify(); err != nil {
			t.outcome.Result, t.outcome.Refused = Declined, err
		}
		return nil
	})
}

// selectOffline selects the application by its name: it isn't in the PPSE (EMV 4.3 Book 1, 12.3.3,
// selection by the terminal's list of AIDs).
func (t *offlineTap) selectOffline(ctx context.Context) error {
	return t.step(StepSelect, func() error {
		err := t.selectOne(ctx, []byte(wire.AIDOffline))
		t.outcome.AID, t.outcome.Label = t.out.AID, t.out.Label
		if refusal := new(apdu.StatusError); errors.As(err, &refusal) {
			return &NoApplicationError{Err: err}
		}
		return err
	})
}

// offlineOptions sends GET PROCESSING OPTIONS with the payment's terms.
func (t *offlineTap) offlineOptions(ctx context.Context) error {
	t.extra = t.offlineObjects()
	err := t.processingOptions(ctx)
	if errors.Is(err, ErrNotArmed) {
		return fmt.Errorf("%w: %w", ErrNoToken, err)
	}
	return err
}

// offlineObjects are the data objects that only an offline payment has.
func (t *offlineTap) offlineObjects() map[tlv.Tag][]byte {
	certificate := t.config.MerchantKey.Certificate.Sum()
	return map[tlv.Tag][]byte{
		wire.TagTerminalTime: bigEndian(Seconds(t.terms.Time)),
		wire.TagMerchantHash: certificate[:],
		wire.TagMeterUnit:    {t.terms.Unit},
	}
}

// readToken reads the record that shows a token. The card has written the payment down by then.
func (t *offlineTap) readToken(ctx context.Context) error {
	return t.step(StepRecords, func() error {
		if n := len(t.data.files); n != 1 || t.data.files[0].First != t.data.files[0].Last {
			return contradicts(emv.TagAFL, "not one record")
		}
		t.outcome.Shown = true
		file := t.data.files[0]
		raw, err := t.exchange(ctx, entry.ReadRecord(file.SFI, file.First))
		if err != nil {
			return err
		}
		if t.record, err = emv.ParseTokenRecord(raw); err != nil {
			return badData(err)
		}
		t.outcome.Token = t.record.Token.Fields
		t.outcome.From, t.outcome.To = t.record.From, t.record.To
		t.checkProof()
		return nil
	})
}

// takeUnits sends GENERATE AC, for a TC.
func (t *offlineTap) takeUnits(ctx context.Context) error {
	return t.step(StepCryptogram, func() error {
		raw, err := t.exchange(ctx, apdu.Command{
			CLA: byte(wire.CLAProprietary), INS: byte(wire.InsGenerateAC), P1: wire.P1TC,
			Data: t.terms.UN[:], Ne: apdu.MaxShortNe,
		})
		if err != nil {
			return err
		}
		a, err := emv.ParseOfflineAnswer(raw)
		switch {
		case err != nil:
			return badData(err)
		case a.CID == emv.CIDAAC:
			t.outcome.Result, t.outcome.Refused = Declined, ErrByCard
			return nil
		case a.From != t.record.From || a.To != t.record.To:
			return contradicts(wire.TagTokenShown, "other units than the record's")
		case (a.Value != nil) != (t.terms.Unit == 0):
			return contradicts(wire.TagTokenShown, "a value beside a commitment, or none beside a payment")
		}
		t.answer = offline.Answer{
			Token: t.record.Token, From: a.From, To: a.To, Relay: t.record.Relay,
			Signature: a.Signature,
		}
		if a.Value != nil {
			t.answer.Value = *a.Value
		}
		return nil
	})
}

func (t *offlineTap) verifyPayment() (err error) {
	t.payment, err = t.o.Verifier.Payment(t.request, t.answer)
	return err
}

// keep has a claim kept.
func (t *offlineTap) keep(c Claim) error {
	return t.step(StepKeep, func() error { return t.o.Keep(c) })
}

// giveReceipt signs the receipt and gives it to the card, also when ctx is done: the claim is kept,
// and the card's user is to have the proof. The payment stands without it.
func (t *offlineTap) giveReceipt(
	ctx context.Context, sign func(*ecdsa.PrivateKey) (message.MerchantReceipt, error),
) {
	ctx = context.WithoutCancel(ctx)
	_ = t.step(StepReceipt, func() error { // an observer is told its error
		r, err := sign(t.config.MerchantKey.Key)
		if err != nil {
			return err
		}
		t.outcome.Receipt = &r
		tag := wire.TagMerchantReceipt
		_, err = t.exchange(ctx, apdu.Command{
			CLA: byte(wire.CLAProprietary), INS: byte(wire.InsPutData), P1: byte(tag >> 8),
			P2: byte(tag & 0xFF), Data: r.Signature[:],
		})
		t.outcome.Received = err == nil
		return err
	})
}
