package terminaltest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/terminal/kernel"
)

// Issuer is a TSM with the CA that certifies it. As an acquirer.Decider it keeps books: every
// approved and unreversed payment, by its key.
type Issuer struct {
	CA        message.PublicKey
	EpochCert message.Certificate
	// Before, if set, is called with each request before it is decided: "authorise", "reverse",
	// "refund", "advise" or "reconcile". An error is returned in place of a decision, which isn't
	// made.
	Before func(what string) error
	// After, if set, is called when the decision was made. An error takes the answer's place.
	After func(what string) error

	ca, epoch *ecdsa.PrivateKey
	now       func() time.Time

	mu       sync.Mutex // guards what follows
	cards    map[emv.PAN]*Card
	booked   map[[sha256.Size]byte]acquirer.AuthorisationRequest
	answers  map[[sha256.Size]byte]acquirer.AuthorisationResponse
	reversed map[[sha256.Size]byte]int
	refunds  map[[sha256.Size]byte]acquirer.RefundResponse
	returned map[[sha256.Size]byte]int64 // by payment
	advised  map[[sha256.Size]byte]int   // by payment
	closed   map[[sha256.Size]byte]acquirer.ReconcileResponse
	totals   acquirer.Totals
}

var _ acquirer.Decider = (*Issuer)(nil)

// NewIssuer makes a CA and an issuer with an epoch key that is valid in the epoch of now.
func NewIssuer(t testing.TB, now func() time.Time) *Issuer {
	t.Helper()
	i := &Issuer{
		ca: newKey(t), epoch: newKey(t), now: now,
		cards:    make(map[emv.PAN]*Card),
		booked:   make(map[[sha256.Size]byte]acquirer.AuthorisationRequest),
		answers:  make(map[[sha256.Size]byte]acquirer.AuthorisationResponse),
		reversed: make(map[[sha256.Size]byte]int),
		refunds:  make(map[[sha256.Size]byte]acquirer.RefundResponse),
		returned: make(map[[sha256.Size]byte]int64),
		advised:  make(map[[sha256.Size]byte]int),
		closed:   make(map[[sha256.Size]byte]acquirer.ReconcileResponse),
	}
	i.CA = public(t, i.ca)
	i.EpochCert = i.Certify(t, wire.CertTSMEpoch, message.EpochAt(now()))
	return i
}

// Certify certifies the epoch key with a type and an expiry of the test's choice.
func (i *Issuer) Certify(
	t testing.TB, kind wire.MessageType, expiry message.Epoch,
) message.Certificate {
	t.Helper()
	cert, err := message.IssueCertificate(i.ca, message.Certificate{
		Type: kind, Issuer: message.NewPartyID("CATEST01"),
		Subject: message.PartySubject(message.NewPartyID("TSMTEST1")),
		Key:     public(t, i.epoch), Expiry: expiry,
	})
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// Card issues a card with a limit of 50.00 EUR, armed for that.
func (i *Issuer) Card(t testing.TB) *Card {
	t.Helper()
	key := newKey(t)
	pan, err := emv.NewPAN()
	if err != nil {
		t.Fatal(err)
	}
	epoch := message.EpochAt(i.now())
	c := &Card{
		Armed: true, key: key, PAN: pan, Expiration: emv.Date(epoch.End().Add(-time.Second)),
		VCard: message.VCard{
			PAN: pan.Bytes(), Key: public(t, key),
			Class: message.Class{
				Limit: [6]byte{0, 0, 0, 0, 0x50, 0}, Currency: [2]byte{0x09, 0x78}, Expiry: epoch,
			},
		},
	}
	if _, err := rand.Read(c.MasterKey[:]); err != nil {
		t.Fatal(err)
	}
	i.Sign(t, c)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.cards[pan] = c
	return c
}

// Sign signs the card as it is now, after a test has changed it.
func (i *Issuer) Sign(t testing.TB, c *Card) {
	t.Helper()
	sig, err := message.Sign(i.epoch, c.VCard.Digest())
	if err != nil {
		t.Fatal(err)
	}
	c.Signature = sig
}

// Host returns the issuer as the kernel asks it, with its own numbers.
func (i *Issuer) Host() kernel.Host { return host{i} }

type host struct{ *Issuer }

// Authorise implements kernel.Host.
func (h host) Authorise(ctx context.Context, q kernel.Request) (kernel.Answer, error) {
	a, err := h.Issuer.Authorise(ctx, acquirer.AuthorisationRequest{
		Key: acquirer.Key{Merchant: q.Terminal.Merchant, STAN: uint32(q.Terminal.UN[0]) + 1},
		PAN: q.PAN, Amount: q.Amount,
		ICC: acquirer.ICC{
			AID: q.AID, Sequence: q.Sequence, Terminal: q.Terminal, AIP: q.AIP, ATC: q.ATC, CID: q.CID,
			ARQC: q.ARQC, IAD: q.IAD, Relay: q.Relay,
			Tap: q.Tap,
		},
	})
	return kernel.Answer{
		Approved: a.Code.Approved(), Uncertain: a.Code.Uncertain(), ARC: a.Code.ARC(),
		IssuerAuth: a.IssuerAuth,
	}, err
}

// Authorise implements acquirer.Decider: it checks cryptogram and signature, and books.
func (i *Issuer) Authorise(
	_ context.Context, q acquirer.AuthorisationRequest,
) (acquirer.AuthorisationResponse, error) {
	if i.Before != nil {
		if err := i.Before("authorise"); err != nil {
			return acquirer.AuthorisationResponse{}, err
		}
	}
	a := i.decide(q)
	if i.After != nil {
		if err := i.After("authorise"); err != nil {
			return acquirer.AuthorisationResponse{}, err
		}
	}
	return a, nil
}

func (i *Issuer) decide(q acquirer.AuthorisationRequest) acquirer.AuthorisationResponse {
	i.mu.Lock()
	defer i.mu.Unlock()
	sum := q.Sum()
	if a, ok := i.answers[sum]; ok {
		return a
	}
	card, ok := i.cards[q.PAN]
	if !ok {
		return acquirer.AuthorisationResponse{Code: acquirer.CodeInvalidCard}
	}
	code := acquirer.CodeApproved
	switch {
	case q.ICC.Cryptogram(card.MasterKey) != q.ICC.ARQC,
		message.Verify(card.VCard.Key, q.ICC.TapMessage(q.PAN).Digest(), q.ICC.Tap) != nil:
		code = acquirer.CodeSecurity
	case i.reversed[sum] > 0:
		code = acquirer.CodeDoNotHonour
	case card.Code != "":
		code = card.Code
	}
	auth := q.ICC.IssuerAuth(card.MasterKey, code)
	a := acquirer.AuthorisationResponse{Code: code, IssuerAuth: &auth}
	if code.Approved() {
		i.booked[sum] = q
		i.totals.Payments.Add(q.Amount)
		a.RRN, a.Approval = fmt.Sprintf("%012d", q.STAN), "A1B2C3"
	}
	i.answers[sum] = a
	return a
}

// Reverse implements acquirer.Decider.
func (i *Issuer) Reverse(
	_ context.Context, q acquirer.ReversalRequest,
) (acquirer.ReversalResponse, error) {
	if i.Before != nil {
		if err := i.Before("reverse"); err != nil {
			return acquirer.ReversalResponse{}, err
		}
	}
	a := i.takeBack(q)
	if i.After != nil {
		if err := i.After("reverse"); err != nil {
			return acquirer.ReversalResponse{}, err
		}
	}
	return a, nil
}

func (i *Issuer) takeBack(q acquirer.ReversalRequest) acquirer.ReversalResponse {
	i.mu.Lock()
	defer i.mu.Unlock()
	sum := q.Original.Sum()
	if i.returned[sum] > 0 {
		return acquirer.ReversalResponse{Code: acquirer.CodeInvalidTransaction}
	}
	if _, ok := i.booked[sum]; ok {
		i.totals.Reversals.Add(q.Amount)
	}
	i.reversed[sum]++
	delete(i.booked, sum)
	a := acquirer.ReversalResponse{Code: acquirer.CodeApproved}
	if i.answers[sum].Code.Approved() {
		a.RRN = i.answers[sum].RRN
	}
	return a
}

// Booked returns how many payments stand.
func (i *Issuer) Booked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.booked)
}

// Reversed returns how many authorisations were reversed, and how often in all.
func (i *Issuer) Reversed() (authorisations, times int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, n := range i.reversed {
		times += n
	}
	return len(i.reversed), times
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func public(t testing.TB, key *ecdsa.PrivateKey) message.PublicKey {
	t.Helper()
	k, err := message.NewPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
