package acquirer

import (
	"context"
	"crypto/tls"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/money"
	"tapbench/backend/pki"
)

// canary is a PAN that no output may hold.
const canary = "9999991234567890124"

// parties are the merchant and the TSM of a bench of certificates.
type parties struct{ merchant, tsm *pki.Party }

// newParties makes a bench of certificates that are valid at now.
func newParties(t *testing.T, now func() time.Time) parties {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pki")
	if _, err := pki.Init(dir, pki.Config{Banks: 1, Now: now}); err != nil {
		t.Fatal(err)
	}
	open := func(name string) *pki.Party {
		p, err := pki.OpenParty(filepath.Join(dir, name), now)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	return parties{open("merchant"), open("tsm")}
}

func (p parties) clientTLS(t *testing.T) *tls.Config {
	t.Helper()
	config, err := p.merchant.ClientTLS(pki.RoleTSM, p.tsm.ID)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func (p parties) serverConfig(d Decider, log zerolog.Logger) ServerConfig {
	return ServerConfig{
		Decider: d, TLS: p.tsm.ServerTLS(pki.RequireClients, pki.RoleMerchant), Log: log,
		Identify: func(state *tls.ConnectionState) (message.PartyID, error) {
			return p.tsm.Caller(state, pki.RoleMerchant)
		},
	}
}

// authorisation is a request of the merchant for 12.50 EUR.
func authorisation(t testing.TB, party message.PartyID) AuthorisationRequest {
	t.Helper()
	merchant, err := NewMerchant(party.String() + "SHOP01")
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := NewTerminal("POS1")
	if err != nil {
		t.Fatal(err)
	}
	pan, err := emv.ParsePANDigits(canary)
	if err != nil {
		t.Fatal(err)
	}
	iad := emv.IAD(emv.CVRNone)
	amount := money.Must("EUR:12.50")
	return AuthorisationRequest{
		Key: Key{
			Merchant: merchant, Terminal: terminal, STAN: 42,
			Sent: NewStamp(time.Date(2026, time.November, 21, 12, 34, 56, 0, time.UTC)),
		},
		PAN: pan, Amount: amount, LocalTime: "133456",
		ICC: ICC{
			AID: []byte(wire.AIDPayment), Sequence: 1,
			Terminal: emv.CDOL1Data{
				Amount: [6]byte(amount.AppendN12(nil)), Country: [2]byte{0x02, 0x76},
				TVR: [5]byte{0x80}, Currency: amount.Currency().N3(), Date: [3]byte{0x26, 0x11, 0x21},
				UN: [4]byte{1, 2, 3, 4}, TerminalType: 0x22, Merchant: merchant,
			},
			AIP: emv.AIP(), ATC: 1, CID: emv.CIDARQC,
			ARQC: [8]byte{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88}, IAD: iad[:],
			Tap: message.Signature{9, 8, 7},
		},
	}
}

func reversal(q AuthorisationRequest) ReversalRequest {
	r := ReversalRequest{Key: q.Key, Original: q.Key, Amount: q.Amount}
	r.STAN++
	return r
}

func approval() AuthorisationResponse {
	return AuthorisationResponse{
		Code: CodeApproved, RRN: "632600000042", Approval: "A1B2C3",
		IssuerAuth: &[8]byte{1, 2, 3, 4, 0x00, 0x82, 0x00, 0x00},
	}
}

// desk is a Decider that does what a test says and remembers what it was asked.
type desk struct {
	authorise func(ctx context.Context, q AuthorisationRequest) (AuthorisationResponse, error)
	reverse   func(ctx context.Context, q ReversalRequest) (ReversalResponse, error)

	mu       sync.Mutex // guards what follows
	asked    []AuthorisationRequest
	reversed []ReversalRequest
	others   int // refunds, advices and reconciliations
}

// decisions returns how often it was asked.
func (d *desk) decisions() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.asked) + len(d.reversed) + d.others
}

func (d *desk) count() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.others++
}

func (d *desk) Authorise(
	ctx context.Context, q AuthorisationRequest,
) (AuthorisationResponse, error) {
	d.mu.Lock()
	d.asked = append(d.asked, q)
	d.mu.Unlock()
	if d.authorise != nil {
		return d.authorise(ctx, q)
	}
	return approval(), nil
}

func (d *desk) Reverse(ctx context.Context, q ReversalRequest) (ReversalResponse, error) {
	d.mu.Lock()
	d.reversed = append(d.reversed, q)
	d.mu.Unlock()
	if d.reverse != nil {
		return d.reverse(ctx, q)
	}
	return ReversalResponse{Code: CodeApproved, RRN: "632600000042"}, nil
}

func (d *desk) Refund(context.Context, RefundRequest) (RefundResponse, error) {
	d.count()
	return RefundResponse{Code: CodeApproved, RRN: "632600000043"}, nil
}

func (d *desk) Advise(_ context.Context, q AdviceRequest) (AdviceResponse, error) {
	d.count()
	return AdviceResponse{Code: CodeApproved, RRN: q.RRN}, nil
}

func (d *desk) Reconcile(_ context.Context, q ReconcileRequest) (ReconcileResponse, error) {
	d.count()
	return ReconcileResponse{Code: CodeApproved, Totals: q.Totals}, nil
}

// start serves until the test ends and returns the address and how to stop earlier.
func start(t *testing.T, c ServerConfig) (address string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, c) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return l.Addr().String(), stop
}
