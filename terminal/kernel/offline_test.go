package kernel_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel"
	"tapbench/terminal/offline"
	"tapbench/terminal/terminaltest"
)

// current is a deny list that is new and empty.
type current struct{}

func (current) Usable(uint32) error        { return nil }
func (current) Contains(message.Hash) bool { return false }

// stall is a merchant without a network, and a card with tokens.
type stall struct {
	kernel.Offline
	purse *terminaltest.Purse
	seen  offline.Table
	kept  []kernel.Claim
	steps []string
	full  error // what keeping a claim returns
}

func newStall(t *testing.T) *stall {
	t.Helper()
	s := &stall{purse: terminaltest.NewPurse(t)}
	s.Kernel = s.newKernel(t, true)
	issuer, err := offline.NewIssuer(s.purse.TSM, s.purse.TSMKey)
	if err != nil {
		t.Fatal(err)
	}
	s.Verifier, err = offline.New(offline.Config{
		Issuers: []offline.Issuer{issuer}, Merchant: s.purse.Merchant,
		Certificate: s.purse.Certificate.Sum(), Seen: &s.seen, Denied: current{},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Keep = func(c kernel.Claim) error {
		if s.full == nil {
			s.kept = append(s.kept, c)
		}
		return s.full
	}
	s.Observe = func(step kernel.Step) {
		if step.Err == nil {
			s.steps = append(s.steps, step.Name)
		}
	}
	return s
}

// newKernel returns a kernel of the merchant's, with his key or without.
func (s *stall) newKernel(t *testing.T, key bool) *kernel.Kernel {
	t.Helper()
	c := kernel.Config{
		Merchant: s.purse.Merchant, Country: [2]byte{0x02, 0x76}, CA: s.purse.CA,
		EpochKeys: []message.Certificate{s.purse.Epoch}, Rand: rand.Reader,
		Now: func() time.Time { return s.purse.Now },
	}
	if key {
		c.MerchantKey = &kernel.MerchantKey{Key: s.purse.Key, Certificate: s.purse.Certificate}
	}
	k, err := kernel.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// terms of a payment, or of a metering commitment with a unit.
func (s *stall) terms(t *testing.T, amount string, unit uint8) kernel.Terms {
	t.Helper()
	terms, err := s.NewTerms(money.Must(amount), unit)
	if err != nil {
		t.Fatal(err)
	}
	return terms
}

func (s *stall) pay(t *testing.T, terms kernel.Terms) (kernel.OfflineOutcome, error) {
	t.Helper()
	card := pcsc.NewDirect(s.purse)
	defer func() { _ = card.Close() }()
	return s.Pay(t.Context(), card, terms)
}

// on replaces the card's answer to the first command with an instruction; nil takes it away.
func (s *stall) on(ins wire.INS, change func(answer []byte) []byte) {
	done := false
	s.purse.Answer = func(_ int, c apdu.Command, answer []byte) []byte {
		if wire.INS(c.INS) != ins || done {
			return answer
		}
		done = true
		return change(answer)
	}
}

// answers has the card answer with a status word and nothing else.
func answers(word apdu.SW) func([]byte) []byte { return func([]byte) []byte { return sw(word) } }

// recordWith changes what the record says.
func recordWith(t *testing.T, change func(*emv.TokenRecord)) func([]byte) []byte {
	t.Helper()
	return func(answer []byte) []byte {
		r, err := emv.ParseTokenRecord(answer[:len(answer)-2])
		if err != nil {
			t.Error(err)
		}
		change(&r)
		return ok(r.Encode())
	}
}

// signedWith changes what GENERATE AC answers.
func signedWith(t *testing.T, change func(*emv.OfflineAnswer)) func([]byte) []byte {
	t.Helper()
	return func(answer []byte) []byte {
		a, err := emv.ParseOfflineAnswer(answer[:len(answer)-2])
		if err != nil {
			t.Error(err)
		}
		change(&a)
		return ok(a.Encode())
	}
}

// Each row is a card that does one thing wrong. Nothing is kept and no receipt given.
func TestOfflineRefusesCards(t *testing.T) {
	const (
		gpo, read, ac = wire.InsGetProcessingOptions, wire.InsReadRecord, wire.InsGenerateAC
	)
	garbage := func([]byte) []byte { return ok([]byte{0x77, 0x7F, 0x01}) }
	away := func([]byte) []byte { return nil }
	tests := []struct {
		name    string
		ins     wire.INS
		change  func([]byte) []byte
		err     error // else it is declined by:
		refused error
		shown   bool
	}{
		{
			name: "no such application", ins: wire.InsSelect, change: answers(apdu.SWFileNotFound),
			err: kernel.ErrNoApplication,
		},
		{name: "SELECT garbage", ins: wire.InsSelect, change: garbage, err: kernel.ErrCardData},
		{name: "SELECT away", ins: wire.InsSelect, change: away, err: pcsc.ErrCardRemoved},
		{
			name: "GPO 6985", ins: gpo, change: answers(apdu.SWConditionsNotSatisfied),
			err: kernel.ErrNoToken,
		},
		{
			name: "GPO 6982", ins: gpo, change: answers(apdu.SWSecurityStatusNotSatisfied),
			err: apdu.SWSecurityStatusNotSatisfied,
		},
		{name: "GPO 6A80", ins: gpo, change: answers(apdu.SWWrongData), err: apdu.SWWrongData},
		{name: "GPO garbage", ins: gpo, change: garbage, err: kernel.ErrCardData},
		{
			name: "GPO with two records", ins: gpo, err: kernel.ErrCardData,
			change: func([]byte) []byte {
				return ok(emv.ProcessingOptions{AIP: emv.AIP(), AFL: []byte{8, 1, 2, 0}}.Encode())
			},
		},
		{name: "GPO away", ins: gpo, change: away, err: pcsc.ErrCardRemoved},
		{
			name: "record 6985", ins: read, change: answers(apdu.SWConditionsNotSatisfied),
			err: apdu.SWConditionsNotSatisfied, shown: true,
		},
		{
			name: "record 6982", ins: read, change: answers(apdu.SWSecurityStatusNotSatisfied),
			err: apdu.SWSecurityStatusNotSatisfied, shown: true,
		},
		{name: "record garbage", ins: read, change: garbage, err: kernel.ErrCardData, shown: true},
		{name: "record away", ins: read, change: away, err: pcsc.ErrCardRemoved, shown: true},
		{
			name: "another token's root", ins: read, refused: offline.ErrChain, shown: true,
			change: recordWith(t, func(r *emv.TokenRecord) { r.Token.Fields.Root[0] ^= 1 }),
		},
		{
			name: "token that nobody signed", ins: read, refused: offline.ErrToken, shown: true,
			change: recordWith(t, func(r *emv.TokenRecord) { r.Token.Signature[9] ^= 1 }),
		},
		{
			name: "another TSM's token", ins: read, refused: offline.ErrIssuer, shown: true,
			change: recordWith(t, func(r *emv.TokenRecord) { r.Token.Fields.Issuer[0] ^= 1 }),
		},
		{
			name: "expired token", ins: read, refused: offline.ErrExpired, shown: true,
			change: recordWith(t, func(r *emv.TokenRecord) { r.Token.Fields.Epoch -= 2 }),
		},
		{
			name: "record of other units", ins: read, err: kernel.ErrCardData, shown: true,
			change: recordWith(t, func(r *emv.TokenRecord) { r.From++ }),
		},
		{
			name: "AC 6985", ins: ac, change: answers(apdu.SWConditionsNotSatisfied),
			err: apdu.SWConditionsNotSatisfied, shown: true,
		},
		{
			name: "AC 6982", ins: ac, change: answers(apdu.SWSecurityStatusNotSatisfied),
			err: apdu.SWSecurityStatusNotSatisfied, shown: true,
		},
		{name: "AC with a warning", ins: ac, change: answers(0x6310), err: apdu.SW(0x6310), shown: true},
		{name: "AC garbage", ins: ac, change: garbage, err: kernel.ErrCardData, shown: true},
		{name: "AC away", ins: ac, change: away, err: pcsc.ErrCardRemoved, shown: true},
		{
			name: "AAC", ins: ac, refused: kernel.ErrByCard, shown: true,
			change: func([]byte) []byte { return ok(emv.OfflineAnswer{CID: emv.CIDAAC, ATC: 1}.Encode()) },
		},
		{
			name: "AC for other units", ins: ac, err: kernel.ErrCardData, shown: true,
			change: signedWith(t, func(a *emv.OfflineAnswer) { a.To-- }),
		},
		{
			name: "AC without a value", ins: ac, err: kernel.ErrCardData, shown: true,
			change: signedWith(t, func(a *emv.OfflineAnswer) { a.Value = nil }),
		},
		{
			name: "AC with a wrong value", ins: ac, refused: offline.ErrChain, shown: true,
			change: signedWith(t, func(a *emv.OfflineAnswer) { a.Value[0] ^= 1 }),
		},
		{
			name: "AC with a wrong signature", ins: ac, refused: offline.ErrStatement, shown: true,
			change: signedWith(t, func(a *emv.OfflineAnswer) { a.Signature[0] ^= 1 }),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStall(t)
			s.purse.Arm(0)
			s.on(test.ins, test.change)
			out, err := s.pay(t, s.terms(t, "EUR:12.50", 0))
			want := kernel.Unfinished
			if test.refused != nil {
				want = kernel.Declined
			}
			if !errors.Is(err, test.err) || !errors.Is(out.Refused, test.refused) || out.Result != want {
				t.Errorf("got %v, refused %v, error %v", out.Result, out.Refused, err)
			}
			if out.Shown != test.shown {
				t.Errorf("shown: got %t, want %t", out.Shown, test.shown)
			}
			if out.Receipt != nil || len(s.kept) != 0 {
				t.Errorf("%d claims kept, receipt %v", len(s.kept), out.Receipt)
			}
			for _, c := range s.purse.Commands() {
				if wire.INS(c.INS) == wire.InsPutData {
					t.Error("the card got a receipt")
				}
			}
		})
	}
}

func TestOfflineRefusesTerms(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	for name, row := range map[string]struct {
		amount string
		unit   uint8
		want   error
	}{
		"no amount":             {"EUR:0.00", 0, kernel.ErrConfig},
		"ticks that don't fit":  {"EUR:1.03", 5, offline.ErrRequest},
		"ticks of no class":     {"EUR:1.05", 7, offline.ErrRequest},
		"more than a token has": {"EUR:13.00", 5, kernel.ErrNoToken},
	} {
		if _, err := s.pay(t, s.terms(t, row.amount, row.unit)); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", name, err, row.want)
		}
	}
	for name, o := range map[string]kernel.Offline{
		"no key":      {Kernel: s.newKernel(t, false), Verifier: s.Verifier, Keep: s.Keep},
		"no verifier": {Kernel: s.Kernel, Keep: s.Keep},
		"no journal":  {Kernel: s.Kernel, Verifier: s.Verifier},
	} {
		_, err := o.Pay(t.Context(), pcsc.NewDirect(s.purse), s.terms(t, "EUR:1.25", 0))
		if !errors.Is(err, kernel.ErrConfig) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, _, err := s.Meter(t.Context(), pcsc.NewDirect(s.purse), s.terms(t, "EUR:1.25", 0), nil)
	if !errors.Is(err, kernel.ErrConfig) {
		t.Errorf("metering without a unit: got %v", err)
	}
}

// TestOfflineKeepsFirst: a claim is kept after the verdict and before the receipt.
func TestOfflineKeepsFirst(t *testing.T) {
	for _, flags := range []wire.ArmFlags{0, wire.ArmMutual} {
		s := newStall(t)
		s.purse.Arm(flags)
		out, err := s.pay(t, s.terms(t, "EUR:12.50", 0))
		if err != nil || out.Result != kernel.Approved || !out.Received || len(s.kept) != 1 {
			t.Fatalf("got %+v, %v, %d claims", out, err, len(s.kept))
		}
		want := []string{
			kernel.StepSelect, kernel.StepGPO, kernel.StepRelay, kernel.StepMerchant, kernel.StepRecords,
			kernel.StepCryptogram, kernel.StepVerify, kernel.StepKeep, kernel.StepReceipt,
		}
		if flags == 0 {
			want = slices.Delete(want, 3, 4)
		}
		if !slices.Equal(s.steps, want) {
			t.Errorf("steps: got %q, want %q", s.steps, want)
		}
		if c := s.kept[0].Spend; c == nil || c.Spend.Digest() != out.Key || out.To != 250 {
			t.Errorf("kept %+v for %+v", c, out)
		}
	}
}

func TestOfflineKeepFails(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	s.full = errors.New("disk is full")
	out, err := s.pay(t, s.terms(t, "EUR:12.50", 0))
	if !errors.Is(err, s.full) || out.Result != kernel.Unfinished || out.Receipt != nil {
		t.Errorf("got %+v, %v", out, err)
	}
	if slices.Contains(s.steps, kernel.StepReceipt) {
		t.Error("a receipt was given")
	}
}

// TestOfflineStands: once the claim is kept, neither the card nor a caller who gives up undoes it.
func TestOfflineStands(t *testing.T) {
	s := newStall(t)
	s.purse.Arm(0)
	s.on(wire.InsPutData, answers(apdu.SWConditionsNotSatisfied))
	out, err := s.pay(t, s.terms(t, "EUR:1.25", 0))
	if err != nil || out.Result != kernel.Approved || out.Received || out.Receipt == nil {
		t.Errorf("receipt refused: got %+v, %v", out, err)
	}
	s = newStall(t)
	s.purse.Arm(0)
	ctx, cancel := context.WithCancel(t.Context())
	s.Keep = func(kernel.Claim) error { cancel(); return nil }
	out, err = s.Pay(ctx, pcsc.NewDirect(s.purse), s.terms(t, "EUR:1.25", 0))
	if err != nil || out.Result != kernel.Approved || !out.Received {
		t.Errorf("given up after the claim: got %+v, %v", out, err)
	}
}

// A card that was armed so shows nothing before it knows the merchant.
func TestMutual(t *testing.T) {
	host := issuerHost{}
	card := func(t *testing.T, change func(*stall)) (*stall, pcsc.Card) {
		s := newStall(t)
		s.purse.Arm(wire.ArmMutual)
		if change != nil {
			change(s)
		}
		return s, pcsc.NewDirect(s.purse)
	}
	s, c := card(t, nil)
	_, err := s.newKernel(t, false).Pay(t.Context(), c, host, kernel.Purchase{
		Amount: money.Must("EUR:12.50"),
	})
	if !errors.Is(err, kernel.ErrNoMerchantKey) || read(s.purse) {
		t.Errorf("no key: got %v, a record read: %t", err, read(s.purse))
	}
	refuse := func(s *stall) {
		s.on(wire.InsExternalAuthenticate, answers(apdu.SWSecurityStatusNotSatisfied))
	}
	s, c = card(t, refuse)
	out, err := s.Pay(t.Context(), c, s.terms(t, "EUR:1.25", 0))
	if !errors.Is(err, kernel.ErrMerchantRefused) || out.Shown || read(s.purse) {
		t.Errorf("offline, certificate refused: got %+v, %v", out, err)
	}
	s, c = card(t, refuse)
	_, err = s.Kernel.Pay(t.Context(), c, host, kernel.Purchase{Amount: money.Must("EUR:12.50")})
	if !errors.Is(err, kernel.ErrMerchantRefused) || read(s.purse) {
		t.Errorf("online, certificate refused: got %v", err)
	}
	s, c = card(t, nil)
	paid, err := s.Kernel.Pay(t.Context(), c, host, kernel.Purchase{
		Amount: money.Must("EUR:12.50"), Observe: s.Observe,
	})
	if err != nil || paid.Decline != kernel.ByIssuer || !slices.Contains(s.steps, kernel.StepMerchant) {
		t.Errorf("online: got %+v, %v, steps %q", paid, err, s.steps)
	}
}

// read says whether a terminal has asked for a record.
func read(p *terminaltest.Purse) bool {
	return slices.ContainsFunc(p.Commands(), func(c apdu.Command) bool {
		return wire.INS(c.INS) == wire.InsReadRecord
	})
}

// issuerHost is an issuer who declines.
type issuerHost struct{}

func (issuerHost) Authorise(context.Context, kernel.Request) (kernel.Answer, error) {
	return kernel.Answer{ARC: [2]byte{'0', '5'}}, nil
}
