package explain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/explain"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

var update = flag.Bool("update", false, "write the golden files")

// digits are an account number of the test IIN.
const digits = "9999990000000014"

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if os.Getenv("CI") != "" {
			t.Fatal("-update is for people: in CI the files stay as they are")
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), run with -update:\n%s", path, diff)
	}
}

// day is when all of these transactions took place.
func day() time.Time { return time.Date(2026, 11, 21, 19, 30, 0, 0, time.UTC) }

// key is one that nobody has the private half of.
func key(n int) oda.PublicKey {
	return oda.PublicKey{Modulus: bytes.Repeat([]byte{0xC1}, n), Exponent: []byte{3}}
}

// online is a transaction in which everything happened: the issuer was asked, the cardholder
// verified, a script carried out.
func online() outcome.Outcome {
	version, usage, country := [2]byte{0, 2}, [2]byte{0xFF, 0xC0}, [2]byte{0x02, 0x76}
	lower, upper, counter, last := byte(2), byte(5), uint16(9), uint16(5)
	o := outcome.Outcome{
		Result: outcome.Approved, Time: day(), Amount: 6250, Currency: [2]byte{0x09, 0x78},
		Why: outcome.Reason{Text: "the card has answered a TC", Clause: "EMV 4.3 Book 3, 10.11"},
		Selected: outcome.Selected{
			AID: []byte("\xA0\x00\x00\x00\x03\x10\x10"), Label: "TEST", Priority: 1, Directory: "PSE",
		},
		PAN: digits, AIP: [2]byte{0x3D, 0}, AFL: []byte{0x08, 1, 3, 1, 0x10, 1, 1, 0},
		Objects: []tlv.Element{
			{Tag: emv.TagPAN, Value: []byte("\x99\x99\x99\x00\x00\x00\x00\x14")},
			{Tag: emv.TagExpiration, Value: []byte{0x30, 0x12, 0x31}},
		},
		Authentication: outcome.Authentication{
			Method: outcome.CDA, CAIndex: 0x92,
			CAKey: &oda.CAKey{
				RID: [5]byte{0xA0, 0, 0, 0, 3}, Index: 0x92, Key: key(176),
				Expiry: time.Date(2029, 12, 31, 0, 0, 0, 0, time.UTC),
			},
			Issuer: &oda.IssuerCertificate{
				Identifier: [4]byte{0x99, 0x99, 0x99, 0xFF}, Expiry: oda.Month{0x12, 0x29},
				Serial: oda.Serial{0, 0, 1}, Key: key(144),
			},
			Card: &oda.CardCertificate{
				Expiry: oda.Month{0x12, 0x28}, Serial: oda.Serial{0, 0, 2}, Key: key(128),
			},
		},
		CVM:      rules.CVMResults{0x44, 0x03, 2},
		Decision: rules.Online, Online: true, Final: rules.Approve,
		Answer: &outcome.Answer{ARC: [2]byte{'0', '0'}, IssuerAuth: []byte("12345678")},
		First: &outcome.Cryptogram{
			CID: 0x80, ATC: 9, AC: [8]byte{1, 2, 3, 4, 5, 6, 7, 8},
			IAD: []byte("\x06\x01\x12\x03\xA4\x20\x02"),
		},
		Second: &outcome.Cryptogram{CID: 0x40, ATC: 9, AC: [8]byte{8, 7, 6, 5, 4, 3, 2, 1}},
		Scripts: []outcome.Script{
			{ID: [4]byte{0, 0, 0, 1}, Commands: 2, Done: 1, SW: apdu.SWConditionsNotSatisfied},
		},
		Trail: outcome.Trail{
			Restrictions: &outcome.RestrictionsTrail{
				Card: rules.Offered{
					Version: &version, Usage: &usage, Country: &country, Expires: [3]byte{0x30, 0x12, 0x31},
					Effective: &[3]byte{0x24, 1, 1},
				},
				Terminal: rules.Asked{Version: version, Country: country, Date: day()},
			},
			Cardholder: &outcome.CardholderTrail{
				List:     &rules.CVMList{X: 5000},
				Purchase: rules.Purchase{Amount: 6250, InCardCurrency: true},
				Steps: []rules.CVMStep{
					{Rule: rules.CVMRule{Code: 0x5F, Condition: 0x06}},
					{Rule: rules.CVMRule{Code: 0x42, Condition: 0x00}, Holds: true},
					{Rule: rules.CVMRule{Code: 0x44, Condition: 0x03}, Holds: true, Tried: true, Result: 2},
				},
			},
			Risk: &outcome.RiskTrail{
				Sums:    rules.Sums{Amount: 6250},
				Limits:  rules.Limits{Floor: 5000, Percent: 10, Most: 50},
				History: rules.History{Lower: &lower, Upper: &upper, Counter: &counter, LastOnline: &last},
				Random:  42,
			},
			Action: &outcome.ActionTrail{
				Card: rules.IACDefaults(), Terminal: rules.Codes{Online: [5]byte{0, 0, 0, 0x80, 0}},
				Reach: rules.Either,
			},
		},
		Notes: []outcome.Reason{{
			Text: "record 3 of file 1 has an object of an unknown tag", Clause: "EMV 4.3 Book 3, 7.5",
		}},
	}
	o.TVR.Set(rules.AboveFloor, rules.LowerLimit)
	o.Trail.Action.TVR = o.TVR
	o.TVR.Set(rules.ScriptAfter)
	for _, b := range []rules.TSIBit{
		rules.DidAuthentication, rules.DidCardholder, rules.DidCardRisk, rules.DidIssuer,
		rules.DidTerminalRisk, rules.DidScripts,
	} {
		o.TSI.Set(b)
	}
	return o
}

// refused is one in which the card's certificate didn't check, and a code denied it.
func refused() outcome.Outcome {
	o := online()
	o.Result, o.Decision, o.Online = outcome.Declined, rules.Decline, false
	o.Answer, o.Second = nil, nil
	o.Why = outcome.Reason{
		Text: "the terminal action code denies: DDA failed", Clause: "EMV 4.3 Book 3, 10.7",
	}
	o.Authentication.Method, o.Authentication.Card = outcome.DDA, nil
	o.Authentication.Err = &oda.Error{
		Object: "ICC certificate", Clause: "6.4 step 9", Err: oda.ErrExpired,
	}
	o.Scripts, o.TVR, o.TSI, o.Notes = nil, rules.TVR{}, rules.TSI{}, nil
	o.Trail.Risk, o.Trail.Cardholder, o.AIP = nil, nil, [2]byte{0x20, 0}
	o.TVR.Set(rules.DDAFailed)
	o.TSI.Set(rules.DidAuthentication)
	o.TSI.Set(rules.DidCardRisk)
	o.ARC = [2]byte{'Z', '1'}
	o.First = &outcome.Cryptogram{CID: 0x00, ATC: 9}
	o.Trail.Action = &outcome.ActionTrail{
		TVR: o.TVR, Terminal: rules.Codes{Denial: [5]byte{0x08}}, Card: rules.IACDefaults(),
		Reach: rules.Either,
	}
	return o
}

// broken is one that ended at the card's processing options.
func broken() (outcome.Outcome, error) {
	o := outcome.Outcome{
		Time: day(), Amount: 100, Currency: [2]byte{0x09, 0x99},
		Selected: outcome.Selected{AID: []byte("\xF0\x01\x02\x03\x04"), Directory: "list of AIDs"},
		Fallback: outcome.MagneticStripe,
	}
	reason := outcome.Reason{
		Text: "the answer to GET PROCESSING OPTIONS is malformed", Clause: "EMV 4.3 Book 3, 6.5.8.4",
	}
	return o, &outcome.TerminatedError{Reason: reason, Err: errors.New("tag 94 is missing")}
}

func render(t *testing.T, e explain.Explanation) string {
	t.Helper()
	var b bytes.Buffer
	if err := e.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	golden(t, "online.txt", render(t, explain.Of(online(), nil)))
	golden(t, "refused.txt", render(t, explain.Of(refused(), nil)))
	golden(t, "broken.txt", render(t, explain.Of(broken())))
}

func TestJSON(t *testing.T) {
	raw, err := json.MarshalIndent(explain.Of(online(), nil), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "online.json", string(raw)+"\n")
}

func TestNothingShowsTheAccountNumber(t *testing.T) {
	raw, err := json.Marshal(explain.Of(online(), nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(raw), render(t, explain.Of(online(), nil))} {
		if strings.Contains(text, digits[4:]) || !strings.Contains(text, "************0014") {
			t.Errorf("the account number isn't masked in:\n%s", text)
		}
	}
}

func TestLinesFit(t *testing.T) {
	for _, line := range strings.Split(render(t, explain.Of(online(), nil)), "\n") {
		if len(line) > 100 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}

// TestEachBitHasTheClauseOfAStep: of the bits that a card or a terminal can set, only two are known
// by the annex alone.
func TestEachBitHasTheClauseOfAStep(t *testing.T) {
	o := online()
	o.TVR, o.TSI = rules.TVR{0xFE, 0xF8, 0xFC, 0xF8, 0xFF}, rules.TSI{0xFC, 0}
	listed := map[string]bool{
		"card appears on terminal exception file": true, "merchant forced transaction online": true,
		"default TDOL used": true,
	}
	for _, p := range explain.Of(o, nil).Phases {
		for _, f := range p.Facts {
			if p.Name != "outcome" {
				continue
			}
			for _, b := range f.Bits {
				if strings.Contains(b.Clause, "annex") != listed[b.Text] || b.Clause == "" {
					t.Errorf("%s, byte %d bit %d, %s: %q", f.Name, b.Byte, b.Bit, b.Text, b.Clause)
				}
			}
		}
	}
}
