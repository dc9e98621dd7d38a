package wallet_test

import (
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/store"
	"tapbench/backend/store/postgrestest"
	"tapbench/pcsc/apdu"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// These tests ask the TSM to authorise what a real element has answered to a terminal. They stand
// here because the element needs a wallet to be filled.

const merchantID = "MRC00001"

// shop is a registered phone and the terminal in front of it.
type shop struct {
	*wallettest.System
	wallet *wallet.Wallet
	stan   uint32
	first  *acquirer.AuthorisationRequest
	// records are those of the last tap's card.
	records emv.ObjectList
}

func newShop(t *testing.T) *shop {
	t.Helper()
	return openShop(t, wallettest.New(t))
}

func openShop(t *testing.T, system *wallettest.System) *shop {
	t.Helper()
	s := &shop{System: system}
	s.wallet = s.NewWallet(t)
	err := s.wallet.Open(t.Context(), wallet.OpenOptions{
		Release: s.Release(),
		Bank:    s.BankFor(message.PartyID{}), User: message.NewUserID("alice"), Deposit: 20000,
		Limit: 5000,
	})
	check(t, err)
	check(t, s.wallet.Register(t.Context(), wallet.RegisterOptions{TSM: s.TSMServer()}))
	_, err = s.wallet.Refill(t.Context(), s.TSMServer(), wire.CardSlots)
	check(t, err)
	return s
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// onBothStores runs a test of what the TSM books with each kind of store.
func onBothStores(t *testing.T, run func(*testing.T, *shop)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { run(t, newShop(t)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		server, places := postgrestest.Start(t), map[string]string{}
		system := wallettest.NewAt(t, func(role string) string {
			if places[role] == "" { // a party that starts again finds its own
				places[role] = server.Place(t)
			}
			return places[role]
		})
		run(t, openShop(t, system))
	})
}

// send sends one command of a tap.
func (s *shop) send(t *testing.T, c apdu.Command) []byte {
	t.Helper()
	c.Ne = 256
	r, err := s.Session.Exchange(t.Context(), c)
	check(t, err)
	return r.Data
}

// tap arms the element and taps it: what comes back is the authorisation that a terminal would
// send.
func (s *shop) tap(t *testing.T, amount money.Amount) acquirer.AuthorisationRequest {
	t.Helper()
	n12 := [wire.AmountLen]byte(amount.AppendN12(nil))
	check(t, s.wallet.Arm(t.Context(), n12, amount.Currency().N3()))
	s.stan++
	terminal := emv.CDOL1Data{
		Amount: n12, Country: [2]byte{0x02, 0x76}, Currency: amount.Currency().N3(),
		Date: emv.Date(s.Now()), TerminalType: 0x21, UN: [wire.UNLen]byte{1, 2, 3, byte(s.stan)},
		Merchant: [wire.MerchantLen]byte([]byte(merchantID + "-SHOP  ")),
	}
	pdol := emv.PDOLData{
		Amount: n12, Currency: terminal.Currency, Date: terminal.Date, UN: terminal.UN,
		Merchant: terminal.Merchant,
	}
	s.send(t, apdu.Command{INS: 0xA4, P1: 4, Data: []byte(wire.AIDPayment)})
	options, err := emv.ParseProcessingOptions(s.send(t, apdu.Command{
		CLA: 0x80, INS: 0xA8, Data: append([]byte{0x83, emv.PDOLDataLen}, pdol.Encode()...),
	}))
	check(t, err)
	var objects emv.ObjectList
	for i := byte(1); i <= 3; i++ {
		record, err := emv.ParseRecord(s.send(t, apdu.Command{INS: 0xB2, P1: i, P2: 0x0C}))
		check(t, err)
		check(t, objects.Add(record))
	}
	s.records = objects
	raw, err := objects.Find(emv.TagPAN)
	check(t, err)
	pan, err := emv.ParsePAN(raw)
	check(t, err)
	ac, err := emv.ParseACAnswer(s.send(t, apdu.Command{
		CLA: 0x80, INS: 0xAE, P1: 0x80, Data: terminal.Encode(),
	}))
	check(t, err)
	return acquirer.AuthorisationRequest{
		Key: s.key(), PAN: pan, Amount: amount, LocalTime: "120000",
		ICC: acquirer.ICC{
			AID: []byte(wire.AIDPayment), Sequence: 1, Terminal: terminal, AIP: options.AIP,
			ATC: ac.ATC, CID: ac.CID, ARQC: ac.AC, IAD: ac.IAD, Tap: *ac.Tap,
		},
	}
}

func (s *shop) key() acquirer.Key {
	return acquirer.Key{
		Party:    message.NewPartyID(merchantID),
		Merchant: acquirer.Merchant([]byte(merchantID + "-SHOP  ")),
		Terminal: acquirer.Terminal([]byte("TERM0001")), STAN: s.stan,
		Sent: acquirer.NewStamp(s.Now()),
	}
}

// authorise asks the TSM and checks the code; the books stay balanced whatever comes.
func (s *shop) authorise(
	t *testing.T, q acquirer.AuthorisationRequest, want acquirer.Code,
) acquirer.AuthorisationResponse {
	t.Helper()
	answer, err := s.TSM.Authorise(t.Context(), q)
	check(t, err)
	if answer.Code != want {
		t.Errorf("got %s, want %s", answer.Code, want)
	}
	check(t, s.TSMDB.View(t.Context(), func(tx store.Tx) error {
		return ledger.Audit(t.Context(), tx)
	}))
	return answer
}

// paid returns what the TSM owes to the merchant, in minor units.
func (s *shop) paid(t *testing.T) int64 {
	t.Helper()
	var minor int64
	check(t, s.TSMDB.View(t.Context(), func(tx store.Tx) error {
		accounts, err := tx.Accounts(t.Context())
		for _, a := range accounts {
			if a.ID == "merchant/"+merchantID {
				minor = a.Balance()
			}
		}
		return err
	}))
	return minor
}

// TestAuthoriseRefuses has a row for each check, in their order. What is refused books nothing.
func TestAuthoriseRefuses(t *testing.T) {
	s := newShop(t)
	amount := money.Must("EUR:12.50")
	for _, row := range []struct {
		name   string
		change func(q *acquirer.AuthorisationRequest)
		want   acquirer.Code
	}{
		{"unknown card", func(q *acquirer.AuthorisationRequest) {
			q.PAN, _ = emv.NewPAN()
		}, acquirer.CodeInvalidCard},
		{"no amount", func(q *acquirer.AuthorisationRequest) {
			q.Amount = money.Zero(money.EUR)
		}, acquirer.CodeInvalidAmount},
		{"above the card's limit", func(q *acquirer.AuthorisationRequest) {
			q.Amount = money.Must("EUR:50.01")
		}, acquirer.CodeExceedsLimit},
		{"another amount than the card's", func(q *acquirer.AuthorisationRequest) {
			q.ICC.Terminal.Amount[5]++
		}, acquirer.CodeSecurity},
		{"another merchant than the card's", func(q *acquirer.AuthorisationRequest) {
			q.ICC.Terminal.Merchant[0]++
		}, acquirer.CodeSecurity},
		{"cryptogram changed", func(q *acquirer.AuthorisationRequest) {
			q.ICC.ARQC[7] ^= 1
		}, acquirer.CodeSecurity},
		{"signature changed", func(q *acquirer.AuthorisationRequest) {
			q.ICC.Tap[3] ^= 1
		}, acquirer.CodeSecurity},
		{"an exchange that the card hasn't signed", func(q *acquirer.AuthorisationRequest) {
			q.ICC.Relay = message.Relay{Card: [wire.EntropyLen]byte{1}, Times: message.CardRelayTimes()}
		}, acquirer.CodeSecurity},
		{"hidden that the card takes part in it", func(q *acquirer.AuthorisationRequest) {
			q.ICC.AIP[1] &^= emv.AIPRelay
		}, acquirer.CodeSecurity},
		{"measured, where the card was told that it wasn't", func(q *acquirer.AuthorisationRequest) {
			q.ICC.Terminal.TVR[4] ^= 0x03
		}, acquirer.CodeSecurity},
		{"no ARQC", func(q *acquirer.AuthorisationRequest) { q.ICC.CID = 0x40 }, acquirer.CodeSecurity},
		{"another sequence number", func(q *acquirer.AuthorisationRequest) {
			q.ICC.Sequence = 2
		}, acquirer.CodeSecurity},
	} {
		t.Run(row.name, func(t *testing.T) {
			q := s.genuine(t, amount)
			row.change(&q)
			s.authorise(t, q, row.want)
			if paid := s.paid(t); paid != 0 {
				t.Errorf("the merchant got %d", paid)
			}
		})
	}
	t.Run("expired card", func(t *testing.T) {
		q := s.genuine(t, amount)
		s.Now = func() time.Time { return time.Now().Add(3 * message.EpochLength) }
		defer func() { s.Now = time.Now }()
		s.authorise(t, q, acquirer.CodeExpiredCard)
	})
}

// genuine taps once and gives the same genuine request, under a new key each time.
func (s *shop) genuine(t *testing.T, amount money.Amount) acquirer.AuthorisationRequest {
	t.Helper()
	if s.first == nil {
		q := s.tap(t, amount)
		s.first = &q
	}
	q := *s.first
	s.stan++
	q.Key = s.key()
	return q
}

// TestAuthoriseBooksOnce pays, repeats, reuses and reverses.
func TestAuthoriseBooksOnce(t *testing.T) { onBothStores(t, testAuthoriseBooksOnce) }

func testAuthoriseBooksOnce(t *testing.T, s *shop) {
	q := s.tap(t, money.Must("EUR:12.50"))
	first := s.authorise(t, q, acquirer.CodeApproved)
	again := s.authorise(t, q, acquirer.CodeApproved)
	if first.RRN != again.RRN || s.paid(t) != 1250 {
		t.Errorf("repeated: RRN %s and %s, merchant got %d", first.RRN, again.RRN, s.paid(t))
	}
	other := q
	other.Amount = money.Must("EUR:12.51")
	s.authorise(t, other, acquirer.CodeDuplicate)
	s.stan++
	spent := q
	spent.Key = s.key()
	s.authorise(t, spent, acquirer.CodeSecurity)

	reversal := acquirer.ReversalRequest{Key: s.key(), Original: q.Key, Amount: q.Amount}
	for range 2 {
		answer, err := s.TSM.Reverse(t.Context(), reversal)
		if err != nil || !answer.Code.Approved() || s.paid(t) != 0 {
			t.Errorf("reversal: %v, %v, merchant keeps %d", answer.Code, err, s.paid(t))
		}
	}
	wrong := acquirer.ReversalRequest{Key: s.key(), Original: q.Key, Amount: money.Must("EUR:1.00")}
	if answer, err := s.TSM.Reverse(t.Context(), wrong); err != nil ||
		answer.Code != acquirer.CodeInvalidTransaction {
		t.Errorf("reversal of another amount: %v, %v", answer.Code, err)
	}
}

// TestReversedBeforeItCame reverses an authorisation that is still on its way.
func TestReversedBeforeItCame(t *testing.T) { onBothStores(t, testReversedBeforeItCame) }

func testReversedBeforeItCame(t *testing.T, s *shop) {
	q := s.tap(t, money.Must("EUR:12.50"))
	answer, err := s.TSM.Reverse(t.Context(),
		acquirer.ReversalRequest{Key: s.key(), Original: q.Key, Amount: q.Amount})
	if err != nil || !answer.Code.Approved() {
		t.Fatalf("reversal: %v, %v", answer.Code, err)
	}
	s.authorise(t, q, acquirer.CodeDoNotHonour)
	if paid := s.paid(t); paid != 0 {
		t.Errorf("the merchant got %d", paid)
	}
}

// TestAccountIsTheLimit pays until the account, 50.00, doesn't cover the next payment.
func TestAccountIsTheLimit(t *testing.T) {
	s := newShop(t)
	amount := money.Must("EUR:20.00")
	s.authorise(t, s.tap(t, amount), acquirer.CodeApproved)
	s.authorise(t, s.tap(t, amount), acquirer.CodeApproved)
	s.authorise(t, s.tap(t, amount), acquirer.CodeInsufficientFunds)
	s.authorise(t, s.tap(t, money.Must("EUR:10.00")), acquirer.CodeApproved)
	if paid := s.paid(t); paid != 5000 {
		t.Errorf("the merchant got %d, want 5000", paid)
	}
}
