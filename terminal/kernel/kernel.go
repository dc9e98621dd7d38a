package kernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/kernel/rules"
)

// TerminalType is an attended POS, online only, operated by a merchant (EMV 4.3 Book 4, annex A1,
// table 24).
const TerminalType byte = 0x21

// Config is what a terminal knows before any card comes.
type Config struct {
	Merchant [wire.MerchantLen]byte // 9F16, ans 15: who is paid
	Country  [2]byte                // 9F1A, n3: where, ISO 3166-1
	// CA is the key that certifies the TSM's epoch keys; EpochKeys are the certificates that the
	// terminal holds.
	CA        message.PublicKey
	EpochKeys []message.Certificate
	// MerchantKey is how the merchant authenticates to a card that asks for it; nil: not at all.
	MerchantKey *MerchantKey
	// Relay is what the terminal does against relays. The zero value requires that each card takes
	// part.
	Relay relay.Policy
	// AIDs are the applications that the terminal knows; empty stands for wire.AIDPayment.
	AIDs []wire.AID
	Now  func() time.Time
	Rand io.Reader // for unpredictable numbers
}

// ErrConfig means that a kernel can't work as it was configured.
var ErrConfig = errors.New("terminal isn't configured")

// Kernel carries out payments.
type Kernel struct{ config Config }

// New checks a configuration and returns a kernel. Each epoch key's certificate must be one of its
// type, signed by the CA; whether it has expired is asked at each payment.
func New(c Config) (*Kernel, error) {
	if c.Now == nil || c.Rand == nil || len(c.EpochKeys) == 0 {
		return nil, fmt.Errorf("%w: it needs a clock, randomness and an epoch key", ErrConfig)
	}
	for _, cert := range c.EpochKeys {
		if err := cert.Check(wire.CertTSMEpoch, c.CA, 0); err != nil {
			return nil, fmt.Errorf("%w: epoch key: %w", ErrConfig, err)
		}
	}
	if len(c.AIDs) == 0 {
		c.AIDs = []wire.AID{wire.AIDPayment}
	}
	return &Kernel{config: c}, nil
}

// Purchase is one payment to be made.
type Purchase struct {
	Amount money.Amount
	// Observe, if set, is told each step when it has ended.
	Observe func(Step)
}

// transaction is the state of one payment.
type transaction struct {
	*Kernel
	Purchase
	counter  *pcsc.Counter
	card     *pcsc.Session
	host     Host
	now      time.Time
	terminal emv.CDOL1Data      // what the terminal says
	extra    map[tlv.Tag][]byte // and what else, where it is asked for
	data     cardData           // what the card said
	out      Outcome
}

// Pay takes a purchase from a card that has just been connected. See the package for errors. The
// card stays connected.
func (k *Kernel) Pay(
	ctx context.Context, card pcsc.Card, host Host, p Purchase,
) (Outcome, error) {
	counter := pcsc.NewCounter(card)
	t := &transaction{
		Kernel: k, Purchase: p, counter: counter, card: pcsc.NewSession(counter), host: host,
		now: k.config.Now(),
	}
	if !p.Amount.Currency().Known() || p.Amount.IsZero() {
		return Outcome{}, fmt.Errorf("%w: no amount", ErrConfig)
	}
	t.terminal = emv.CDOL1Data{
		Amount: [wire.AmountLen]byte(p.Amount.AppendN12(nil)), Country: k.config.Country,
		Currency: p.Amount.Currency().N3(), Date: emv.Date(t.now),
		TerminalType: TerminalType, Merchant: k.config.Merchant,
	}
	(*rules.TVR)(&t.terminal.TVR).Set(rules.NoAuthentication)
	if _, err := io.ReadFull(k.config.Rand, t.terminal.UN[:]); err != nil {
		return Outcome{}, fmt.Errorf("drawing the unpredictable number: %w", err)
	}
	err := t.run(ctx)
	t.out.Time = t.now
	if err != nil {
		t.out.Result = Unfinished
	}
	return t.out, err
}

// run goes through the flow until the payment has come to an end.
func (t *transaction) run(ctx context.Context) error {
	for _, act := range []func(context.Context) error{
		t.selectApplication, t.processingOptions, t.exchangeRelay, t.authenticateMerchant,
		t.readRecords, t.authenticate, t.requestCryptogram, t.authorise,
	} {
		if err := act(ctx); err != nil {
			return err
		}
		if t.out.Result != Unfinished {
			return nil
		}
	}
	return nil
}
