package general_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

func TestFast(t *testing.T) {
	sent := fmt.Errorf("dialling: %w", general.ErrNotSent)
	for name, tt := range map[string]struct {
		deviates  []string
		config    func(*general.Config)
		amount    uint64
		result    outcome.Result // Unfinished: terminated
		why       string
		oda       error // nil: it succeeded, or wasn't performed
		cvm       string
		signature bool
	}{
		"cryptogram of 7 bytes": {
			deviates: []string{"80A8: set 9F26 01020304050607"}, why: "of 7 bytes",
		},
		"nothing says which cryptogram": {
			deviates: []string{"80A8: drop 9F27; drop 9F10"}, why: "nothing says which",
		},
		"a cryptogram of no kind": {
			deviates: []string{"80A8: set 9F27 C0"}, result: outcome.Declined, why: "of no kind",
		},
		"an AAC": {
			deviates: []string{"80A8: set 9F27 00"}, result: outcome.Declined, why: "is an AAC",
		},
		"signature is wrong": {
			deviates: []string{"80A8: set 9F4B 00*128"}, result: outcome.Declined,
			why: "without a right signature", oda: oda.ErrTrailer,
		},
		"signature is of other data": {
			deviates: []string{"80A8: xor 9F69@3 01"}, result: outcome.Declined,
			why: "without a right signature", oda: oda.ErrHash,
		},
		"no signature": {
			deviates: []string{"80A8: drop 9F4B"}, result: outcome.Declined,
			why: "without a right signature",
		},
		"terminal has no DDA": {
			config: func(c *general.Config) { c.Terminal.Capabilities[2] = 0 }, result: outcome.Declined,
			why: "without a right signature",
		},
		"on the exception file": {
			config: func(c *general.Config) { c.Exception = func(string, byte) bool { return true } },
			result: outcome.Declined, why: "exception file",
		},
		"issuer can't be reached": {
			amount: 6000, result: outcome.Declined, why: "issuer can't be asked",
		},
		"type of the cryptogram is in the issuer data alone": {
			deviates: []string{"80A8: drop 9F27; set 9F10 06011203A01002"}, result: outcome.Declined,
			why: "issuer can't be asked",
		},
		"card wants a signature": {
			deviates: []string{"80A8: add 9F6C 4000"}, result: outcome.Approved, cvm: "1E0000",
			signature: true,
		},
		"card wants an online PIN, and there is no pad": {
			deviates: []string{"80A8: add 9F6C C000"}, result: outcome.Approved, cvm: "1E0000",
			signature: true, config: func(c *general.Config) { c.PINPad = nil },
		},
		"account number in track 2 alone": {
			deviates: []string{"00B2: drop 5A; drop 5F24"}, result: outcome.Declined, oda: oda.ErrHash,
			why: "without a right signature",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := emvcardtest.New(t, emvcardtest.Contactless, fastCard)
			c := config(f)
			c.Way = entry.Contactless
			if tt.config != nil {
				tt.config(&c)
			}
			if tt.amount == 0 {
				tt.amount = 1000
			}
			out, err := pay(t, c, deviate(t, f.Card(t, nil), tt.deviates...),
				hostFunc(func(general.Request) (outcome.Answer, error) { return outcome.Answer{}, sent }),
				general.Purchase{Amount: tt.amount})
			if ended := new(outcome.TerminatedError); out.Result != tt.result ||
				errors.As(err, &ended) != (tt.result == outcome.Unfinished) {
				t.Fatalf("%v, %v: %v", out.Result, err, out.Notes)
			}
			if !strings.Contains(out.Why.Text, tt.why) {
				t.Errorf("because %v, want %q", out.Why, tt.why)
			}
			if got := out.Authentication.Err; !errors.Is(got, tt.oda) {
				t.Errorf("authentication: %v, want %v", got, tt.oda)
			}
			if tt.cvm != "" && hexOf(out.CVM[:]) != tt.cvm || out.Signature != tt.signature {
				t.Errorf("CVM results %X, signature %v", out.CVM, out.Signature)
			}
			if err == nil && out.PAN != emvcardtest.PAN {
				t.Errorf("account number %s", out.PAN)
			}
			if tt.oda != nil && !out.TVR.Has(rules.DDAFailed) {
				t.Errorf("TVR %s", out.TVR)
			}
		})
	}
}

// What a terminal says in 9F66 depends on where it asks.
func TestQualifiers(t *testing.T) {
	for name, tt := range map[string]struct {
		kind   byte
		amount uint64
		want   byte // kind of cryptogram
	}{
		"offline only": {0x23, 6000, emv.CIDTC}, "online only": {0x21, 1, emv.CIDARQC},
		"either, below the floor": {
			0x22, 4999, emv.CIDTC,
		}, "either, at it": {
			0x22, 5000, emv.CIDARQC,
		},
	} {
		f := emvcardtest.New(t, emvcardtest.Contactless, fastCard)
		c := config(f)
		c.Way, c.Terminal.Type = entry.Contactless, tt.kind
		out, err := pay(t, c, f.Card(t, nil), host{bank(f), t}, general.Purchase{Amount: tt.amount})
		if err != nil || out.First == nil || out.First.CID != tt.want ||
			out.Result != outcome.Approved {
			t.Errorf("%s: %v, %+v, %v", name, out.Result, out.First, err)
		}
	}
}
