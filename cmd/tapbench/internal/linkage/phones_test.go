package linkage_test

import (
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/cmd/tapbench/internal/linkage"
	"tapbench/pcsc"
	"tapbench/pcsc/tlv"
	"tapbench/terminal"
	"tapbench/terminal/journal"
	"tapbench/terminal/terminaltest"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// price is what each tap pays, by both users: what they buy is theirs to choose, and no card's
// doing.
const price = "EUR:0.20"

// TestDistinguisher pays 200 times with the phones of two users, in an order of fair coins, at one
// terminal, and has the merchant guess. With one-show cards he guesses no better than by chance;
// with one card until expiry he knows.
//
// Each guesser fails by chance with a probability below 1e-7 (see [linkage.Limit]), all of them
// with one below 1e-6. The coins are thrown anew in each run: the bound rests on them.
func TestDistinguisher(t *testing.T) {
	limit := linkage.Limit(guessed, chance)
	t.Run("one-show cards", func(t *testing.T) {
		for _, s := range play(t, newPhones(t, wire.CardOneShow)) {
			t.Logf("%-20s %3d of %d", s.Guesser, s.Right, s.Of)
			if s.Right > limit {
				t.Errorf("%s links taps: %d of %d right, chance exceeds %d once in 10^7", s.Guesser,
					s.Right, s.Of, limit)
			}
		}
	})
	t.Run("one card until expiry", func(t *testing.T) {
		best := linkage.Score{}
		for _, s := range play(t, newPhones(t, wire.CardUntilExpiry)) {
			t.Logf("%-20s %3d of %d", s.Guesser, s.Right, s.Of)
			if s.Right > best.Right {
				best = s
			}
		}
		if best.Right <= guessed*99/100 {
			t.Errorf("%s is the best, %d of %d right: the taps don't show enough", best.Guesser,
				best.Right, best.Of)
		}
	})
}

// crowd is two users at one terminal.
type crowd struct {
	pos *terminal.POS
	eye *eye
	// hold has a user hold his phone to the reader.
	hold func(t *testing.T, user int) pcsc.Card
	next pcsc.Card
}

// play has the users pay, and the merchant guess.
func play(t *testing.T, c *crowd) []linkage.Score {
	t.Helper()
	var seed [32]byte
	if _, err := rand.Read(seed[:]); err != nil {
		t.Fatal(err)
	}
	users := coins(mathrand.New(mathrand.NewChaCha8(seed)))
	var seen []linkage.Tap
	for _, user := range users {
		c.eye.tap = nil
		c.next = &watched{c.hold(t, user), c.eye}
		check(t, c.next.Reset(t.Context())) // it enters the field
		receipt, err := c.pos.Pay(t.Context(), money.Must(price))
		if err != nil || !receipt.Approved() {
			t.Fatalf("a payment of user %d: %+v, %v", user, receipt, err)
		}
		seen = append(seen, c.eye.tap)
	}
	return linkage.Judge(seen, users)
}

// newCrowd puts a terminal in front of two users.
func newCrowd(t *testing.T, s *wallettest.System) *crowd {
	t.Helper()
	c := &crowd{eye: &eye{Decider: s.TSM}}
	j, err := journal.Open(&terminaltest.Disk{})
	check(t, err)
	merchant, err := acquirer.NewMerchant("MRC00001-SHOP")
	check(t, err)
	name, err := acquirer.NewTerminal("POS00001")
	check(t, err)
	c.pos, err = terminal.Open(terminal.Config{
		Merchant: merchant, Terminal: name, Country: [2]byte{0x02, 0x76}, CA: s.TSM.CAKey,
		EpochKeys: []message.Certificate{s.TSM.Epoch}, Acquirer: c.eye, Journal: j,
		Archive: &terminaltest.Archive{}, Now: s.Now, Rand: rand.Reader,
		Cards: terminal.CardSourceFunc(func(context.Context) (pcsc.Card, error) { return c.next, nil }),
	})
	check(t, err)
	return c
}

// newPhones registers two users' phones with one bank and one TSM. A phone gets new cards whenever
// it has none: of one-show cards the one eight at a time, the other three.
func newPhones(t *testing.T, kind wire.CardKind) *crowd {
	t.Helper()
	first := wallettest.New(t)
	first.TSM.Cards = []wire.CardKind{kind}
	phones := []*wallettest.System{first, first.Another(t)}
	wallets, ready := make([]*wallet.Wallet, 2), make([]int, 2)
	for i, s := range phones {
		wallets[i] = s.NewWallet(t)
		check(t, wallets[i].Open(t.Context(), wallet.OpenOptions{
			Release: s.Release(), Bank: s.BankFor(message.PartyID{}),
			User: message.NewUserID(fmt.Sprintf("user-%d", i)), Deposit: 20000, Limit: 10000,
		}))
		check(t, wallets[i].Register(t.Context(), wallet.RegisterOptions{TSM: s.TSMServer()}))
		check(t, wallets[i].UseCards(kind))
	}
	c := newCrowd(t, first)
	amount := money.Must(price)
	c.hold = func(t *testing.T, user int) pcsc.Card {
		t.Helper()
		s, w := phones[user], wallets[user]
		if ready[user] == 0 {
			n, err := w.Refill(t.Context(), s.TSMServer(), []int{wire.CardSlots, 3}[user])
			check(t, err)
			ready[user] = n
			if kind == wire.CardUntilExpiry {
				ready[user] = taps
			}
		}
		ready[user]--
		check(t, w.Arm(t.Context(), [wire.AmountLen]byte(amount.AppendN12(nil)), amount.Currency().N3()))
		return pcsc.NewDirect(s.Card)
	}
	return c
}

// eye sees a tap as the merchant does: the card's answers, and the TSM's.
type eye struct {
	acquirer.Decider
	tap linkage.Tap
}

func (e *eye) see(name string, value []byte) {
	e.tap = append(e.tap, linkage.Field{Name: name, Value: value})
}

// Authorise passes a request on and looks at the answer.
func (e *eye) Authorise(
	ctx context.Context, q acquirer.AuthorisationRequest,
) (acquirer.AuthorisationResponse, error) {
	q.Party = message.NewPartyID("MRC00001") // as the TSM takes it from TLS
	a, err := e.Decider.Authorise(ctx, q)
	e.see("0110 39", []byte(a.Code))
	e.see("0110 37", []byte(a.RRN))
	e.see("0110 38", []byte(a.Approval))
	if a.IssuerAuth != nil {
		e.see("0110 55", a.IssuerAuth[:])
	}
	return a, err
}

// Advise passes an advice on.
func (e *eye) Advise(
	ctx context.Context, q acquirer.AdviceRequest,
) (acquirer.AdviceResponse, error) {
	q.Party = message.NewPartyID("MRC00001")
	return e.Decider.Advise(ctx, q)
}

// watched is a card whose answers are seen.
type watched struct {
	pcsc.Card
	eye *eye
}

// Close leaves the phone on: its wallet goes on with the element.
func (w *watched) Close() error { return nil }

// Transmit passes a command on and looks at the answer: as a whole, its status word, and each data
// object in it.
func (w *watched) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := w.Card.Transmit(ctx, command)
	if err != nil || len(answer) < 2 {
		return answer, err
	}
	name, body := fmt.Sprintf("%X", command[1:4]), answer[:len(answer)-2]
	w.eye.see("ATR", w.ATR())
	w.eye.see(name+" SW", append([]byte(nil), answer[len(body):]...))
	w.eye.see(name, append([]byte(nil), body...))
	_ = tlv.Walk(body, func(e tlv.Element, _ int) error { // what isn't TLV was seen as a whole
		w.eye.see(name+" "+e.Tag.String(), append([]byte(nil), e.Value...))
		return nil
	})
	return answer, nil
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
