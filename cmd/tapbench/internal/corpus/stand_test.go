package corpus_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/rs/zerolog"

	"tapbench/applet/emulator"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/terminal/journal"
	"tapbench/terminal/terminaltest"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// stand is all parties. Scenarios follow each other on the same card.
type stand struct {
	wallettest.System
	tills *int // points of sale that there were: the TSM wants to see each number once
}

func newStand(t *testing.T) *stand {
	t.Helper()
	return &stand{*wallettest.New(t), new(int)}
}

// another returns the same stand with a new card and a new wallet.
func (s *stand) another(t *testing.T) *stand {
	t.Helper()
	other := *s
	var err error
	other.Card, err = emulator.New(emulator.Config{})
	check(t, err)
	other.Dir = t.TempDir()
	return &other
}

// record begins a recording of the stand's card; the wallet's session goes through it.
func (s *stand) record(t *testing.T, comments ...string) *recording {
	t.Helper()
	r := record(t, s.Card, comments...)
	s.Session = pcsc.NewSession(r)
	return r
}

// open opens an account with 200.00 EUR and asks for an ID that is good for 50.00.
func (s *stand) open(t *testing.T, user string) error {
	t.Helper()
	return s.NewWallet(t).Open(t.Context(), wallet.OpenOptions{
		Release: s.Release(),
		Bank:    s.BankFor(message.PartyID{}), User: message.NewUserID(user),
		Deposit: 20000, Limit: 5000,
	})
}

func (s *stand) register(t *testing.T) error {
	t.Helper()
	return s.NewWallet(t).Register(t.Context(), wallet.RegisterOptions{TSM: s.TSMServer()})
}

// refill asks for virtual cards until n are ready.
func (s *stand) refill(t *testing.T, n int) error {
	t.Helper()
	_, err := s.NewWallet(t).Refill(t.Context(), s.TSMServer(), n)
	return err
}

// arm arms the card for one tap.
func (s *stand) arm(t *testing.T, amount string) error {
	t.Helper()
	a := money.Must("EUR:" + amount)
	return s.NewWallet(t).Arm(t.Context(), [wire.AmountLen]byte(a.AppendN12(nil)), a.Currency().N3())
}

// unrecorded does something with the card that no file is to hold.
func (s *stand) unrecorded(t *testing.T, do func() error) {
	t.Helper()
	link := pcsc.NewDirect(s.Card)
	s.Session = pcsc.NewSession(link)
	check(t, do())
	check(t, link.Close())
	<-link.Done()
}

// ready has n virtual cards ready, and the card armed unless amount is empty.
func (s *stand) ready(t *testing.T, n int, amount string) {
	t.Helper()
	s.unrecorded(t, func() error {
		if err := s.NewWallet(t).Disarm(t.Context()); err != nil {
			return err
		}
		if err := s.refill(t, n); err != nil || amount == "" {
			return err
		}
		return s.arm(t, amount)
	})
}

// till is a point of sale in front of a card. Each draws the same unpredictable number for every
// payment, so that a payment can be asked for once more.
func (s *stand) till(
	t *testing.T, card pcsc.Card, shop string, change ...func(*terminal.Config),
) *terminal.POS {
	t.Helper()
	merchant, err := acquirer.NewMerchant(merchantID + shop)
	check(t, err)
	*s.tills++
	name, err := acquirer.NewTerminal(fmt.Sprintf("POS%05d", *s.tills))
	check(t, err)
	book, err := journal.Open(&terminaltest.Disk{})
	check(t, err)
	_, ca := s.Desk.CA()
	c := terminal.Config{
		Merchant: merchant, Terminal: name, Country: [2]byte{0x02, 0x76}, CA: ca,
		EpochKeys: []message.Certificate{s.TSM.Epoch}, Acquirer: merchantLine{s.TSM}, Journal: book,
		Archive: new(terminaltest.Archive),
		Cards:   terminal.CardSourceFunc(func(context.Context) (pcsc.Card, error) { return card, nil }),
		Now:     s.Now, Rand: bytes.NewReader(bytes.Repeat([]byte{0x1A, 0x2B, 0x3C, 0x4D}, 16)),
		Log: zerolog.Nop(),
	}
	for _, f := range change {
		f(&c)
	}
	pos, err := terminal.Open(c)
	check(t, err)
	return pos
}

// merchantID is the merchant's ID in the protocol.
const merchantID = "MRC00001"

// merchantLine is the connection to the TSM: it knows the merchant by its certificate.
type merchantLine struct{ acquirer.Decider }

// Authorise implements acquirer.Decider.
func (l merchantLine) Authorise(
	ctx context.Context, q acquirer.AuthorisationRequest,
) (acquirer.AuthorisationResponse, error) {
	q.Party = message.NewPartyID(merchantID)
	return l.Decider.Authorise(ctx, q)
}

// Reverse implements acquirer.Decider.
func (l merchantLine) Reverse(
	ctx context.Context, q acquirer.ReversalRequest,
) (acquirer.ReversalResponse, error) {
	q.Original.Party = message.NewPartyID(merchantID)
	return l.Decider.Reverse(ctx, q)
}
