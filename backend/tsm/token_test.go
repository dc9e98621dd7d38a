package tsm_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
)

func TestTokens(t *testing.T) {
	t.Parallel() // it waits for disks
	onBothStores(t, map[string]func(*testing.T, *tokenWorld){
		"withdrawn":               testTokenWithdrawn,
		"refused":                 testTokenRefused,
		"of one key":              testTokenOfOneKey,
		"closed":                  testTokenClosed,
		"close refused":           testTokenCloseRefused,
		"close contradicted":      testTokenCloseContradicted,
		"reclaimed":               testTokenReclaimed,
		"reclaimed before return": testReclaimedBeforeReturn,
		"frozen":                  testFrozen,
	})
}

func testTokenWithdrawn(t *testing.T, w *tokenWorld) {
	a := w.funded(t, 4)
	s := newSlot(t, 5, 250)
	got := a.withdraw(t, s)
	want := message.TokenFields{
		Version: message.TokenVersion, Issuer: w.ID, Epoch: w.epoch() + 1, Unit: 5, Length: 250,
		Key: s.Key.Public, Root: s.root,
		Policy: message.TokenPolicy{
			Currency: [wire.CurrencyLen]byte{0x09, 0x78}, PerTap: 5000, PerToken: 1250, Offline: 20000,
			Taps: 250, Grace: 1,
		},
	}
	if diff := cmp.Diff(want, got.Fields); diff != "" {
		t.Error(diff)
	}
	if left := a.left(t); left != 10000-1250 {
		t.Errorf("%d are left", left)
	}
	if held := w.balances(t)["tokens"]; held != 1250 {
		t.Errorf("tokens hold %d", held)
	}
	info, err := w.Info(t.Context(), struct{}{})
	check(t, err)
	offers := []api.TokenOffer{{Unit: 1, Length: 250}, {Unit: 5, Length: 250}, {Unit: 50, Length: 100}}
	if diff := cmp.Diff(offers, info.Tokens); diff != "" {
		t.Error(diff)
	}
	var accounts []tsm.Account
	check(t, w.db.View(t.Context(), func(tx store.Tx) error {
		accounts, err = tsm.Accounts(t.Context(), tx)
		return err
	}))
	if len(accounts) != 1 || accounts[0].Tokens != 1250 || accounts[0].Open != 1 || accounts[0].Frozen {
		t.Errorf("got %+v", accounts)
	}
}

func testTokenRefused(t *testing.T, w *tokenWorld) {
	other := w.funded(t, 4)
	taken := newSlot(t, 5, 250)
	other.withdraw(t, taken)
	for name, row := range map[string]struct {
		account func() *account
		ask     func(t *testing.T, a *account) api.TokenRequest
		want    api.Code
	}{
		"a run of another length": {ask: func(t *testing.T, a *account) api.TokenRequest {
			q := a.request(t, newSlot(t, 5, 250))
			q.Run = q.Run[1:]
			return q
		}, want: api.CodeMalformed},
		"an unknown run": {ask: func(t *testing.T, a *account) api.TokenRequest {
			q := a.request(t, newSlot(t, 5, 250))
			q.Run = make([]byte, wire.NonceLen)
			return q
		}, want: api.CodeUnknown},
		"another account's run": {ask: func(t *testing.T, a *account) api.TokenRequest {
			q := a.request(t, newSlot(t, 5, 250))
			q.Run = other.Run[:]
			return q
		}, want: api.CodeSignature},
		"a bit flipped": {ask: func(t *testing.T, a *account) api.TokenRequest {
			q := a.request(t, newSlot(t, 5, 250))
			q.Request[len(q.Request)/2] ^= 1
			return q
		}, want: api.CodeSignature},
		"a counter that was used": {ask: func(t *testing.T, a *account) api.TokenRequest {
			_, err := a.world.Token(t.Context(), a.request(t, newSlot(t, 1, 250)))
			check(t, err)
			a.sent = 0
			return a.request(t, newSlot(t, 5, 250))
		}, want: api.CodeSignature},
		"another type": {ask: func(t *testing.T, a *account) api.TokenRequest {
			return a.seal(wire.MsgCardRequest, a.body(t, newSlot(t, 5, 250)))
		}, want: api.CodeSignature},
		"a roll by another account": {ask: func(t *testing.T, a *account) api.TokenRequest {
			s := newSlot(t, 5, 250)
			m := a.body(t, s)
			m.Roll = other.body(t, s).Roll
			return a.seal(wire.MsgTokenRequest, m)
		}, want: api.CodeSignature},
		"a pop by another key": {ask: func(t *testing.T, a *account) api.TokenRequest {
			m := a.body(t, newSlot(t, 5, 250))
			m.Pop = m.Roll
			return a.seal(wire.MsgTokenRequest, m)
		}, want: api.CodeSignature},
		"another unit than was signed": {ask: func(t *testing.T, a *account) api.TokenRequest {
			m := a.body(t, newSlot(t, 5, 250))
			m.Unit = 50
			return a.seal(wire.MsgTokenRequest, m)
		}, want: api.CodeSignature},
		"a root that was taken": {ask: func(t *testing.T, a *account) api.TokenRequest {
			s := newSlot(t, 5, 250)
			s.root = taken.root
			return a.request(t, s)
		}, want: api.CodeMismatch},
		"another account's key": {ask: func(t *testing.T, a *account) api.TokenRequest {
			return a.request(t, taken)
		}, want: api.CodeMismatch},
		"a unit that isn't offered": {ask: func(t *testing.T, a *account) api.TokenRequest {
			return a.request(t, newSlot(t, 10, 250))
		}, want: api.CodePolicy},
		"an account that ends too soon": {
			account: func() *account { return w.funded(t, 1) },
			ask: func(t *testing.T, a *account) api.TokenRequest {
				return a.request(t, newSlot(t, 5, 250))
			}, want: api.CodeExpired,
		},
		"an account that has expired": {ask: func(t *testing.T, a *account) api.TokenRequest {
			a.change(t, `UPDATE runs SET expiry = expiry - 5 WHERE run = $1`)
			return a.request(t, newSlot(t, 5, 250))
		}, want: api.CodeExpired},
		"an account that was closed": {ask: func(t *testing.T, a *account) api.TokenRequest {
			a.change(t, `UPDATE runs SET state = 'closed' WHERE run = $1`)
			return a.request(t, newSlot(t, 5, 250))
		}, want: api.CodeState},
		"more than the balance": {ask: func(t *testing.T, a *account) api.TokenRequest {
			a.withdraw(t, newSlot(t, 50, 100))
			a.withdraw(t, newSlot(t, 50, 100))
			return a.request(t, newSlot(t, 1, 250))
		}, want: api.CodeLimit},
		"a frozen account": {ask: func(t *testing.T, a *account) api.TokenRequest {
			a.freeze(t)
			return a.request(t, newSlot(t, 5, 250))
		}, want: api.CodeFrozen},
	} {
		t.Run(name, func(t *testing.T) {
			open := row.account
			if open == nil {
				open = func() *account { return w.funded(t, 4) }
			}
			a := open()
			q := row.ask(t, a)
			before := w.balances(t)
			for range 2 { // a refusal isn't kept, and comes again
				if _, err := w.Token(t.Context(), q); !errors.Is(err, &api.Problem{Code: row.want}) {
					t.Errorf("got %v, want %s", err, row.want)
				}
			}
			if diff := cmp.Diff(before, w.balances(t)); diff != "" {
				t.Errorf("something moved:\n%s", diff)
			}
		})
	}
}

func testTokenOfOneKey(t *testing.T, w *tokenWorld) {
	a := w.funded(t, 4)
	s := newSlot(t, 50, 100)
	q := a.request(t, s)
	first, err := w.Token(t.Context(), q)
	check(t, err)
	token := a.open(t, q, first)
	again, err := w.Token(t.Context(), q)
	check(t, err)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the same request got another answer:\n%s", diff)
	}
	w.now = w.now.Add(message.EpochLength)
	q = a.request(t, s)
	later, err := w.Token(t.Context(), q)
	check(t, err)
	if diff := cmp.Diff(token, a.open(t, q, later)); diff != "" {
		t.Errorf("the same key got another token:\n%s", diff)
	}
	if left := a.left(t); left != 5000 {
		t.Errorf("%d are left", left)
	}
	for name, change := range map[string]func(s *slot){
		"another root": func(s *slot) { s.root[0]++ },
		"another unit": func(s *slot) { s.unit = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			changed := s
			change(&changed)
			_, err := w.Token(t.Context(), a.request(t, changed))
			if !errors.Is(err, &api.Problem{Code: api.CodeMismatch}) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("once it is closed", func(t *testing.T) {
		_, err := w.CloseToken(t.Context(), a.closing(t, s, token.ID(), 0))
		check(t, err)
		_, err = w.Token(t.Context(), a.request(t, s))
		if !errors.Is(err, &api.Problem{Code: api.CodeState}) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("once it is reclaimed", func(t *testing.T) {
		lost := newSlot(t, 1, 250)
		a := w.funded(t, 4)
		a.withdraw(t, lost)
		w.now = w.now.Add(3 * message.EpochLength)
		_, err := w.Reclaim(t.Context())
		check(t, err)
		_, err = w.Token(t.Context(), a.request(t, lost))
		if !errors.Is(err, &api.Problem{Code: api.CodeReclaimed}) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTokenOffersRefused(t *testing.T) {
	for name, offers := range map[string][]tsm.TokenOffer{
		"a class that elements don't know": {{Unit: 10, Length: 1}},
		"no unit":                          {{Unit: 1, Length: 0}},
		"more units than a chain has":      {{Unit: 1, Length: 251}},
		"a class twice":                    {{Unit: 1, Length: 1}, {Unit: 1, Length: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := tsm.New(t.Context(), tsm.Config{Tokens: offers}); err == nil {
				t.Error("accepted")
			}
		})
	}
}
