package linkage_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet"
	"tapbench/applet/emulator"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/money"
	"tapbench/backend/tsm"
	"tapbench/cmd/tapbench/internal/linkage"
	"tapbench/pcsc"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// fewer are the taps of the runs beside the first one.
const fewer = 100

// habit is how users and merchants do it in one run.
type habit struct {
	taps     int
	flags    wire.ArmFlags // of both users' armings
	reuse    bool          // at the merchants
	metering bool
	shops    int // how many merchants there are: the taps go round
	// tsm, if set, is what the TSM does differently before a user withdraws.
	tsm func(s *tsm.TSM, user int)
}

// TestOfflineDistinguisher pays 100 or 200 times with two users' offline tokens, in an order of
// fair coins, and has all merchants together guess: by all that the cards have answered, to taps
// and to what was asked before, by the cards' work, the claims, and what the TSM says of them. See
// TestDistinguisher for the statistics; all runs together fail by chance with less than 1e-5.
//
// The runs in which they know are controls, and measure what a user's choice reveals.
func TestOfflineDistinguisher(t *testing.T) {
	for name, c := range map[string]struct {
		habit
		knows string // the guesser that does, or empty: none
	}{
		"a token for each tap":             {habit{taps: taps, shops: 2}, ""},
		"the merchants prove who they are": {habit{taps: fewer, shops: 2, flags: wire.ArmMutual}, ""},
		"metering":                         {habit{taps: fewer, shops: 2, metering: true}, ""},
		"reused, each tap at another's": {
			habit{taps: fewer, shops: fewer, reuse: true, flags: wire.ArmReuse}, "",
		},
		"reused, two merchants": {
			habit{taps: fewer, shops: 2, reuse: true, flags: wire.ArmReuse}, "equal fields",
		},
		"tokens of one user's own policy": {
			habit{taps: fewer, shops: 2, tsm: func(s *tsm.TSM, user int) {
				s.TokenPolicy.Taps = 250 - uint8(user)
			}}, "equal fields",
		},
		"one user has run out of a class": {
			habit{taps: fewer, shops: 2, tsm: func(s *tsm.TSM, user int) {
				s.Tokens = tsm.DefaultTokens()[user:]
			}}, "equal fields",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit, won := linkage.Limit(c.taps-linkage.Warmup, chance), false
			for _, s := range playTokens(t, c.habit) {
				t.Logf("%-20s %3d of %d", s.Guesser, s.Right, s.Of)
				won = won || s.Guesser == c.knows && s.Right > limit
				if c.knows == "" && s.Right > limit {
					t.Errorf("%s links taps: %d of %d right, chance exceeds %d once in 10^7", s.Guesser,
						s.Right, s.Of, limit)
				}
			}
			if c.knows != "" && !won {
				t.Errorf("%s doesn't know: the taps don't show enough", c.knows)
			}
		})
	}
}

// TestMutualShowsNoMore pays once to a merchant who need not say who it is, and once to one who
// must: what both see differs in the card's challenge only, which is random, and comes first.
func TestMutualShowsNoMore(t *testing.T) {
	purses := newPurses(t)
	shown := func(flags wire.ArmFlags) (names []string) {
		h := habit{shops: 1, flags: flags}
		street := newStreet(t, purses[0].System, h)
		for _, f := range street.pay(t, purses[0], street.tills[0], h) {
			if f.Name != "ATR" {
				names = append(names, fmt.Sprintf("%s, %d bytes", f.Name, len(f.Value)))
			}
		}
		return names
	}
	fast, mutual := shown(0), shown(wire.ArmMutual)
	var more []string
	for _, name := range mutual {
		if i := slices.Index(fast, name); i >= 0 {
			fast = slices.Delete(fast, i, i+1)
			continue
		}
		more = append(more, name)
	}
	want := []string{
		"A80000, 31 bytes", "A80000 77, 29 bytes", "A80000 DF24, 16 bytes", "820000 SW, 2 bytes",
		"820000, 0 bytes",
	}
	if diff := cmp.Diff(want, more); diff != "" {
		t.Errorf("seen in mutual payments only, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"A80000, 12 bytes", "A80000 77, 10 bytes"}, fast); diff != "" {
		t.Errorf("seen in fast payments only, -want +got:\n%s", diff)
	}
}

// purse is a user's phone with offline tokens.
type purse struct {
	*wallettest.System
	wallet *wallet.Wallet
	user   int
	stock  int // tokens of a class after a withdrawal
	meter  emulator.Meter
}

// newPurses registers two users' phones with one bank and one TSM. The one withdraws one token of a
// class at a time, the other two.
func newPurses(t *testing.T) [2]*purse {
	t.Helper()
	first := wallettest.New(t)
	purses := [2]*purse{{System: first}, {System: first.Another(t)}}
	for i, p := range purses {
		p.wallet, p.user, p.stock = p.NewWallet(t), i, 1+i
		check(t, p.wallet.Open(t.Context(), wallet.OpenOptions{
			Release: p.Release(), Bank: p.BankFor(message.PartyID{}),
			User: message.NewUserID(fmt.Sprintf("user-%d", i)), Deposit: 20000, Limit: 10000,
		}))
		check(t, p.wallet.Register(t.Context(), wallet.RegisterOptions{TSM: p.TSMServer()}))
		check(t, p.wallet.UseTokens(p.stock))
		p.Card.SetMeter(&p.meter)
	}
	return purses
}

// tokens returns the element's tokens.
func (p *purse) tokens(t *testing.T) []applet.TokenStatus {
	t.Helper()
	_, err := p.wallet.Status(t.Context()) // which selects the application
	check(t, err)
	all, err := applet.NewClient(p.Session).Tokens(t.Context())
	check(t, err)
	return all
}

// hold has the user hold his phone to the reader: with tokens of each class, and armed.
func (p *purse) hold(t *testing.T, h habit) pcsc.Card {
	t.Helper()
	if h.tsm != nil {
		h.tsm(p.TSM, p.user)
	}
	p.tidy(t, h)
	ready := map[uint8]bool{}
	for _, k := range p.tokens(t) {
		ready[k.Unit] = ready[k.Unit] || k.State == wire.TokenReady
	}
	if !ready[1] && (h.tsm == nil || p.TSM.Tokens[0].Unit == 1) || !ready[5] {
		_, err := p.wallet.RefillTokens(t.Context(), p.TSMServer())
		check(t, err)
	}
	amount := money.Must(price)
	check(t, p.wallet.Arm(t.Context(), [wire.AmountLen]byte(amount.AppendN12(nil)),
		amount.Currency().N3(), h.flags))
	p.meter.Reset()
	return pcsc.NewDirect(p.Card)
}

// tidy closes tokens that were used: without reuse all, else those that pay no further tap, and the
// first of three.
func (p *purse) tidy(t *testing.T, h habit) {
	t.Helper()
	kept := 0
	for slot, k := range p.tokens(t) {
		if k.State != wire.TokenUsed {
			continue
		}
		if kept++; h.reuse && kept < 3 && k.Left() >= 20 {
			continue
		}
		_, err := p.wallet.CloseToken(t.Context(), p.TSMServer(), byte(slot))
		check(t, err)
	}
}
