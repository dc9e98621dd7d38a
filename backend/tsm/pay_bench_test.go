package tsm_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/acquirer/acquirertest"
	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/backend/store"
	"tapbench/backend/store/postgrestest"
	"tapbench/backend/tsm"
)

const (
	// terminals is how many terminals pay at once.
	terminals = 64
	// fewAccounts and manyAccounts are the sizes of a TSM.
	fewAccounts, manyAccounts = 10_000, 1_000_000
)

// BenchmarkPay lets terminals pay as fast as they can, in process. An operation is one payment:
// cryptogram and signature are checked, the money is booked, and all of it is on the disk. The
// baseline, in baseline_test.go, checks the same signature and writes as many rows in commits that
// are shared likewise.
func BenchmarkPay(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		s := newPayments(b, filepath.Join(b.TempDir(), "tsm.db"), fewAccounts)
		s.run(b, s.tsm)
	})
	b.Run("baseline", baselinePay)
}

// BenchmarkPayAccounts sets the cost of a payment with a million accounts beside that with ten
// thousand.
func BenchmarkPayAccounts(b *testing.B) {
	for _, size := range []struct {
		name     string
		accounts int
	}{{"ours", manyAccounts}, {"baseline", fewAccounts}} {
		s := newPayments(b, filepath.Join(b.TempDir(), "tsm.db"), size.accounts)
		b.Run(size.name, func(b *testing.B) { s.run(b, s.tsm) })
	}
}

// BenchmarkPayPostgres sets a payment whose store is PostgreSQL's beside one in a file.
func BenchmarkPayPostgres(b *testing.B) {
	server := postgrestest.Start(b)
	b.Run("ours", func(b *testing.B) {
		s := newPayments(b, server.Place(b), fewAccounts)
		s.run(b, s.tsm)
	})
	b.Run("baseline", func(b *testing.B) {
		s := newPayments(b, filepath.Join(b.TempDir(), "tsm.db"), fewAccounts)
		s.run(b, s.tsm)
	})
}

// BenchmarkPayTLS sets a payment over the merchants' line beside one in process. Each terminal
// keeps a connection of its own, with certificates on both sides and a sign-on.
func BenchmarkPayTLS(b *testing.B) {
	s := newPayments(b, filepath.Join(b.TempDir(), "tsm.db"), fewAccounts)
	lines := s.serve(b)
	b.Run("ours", func(b *testing.B) { s.run(b, lines...) })
	b.Run("baseline", func(b *testing.B) { s.run(b, s.tsm) })
}

// serve starts the merchants' face of the TSM and returns the terminals' clients.
func (s *payments) serve(b *testing.B) []acquirer.Decider {
	b.Helper()
	dir := b.TempDir()
	_, err := pki.Init(dir, pki.Config{Banks: 1})
	check(b, err)
	merchant, err := pki.OpenParty(filepath.Join(dir, "merchant"), nil)
	check(b, err)
	ours, err := pki.OpenParty(filepath.Join(dir, "tsm"), nil)
	check(b, err)
	s.party = merchant.ID
	address, _ := acquirertest.Serve(b, ours, s.tsm)
	config, err := merchant.ClientTLS(pki.RoleTSM, ours.ID)
	check(b, err)
	lines := make([]acquirer.Decider, terminals)
	for i := range lines {
		lines[i] = acquirer.NewClient(address, config)
	}
	return lines
}

// payments is a TSM with accounts, and the means to pay from them.
type payments struct {
	tsm      *tsm.TSM
	db       store.Store
	accounts int
	cards    int
	party    message.PartyID // of the merchant with its many terminals
	keys     []*ecdsa.PrivateKey
	public   []message.PublicKey
}

func newPayments(b *testing.B, path string, accounts int) *payments {
	b.Helper()
	s := &payments{accounts: accounts, party: message.NewPartyID("MRC00001")}
	var err error
	s.db, err = store.Open(b.Context(), store.Config{
		Path: path, Role: "tsm", Party: "TSM00001", Migrations: tsm.Migrations(),
	})
	check(b, err)
	b.Cleanup(func() { check(b, s.db.Close()) })
	s.tsm, err = tsm.New(b.Context(), tsm.Config{
		ID: message.NewPartyID("TSM00001"), CardLimit: money.Must("EUR:50.00"),
		Limits: []money.Amount{money.Must("EUR:100.00")}, DB: s.db, Now: time.Now,
	})
	check(b, err)
	for range 16 {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		check(b, err)
		public, err := message.NewPublicKey(&key.PublicKey)
		check(b, err)
		s.keys, s.public = append(s.keys, key), append(s.public, public)
	}
	s.open(b)
	return s
}

func check(b testing.TB, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// tid is the n-th account's ID: in order, so that they are quickly made.
func tid(n int) (id message.TID) {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
	copy(id[:], sum[:])
	binary.BigEndian.PutUint64(id[:], uint64(n)<<32)
	return id
}

// open makes the accounts, many a statement, each with all the money there can be.
func (s *payments) open(b *testing.B) {
	b.Helper()
	const many = 500
	for first := 0; first < s.accounts; first += 100 * many {
		err := s.db.Tx(b.Context(), func(tx store.Tx) error {
			for n := first; n < min(first+100*many, s.accounts); n += many {
				if err := openMany(b.Context(), tx, n, min(n+many, s.accounts)); err != nil {
					return err
				}
			}
			return nil
		})
		check(b, err)
	}
}

func openMany(ctx context.Context, tx store.Tx, from, to int) error {
	expiry := message.EpochAt(time.Now()) + 1
	runs, accounts := []any{[]byte{0}}, []any{}
	var runRows, accountRows []string
	for n := from; n < to; n++ {
		id := tid(n)
		runs, accounts = append(runs, id[:]), append(accounts, string(tsm.Prepaid(id)))
		runRows = append(runRows, fmt.Sprintf("($%d, '%s', 'BKA00001', $1, $1, $1, $%[1]d, %[3]d)",
			len(runs), tsm.StateActive, expiry))
		accountRows = append(accountRows,
			fmt.Sprintf("($%d, 'liability', 978, 0, 9007199254740992)", len(accounts)))
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO runs
		(run, state, bank, session, nonce_bank, nonce_tsm, tid, expiry) VALUES `+
		strings.Join(runRows, ","), runs...)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO ledger_account
		(id, kind, currency, overdraft, credits_posted) VALUES `+
		strings.Join(accountRows, ","), accounts...)
	return err
}

// prepare issues a card for each payment and taps it.
func (s *payments) prepare(b *testing.B, n int) []acquirer.AuthorisationRequest {
	b.Helper()
	requests := make([]acquirer.AuthorisationRequest, n)
	for first := 0; first < n; first += 1000 {
		err := s.db.Tx(b.Context(), func(tx store.Tx) error {
			for i := first; i < min(first+1000, n); i++ {
				id, put := s.card(b)
				key := s.public[s.cards%len(s.public)]
				if err := tsm.PutCard(b.Context(), tx, id, key, put, make([]byte, 300)); err != nil {
					return err
				}
				requests[i] = s.tap(b, put, i)
			}
			return nil
		})
		check(b, err)
	}
	return requests
}

// card makes a card of an account that is far from the last one's.
func (s *payments) card(b *testing.B) (message.TID, message.CardPut) {
	b.Helper()
	s.cards++
	n := s.cards
	pan, err := emv.NewPAN()
	check(b, err)
	return tid(n * 7919 % s.accounts), message.CardPut{
		PAN: pan, Sequence: 1, MasterKey: [wire.KeyLen]byte{byte(n), byte(n >> 8), byte(n >> 16)},
		Class: message.Class{
			Limit:    [wire.AmountLen]byte(money.Must("EUR:50.00").AppendN12(nil)),
			Currency: money.EUR.N3(), Expiry: message.EpochAt(time.Now()) + 1,
		},
	}
}

// tap is the authorisation that a terminal asks for with a card.
func (s *payments) tap(b *testing.B, put message.CardPut, i int) acquirer.AuthorisationRequest {
	b.Helper()
	merchant, err := acquirer.NewMerchant(s.party.String() + "SHOP01")
	check(b, err)
	terminal, err := acquirer.NewTerminal(fmt.Sprintf("POS%d", i%terminals))
	check(b, err)
	amount := money.Must("EUR:12.50")
	iad := emv.IAD(emv.CVRNone)
	q := acquirer.AuthorisationRequest{
		Key: acquirer.Key{
			Party: s.party, Merchant: merchant, Terminal: terminal, STAN: uint32(s.cards),
			Sent: acquirer.NewStamp(time.Now()),
		},
		PAN: put.PAN, Amount: amount, LocalTime: "133456",
		ICC: acquirer.ICC{
			AID: []byte(wire.AIDPayment), Sequence: 1,
			Terminal: emv.CDOL1Data{
				Amount: [6]byte(amount.AppendN12(nil)), Country: [2]byte{0x02, 0x76},
				Currency: amount.Currency().N3(), Date: emv.Date(time.Now()), TerminalType: 0x22,
				UN: [4]byte(binary.BigEndian.AppendUint32(nil, uint32(s.cards))), Merchant: merchant,
			},
			AIP: emv.AIP(), ATC: 1, CID: emv.CIDARQC, IAD: iad[:],
		},
	}
	q.ICC.ARQC = q.ICC.Cryptogram(put.MasterKey)
	key := s.keys[s.cards%len(s.keys)]
	q.ICC.Tap, err = message.Sign(key, q.ICC.TapMessage(q.PAN).Digest())
	check(b, err)
	return q
}

// run lets the terminals pay b.N times, each on a line of its own or all on one.
func (s *payments) run(b *testing.B, lines ...acquirer.Decider) {
	b.Helper()
	requests := s.prepare(b, b.N)
	check(b, s.db.View(b.Context(), func(tx store.Tx) error {
		_, err := tx.Account(b.Context(), tsm.Prepaid(tid(1)))
		return err
	}))
	m := startMeter(b)
	var all sync.WaitGroup
	for terminal := range terminals {
		all.Go(func() {
			for i := terminal; i < len(requests); i += terminals { // its own ones
				answer, err := lines[terminal%len(lines)].Authorise(b.Context(), requests[i])
				if err != nil || !answer.Code.Approved() {
					b.Errorf("payment %d: %v, %v", i, answer.Code, err)
					return
				}
			}
		})
	}
	all.Wait()
	m.report(b, b.N, "payments/s")
}
