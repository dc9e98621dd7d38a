package shop_test

import (
	"errors"
	"slices"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/terminal/claims"
	"tapbench/terminal/claims/claimstest"
	"tapbench/terminal/kernel"
	"tapbench/terminal/offline"
	"tapbench/terminal/settle"
	"tapbench/terminal/shop"
)

// list is a deny list that denies nothing.
type list struct{}

func (list) Usable(uint32) error        { return nil }
func (list) Contains(message.Hash) bool { return false }

// offlineWith has a shop take payments by token. Its journal holds a claim that got no receipt.
func offlineWith(t *testing.T, mode terminal.OfflineMode) func(*terminal.Config) {
	t.Helper()
	return func(c *terminal.Config) {
		taken, err := claims.Open(claimstest.New(), claims.Identity{Merchant: "M", Terminal: "POS1"})
		if err != nil {
			t.Fatal(err)
		}
		claim := message.Encode(wire.MsgSpendClaim, message.SpendClaim{Spend: message.Spend{
			To: 25, Amount: [wire.AmountLen]byte{4: 1, 5: 0x25}, Currency: money.EUR.N3(),
			Time: kernel.Seconds(noon()),
		}})
		key, _, err := settle.Key(claim)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := taken.Append(key, claim); err != nil {
			t.Fatal(err)
		}
		c.MerchantKey = new(kernel.MerchantKey)
		c.Offline = &terminal.Offline{
			Mode: mode, Floor: money.Must("EUR:50.00"), Verifier: new(offline.Verifier), Denied: list{},
			Seen: new(offline.Table), Claims: taken,
		}
	}
}

// TestOfflineShows: what an earlier run took without a receipt is shown once, and a TSM that is
// away ends no payment before the tap.
func TestOfflineShows(t *testing.T) {
	for _, mode := range []terminal.OfflineMode{terminal.OfflineOnly, terminal.OfflineAuto} {
		s := openWith(t, offlineWith(t, mode))
		s.card, s.line = nil, acquirer.ErrUnreachable
		for range 2 {
			if _, err := s.Turn(t.Context(), pay()); !errors.Is(err, pcsc.ErrNoCard) {
				t.Errorf("%s: got %v", mode, err)
			}
		}
		want := []shop.Kind{shop.Recovered, shop.Tap, shop.Failed, shop.Tap, shop.Failed}
		if !slices.Equal(s.shown, want) {
			t.Errorf("%s: shown %v, want %v", mode, s.shown, want)
		}
		if asked := len(s.asked); (asked == 0) != (mode == terminal.OfflineOnly) {
			t.Errorf("%s: the TSM was asked %d times", mode, asked)
		}
	}
}
