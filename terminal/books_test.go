package terminal_test

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/acquirer/acquirertest"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
	"tapbench/terminal"
	"tapbench/terminal/journal"
)

// market is a shop whose TSM is the real one, with a store of its own, behind TLS and a line that
// can be cut.
type market struct {
	*shop
	tsm      *tsm.TSM
	merchant message.PartyID
	client   *acquirer.Client
	line     *line
	// decider is asked in the TSM's place.
	decider *late
}

const funds = "EUR:999.00"

func newMarket(t *testing.T) *market {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pki")
	if _, err := pki.Init(dir, pki.Config{Banks: 1, Now: noon}); err != nil {
		t.Fatal(err)
	}
	merchant := openParty(t, dir, "merchant", noon)
	party := openParty(t, dir, "tsm", noon)
	m := &market{shop: newShop(t), merchant: merchant.ID, line: new(line)}
	db, err := store.Open(t.Context(), store.Config{
		Path: filepath.Join(t.TempDir(), "tsm.db"), Role: string(party.Role),
		Party: party.ID.String(), Migrations: tsm.Migrations(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	m.tsm, err = tsm.New(t.Context(), tsm.Config{
		ID: party.ID, SignKey: party.Sign.Reveal(), CardLimit: money.Must("EUR:50.00"), DB: db,
		Now: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
	m.fund(t)
	m.decider = &late{TSM: m.tsm}
	address, _ := acquirertest.Serve(t, party, m.decider)
	config, err := merchant.ClientTLS(pki.RoleTSM, party.ID)
	if err != nil {
		t.Fatal(err)
	}
	config.ServerName = "127.0.0.1"
	m.client = acquirer.NewClient(m.line.listen(t, address), config)
	t.Cleanup(func() { _ = m.client.Close() }) // before the line is waited for
	return m
}

func openParty(t *testing.T, dir, name string, now func() time.Time) *pki.Party {
	t.Helper()
	p, err := pki.OpenParty(filepath.Join(dir, name), now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fund gives the customer an account at the TSM.
func (m *market) fund(t *testing.T) {
	t.Helper()
	tid, run := message.TID{1}, message.Nonce{2}
	m.step(t, func(tx store.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO runs
			(run, state, bank, session, nonce_bank, nonce_tsm, tid, expiry)
			VALUES ($1, 'active', 'BKTEST01', $2, $2, $2, $3, $4)`,
			run[:], run[:], tid[:], int64(message.EpochAt(noon())))
		if err != nil {
			return err
		}
		escrow := ledger.Account{ID: "escrow/BKTEST01", Kind: ledger.Asset, Currency: money.EUR}
		prepaid := ledger.Account{
			ID: ledger.AccountID("account/" + tid.String()), Kind: ledger.Liability,
			Currency: money.EUR,
		}
		if err := ledger.Open(t.Context(), tx, escrow); err != nil {
			return err
		}
		if err := ledger.Open(t.Context(), tx, prepaid); err != nil {
			return err
		}
		_, err = ledger.Execute(t.Context(), tx, ledger.Transfer{
			ID: ledger.NewTransferID([]byte("fund")), Debit: escrow.ID, Credit: prepaid.ID,
			Amount: money.Must(funds), Reason: "fund",
		})
		return err
	})
}

func (m *market) step(t *testing.T, step func(tx store.Tx) error) {
	t.Helper()
	if err := m.tsm.DB.Tx(t.Context(), step); err != nil {
		t.Fatal(err)
	}
}

// newCard gives the customer a card of the TSM's.
func (m *market) newCard(t *testing.T) {
	t.Helper()
	c := m.issuer.Card(t)
	tid := message.TID{1}
	put := message.CardPut{
		PAN: c.VCard.PAN, Expiration: c.Expiration, Sequence: 1, Class: c.VCard.Class,
		Signature: c.Signature, MasterKey: c.MasterKey,
	}
	m.step(t, func(tx store.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO cards (pan, tid, key, put, roll)
			VALUES ($1, $2, $3, $4, $5)`, c.VCard.PAN[:], tid[:], c.VCard.Key[:],
			message.Encode(wire.MsgCardPut, put), []byte{0})
		return err
	})
	m.card = c
}

// start starts the terminal.
func (m *market) start(t *testing.T) *terminal.POS {
	t.Helper()
	_ = m.client.Close() // a process that starts has no connection
	c := m.config(t)
	c.Acquirer, c.Manage = m.client, m.client.Manage
	var err error
	if c.Merchant, err = acquirer.NewMerchant(m.merchant.String() + "-SHOP"); err != nil {
		t.Fatal(err)
	}
	if c.Journal, err = journal.Open(m.disk); err != nil {
		t.Fatal(err)
	}
	pos, err := terminal.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return pos
}

// balanced mends the line, finishes what is open, and checks that the terminal's totals, the TSM's
// totals and the merchant's account say the same. It returns what the merchant has taken.
func (m *market) balanced(t *testing.T, when string) (net int64) {
	t.Helper()
	m.line.cutAfter(-1)
	m.decider.hold(nil)
	pos := m.start(t)
	if _, err := pos.Recover(t.Context()); err != nil {
		t.Fatalf("%s: Recover: %v", when, err)
	}
	if _, err := pos.Advise(t.Context()); err != nil {
		t.Fatalf("%s: Advise: %v", when, err)
	}
	totals := pos.Journal().Totals()
	days, err := pos.Days()
	if err != nil {
		t.Fatal(err)
	}
	net = totals.Net()
	for _, d := range days {
		if !d.Balanced {
			t.Errorf("%s: a day is out of balance: %+v", when, d)
		}
		net += d.Totals.Net()
	}
	var account int64
	var tills []tsm.Till
	err = m.tsm.DB.View(t.Context(), func(tx store.Tx) error {
		if err := ledger.Audit(t.Context(), tx); err != nil {
			return err
		}
		a, err := tx.Account(t.Context(), ledger.AccountID("merchant/"+m.merchant.String()))
		if err == nil {
			account = a.Balance()
		} else if !errors.Is(err, ledger.ErrNoAccount) {
			return err
		}
		tills, err = tsm.Tills(t.Context(), tx)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	var theirs acquirer.Totals
	if len(tills) == 1 {
		theirs = tills[0].Totals
	}
	if len(tills) > 1 || totals != theirs || net != account {
		t.Errorf("%s: the terminal has %+v, net %d; the TSM %+v, and the account %d", when, totals, net,
			theirs, account)
	}
	return net
}

// line is a TCP line that is cut after so many bytes, both ways together.
type line struct {
	mu   sync.Mutex
	left int // -1: as many as there are
	seen int
}

// cutAfter has the line cut after n bytes, or never for -1, and returns how many it has carried
// since it was called last.
func (l *line) cutAfter(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := l.seen
	l.left, l.seen = n, 0
	return seen
}

// take returns how many of n bytes are carried.
func (l *line) take(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left >= 0 {
		n = min(n, l.left)
		l.left -= n
	}
	l.seen += n
	return n
}

// listen carries connections to an address, and returns its own.
func (l *line) listen(t *testing.T, to string) string {
	t.Helper()
	l.left = -1
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	running.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			hangUp := sync.OnceFunc(func() { _, _ = near.Close(), far.Close() })
			running.Go(func() { l.carry(near, far, hangUp) })
			running.Go(func() { l.carry(far, near, hangUp) })
		}
	})
	return listener.Addr().String()
}

func (l *line) carry(dst io.Writer, src io.Reader, hangUp func()) {
	defer hangUp()
	b := make([]byte, 4096)
	for {
		n, err := src.Read(b)
		carried := l.take(n)
		if _, writing := dst.Write(b[:carried]); writing != nil || err != nil || carried < n {
			return
		}
	}
}

// late is a TSM that gets authorisations when it is too late.
type late struct {
	*tsm.TSM
	mu   sync.Mutex
	held func(q acquirer.AuthorisationRequest)
}

// hold has authorisations given to a function in place of the TSM, or to the TSM again.
func (l *late) hold(to func(q acquirer.AuthorisationRequest)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = to
}

// Authorise implements acquirer.Decider.
func (l *late) Authorise(
	ctx context.Context, q acquirer.AuthorisationRequest,
) (acquirer.AuthorisationResponse, error) {
	l.mu.Lock()
	held := l.held
	l.mu.Unlock()
	if held != nil {
		held(q)
		return acquirer.AuthorisationResponse{}, errors.New("held back")
	}
	return l.TSM.Authorise(ctx, q)
}

// A day at the market: payment, void, refund, close, and a payment on the next day. The TSM keeps
// each TC.
func TestDayWithTheTSM(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	pos := m.start(t)
	pay := func() terminal.Receipt {
		t.Helper()
		m.newCard(t)
		r, err := pos.Pay(t.Context(), amount())
		if err != nil || !r.Approved() {
			t.Fatalf("Pay: got %+v, %v", r, err)
		}
		return r
	}
	pay()
	voids(t, pos)
	r := pay()
	if back, err := pos.Refund(t.Context(), r.RRN, euros("2.50")); err != nil || !back.Approved() {
		t.Fatalf("Refund: got %+v, %v", back, err)
	}
	d, err := pos.CloseDay(t.Context())
	if err != nil || !d.Balanced || d.Totals.Net() != 1000 || d.Totals != d.TSM {
		t.Fatalf("CloseDay: got %+v, %v", d, err)
	}
	if back, err := pos.Refund(t.Context(), r.RRN, left()); err != nil || !back.Approved() {
		t.Fatalf("Refund on the next day: got %+v, %v", back, err)
	}
	pay()
	for _, n := range acquirer.Networks() {
		if err := pos.Manage(t.Context(), n); err != nil {
			t.Errorf("%s: %v", n, err)
		}
	}
	if net := m.balanced(t, "in the end"); net != 1250 {
		t.Errorf("the merchant has %d, want 1250", net)
	}
	if n := m.completions(t); n != 2 {
		t.Errorf("%d TCs are kept, want those of 2 payments", n)
	}
}

func voids(t *testing.T, pos *terminal.POS) {
	t.Helper()
	if r, err := pos.Void(t.Context()); err != nil || !r.Reversed {
		t.Fatalf("Void: got %+v, %v", r, err)
	}
}

// completions returns how many TCs the TSM keeps.
func (m *market) completions(t *testing.T) (n int) {
	t.Helper()
	err := m.tsm.DB.View(t.Context(), func(tx store.Tx) error {
		row := tx.QueryRowContext(t.Context(), `SELECT count(*) FROM completions`)
		return row.Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// An authorisation arrives after its reversal, and then twice more: nothing is booked, then or
// later.
func TestLateAuthorisation(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.newCard(t)
	var kept acquirer.AuthorisationRequest
	m.decider.hold(func(q acquirer.AuthorisationRequest) { kept = q })
	if r, err := m.start(t).Pay(t.Context(), amount()); err != nil || r.Approved() || !r.Reversed {
		t.Fatalf("Pay: got %+v, %v", r, err)
	}
	for range 3 {
		a, err := m.tsm.Authorise(t.Context(), kept)
		if err != nil || a.Code != acquirer.CodeDoNotHonour {
			t.Errorf("late: got %s, %v", string(a.Code), err)
		}
	}
	if net := m.balanced(t, "late"); net != 0 {
		t.Errorf("the merchant has %d", net)
	}
}

// Every message is sent twice, and the second time out of order: the TSM answers what it did.
func TestDoubledMessages(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.newCard(t)
	twice := &doubler{Decider: m.tsm, t: t}
	c := m.config(t)
	c.Acquirer = twice
	var err error
	if c.Journal, err = journal.Open(m.disk); err != nil {
		t.Fatal(err)
	}
	if c.Merchant, err = acquirer.NewMerchant(m.merchant.String() + "-SHOP"); err != nil {
		t.Fatal(err)
	}
	twice.party = m.merchant
	pos, err := terminal.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pos.Pay(t.Context(), amount())
	if err != nil || !r.Approved() {
		t.Fatalf("Pay: got %+v, %v", r, err)
	}
	for range 2 {
		if _, err := pos.Refund(t.Context(), r.RRN, euros("1.00")); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := pos.CloseDay(t.Context()); err != nil || !d.Balanced {
		t.Fatalf("CloseDay: got %+v, %v", d, err)
	}
	twice.again() // yesterday's messages, the last one first
	if net := m.balanced(t, "doubled"); net != 1050 {
		t.Errorf("the merchant has %d, want 1050", net)
	}
}

// doubler sends everything twice, and a third time when it is told to.
type doubler struct {
	acquirer.Decider
	t     *testing.T
	party message.PartyID
	sent  []func()
}

func (d *doubler) again() {
	for i := len(d.sent) - 1; i >= 0; i-- {
		d.sent[i]()
	}
}

func double[Q, A any](
	ctx context.Context, d *doubler, q Q, ask func(context.Context, Q) (A, error),
	same func(a, b A) bool,
) (A, error) {
	first, err := ask(ctx, q)
	check := func() {
		if second, err := ask(ctx, q); err != nil || !same(first, second) {
			d.t.Errorf("%T: first %+v, then %+v, %v", q, first, second, err)
		}
	}
	check()
	d.sent = append(d.sent, check)
	return first, err
}

func equal[A comparable](a, b A) bool { return a == b }

// Authorise implements acquirer.Decider.
func (d *doubler) Authorise(
	ctx context.Context, q acquirer.AuthorisationRequest,
) (acquirer.AuthorisationResponse, error) {
	q.Party = d.party
	return double(ctx, d, q, d.Decider.Authorise, func(a, b acquirer.AuthorisationResponse) bool {
		return a.Code == b.Code && a.RRN == b.RRN && *a.IssuerAuth == *b.IssuerAuth
	})
}

// Refund implements acquirer.Decider.
func (d *doubler) Refund(
	ctx context.Context, q acquirer.RefundRequest,
) (acquirer.RefundResponse, error) {
	q.Party, q.Original.Party = d.party, d.party
	return double(ctx, d, q, d.Decider.Refund, equal[acquirer.RefundResponse])
}

// Advise implements acquirer.Decider.
func (d *doubler) Advise(
	ctx context.Context, q acquirer.AdviceRequest,
) (acquirer.AdviceResponse, error) {
	q.Party, q.Original.Party = d.party, d.party
	return double(ctx, d, q, d.Decider.Advise, equal[acquirer.AdviceResponse])
}

// Reconcile implements acquirer.Decider.
func (d *doubler) Reconcile(
	ctx context.Context, q acquirer.ReconcileRequest,
) (acquirer.ReconcileResponse, error) {
	q.Party = d.party
	return double(ctx, d, q, d.Decider.Reconcile, equal[acquirer.ReconcileResponse])
}

// The line is cut at many places of a payment and of each act after it, TLS records and all. The
// terminal starts anew each time, and the books of both sides are equal.
func TestLineIsCut(t *testing.T) {
	t.Parallel()
	const cuts = 24
	m := newMarket(t)
	m.client.Timeout = time.Minute // nothing waits for it: the line is cut
	todo := acts()
	todo["pay"] = nil
	for name, act := range todo {
		m.newCard(t)
		pos := m.start(t)
		m.line.cutAfter(-1)
		whole := 0
		for at := 0; at <= cuts; at++ {
			var r terminal.Receipt
			if act != nil {
				var err error
				if r, err = pos.Pay(t.Context(), euros("6.00")); err != nil || !r.Approved() {
					t.Fatalf("%s: Pay: got %+v, %v", name, r, err)
				}
			}
			// The first time nothing is cut, to learn how long it is.
			limit := -1
			if at > 0 {
				limit = whole * at / (cuts + 1)
			}
			m.line.cutAfter(limit)
			var err error
			if act != nil {
				err = act(t, pos, r)
			} else {
				_, err = pos.Pay(t.Context(), euros("6.00"))
			}
			if at == 0 {
				if whole = m.line.cutAfter(-1); err != nil || whole == 0 {
					t.Fatalf("%s: %d bytes, %v", name, whole, err)
				}
			}
			m.balanced(t, name)
			pos = m.start(t)
			m.newCard(t)
		}
	}
}
