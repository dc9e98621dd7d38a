package general_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/wire"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/terminaltest"
)

// fastCard is a contactless card that answers its cryptogram with the processing options.
func fastCard(a *image.Application) {
	a.FastDDA = true
	a.PDOL = []byte("\x9F\x66\x04\x9F\x02\x06\x9F\x03\x06\x9F\x1A\x02\x95\x05\x5F\x2A\x02" +
		"\x9A\x03\x9C\x01\x9F\x37\x04")
}

// approval is a transaction that ends well.
type approval struct {
	kind   emvcardtest.Kind
	change func(*image.Application)
	config func(*general.Config)
	amount uint64
	method outcome.Method
	tvr    string // empty: nothing is set
	tsi    string
	cvm    string
	online bool
	last   byte // cryptogram information data
	from   string
}

// check compares what the transaction went by.
func (a approval) check(t *testing.T, out outcome.Outcome) {
	t.Helper()
	if got := out.Authentication; got.Method != a.method || got.Err != nil {
		t.Errorf("authentication %v: %v", got.Method, got.Err)
	}
	if a.tvr == "" {
		a.tvr = "0000000000"
	}
	if got := out.TVR.String(); got != a.tvr {
		t.Errorf("TVR %s, want %s: %v", got, a.tvr, out.Notes)
	}
	if got := out.TSI.String(); got != a.tsi {
		t.Errorf("TSI %s, want %s", got, a.tsi)
	}
	if got := hexOf(out.CVM[:]); got != a.cvm {
		t.Errorf("CVM results %s, want %s", got, a.cvm)
	}
	last := out.First
	if a.online && a.kind == emvcardtest.Contact {
		last = out.Second
	}
	if out.Online != a.online || last == nil || last.CID != a.last {
		t.Errorf("online %v, last cryptogram %+v", out.Online, last)
	}
}

func TestApproves(t *testing.T) {
	contactless := emvcardtest.Contactless
	only := func(methods byte) func(*general.Config) {
		return func(c *general.Config) { c.Terminal.Capabilities[2] = methods }
	}
	for name, tt := range map[string]approval{
		"contact, CDA, offline": {
			amount: 1000, method: outcome.CDA, tsi: "E800", cvm: "440302", last: 0x40,
		},
		"contact, CDA, online": {
			amount: 6000, method: outcome.CDA, online: true, tvr: "0000008000", tsi: "F800",
			cvm: "440302", last: 0x40,
		},
		"contact, DDA, online": {
			amount: 6000, method: outcome.DDA, online: true, config: only(0x40), tvr: "0000008000",
			tsi: "F800", cvm: "440302", last: 0x40,
		},
		"contact, SDA, version 10, online": {
			amount: 6000, method: outcome.SDA, online: true, config: only(0x80), tvr: "0200008000",
			tsi: "F800", cvm: "440302", last: 0x40,
			change: func(a *image.Application) { a.Scheme = cryptogram.VersionCVN10 },
		},
		"contact, answers of format 1": {
			amount: 6000, method: outcome.DDA, online: true, config: only(0x40), tvr: "0000008000",
			tsi: "F800", cvm: "440302", last: 0x40,
			change: func(a *image.Application) { a.Format1 = true },
		},
		"contact, no method in common, plain PIN": {
			amount: 6000, method: outcome.NoMethod, online: true, tvr: "8000008000", tsi: "7800",
			cvm: "410302", last: 0x40, config: func(c *general.Config) {
				c.Terminal.Capabilities = [3]byte{0xE0, 0x80, 0}
			},
		},
		"contact, without a directory that anybody knows": {
			amount: 1000, method: outcome.CDA, tsi: "E800", cvm: "440302", last: 0x40,
			config: func(c *general.Config) { c.Way = entry.Listed }, from: entry.FromList,
		},
		"contactless, CDA, offline": {
			kind: contactless, amount: 1000, method: outcome.CDA, tsi: "E800", cvm: "5E0300", last: 0x40,
		},
		"contactless, CDA, online": {
			kind: contactless, amount: 6000, method: outcome.CDA, online: true, tvr: "0000008000",
			tsi: "E800", cvm: "5E0300", last: 0x80,
		},
		"contactless, fast, offline": {
			kind: contactless, amount: 1000, method: outcome.FastDDA, tsi: "A000", cvm: "3F0000",
			last: 0x40, change: fastCard,
		},
		"contactless, fast, online": {
			kind: contactless, amount: 6000, method: outcome.FastDDA, tsi: "A000", cvm: "3F0000",
			online: true, last: 0x80, change: fastCard,
		},
	} {
		t.Run(name, func(t *testing.T) {
			change := tt.change
			if change == nil {
				change = func(*image.Application) {}
			}
			f := emvcardtest.New(t, tt.kind, change)
			c := config(f)
			c.Way = entry.Contact
			want := entry.FromPSE
			if tt.kind == contactless {
				c.Way, want = entry.Contactless, entry.FromPPSE
			}
			if tt.config != nil {
				tt.config(&c)
			}
			if tt.from != "" {
				want = tt.from
			}
			out, err := pay(t, c, f.Card(t, nil), host{bank(f), t}, general.Purchase{Amount: tt.amount})
			if err != nil || out.Result != outcome.Approved || out.Reversal {
				t.Fatalf("%v, %v: %+v", out.Result, err, out)
			}
			tt.check(t, out)
			if out.Selected.Directory != want || out.PAN != emvcardtest.PAN || out.Sequence != 1 {
				t.Errorf("%s, %s, %d", out.Selected.Directory, out.PAN, out.Sequence)
			}
		})
	}
}

// anonymousHost brings a request of the general kernel to the anonymous cards' issuer, which wants
// the card key's signature too: it is in the card's last answer.
type anonymousHost struct {
	kernel.Host
	card *recorder
}

func (h anonymousHost) Authorise(
	ctx context.Context, q general.Request,
) (outcome.Answer, error) {
	last := h.card.exchanges[len(h.card.exchanges)-1]
	command, err := apdu.ParseCommand(last.command)
	if err != nil {
		return outcome.Answer{}, err
	}
	terminal, err := emv.ParseCDOL1Data(command.Data)
	if err != nil {
		return outcome.Answer{}, err
	}
	ac, err := emv.ParseACAnswer(last.answer[:len(last.answer)-2])
	if err != nil {
		return outcome.Answer{}, err
	}
	pan, err := emv.ParsePANDigits(q.PAN.Reveal())
	if err != nil {
		return outcome.Answer{}, err
	}
	a, err := h.Host.Authorise(ctx, kernel.Request{
		Amount: money.Must("EUR:12.50"), PAN: pan, AID: []byte(wire.AIDPayment), Sequence: q.Sequence,
		Terminal: terminal, AIP: emv.AIP(), ATC: ac.ATC, CID: ac.CID, ARQC: ac.AC, IAD: ac.IAD,
		Tap: *ac.Tap,
	})
	return outcome.Answer{ARC: a.ARC, IssuerAuth: a.IssuerAuth[:]}, err
}

// An armed card of the anonymous protocol pays at a terminal that knows nothing of it but its name,
// as other people's terminals would.
func TestAnonymousCardPays(t *testing.T) {
	noon := func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }
	issuer := terminaltest.NewIssuer(t, noon)
	c := config(emvcardtest.New(t, emvcardtest.Contactless))
	c.Now, c.Way = noon, entry.Contactless
	c.Terminal.Merchant = [15]byte([]byte("MERTEST1SHOP01 "))
	c.Applications[0].AID = []byte(wire.AIDPayment)
	k, err := general.New(c)
	if err != nil {
		t.Fatal(err)
	}
	card := &recorder{Card: pcsc.NewDirect(issuer.Card(t))}
	out, err := k.Pay(t.Context(), card, anonymousHost{issuer.Host(), card},
		general.Purchase{Amount: 1250})
	if err != nil || out.Result != outcome.Approved || !out.Online || out.Second == nil {
		t.Fatalf("%v, %v: %+v", out.Result, err, out.Notes)
	}
	if issuer.Booked() != 1 {
		t.Errorf("%d payments booked", issuer.Booked())
	}
	if got := out.TVR.String(); got != "8000000000" {
		t.Errorf("TVR %s: nothing but that there was no offline authentication", got)
	}
}

// A card that speaks T=0 announces its answers, 61xx, and corrects lengths, 6Cxx.
func TestTransmissionByT0(t *testing.T) {
	f := emvcardtest.New(t, emvcardtest.Contact)
	f.Image.T0 = true
	c := config(f)
	c.Way = entry.Contact
	k, err := general.New(c)
	if err != nil {
		t.Fatal(err)
	}
	card := &recorder{Card: pcsc.NewDirect(f.Card(t, nil))}
	out, err := k.Pay(t.Context(), card, host{bank(f), t}, general.Purchase{Amount: 6000})
	if err != nil || out.Result != outcome.Approved {
		t.Fatalf("%v, %v: %v", out.Result, err, out.Why)
	}
	fetched := 0
	for _, e := range card.exchanges {
		if e.command[1] == apdu.InsGetResponse {
			fetched++
		}
	}
	if fetched == 0 {
		t.Error("nothing was fetched by GET RESPONSE")
	}
}

// TestNumberIsntPrinted: whoever prints an outcome or what an issuer is asked shows four digits.
func TestNumberIsntPrinted(t *testing.T) {
	const pan emv.AnyPAN = emvcardtest.PAN
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, value := range []any{pan, outcome.Outcome{PAN: pan}, general.Request{PAN: pan}} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, pan.Reveal()) || strings.Contains(text, hexOf([]byte(pan))) ||
				strings.Contains(text, fmt.Sprintf("%x", pan.Reveal())) {
				t.Errorf("%s prints %s", verb, text)
			}
		}
	}
	raw, err := json.Marshal(general.Request{PAN: pan})
	if err != nil || strings.Contains(string(raw), pan.Reveal()) {
		t.Errorf("%s, %v", raw, err)
	}
}
