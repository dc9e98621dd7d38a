package wallet_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// tokenUser is a user with a TSM account of 100.00 and a batch of offline tokens.
func tokenUser(t *testing.T) (*wallettest.System, *wallet.Wallet) {
	t.Helper()
	s := wallettest.New(t)
	w := s.NewWallet(t)
	ctx := t.Context()
	must(t, w.Open(ctx, wallet.OpenOptions{
		Release: s.Release(), Bank: s.BankFor(message.PartyID{}), User: message.NewUserID("alice"),
		Deposit: 20000, Limit: 10000,
	}))
	must(t, w.Register(ctx, wallet.RegisterOptions{TSM: s.TSMServer()}))
	must(t, w.UseTokens(1))
	return s, w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRefillTokens(t *testing.T) {
	s, w := tokenUser(t)
	ctx := t.Context()
	n, err := w.RefillTokens(ctx, s.TSMServer())
	if err != nil || n != 2 { // 2.50 and 12.50; 50.00 more would be above half of the account
		t.Fatalf("got %d tokens, %v", n, err)
	}
	wantBalance(t, s.TSMDB, "tokens", 1500)
	if again, err := w.RefillTokens(ctx, s.TSMServer()); err != nil || again != 2 {
		t.Errorf("with all there: got %d tokens, %v", again, err)
	}
	wantBalance(t, s.TSMDB, "tokens", 1500)
	outlook, err := w.Outlook(ctx)
	must(t, err)
	if spent := outlook.Accounts[0].Spent; spent != 1500 {
		t.Errorf("the wallet's books say %d spent", spent)
	}
	if ready := outlook.ReadyTokens(); ready[1] != 1 || ready[5] != 1 {
		t.Errorf("ready: %v", ready)
	}
}

// TestAWithdrawalThatIsBrokenOffGoesOn: whichever answer is lost, the account pays once and the
// token is there in the end.
func TestAWithdrawalThatIsBrokenOffGoesOn(t *testing.T) {
	s, w := tokenUser(t)
	server := s.TSMServer()
	lost := errors.New("the line broke")
	times := 2
	server.Answer = func(path string, answer []byte) ([]byte, error) {
		if path == api.PathToken && times > 0 {
			times--
			return nil, lost
		}
		return answer, nil
	}
	for range 2 {
		if _, err := w.RefillTokens(t.Context(), server); !errors.Is(err, lost) {
			t.Fatalf("got %v", err)
		}
		wantBalance(t, s.TSMDB, "tokens", 250)
	}
	again := s.NewWallet(t) // another process
	if n, err := again.RefillTokens(t.Context(), server); err != nil || n != 2 {
		t.Fatalf("got %d tokens, %v", n, err)
	}
	wantBalance(t, s.TSMDB, "tokens", 1500)
}

func TestCloseToken(t *testing.T) {
	s, w := tokenUser(t)
	ctx := t.Context()
	if _, err := w.CloseToken(ctx, s.TSMServer(), 0); !errors.Is(err, wallet.ErrNoToken) {
		t.Errorf("an empty slot: %v", err)
	}
	_, err := w.RefillTokens(ctx, s.TSMServer())
	must(t, err)
	for range 2 { // it says so again
		back, err := w.CloseToken(ctx, s.TSMServer(), 1)
		if err != nil || back != 1250 {
			t.Fatalf("got %d back, %v", back, err)
		}
	}
	wantBalance(t, s.TSMDB, "tokens", 250)
	outlook, err := w.Outlook(ctx)
	must(t, err)
	if spent := outlook.Accounts[0].Spent; spent != 250 {
		t.Errorf("the wallet's books say %d spent", spent)
	}
	if outlook.Tokens[1].State != wire.TokenClosed {
		t.Errorf("the slot is in state %d", outlook.Tokens[1].State)
	}
	if n, err := w.RefillTokens(ctx, s.TSMServer()); err != nil || n != 2 {
		t.Errorf("afterwards: got %d tokens, %v", n, err)
	}
}

// TestATokenThatIsntInTheBooksIsFound: the wallet ended after the element had taken its tokens.
func TestATokenThatIsntInTheBooksIsFound(t *testing.T) {
	s, w := tokenUser(t)
	file := filepath.Join(s.Dir, "wallet", "wallet.json")
	before, err := os.ReadFile(file)
	must(t, err)
	_, err = w.RefillTokens(t.Context(), s.TSMServer())
	must(t, err)
	must(t, os.WriteFile(file, before, 0o600))
	again := s.NewWallet(t)
	for range 2 { // it is entered once
		outlook, err := again.Outlook(t.Context())
		must(t, err)
		if spent := outlook.Accounts[0].Spent; spent != 1500 {
			t.Errorf("the wallet's books say %d spent", spent)
		}
	}
}
