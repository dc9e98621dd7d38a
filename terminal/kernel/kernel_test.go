package kernel_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel"
	"tapbench/terminal/terminaltest"
)

// The commands of a payment, by their number.
const (
	cmdPPSE = iota
	cmdSelect
	cmdGPO
	cmdRelay
	cmdRecord1
	cmdRecord2
	cmdRecord3
	cmdFirstAC
	cmdSecondAC
	commands
)

// noon is when the tests take place.
func noon() time.Time { return time.Date(2026, time.November, 21, 12, 0, 0, 0, time.UTC) }

func newKernel(t testing.TB, issuer *terminaltest.Issuer) *kernel.Kernel {
	t.Helper()
	k, err := kernel.New(config(issuer))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func config(issuer *terminaltest.Issuer) kernel.Config {
	return kernel.Config{
		Merchant: [15]byte([]byte("MERTEST1SHOP01 ")), Country: [2]byte{0x02, 0x76}, CA: issuer.CA,
		EpochKeys: []message.Certificate{issuer.EpochCert}, Now: noon, Rand: rand.Reader,
	}
}

// pay takes the purchase from a card.
func pay(
	t *testing.T, issuer *terminaltest.Issuer, card *terminaltest.Card,
) (kernel.Outcome, error) {
	t.Helper()
	return newKernel(t, issuer).Pay(t.Context(), pcsc.NewDirect(card), issuer.Host(), purchase())
}

func purchase() kernel.Purchase { return kernel.Purchase{Amount: money.Must("EUR:12.50")} }

// alter replaces the answer to one command.
func alter(n int, answer []byte) func(*terminaltest.Card) {
	return func(c *terminaltest.Card) {
		c.Answer = func(i int, _ apdu.Command, right []byte) []byte {
			if i == n {
				return answer
			}
			return right
		}
	}
}

// edit replaces bytes in the answer to one command; old must be there.
func edit(t *testing.T, n int, old, with []byte) func(*terminaltest.Card) {
	t.Helper()
	return func(c *terminaltest.Card) {
		c.Answer = func(i int, _ apdu.Command, right []byte) []byte {
			if i != n {
				return right
			}
			if !bytes.Contains(right, old) {
				t.Errorf("the answer to command %d has no % X", n, old)
			}
			return bytes.Replace(right, old, with, 1)
		}
	}
}

func sw(sw apdu.SW) []byte { return []byte{sw.SW1(), sw.SW2()} }

func ok(data []byte) []byte { return apdu.Response{Data: data, SW: apdu.SWNormal}.Encode() }

func TestNewRefuses(t *testing.T) {
	issuer := terminaltest.NewIssuer(t, noon)
	for name, change := range map[string]func(*kernel.Config){
		"no clock":      func(c *kernel.Config) { c.Now = nil },
		"no randomness": func(c *kernel.Config) { c.Rand = nil },
		"no epoch key":  func(c *kernel.Config) { c.EpochKeys = nil },
		"certificate of another type": func(c *kernel.Config) {
			c.EpochKeys = []message.Certificate{issuer.Certify(t, wire.CertTSMSign, 3000)}
		},
		"certificate of another CA": func(c *kernel.Config) {
			c.EpochKeys = []message.Certificate{terminaltest.NewIssuer(t, noon).EpochCert}
		},
	} {
		c := config(issuer)
		change(&c)
		if _, err := kernel.New(c); !errors.Is(err, kernel.ErrConfig) {
			t.Errorf("%s: got error %v, want %v", name, err, kernel.ErrConfig)
		}
	}
	if _, err := newKernel(t, issuer).Pay(t.Context(), pcsc.NewDirect(issuer.Card(t)), issuer.Host(),
		kernel.Purchase{Amount: money.Zero(money.EUR)}); !errors.Is(err, kernel.ErrConfig) {
		t.Errorf("no amount: got error %v, want %v", err, kernel.ErrConfig)
	}
}

// Each row is a card that ends the payment before the issuer is asked, with an error.
func TestPayRefusesCards(t *testing.T) {
	visa := emv.Candidate{AID: []byte("\xA0\x00\x00\x00\x03\x10\x10"), Label: "VISA", Priority: 1}
	ours := emv.Candidate{AID: []byte(wire.AIDPayment), Label: emv.Label, Priority: 1}
	otherFCI := emv.PaymentFCI()
	otherFCI.Name = visa.AID
	greedy := emv.PaymentFCI()
	greedy.PDOL = []byte{0x9F, 0x02, 0x7F, 0x9F, 0x37, 0x7F}
	broken := emv.PaymentFCI()
	broken.PDOL = []byte{0x9F}
	options := func(afl ...byte) []byte {
		return ok(emv.ProcessingOptions{AIP: emv.AIP(), AFL: afl}.Encode())
	}
	tests := []struct {
		name   string
		change func(*terminaltest.Card)
		want   error
		text   string
	}{
		{"no PPSE", alter(cmdPPSE, sw(apdu.SWFileNotFound)), kernel.ErrNoApplication, "6A82"},
		{"no SELECT", alter(cmdPPSE, sw(apdu.SWINSNotSupported)), kernel.ErrNoApplication, "6D00"},
		{
			"another scheme's card", alter(cmdPPSE, ok(emv.PPSE(visa))), kernel.ErrNoApplication,
			`it offers A0000000031010 "VISA"`,
		},
		{
			"PPSE without applications", alter(cmdPPSE, ok(emv.PPSE())), kernel.ErrNoApplication,
			"no contactless",
		},
		{
			"our application can't be selected", alter(cmdSelect, sw(apdu.SWFileDeactivated)),
			kernel.ErrNoApplication, "6283",
		},
		{"PPSE empty", alter(cmdPPSE, ok(nil)), kernel.ErrCardData, "empty"},
		{"PPSE cut off", alter(cmdPPSE, ok(emv.PPSE(ours)[:30])), kernel.ErrCardData, "malformed"},
		{"FCI of another application", alter(cmdSelect, ok(otherFCI.Encode())), kernel.ErrCardData, "84"},
		{"PDOL malformed", alter(cmdSelect, ok(broken.Encode())), kernel.ErrCardData, "malformed"},
		{"PDOL asks for too much", alter(cmdSelect, ok(greedy.Encode())), kernel.ErrCardData, "9F38"},
		{"not armed", func(c *terminaltest.Card) { c.Armed = false }, kernel.ErrNotArmed, "6985"},
		{"GPO refused otherwise", alter(cmdGPO, sw(apdu.SWWrongData)), apdu.SWWrongData, "6A80"},
		{"GPO with a warning", alter(cmdGPO, sw(apdu.SWWarning)), apdu.SWWarning, "6200"},
		{"GPO without AFL", alter(cmdGPO, ok([]byte{0x80, 2, 0x18, 0})), kernel.ErrCardData, "94"},
		{"AFL out of range", alter(cmdGPO, options(0x08, 3, 1, 0)), kernel.ErrCardData, "94"},
		{"AFL with too many records", alter(cmdGPO, options(0x08, 1, 250, 0)), kernel.ErrCardData, "94"},
		{
			"record missing", alter(cmdRecord2, sw(apdu.SWRecordNotFound)), apdu.SWRecordNotFound,
			"record 2",
		},
		{"record too large", alter(cmdRecord2, ok(append([]byte{0x70, 0x82, 1, 0, 0x50, 0x81, 0xFD},
			make([]byte, 253)...))), kernel.ErrCardData, "260 bytes"},
		{"record without template", alter(cmdRecord2, ok([]byte{0x8C, 0})), kernel.ErrCardData, "70"},
		{"record twice", alter(cmdRecord3, ok(emv.Record2())), kernel.ErrCardData, "twice"},
		{"record 3 empty", alter(cmdRecord3, ok([]byte{0x70, 0})), kernel.ErrCardData, "DF20"},
		{"record 1 empty", alter(cmdRecord1, ok([]byte{0x70, 0})), kernel.ErrCardData, "5A"},
		{"record 2 empty", alter(cmdRecord2, ok([]byte{0x70, 0})), kernel.ErrCardData, "CDOL"},
		{
			"PAN with a wrong check digit", func(c *terminaltest.Card) { c.PAN[9] ^= 0x10 },
			kernel.ErrCardData, "PAN",
		},
		{
			"track 2 of another card", edit(t, cmdRecord1, []byte("\x22\x1F"), []byte("\x20\x1F")),
			kernel.ErrCardData, "57",
		},
		{
			"CDOL1 of another profile", edit(t, cmdRecord2, []byte("\x9F\x35\x01"), []byte("\x9F\x33\x01")),
			kernel.ErrCardData, "CDOL1",
		},
		{
			"CDOL2 of another profile",
			edit(t, cmdRecord2, []byte("\x8A\x02\x91\x08"), []byte("\x91\x08\x8A\x02")),
			kernel.ErrCardData, "CDOL2",
		},
		{
			"expiration date in month 13", func(c *terminaltest.Card) { c.Expiration[1] = 0x13 },
			kernel.ErrCardData, "no date",
		},
		{
			"class not BCD", func(c *terminaltest.Card) { c.VCard.Class.Limit[0] = 0xAA },
			kernel.ErrCardData, "BCD",
		},
		{"GENERATE AC refused", alter(cmdFirstAC, sw(apdu.SWWrongData)), apdu.SWWrongData, "first"},
		{
			"TC without the issuer",
			edit(t, cmdFirstAC, []byte("\x9F\x27\x01\x80"), []byte("\x9F\x27\x01\x40")),
			kernel.ErrCardData, "9F27",
		},
		{
			"no signature beside the ARQC",
			edit(t, cmdFirstAC, []byte("\xDF\x23\x40"), []byte("\xDF\x24\x40")),
			kernel.ErrCardData, "DF23",
		},
		{"card that talks without end", func(c *terminaltest.Card) {
			c.Answer = func(int, apdu.Command, []byte) []byte { return []byte{0x61, 0x00} }
		}, pcsc.ErrBadAnswer, "61xx"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			issuer := terminaltest.NewIssuer(t, noon)
			card := issuer.Card(t)
			test.change(card)
			out, err := pay(t, issuer, card)
			if !errors.Is(err, test.want) {
				t.Fatalf("got error %v, want %v", err, test.want)
			}
			if !strings.Contains(err.Error(), test.text) {
				t.Errorf("got error %q, which doesn't say %q", err, test.text)
			}
			if strings.Contains(err.Error(), card.PAN.Reveal()[4:15]) {
				t.Errorf("got error %q, which shows the PAN", err)
			}
			if out.Result != kernel.Unfinished || out.Asked || out.NeedReversal || issuer.Booked() != 0 {
				t.Errorf("got outcome %+v, %d booked", out, issuer.Booked())
			}
		})
	}
}

// Each row is a card that is declined before the issuer is asked.
func TestPayDeclinesOffline(t *testing.T) {
	forger := terminaltest.NewIssuer(t, noon)
	tests := []struct {
		name   string
		change func(t *testing.T, i *terminaltest.Issuer, c *terminaltest.Card)
		want   kernel.Decline
	}{
		{
			"signed by somebody else",
			func(t *testing.T, _ *terminaltest.Issuer, c *terminaltest.Card) { forger.Sign(t, c) },
			kernel.NotAuthentic,
		},
		{
			"another PAN than was signed",
			func(t *testing.T, i *terminaltest.Issuer, c *terminaltest.Card) { c.PAN = i.Card(t).PAN },
			kernel.NotAuthentic,
		},
		{
			"another limit than was signed",
			func(_ *testing.T, _ *terminaltest.Issuer, c *terminaltest.Card) {
				c.VCard.Class.Limit[0] = 0x99
			},
			kernel.NotAuthentic,
		},
		{
			"another card's key",
			func(t *testing.T, i *terminaltest.Issuer, c *terminaltest.Card) {
				c.VCard.Key = i.Card(t).VCard.Key
				i.Sign(t, c)
			},
			kernel.NotAuthentic,
		},
		{
			"epoch that has ended",
			func(t *testing.T, i *terminaltest.Issuer, c *terminaltest.Card) {
				c.VCard.Class.Expiry--
				i.Sign(t, c)
			},
			kernel.Expired,
		},
		{
			"expiration date of yesterday",
			func(_ *testing.T, _ *terminaltest.Issuer, c *terminaltest.Card) {
				c.Expiration = emv.Date(noon().AddDate(0, 0, -1))
			},
			kernel.Expired,
		},
		{
			"another currency",
			func(t *testing.T, i *terminaltest.Issuer, c *terminaltest.Card) {
				c.VCard.Class.Currency = money.USD.N3()
				i.Sign(t, c)
			},
			kernel.OtherCurrency,
		},
		{
			"limit one cent below",
			func(t *testing.T, i *terminaltest.Issuer, c *terminaltest.Card) {
				c.VCard.Class.Limit = [6]byte{0, 0, 0, 0, 0x12, 0x49}
				i.Sign(t, c)
			},
			kernel.AboveLimit,
		},
		{
			"AAC in place of the ARQC",
			func(_ *testing.T, _ *terminaltest.Issuer, c *terminaltest.Card) { c.AAC = 1 },
			kernel.ByCard,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			issuer := terminaltest.NewIssuer(t, noon)
			card := issuer.Card(t)
			test.change(t, issuer, card)
			out, err := pay(t, issuer, card)
			if err != nil || out.Result != kernel.Declined || out.Decline != test.want {
				t.Fatalf("got %s (%s), %v, want %s", out.Result, out.Decline, err, test.want)
			}
			if out.Asked || out.NeedReversal || issuer.Booked() != 0 {
				t.Errorf("got outcome %+v, %d booked", out, issuer.Booked())
			}
			if test.want != kernel.NotAuthentic && out.CID != emv.CIDAAC {
				t.Errorf("the card's last cryptogram is %02X, want an AAC", out.CID)
			}
		})
	}
}

func TestExpiredEpochKey(t *testing.T) {
	issuer := terminaltest.NewIssuer(t, noon)
	c := config(issuer)
	c.EpochKeys = []message.Certificate{
		issuer.Certify(t, wire.CertTSMEpoch, message.EpochAt(noon())-1),
	}
	k, err := kernel.New(c)
	if err != nil {
		t.Fatal(err)
	}
	out, err := k.Pay(t.Context(), pcsc.NewDirect(issuer.Card(t)), issuer.Host(), purchase())
	if err != nil || out.Decline != kernel.NotAuthentic {
		t.Errorf("got %s (%s), %v, want %s", out.Result, out.Decline, err, kernel.NotAuthentic)
	}
}

func TestPayDeclinedByIssuer(t *testing.T) {
	for _, code := range []acquirer.Code{acquirer.CodeInsufficientFunds, acquirer.CodeMalfunction} {
		issuer := terminaltest.NewIssuer(t, noon)
		card := issuer.Card(t)
		card.Code = code
		out, err := pay(t, issuer, card)
		if err != nil || out.Decline != kernel.ByIssuer || out.Answer.ARC != code.ARC() {
			t.Errorf("%s: got %s (%s), %v", code, out.Result, out.Decline, err)
		}
		if out.NeedReversal != code.Uncertain() || out.CID != emv.CIDAAC || card.Commands() != commands {
			t.Errorf("%s: got outcome %+v after %d commands", code, out, card.Commands())
		}
	}
	// What the card makes of a decline changes nothing.
	issuer := terminaltest.NewIssuer(t, noon)
	card := issuer.Card(t)
	card.Code = acquirer.CodeExpiredCard
	alter(cmdSecondAC, nil)(card)
	out, err := pay(t, issuer, card)
	if err != nil || out.Decline != kernel.ByIssuer || out.NeedReversal {
		t.Errorf("card gone after the decline: got %+v, %v", out, err)
	}
}

// After the issuer's approval only a TC makes the payment.
func TestPayNeedsReversal(t *testing.T) {
	tests := []struct {
		name   string
		change func(*terminaltest.Card)
		err    error
	}{
		{"card gone", alter(cmdSecondAC, nil), pcsc.ErrCardRemoved},
		{
			"second GENERATE AC refused", alter(cmdSecondAC, sw(apdu.SWConditionsNotSatisfied)),
			apdu.SWConditionsNotSatisfied,
		},
		{"answer malformed", alter(cmdSecondAC, ok([]byte{0x77, 1})), kernel.ErrCardData},
		{
			"ARQC again", edit(t, cmdSecondAC, []byte("\x9F\x27\x01\x40"), []byte("\x9F\x27\x01\x80")),
			kernel.ErrCardData,
		},
		{"TC with another counter", edit(t, cmdSecondAC, []byte("\x9F\x36\x02\x00\x01"),
			[]byte("\x9F\x36\x02\x00\x02")), kernel.ErrCardData},
		{"AAC", func(c *terminaltest.Card) { c.AAC = 2 }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			issuer := terminaltest.NewIssuer(t, noon)
			card := issuer.Card(t)
			test.change(card)
			out, err := pay(t, issuer, card)
			if !errors.Is(err, test.err) || test.err == nil && err != nil {
				t.Errorf("got error %v, want %v", err, test.err)
			}
			if !out.NeedReversal || !out.Asked || out.Result == kernel.Approved || issuer.Booked() != 1 {
				t.Errorf("got outcome %+v, %d booked", out, issuer.Booked())
			}
			if test.err == nil && out.Decline != kernel.ByCard {
				t.Errorf("got %s (%s), want %s", out.Result, out.Decline, kernel.ByCard)
			}
		})
	}
}

func TestPayWithoutAnAnswer(t *testing.T) {
	silent := errors.New("no answer")
	for _, test := range []struct {
		name     string
		err      error
		reversal bool
	}{
		{"sent, no answer", silent, true},
		{"not sent", errors.Join(kernel.ErrNotSent, silent), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			issuer := terminaltest.NewIssuer(t, noon)
			issuer.Before = func(string) error { return test.err }
			card := issuer.Card(t)
			var arc []byte
			card.Answer = func(n int, c apdu.Command, answer []byte) []byte {
				if n == cmdSecondAC {
					arc = append(append(arc, c.P1), c.Data[:2]...)
				}
				return answer
			}
			out, err := pay(t, issuer, card)
			if !errors.Is(err, silent) || out.Result != kernel.Unfinished ||
				out.NeedReversal != test.reversal || out.Asked != test.reversal {
				t.Errorf("got outcome %+v, %v", out, err)
			}
			if string(arc) != "\x00Z3" || out.CID != emv.CIDAAC {
				t.Errorf("the card was asked %q and answered %02X, want an AAC", arc, out.CID)
			}
		})
	}
}

// The card leaves at each command, before and after it was carried out.
func TestCardPulled(t *testing.T) {
	for n := range commands {
		issuer := terminaltest.NewIssuer(t, noon)
		card := issuer.Card(t)
		alter(n, nil)(card)
		out, err := pay(t, issuer, card)
		transport := new(pcsc.Error)
		if !errors.As(err, &transport) || !errors.Is(err, pcsc.ErrCardRemoved) {
			t.Errorf("at command %d: got error %v, want %v", n, err, pcsc.ErrCardRemoved)
		}
		if asked := n == cmdSecondAC; out.Asked != asked || out.NeedReversal != asked {
			t.Errorf("at command %d: got outcome %+v", n, out)
		}
	}
}

func TestPayIsCancelled(t *testing.T) {
	issuer := terminaltest.NewIssuer(t, noon)
	ctx, cancel := context.WithCancel(t.Context())
	issuer.After = func(string) error {
		cancel()
		return nil
	}
	card := issuer.Card(t)
	out, err := newKernel(t, issuer).Pay(ctx, pcsc.NewDirect(card), issuer.Host(), purchase())
	if !errors.Is(err, context.Canceled) || !out.NeedReversal {
		t.Errorf("got outcome %+v, %v, want a reversal", out, err)
	}
}

func TestPayApproved(t *testing.T) {
	issuer := terminaltest.NewIssuer(t, noon)
	card := issuer.Card(t)
	p := purchase()
	var names []string
	apdus := 0
	p.Observe = func(s kernel.Step) {
		names = append(names, s.Name)
		apdus += s.APDUs
		if s.Err != nil || (s.APDUs == 0) != (s.Sent == 0) || (s.APDUs == 0) != (s.Received == 0) {
			t.Errorf("step %+v", s)
		}
	}
	out, err := newKernel(t, issuer).Pay(t.Context(), pcsc.NewDirect(card), issuer.Host(), p)
	if err != nil || out.Result != kernel.Approved || out.NeedReversal || !out.Asked {
		t.Fatalf("got outcome %+v, %v", out, err)
	}
	wanted := out
	wanted.CID, wanted.PAN, wanted.AID = emv.CIDTC, card.PAN, []byte(wire.AIDPayment)
	wanted.ATC, wanted.Time, wanted.Label = 1, noon(), emv.Label
	if !cmp.Equal(out, wanted) {
		t.Errorf("got outcome %+v", out)
	}
	want := []string{
		kernel.StepPPSE, kernel.StepSelect, kernel.StepGPO, kernel.StepRelay, kernel.StepRecords,
		kernel.StepAuthenticate, kernel.StepCryptogram, kernel.StepAuthorise, kernel.StepCompletion,
	}
	if !cmp.Equal(names, want) || apdus != commands {
		t.Errorf("got steps %v with %d APDUs, want %v with %d", names, apdus, want, commands)
	}
	if issuer.Booked() != 1 {
		t.Errorf("%d booked", issuer.Booked())
	}
}

// A second application is tried when the first can't be selected.
func TestSelectionByPriority(t *testing.T) {
	issuer := terminaltest.NewIssuer(t, noon)
	other := wire.AID("\xF0TAPBENCH\x03")
	c := config(issuer)
	c.AIDs = []wire.AID{wire.AIDPayment, other}
	k, err := kernel.New(c)
	if err != nil {
		t.Fatal(err)
	}
	card := issuer.Card(t)
	var selected []string
	card.Answer = func(n int, c apdu.Command, answer []byte) []byte {
		if c.INS == byte(wire.InsSelect) {
			selected = append(selected, string(c.Data))
		}
		if n == cmdPPSE {
			return ok(emv.PPSE(
				emv.Candidate{AID: []byte("\xF0TAPBENCH\x04"), Priority: 1},
				emv.Candidate{AID: []byte(wire.AIDPayment), Priority: 0},
				emv.Candidate{AID: []byte(other), Priority: 2},
			))
		}
		return answer
	}
	out, err := k.Pay(t.Context(), pcsc.NewDirect(card), issuer.Host(), purchase())
	want := []string{string(wire.AIDPPSE), string(other), string(wire.AIDPayment)}
	if err != nil || out.Result != kernel.Approved || !cmp.Equal(selected, want) {
		t.Errorf("selected %q: got %s, %v, want %q", selected, out.Result, err, want)
	}
}
