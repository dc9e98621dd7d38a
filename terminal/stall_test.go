package terminal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tapbench/applet/message"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal"
	"tapbench/terminal/claims"
	"tapbench/terminal/claims/claimstest"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
	"tapbench/terminal/offline"
	"tapbench/terminal/settle"
	"tapbench/terminal/terminaltest"
)

// list is a deny list that denies nothing.
type list struct{ unusable error }

func (l list) Usable(uint32) error      { return l.unusable }
func (list) Contains(message.Hash) bool { return false }

// stall is a point of sale without a network, all that it keeps, and a card with tokens.
type stall struct {
	purse  *terminaltest.Purse
	issuer *terminaltest.Issuer // whom it asks for payments online
	mode   terminal.OfflineMode
	echo   error // what the TSM says when it is asked whether it is there
	echoes int
	list   list
	away   int  // after so many taps no more cards come; 0: always
	reuse  bool // it takes further units of a token

	claims *claimstest.Disk
	disk   *terminaltest.Disk
	kept   *terminaltest.Archive
	log    bytes.Buffer
	taps   int
	tap    *pcsc.Direct // the latest one
}

func newStall(t testing.TB) *stall {
	t.Helper()
	disk := new(terminaltest.Disk)
	return &stall{
		purse: terminaltest.NewPurse(t), mode: terminal.OfflineOnly, claims: claimstest.New(),
		issuer: terminaltest.NewIssuer(t, noon), disk: disk,
		kept: &terminaltest.Archive{Disk: disk},
	}
}

// open starts the terminal, as after a power cut.
func (s *stall) open(t testing.TB) *terminal.POS {
	t.Helper()
	pos, err := terminal.Open(s.config(t))
	if err != nil {
		t.Fatal(err)
	}
	return pos
}

func (s *stall) config(t testing.TB) terminal.Config {
	t.Helper()
	p := s.purse
	name, err := acquirer.NewTerminal("POS1")
	must(t, err)
	merchant, err := acquirer.NewMerchant(string(p.Merchant[:]))
	must(t, err)
	taken, err := claims.Open(s.claims, claims.Identity{
		Merchant: merchant.String(), Terminal: name.String(),
	})
	must(t, err)
	j, err := journal.Open(s.disk)
	must(t, err)
	issuer, err := offline.NewIssuer(p.TSM, p.TSMKey)
	must(t, err)
	seen := new(offline.Table)
	verifier, err := offline.New(offline.Config{
		Issuers: []offline.Issuer{issuer}, Merchant: p.Merchant, Certificate: p.Certificate.Sum(),
		Seen: seen, Denied: s.list, Reuse: s.reuse,
	})
	must(t, err)
	return terminal.Config{
		Merchant: merchant, Terminal: name, Country: [2]byte{0x02, 0x76}, CA: p.CA,
		EpochKeys: []message.Certificate{p.Epoch}, Acquirer: s.issuer, Journal: j, Archive: s.kept,
		Manage: func(context.Context, acquirer.Key, acquirer.Network) error {
			s.echoes++
			return s.echo
		},
		Cards: terminal.CardSourceFunc(s.card), Now: func() time.Time { return p.Now },
		Rand: rand.Reader, Log: zerolog.New(&s.log),
		MerchantKey: &kernel.MerchantKey{Key: p.Key, Certificate: p.Certificate},
		Offline: &terminal.Offline{
			Mode: s.mode, Floor: money.Must("EUR:20.00"), Verifier: verifier, Denied: s.list, Seen: seen,
			Claims: taken,
		},
	}
}

func (s *stall) card(ctx context.Context) (pcsc.Card, error) {
	if s.taps++; s.away > 0 && s.taps > s.away || ctx.Err() != nil {
		return nil, &pcsc.Error{Op: "waiting for a card", Err: pcsc.ErrNoCard}
	}
	s.tap = pcsc.NewDirect(s.purse)
	return s.tap, nil
}

// claimed returns the highest unit of each account in the journal.
func (s *stall) claimed(t testing.TB) map[message.Hash]uint8 {
	t.Helper()
	j, err := claims.Read(s.claims)
	must(t, err)
	to := map[message.Hash]uint8{}
	for r, err := range j.Claims() {
		must(t, err)
		_, account, err := settle.Key(r.Payload)
		must(t, err)
		spend, meter, err := settle.Parse(r.Payload)
		must(t, err)
		if spend != nil {
			to[account] = spend.Spend.To
		} else {
			to[account] = max(to[account], meter.To)
		}
	}
	return to
}

// tear takes the card away at commands, counted from 0: before it gets one, or before its answer
// arrives.
func (s *stall) tear(before bool, at ...int) {
	torn := func(n int) bool {
		for _, i := range at {
			if n == i {
				return true
			}
		}
		return false
	}
	if before {
		s.purse.Before = torn
		return
	}
	s.purse.Answer = func(n int, _ apdu.Command, answer []byte) []byte {
		if torn(n) {
			return nil
		}
		return answer
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
