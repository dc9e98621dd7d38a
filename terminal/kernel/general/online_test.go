package general_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tapbench/applet/emv/issuer"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// hostFunc is a host that is a function.
type hostFunc func(general.Request) (outcome.Answer, error)

func (f hostFunc) Authorise(_ context.Context, q general.Request) (outcome.Answer, error) {
	return f(q)
}

// altered has an answer of the card's own issuer changed.
func altered(t *testing.T, change func(*outcome.Answer)) func(*emvcardtest.Fixture) general.Host {
	return func(f *emvcardtest.Fixture) general.Host {
		own := host{bank(f), t}
		return hostFunc(func(q general.Request) (outcome.Answer, error) {
			a, err := own.Authorise(t.Context(), q)
			change(&a)
			return a, err
		})
	}
}

func TestOnline(t *testing.T) {
	broken := errors.New("line is down")
	fails := func(err error) func(*emvcardtest.Fixture) general.Host {
		return func(*emvcardtest.Fixture) general.Host {
			return hostFunc(func(general.Request) (outcome.Answer, error) { return outcome.Answer{}, err })
		}
	}
	code := func(arc string) func(*emvcardtest.Fixture) general.Host {
		return altered(t, func(a *outcome.Answer) { a.ARC = [2]byte([]byte(arc)) })
	}
	for name, tt := range map[string]struct {
		kind     emvcardtest.Kind
		host     func(*emvcardtest.Fixture) general.Host
		config   func(*general.Config)
		change   func(*image.Application)
		deviates []string
		result   outcome.Result
		arc      string
		why      string
		tvr      []rules.TVRBit
		reversal bool
	}{
		"unreachable, a default code denies": {
			host: fails(broken), result: outcome.Declined, arc: "Z3", reversal: true,
			why:    "action code (default) has TVR byte 4 bit 8",
			config: func(c *general.Config) { c.Applications[0].Codes.Default = [5]byte{0, 0, 0, 0x80} },
		},
		"unreachable, never sent, no default code denies": {
			host:   fails(fmt.Errorf("dialling: %w", general.ErrNotSent)),
			result: outcome.Approved, arc: "Y3", why: "no default action code denies",
			deviates: []string{"00B2: set 9F0D 0000000000"},
			config:   func(c *general.Config) { c.Terminal.Capabilities[2] = 0 },
		},
		"unreachable, card declines": {
			host:   fails(fmt.Errorf("dialling: %w", general.ErrNotSent)),
			result: outcome.Declined, arc: "Z3",
		},
		"unreachable, contactless": {
			kind: emvcardtest.Contactless, host: fails(broken), result: outcome.Declined, arc: "Z3",
			reversal: true,
		},
		"no host at all": {
			host: func(*emvcardtest.Fixture) general.Host { return nil }, result: outcome.Declined,
			arc: "Z3", why: "issuer can't be asked",
		},
		"issuer declines": {
			host: code("05"), result: outcome.Declined, arc: "05", why: "issuer declines",
		},
		"issuer refers, nobody calls": {
			host: code("01"), result: outcome.Declined, arc: "01", why: "referred, and nobody",
		},
		"issuer refers, and says no": {
			host: code("02"), result: outcome.Declined, arc: "02",
			config: func(c *general.Config) { c.Referral = func() bool { return false } },
		},
		"issuer approves in another way": {
			// the card doesn't care about 8A: its ARPC says that the issuer approves
			host: code("10"), result: outcome.Approved, arc: "10",
		},
		"issuer's proof is wrong, card demands one": {
			host:   altered(t, func(a *outcome.Answer) { a.IssuerAuth[0] ^= 1 }),
			change: func(a *image.Application) { a.Risk.MandatoryAuth = true },
			result: outcome.Declined, arc: "00", why: "card declines",
			tvr: []rules.TVRBit{rules.IssuerNotProven}, reversal: true,
		},
		"issuer's proof is missing, card demands one": {
			host:   altered(t, func(a *outcome.Answer) { a.IssuerAuth = nil }),
			change: func(a *image.Application) { a.Risk.MandatoryAuth = true },
			result: outcome.Declined, arc: "00", why: "card declines", reversal: true,
		},
		"issuer's proof is too short": {
			host:   altered(t, func(a *outcome.Answer) { a.IssuerAuth = a.IssuerAuth[:7] }),
			change: func(a *image.Application) { a.Risk.MandatoryAuth = true },
			result: outcome.Declined, reversal: true,
		},
		"card's signature beside the TC is wrong": {
			host: code("00"), deviates: []string{"80AE #2: xor 9F4B@5 01"}, result: outcome.Declined,
			why: "signature beside its TC is wrong", tvr: []rules.TVRBit{rules.CDAFailed}, reversal: true,
		},
		"card's signature beside the ARQC is wrong": {
			host: func(*emvcardtest.Fixture) general.Host {
				return hostFunc(func(general.Request) (outcome.Answer, error) {
					t.Error("the issuer was asked")
					return outcome.Answer{}, broken
				})
			},
			deviates: []string{"80AE #1: xor 9F4B@5 01"}, result: outcome.Declined, arc: "Z1",
			why: "signature beside its ARQC is wrong", tvr: []rules.TVRBit{rules.CDAFailed},
		},
	} {
		t.Run(name, func(t *testing.T) {
			change := tt.change
			if change == nil {
				change = func(*image.Application) {}
			}
			f := emvcardtest.New(t, tt.kind, change)
			c := config(f)
			c.Way = entry.Anyhow
			if tt.config != nil {
				tt.config(&c)
			}
			if tt.kind == emvcardtest.Contact {
				c.Way = entry.Contact
			}
			card := deviate(t, f.Card(t, nil), tt.deviates...)
			out, err := pay(t, c, card, tt.host(f), general.Purchase{Amount: 6000})
			if err != nil || out.Result != tt.result || out.Reversal != tt.reversal {
				t.Fatalf("%v, reversal %v, %v: %+v", out.Result, out.Reversal, err, out.Notes)
			}
			if tt.arc != "" && string(out.ARC[:]) != tt.arc {
				t.Errorf("response code %q, want %q", out.ARC[:], tt.arc)
			}
			if !strings.Contains(out.Why.Text, tt.why) || out.Why.Clause == "" {
				t.Errorf("because %+v, want %q", out.Why, tt.why)
			}
			for _, bit := range tt.tvr {
				if !out.TVR.Has(bit) {
					t.Errorf("TVR %s has no %04X", out.TVR, bit)
				}
			}
		})
	}
}

func TestReferralIsApprovedByAPerson(t *testing.T) {
	f := emvcardtest.New(t, emvcardtest.Contact)
	c := config(f)
	called := 0
	c.Referral = func() bool { called++; return true }
	out, err := pay(t, c, f.Card(t, nil),
		altered(t, func(a *outcome.Answer) { a.ARC = [2]byte{'0', '1'} })(f),
		general.Purchase{Amount: 6000})
	if err != nil || called != 1 || out.Final != rules.Approve {
		t.Fatalf("%v, called %d times, %v: %+v", out.Result, called, err, out.Why)
	}
}

// A card that vanishes after the issuer has approved leaves a payment that must be reversed.
func TestCardVanishesAfterApproval(t *testing.T) {
	f := emvcardtest.New(t, emvcardtest.Contact)
	c := config(f)
	c.Way = entry.Contact
	out, err := pay(t, c, deviate(t, f.Card(t, nil), "80AE #2: silent"), host{bank(f), t},
		general.Purchase{Amount: 6000})
	if !errors.Is(err, pcsc.ErrCardRemoved) || out.Result != outcome.Unfinished || !out.Reversal {
		t.Errorf("%v, reversal %v, %v", out.Result, out.Reversal, err)
	}
}

func TestScripts(t *testing.T) {
	unblock := func(before bool, id byte) issuer.Script {
		return issuer.Script{
			Before: before, ID: [4]byte{0, 0, 0, id}, Orders: []issuer.Order{issuer.UnblockPIN()},
		}
	}
	for name, tt := range map[string]struct {
		scripts  []issuer.Script
		raw      []byte // in place of them
		deviates []string
		want     string // results, 9F5B
		tvr      string
		tsi      string
	}{
		"none": {tvr: "0000008000", tsi: "F800"},
		"one before": {
			scripts: []issuer.Script{unblock(true, 1)}, want: "2000000001", tvr: "0000008000",
			tsi: "FC00",
		},
		"one after": {
			scripts: []issuer.Script{unblock(false, 2)}, want: "2000000002", tvr: "0000008000",
			tsi: "FC00",
		},
		"a warning goes on": {
			scripts: []issuer.Script{unblock(true, 1)}, deviates: []string{"84: sw 6300"},
			want: "2000000001", tvr: "0000008000", tsi: "FC00",
		},
		"before fails": {
			scripts: []issuer.Script{unblock(true, 1)}, deviates: []string{"84: sw 6985"},
			want: "1100000001", tvr: "0000008020", tsi: "FC00",
		},
		"after fails": {
			scripts: []issuer.Script{unblock(false, 1)}, deviates: []string{"84: sw 6A80"},
			want: "1100000001", tvr: "0000008010", tsi: "FC00",
		},
		"can't be read": {
			raw: []byte{0x71, 4, 0x86, 2, 0x84, 0x24}, want: "0000000000", tvr: "0000008020", tsi: "FC00",
		},
		"holds another object": {
			raw: []byte{0x72, 3, 0x5A, 1, 0}, want: "0000000000", tvr: "0000008010", tsi: "FC00",
		},
		"too long together": {
			raw: append([]byte{0x72, 0x81, 0x81}, make([]byte, 129)...), want: "0000000000",
			tvr: "0000008010", tsi: "FC00",
		},
		"length that lies": {
			raw: []byte{0x71, 0x7F}, want: "0000000000", tvr: "0000008020", tsi: "FC00",
		},
		"no template": {raw: []byte{0x86, 1, 0}, tvr: "0000008000", tsi: "F800"},
	} {
		t.Run(name, func(t *testing.T) {
			f := emvcardtest.New(t, emvcardtest.Contact)
			c := config(f)
			c.Way = entry.Contact
			own := bank(f)
			for _, s := range tt.scripts {
				if err := own.Send(emvcardtest.PAN, emvcardtest.Sequence, s); err != nil {
					t.Fatal(err)
				}
			}
			asked := hostFunc(func(q general.Request) (outcome.Answer, error) {
				a, err := host{own, t}.Authorise(t.Context(), q)
				if tt.raw != nil {
					a.Scripts = tt.raw
				}
				return a, err
			})
			out, err := pay(t, c, deviate(t, f.Card(t, nil), tt.deviates...), asked,
				general.Purchase{Amount: 6000})
			if err != nil || out.Result != outcome.Approved {
				t.Fatalf("%v, %v: %+v", out.Result, err, out.Why)
			}
			got := ""
			for _, s := range out.Scripts {
				r := s.Results()
				got += hexOf(r[:])
			}
			if got != tt.want || out.TVR.String() != tt.tvr || out.TSI.String() != tt.tsi {
				t.Errorf("results %s, TVR %s, TSI %s; want %s, %s, %s: %v", got, out.TVR, out.TSI, tt.want,
					tt.tvr, tt.tsi, out.Notes)
			}
		})
	}
}

func TestScriptResults(t *testing.T) {
	for want, s := range map[string]outcome.Script{
		"2000000000": {},
		"0001020304": {ID: [4]byte{1, 2, 3, 4}, Malformed: true},
		"1301020304": {ID: [4]byte{1, 2, 3, 4}, Commands: 3, Done: 2},
		"1F00000000": {Commands: 30, Done: 20},
	} {
		if got := s.Results(); hexOf(got[:]) != want {
			t.Errorf("%X, want %s", got, want)
		}
	}
}
