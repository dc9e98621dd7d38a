package rules_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/terminal/kernel/rules"
)

func tvr(bits ...rules.TVRBit) (t rules.TVR) {
	t.Set(bits...)
	return t
}

// TestBits compares names with places, as annex C5 and C6 print them.
func TestBits(t *testing.T) {
	for want, bit := range map[string]rules.TVRBit{
		"8000000000": rules.NoAuthentication, "4000000000": rules.SDAFailed,
		"2000000000": rules.DataMissing, "1000000000": rules.OnExceptionFile,
		"0800000000": rules.DDAFailed, "0400000000": rules.CDAFailed,
		"0200000000": rules.SDASelected, "0080000000": rules.OtherVersion,
		"0040000000": rules.Expired, "0020000000": rules.NotYetEffective,
		"0010000000": rules.NotAllowed, "0008000000": rules.NewCard,
		"0000800000": rules.NotVerified, "0000400000": rules.UnknownMethod,
		"0000200000": rules.PINTriesUsed, "0000100000": rules.NoPINPad,
		"0000080000": rules.PINNotEntered, "0000040000": rules.OnlinePIN,
		"0000008000": rules.AboveFloor, "0000004000": rules.LowerLimit,
		"0000002000": rules.UpperLimit, "0000001000": rules.RandomlyOnline,
		"0000000800": rules.MerchantOnline, "0000000080": rules.DefaultTDOL,
		"0000000040": rules.IssuerNotProven, "0000000020": rules.ScriptBefore,
		"0000000010": rules.ScriptAfter,
	} {
		got := tvr(bit)
		if got.String() != want || !got.Has(bit) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	var tsi rules.TSI
	tsi.Set(rules.DidAuthentication)
	tsi.Set(rules.DidScripts)
	if tsi.String() != "8400" || tsi.Has(rules.DidCardRisk) || !tsi.Has(rules.DidScripts) {
		t.Errorf("TSI %s", tsi)
	}
}

func TestRestrictions(t *testing.T) {
	day := time.Date(2026, 11, 21, 23, 59, 0, 0, time.UTC)
	terminal := rules.Asked{
		Version: [2]byte{0, 2}, Country: [2]byte{0x09, 0x78}, Date: day,
	}
	ok := rules.Offered{Expires: [3]byte{0x26, 0x11, 0x30}}
	usage := func(b1, b2 byte) *[2]byte { return &[2]byte{b1, b2} }
	home := &[2]byte{0x09, 0x78}
	for name, tt := range map[string]struct {
		card func(*rules.Offered)
		ask  func(*rules.Asked)
		want rules.TVR
	}{
		"nothing but the expiry": {},
		"same version":           {card: func(c *rules.Offered) { c.Version = &[2]byte{0, 2} }},
		"another version": {
			card: func(c *rules.Offered) { c.Version = &[2]byte{0, 3} }, want: tvr(rules.OtherVersion),
		},
		"last day": {card: func(c *rules.Offered) { c.Expires = [3]byte{0x26, 0x11, 0x21} }},
		"expired yesterday": {
			card: func(c *rules.Offered) { c.Expires = [3]byte{0x26, 0x11, 0x20} },
			want: tvr(rules.Expired),
		},
		"expired in the last century": {
			card: func(c *rules.Offered) { c.Expires = [3]byte{0x99, 0x11, 0x20} },
			want: tvr(rules.Expired),
		},
		"expires on no day": {
			card: func(c *rules.Offered) { c.Expires = [3]byte{0x27, 0x02, 0x30} },
			want: tvr(rules.Expired),
		},
		"effective today": {card: func(c *rules.Offered) { c.Effective = &[3]byte{0x26, 0x11, 0x21} }},
		"effective tomorrow": {
			card: func(c *rules.Offered) { c.Effective = &[3]byte{0x26, 0x11, 0x22} },
			want: tvr(rules.NotYetEffective),
		},
		"effective on letters": {
			card: func(c *rules.Offered) { c.Effective = &[3]byte{0x2A, 0x11, 0x22} },
			want: tvr(rules.NotYetEffective),
		},
		"for ATMs only": {
			card: func(c *rules.Offered) { c.Usage = usage(0xFE, 0xC0) }, want: tvr(rules.NotAllowed),
		},
		"at an ATM, not for ATMs": {
			card: func(c *rules.Offered) { c.Usage = usage(0xFD, 0xC0) },
			ask:  func(a *rules.Asked) { a.ATM = true }, want: tvr(rules.NotAllowed),
		},
		"no country, whatever the service": {
			card: func(c *rules.Offered) { c.Usage = usage(0x01, 0) },
		},
		"goods at home": {
			card: func(c *rules.Offered) { c.Usage, c.Country = usage(0x21, 0), home },
		},
		"goods abroad": {
			card: func(c *rules.Offered) { c.Usage, c.Country = usage(0x21, 0), &[2]byte{0x08, 0x40} },
			want: tvr(rules.NotAllowed),
		},
		"neither goods nor services at home": {
			card: func(c *rules.Offered) { c.Usage, c.Country = usage(0xD7, 0), home },
			want: tvr(rules.NotAllowed),
		},
		"services at home": {
			card: func(c *rules.Offered) { c.Usage, c.Country = usage(0x09, 0), home },
		},
		"services abroad": {
			card: func(c *rules.Offered) { c.Usage, c.Country = usage(0x05, 0), &[2]byte{0x08, 0x40} },
		},
		"a refund": {
			card: func(c *rules.Offered) { c.Usage, c.Country = usage(0x01, 0), home },
			ask:  func(a *rules.Asked) { a.Service = rules.NoService },
		},
		"cash at home": {
			card: func(c *rules.Offered) { c.Usage, c.Country = usage(0x7F, 0), home },
			ask:  func(a *rules.Asked) { a.Service = rules.Cash }, want: tvr(rules.NotAllowed),
		},
		"cashback at home": {
			card: func(c *rules.Offered) { c.Usage, c.Country = usage(0xFF, 0x40), home },
			ask:  func(a *rules.Asked) { a.Cashback = true }, want: tvr(rules.NotAllowed),
		},
		"cashback abroad": {
			card: func(c *rules.Offered) { c.Usage, c.Country = usage(0xFF, 0x40), &[2]byte{1, 2} },
			ask:  func(a *rules.Asked) { a.Cashback = true },
		},
	} {
		card, asked := ok, terminal
		if tt.card != nil {
			tt.card(&card)
		}
		if tt.ask != nil {
			tt.ask(&asked)
		}
		if got := rules.Restrictions(card, asked); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestRisk(t *testing.T) {
	limits := rules.Limits{Floor: 1000, Threshold: 500, Percent: 10, Most: 60}
	counter := func(n uint16) *uint16 { return &n }
	limit := func(n byte) *byte { return &n }
	for name, tt := range map[string]struct {
		sums    rules.Sums
		limits  *rules.Limits
		history rules.History
		random  int
		want    rules.TVR
	}{
		"below the floor": {sums: rules.Sums{Amount: 400}, random: 99},
		"at the floor":    {sums: rules.Sums{Amount: 1000}, random: 99, want: tvr(rules.AboveFloor)},
		"split below the floor": {
			sums: rules.Sums{Amount: 500, Before: 500}, random: 99, want: tvr(rules.AboveFloor),
		},
		"a sum that overflows": {
			sums: rules.Sums{Amount: 1 << 63, Before: 1 << 63}, random: 99, want: tvr(rules.AboveFloor),
		},
		"chosen":              {sums: rules.Sums{Amount: 400}, random: 10, want: tvr(rules.RandomlyOnline)},
		"not chosen":          {sums: rules.Sums{Amount: 400}, random: 11},
		"chosen half-way":     {sums: rules.Sums{Amount: 750}, random: 35, want: tvr(rules.RandomlyOnline)},
		"not chosen half-way": {sums: rules.Sums{Amount: 750}, random: 36},
		"no floor":            {limits: &rules.Limits{}, random: 99, want: tvr(rules.AboveFloor)},
		"threshold above the floor": {
			sums: rules.Sums{Amount: 400}, limits: &rules.Limits{Floor: 500, Threshold: 600}, random: 1,
		},
		"one limit only": {history: rules.History{Lower: limit(1)}, random: 99},
		"no counters": {
			history: rules.History{Lower: limit(1), Upper: limit(2)}, random: 99,
			want: tvr(rules.LowerLimit, rules.UpperLimit, rules.DataMissing),
		},
		"no last online counter": {
			history: rules.History{Lower: limit(1), Upper: limit(2), Counter: counter(7)}, random: 99,
			want: tvr(rules.LowerLimit, rules.UpperLimit, rules.DataMissing),
		},
		"no counter, and never online": {
			history: rules.History{Lower: limit(1), Upper: limit(2), LastOnline: counter(0)}, random: 99,
			want: tvr(rules.LowerLimit, rules.UpperLimit, rules.DataMissing, rules.NewCard),
		},
		"above the upper limit, which is below the lower one": {
			history: rules.History{limit(3), limit(1), counter(9), counter(7)}, random: 99,
		},
		"at the lower limit": {
			history: rules.History{limit(1), limit(2), counter(8), counter(7)}, random: 99,
		},
		"above the lower limit": {
			history: rules.History{limit(1), limit(2), counter(9), counter(7)}, random: 99,
			want: tvr(rules.LowerLimit),
		},
		"above both": {
			history: rules.History{limit(1), limit(2), counter(10), counter(7)}, random: 99,
			want: tvr(rules.LowerLimit, rules.UpperLimit),
		},
		"a counter that goes back": {
			history: rules.History{limit(1), limit(2), counter(7), counter(7)}, random: 99,
			want: tvr(rules.LowerLimit, rules.UpperLimit),
		},
		"never online": {
			history: rules.History{limit(9), limit(9), counter(7), counter(0)}, random: 99,
			want: tvr(rules.NewCard),
		},
	} {
		l := limits
		if tt.limits != nil {
			l = *tt.limits
		}
		if got := rules.Risk(tt.sums, l, tt.history, tt.random); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestAction(t *testing.T) {
	bit := tvr(rules.AboveFloor)
	only := func(c rules.TVR) [5]byte { return c }
	denial := rules.Codes{Denial: only(bit)}
	online := rules.Codes{Online: only(bit)}
	fallback := rules.Codes{Default: only(bit)}
	for name, tt := range map[string]struct {
		tvr            rules.TVR
		card, terminal rules.Codes
		reach          rules.Reach
		want           rules.Decision
		after          rules.Decision // when the issuer couldn't be asked
	}{
		"nothing is said":      {want: rules.Approve, reach: rules.Either, after: rules.Approve},
		"nothing, online only": {want: rules.Online, reach: rules.OnlineOnly, after: rules.Approve},
		"card denies": {
			tvr: bit, card: denial, reach: rules.OnlineOnly, want: rules.Decline, after: rules.Approve,
		},
		"terminal denies": {
			tvr: bit, terminal: denial, want: rules.Decline, after: rules.Approve,
		},
		"another bit denies": {
			tvr: tvr(rules.Expired), card: denial, reach: rules.Either, want: rules.Approve,
			after: rules.Approve,
		},
		"card goes online": {
			tvr: bit, card: online, reach: rules.Either, want: rules.Online, after: rules.Approve,
		},
		"terminal goes online": {
			tvr: bit, terminal: online, reach: rules.Either, want: rules.Online, after: rules.Approve,
		},
		"can't go online": {tvr: bit, card: online, want: rules.Approve, after: rules.Approve},
		"card's default":  {tvr: bit, card: fallback, want: rules.Decline, after: rules.Decline},
		"terminal's default": {
			tvr: bit, terminal: fallback, want: rules.Decline, after: rules.Decline,
		},
		"default doesn't count yet": {
			tvr: bit, card: fallback, reach: rules.Either, want: rules.Approve, after: rules.Decline,
		},
		"no codes on the card": {
			tvr: bit, card: rules.IACDefaults(), reach: rules.Either, want: rules.Online,
			after: rules.Decline,
		},
	} {
		if got := rules.Action(tt.tvr, tt.card, tt.terminal, tt.reach); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
		if got := rules.Unreachable(tt.tvr, tt.card, tt.terminal); got != tt.after {
			t.Errorf("%s, unreachable: %s, want %s", name, got, tt.after)
		}
	}
}

func TestCVMListsRefuse(t *testing.T) {
	for _, n := range []int{0, 7, 9, 11, 253, 254} {
		if _, err := rules.ParseCVMList(make([]byte, n)); !errors.Is(err, rules.ErrCVMList) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	list, err := rules.ParseCVMList([]byte{0, 0, 0, 5, 0, 0, 1, 0, 0x42, 0x01, 0x1F, 0x06})
	if err != nil || list.X != 5 || list.Y != 256 || len(list.Rules) != 2 ||
		list.Rules[0].Method() != rules.OnlinePINMethod {
		t.Errorf("%+v, %v", list, err)
	}
}

// able is a terminal with methods that end as is said.
type able map[rules.Method]rules.Outcome

func (a able) Supports(m rules.Method) bool { _, ok := a[m]; return ok }

func (a able) Verify(m rules.Method) rules.Outcome { return a[m] }

func TestCardholder(t *testing.T) {
	every := able{
		rules.PlainPIN: rules.Done, rules.OnlinePINMethod: rules.Unsure, rules.Signature: rules.Unsure,
		rules.NoCVM: rules.Done,
	}
	for name, tt := range map[string]struct {
		rules string // method and condition each
		buy   rules.Purchase
		by    able
		want  rules.CVMResults
		tvr   rules.TVR
	}{
		"no rules":   {want: rules.CVMResults{0x3F, 0, 0}, tvr: tvr(rules.DataMissing)},
		"none holds": {rules: "\x1F\x04", want: rules.CVMResults{0x3F, 0, 1}, tvr: tvr(rules.NotVerified)},
		"an unknown condition": {
			rules: "\x1F\x0A\x1F\x00", want: rules.CVMResults{0x1F, 0, 2},
		},
		"an unknown method, then the next": {
			rules: "\x46\x00\x1F\x00", want: rules.CVMResults{0x1F, 0, 2}, tvr: tvr(rules.UnknownMethod),
		},
		"an unknown method, no next": {
			rules: "\x06\x00\x1F\x00", want: rules.CVMResults{0x3F, 0, 1},
			tvr: tvr(rules.UnknownMethod, rules.NotVerified),
		},
		"fail": {
			rules: "\x40\x00\x1F\x00", want: rules.CVMResults{0x40, 0, 1}, tvr: tvr(rules.NotVerified),
		},
		"PIN is right": {rules: "\x41\x03", want: rules.CVMResults{0x41, 3, 2}},
		"PIN is wrong": {
			rules: "\x01\x00", by: able{rules.PlainPIN: rules.Failed},
			want: rules.CVMResults{0x01, 0, 1}, tvr: tvr(rules.NotVerified),
		},
		"PIN is wrong, then a signature": {
			rules: "\x41\x00\x1E\x00", by: able{rules.PlainPIN: rules.Failed, rules.Signature: rules.Unsure},
			want: rules.CVMResults{0x1E, 0, 0},
		},
		"no tries left": {
			rules: "\x01\x00", by: able{rules.PlainPIN: rules.TriesUsed},
			want: rules.CVMResults{0x01, 0, 1}, tvr: tvr(rules.PINTriesUsed, rules.NotVerified),
		},
		"PIN pad is broken": {
			rules: "\x01\x00", by: able{rules.PlainPIN: rules.NoPad},
			want: rules.CVMResults{0x01, 0, 1}, tvr: tvr(rules.NoPINPad, rules.NotVerified),
		},
		"PIN isn't entered": {
			rules: "\x42\x00\x1F\x00", by: able{rules.OnlinePINMethod: rules.NotGiven, rules.NoCVM: 0},
			want: rules.CVMResults{0x1F, 0, 2}, tvr: tvr(rules.PINNotEntered),
		},
		"no PIN pad": {
			rules: "\x42\x00\x1F\x00", by: able{rules.NoCVM: 0},
			want: rules.CVMResults{0x1F, 0, 2}, tvr: tvr(rules.NoPINPad),
		},
		"enciphered PIN, where there is only the plain one": {
			rules: "\x44\x00\x1F\x00", want: rules.CVMResults{0x1F, 0, 2},
		},
		"plain PIN, where there is only the enciphered one": {
			rules: "\x41\x00\x1F\x00", by: able{rules.EncipheredPIN: rules.Done, rules.NoCVM: 0},
			want: rules.CVMResults{0x1F, 0, 2},
		},
		"PIN and signature, where there is no signature": {
			rules: "\x43\x00\x1F\x00", want: rules.CVMResults{0x1F, 0, 2},
		},
		"PIN and signature, and no PIN pad": {
			rules: "\x43\x00\x1F\x00", by: able{rules.Signature: rules.Unsure, rules.NoCVM: 0},
			want: rules.CVMResults{0x1F, 0, 2}, tvr: tvr(rules.NoPINPad),
		},
		"PIN goes online": {
			rules: "\x02\x00", want: rules.CVMResults{0x02, 0, 0}, tvr: tvr(rules.OnlinePIN),
		},
		"under X": {
			rules: "\x1F\x06", buy: rules.Purchase{Amount: 99, InCardCurrency: true},
			want: rules.CVMResults{0x1F, 6, 2},
		},
		"at X": {
			rules: "\x1F\x06\x1F\x07", buy: rules.Purchase{Amount: 100, InCardCurrency: true},
			want: rules.CVMResults{0x3F, 0, 1}, tvr: tvr(rules.NotVerified),
		},
		"over X, under Y": {
			rules: "\x1F\x09\x1F\x08", buy: rules.Purchase{Amount: 101, InCardCurrency: true},
			want: rules.CVMResults{0x1F, 8, 2},
		},
		"over X in another currency": {
			rules: "\x1F\x07", buy: rules.Purchase{Amount: 101},
			want: rules.CVMResults{0x3F, 0, 1}, tvr: tvr(rules.NotVerified),
		},
		"cash from a machine": {
			rules: "\x1F\x02\x01\x01", buy: rules.Purchase{Unattended: true, Cash: true},
			want: rules.CVMResults{0x01, 1, 2},
		},
		"cash from a person": {
			rules: "\x1F\x02\x01\x04", buy: rules.Purchase{ManualCash: true},
			want: rules.CVMResults{0x01, 4, 2},
		},
		"cashback": {
			rules: "\x1F\x02\x01\x05", buy: rules.Purchase{Cashback: true},
			want: rules.CVMResults{0x01, 5, 2},
		},
	} {
		head := string([]byte{0, 0, 0, 100, 0, 0, 1, 0})
		list, err := rules.ParseCVMList([]byte(head + tt.rules))
		if err != nil {
			t.Fatal(err)
		}
		by := every
		if tt.by != nil {
			by = tt.by
		}
		got, bits, _ := rules.Cardholder(&list, tt.buy, by)
		if got != tt.want || bits != tt.tvr {
			t.Errorf("%s: %X and %s, want %X and %s", name, got, bits, tt.want, tt.tvr)
		}
	}
	if got, bits, _ := rules.Cardholder(nil, rules.Purchase{}, every); !bits.Has(rules.DataMissing) {
		t.Errorf("no list: %X and %s", got, bits)
	}
}

func TestCardholderSaysWhichRulesWereLookedAt(t *testing.T) {
	list := rules.CVMList{Rules: []rules.CVMRule{{0x41, 0x04}, {0x44, 0x00}, {0x1F, 0x00}, {0, 0}}}
	by := able{rules.NoCVM: rules.Done}
	_, _, got := rules.Cardholder(&list, rules.Purchase{}, by)
	want := []rules.CVMStep{
		{Rule: list.Rules[0]},
		{Rule: list.Rules[1], Holds: true, Set: tvr(rules.NoPINPad)},
		{Rule: list.Rules[2], Holds: true, Tried: true, Result: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
