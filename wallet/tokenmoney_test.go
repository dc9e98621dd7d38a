package wallet_test

import (
	"path/filepath"
	"testing"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/backend/acquirer"
	"tapbench/backend/api"
	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/backend/settlement"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
)

// withdraw has the element make a token and the TSM sign it.
func (s *shop) withdraw(t *testing.T, slot, unit byte) {
	t.Helper()
	ca, err := pki.OpenCA(filepath.Join(s.Dir, "pki", "ca"), nil)
	check(t, err)
	epoch, err := ca.IssueEpoch(message.EpochAt(s.Now()))
	check(t, err)
	account := s.wallet.State().TIDs[0]
	se := applet.NewClient(s.Session)
	check(t, se.PutEpoch(t.Context(), account.Slot, epoch))
	check(t, se.NewToken(t.Context(), slot, account.Slot, unit, 250))
	for left := 1; left > 0; {
		left, err = se.ExtendChain(t.Context(), slot)
		check(t, err)
	}
	request, err := se.TokenRequest(t.Context(), slot)
	check(t, err)
	answer, err := s.TSM.Token(t.Context(), api.TokenRequest{Run: account.Run, Request: request})
	check(t, err)
	check(t, se.PutToken(t.Context(), slot, answer.Token))
}

// giveUp has the element close a token and the TSM bring its units back.
func (s *shop) giveUp(t *testing.T, slot byte) (back uint64) {
	t.Helper()
	se := applet.NewClient(s.Session)
	at, sig, err := se.CloseToken(t.Context(), slot)
	check(t, err)
	shown, err := se.ShowToken(t.Context(), slot)
	check(t, err)
	id := shown.Token.ID()
	answer, err := s.TSM.CloseToken(t.Context(), api.TokenCloseRequest{
		Run: s.wallet.State().TIDs[0].Run, Token: id[:], At: at, Signature: sig[:],
	})
	check(t, err)
	return answer.Back
}

// TestTokensComeBack withdraws three tokens from an account of 50.00 into a real element, closes
// one and lets the others' grace pass: in the end all has gone back to the bank.
func TestTokensComeBack(t *testing.T) { onBothStores(t, testTokensComeBack) }

func testTokensComeBack(t *testing.T, shop *shop) {
	s := seasonOf(t, shop)
	for slot, unit := range []byte{5, 5, 1} {
		s.withdraw(t, byte(slot), unit)
	}
	tokens := func(want int64) {
		t.Helper()
		s.balanced(t)
		if got := accounts(t, s.TSMDB)["tokens"]; got != want {
			t.Errorf("tokens hold %d, want %d", got, want)
		}
	}
	tokens(1250 + 1250 + 250)
	if back := s.giveUp(t, 1); back != 1250 {
		t.Errorf("%d have come back", back)
	}
	tokens(1250 + 250)
	s.now = (message.EpochAt(s.start) + 2).End()
	if done := s.settle(t); done.Reclaimed.Tokens != 3 || done.Reclaimed.Total.Minor() != 1500 {
		t.Errorf("reclaimed %+v", done.Reclaimed)
	}
	tokens(0)
	s.now = settlement.ReturnsAt(message.Epoch(s.wallet.State().TIDs[0].Expiry))
	s.settle(t)
	if got := accounts(t, s.BankDB)["customer/alice"]; got != 20000 {
		t.Errorf("alice has %d", got)
	}
}

// TestFrozenAccount freezes an account that has paid: its cards are declined, what it has paid can
// be taken back, and what is left goes back with its epoch.
func TestFrozenAccount(t *testing.T) {
	s := newSeason(t)
	s.withdraw(t, 0, 5)
	paid := s.tap(t, money.Must("EUR:10.00"))
	s.authorise(t, paid, acquirer.CodeApproved)
	check(t, s.TSMDB.Tx(t.Context(), func(tx store.Tx) error {
		accounts, err := tsm.Accounts(t.Context(), tx)
		check(t, err)
		return tsm.Freeze(t.Context(), tx, accounts[0].ID, []byte("proof"))
	}))
	s.authorise(t, s.tap(t, money.Must("EUR:1.00")), acquirer.CodeDoNotHonour)
	answer, err := s.TSM.Reverse(t.Context(), acquirer.ReversalRequest{
		Key: s.key(), Original: paid.Key, Amount: paid.Amount,
	})
	if err != nil || !answer.Code.Approved() {
		t.Errorf("taking back: %v, %v", answer.Code, err)
	}
	s.now = settlement.ReturnsAt(message.Epoch(s.wallet.State().TIDs[0].Expiry))
	s.settle(t)
	if got := accounts(t, s.BankDB)["customer/alice"]; got != 20000 {
		t.Errorf("alice has %d", got)
	}
}
