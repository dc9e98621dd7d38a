package general

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/emv/pinblock"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general/carddata"
	"tapbench/terminal/kernel/general/outcome"
)

// The phases of a payment, in their order.
const (
	PhaseSelect       = "select application and initiate"
	PhaseRelay        = "relay resistance"
	PhaseRecords      = "read records"
	PhaseAuthenticate = "authenticate card offline"
	PhaseRestrictions = "processing restrictions"
	PhaseCardholder   = "verify cardholder"
	PhaseRisk         = "terminal risk management"
	PhaseAction       = "terminal action analysis"
	PhaseFirst        = "generate AC, first"
	PhaseOnline       = "authorise"
	PhaseIssuer       = "authenticate issuer"
	PhaseBefore       = "scripts before the second cryptogram"
	PhaseSecond       = "generate AC, second"
	PhaseAfter        = "scripts after the second cryptogram"
)

// Pay takes a purchase from a card that has just been connected. See the package for errors. The
// card stays connected.
func (k *Kernel) Pay(
	ctx context.Context, card pcsc.Card, host Host, p Purchase,
) (outcome.Outcome, error) {
	if p.Amount > emv.MaxN12 || p.Cashback > emv.MaxN12-p.Amount {
		return outcome.Outcome{}, fmt.Errorf("%w: an amount of more than 12 digits", ErrConfig)
	}
	counter := pcsc.NewCounter(card)
	t := &transaction{
		Kernel: k, Purchase: p, counter: counter, host: host, now: k.config.Now(),
		card: pcsc.NewSessionWith(counter, pcsc.Options{MaxAnswer: maxAnswer}),
	}
	if _, err := io.ReadFull(k.config.Rand, t.terminal.un[:]); err != nil {
		return outcome.Outcome{}, fmt.Errorf("drawing the unpredictable number: %w", err)
	}
	t.out.Time, t.out.UN = t.now, t.terminal.un
	t.out.Amount, t.out.Currency = p.Amount+p.Cashback, k.config.Terminal.Currency
	t.say()
	err := t.run(ctx)
	t.finish(err)
	return t.out, err
}

// maxAnswer is the most data that an answer may have, also one that comes in pieces (EMV 4.3
// Book 1, 9.4), in bytes.
const maxAnswer = 256

// transaction is the state of one payment.
type transaction struct {
	*Kernel
	Purchase
	counter *pcsc.Counter
	card    *pcsc.Session
	host    Host
	now     time.Time

	terminal    said             // what the terminal says
	application *Application     // of the terminal, that was selected
	objects     carddata.Objects // what the card has said
	data        carddata.Data    // and what was read of it
	given       given            // values that the card got, for CDA
	auth        authentication
	fast        *outcome.Cryptogram // came with the processing options
	pinBlock    pinblock.Block      // for the issuer
	approved    bool                // by the issuer
	ended       bool
	out         outcome.Outcome
}

// run goes through the phases until the payment has come to an end.
func (t *transaction) run(ctx context.Context) error {
	for _, phase := range [...]struct {
		name string
		act  func(*transaction, context.Context) error
	}{
		{PhaseSelect, (*transaction).initiate},
		{PhaseRelay, (*transaction).resistRelay},
		{PhaseRecords, (*transaction).readRecords},
		{PhaseAuthenticate, (*transaction).authenticate},
		{PhaseRestrictions, (*transaction).restrict},
		{PhaseCardholder, (*transaction).verifyCardholder},
		{PhaseRisk, (*transaction).manageRisk},
		{PhaseAction, (*transaction).analyse},
		{PhaseFirst, (*transaction).firstCryptogram},
		{PhaseOnline, (*transaction).authorise},
		{PhaseIssuer, (*transaction).authenticateIssuer},
		{PhaseBefore, (*transaction).scriptsBefore},
		{PhaseSecond, (*transaction).secondCryptogram},
		{PhaseAfter, (*transaction).scriptsAfter},
	} {
		if err := t.step(ctx, phase.name, phase.act); err != nil {
			return err
		}
		if t.ended {
			return nil
		}
	}
	return nil
}

// step runs one phase and puts its name in front of its error.
func (t *transaction) step(
	ctx context.Context, name string, act func(*transaction, context.Context) error,
) error {
	err := t.observed(ctx, name, act)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// observed runs one phase and tells the observer, if there is one, what it cost.
func (t *transaction) observed(
	ctx context.Context, name string, act func(*transaction, context.Context) error,
) error {
	if t.Observe == nil {
		return act(t, ctx)
	}
	before, start := *t.counter, t.config.Now()
	err := act(t, ctx)
	t.Observe(Step{
		Name: name, Err: err, Duration: t.config.Now().Sub(start),
		APDUs:    t.counter.APDUs - before.APDUs,
		Sent:     t.counter.Sent - before.Sent,
		Received: t.counter.Received - before.Received,
	})
	return err
}

// finish fills in what an outcome has whatever has become of the payment.
func (t *transaction) finish(err error) {
	t.out.Objects = append(t.out.Objects, t.objects.All()...)
	if err != nil {
		t.out.Result = outcome.Unfinished
		if ended := new(outcome.TerminatedError); errors.As(err, &ended) {
			t.out.Why = ended.Reason
		}
	}
	t.out.Reversal = t.out.Reversal || t.approved && t.out.Result != outcome.Approved
}

// ask sends a command and returns data and status word, whatever it is.
func (t *transaction) ask(ctx context.Context, c apdu.Command) (apdu.Response, error) {
	return entry.Ask(ctx, t.card, c)
}

// must sends a command whose only good answer is 9000 (EMV 4.3 Book 3, 6.3.5).
func (t *transaction) must(
	ctx context.Context, where, name string, c apdu.Command,
) ([]byte, error) {
	response, err := t.ask(ctx, c)
	if err != nil {
		return nil, err
	}
	if !entry.Normal(response) {
		return nil, outcome.Terminated(where, name+" was refused", c.Refused(response.SW))
	}
	return response.Data, nil
}

// end ends the payment with a result and the reason for it.
func (t *transaction) end(r outcome.Result, where, text string) {
	t.ended, t.out.Result, t.out.Why = true, r, outcome.Reason{Text: text, Clause: where}
}
