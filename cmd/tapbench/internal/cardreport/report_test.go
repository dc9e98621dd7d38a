package cardreport_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/cmd/tapbench/internal/cardcheck"
	"tapbench/cmd/tapbench/internal/cardreport"
)

// report returns a report that says what one may.
func report() *cardreport.Report {
	r := &cardreport.Report{
		Format: cardreport.Format, Date: "2026-11-21", Tapbench: "v0.8.0-3-gabc1234",
		Reader: "ACS ACR1252U",
		Card: cardreport.Card{
			Kind: "NXP J3R180", ATR: "3B80800101", Protocol: "T=1",
			Capability: cardreport.Capability{
				Version: 2, Buffer: 768, Algorithms: []string{"ECDSA"}, Missing: []string{"AES-CMAC"},
			},
		},
	}
	r.Put(&cardcheck.Result{
		Cases: []cardcheck.Case{
			{Name: "walk", Outcome: cardcheck.Passed},
			{Name: "tap/order", Outcome: cardcheck.Failed, Said: []string{"got 6A80"}},
		},
		Commands: []cardcheck.Command{{Name: "ARM", Count: 2, Median: 30_000, P95: 40_000, Most: 40_000}},
		Fresh:    2,
	})
	return r
}

func TestCheckRefuses(t *testing.T) {
	for name, change := range map[string]func(*cardreport.Report){
		"another format":       func(r *cardreport.Report) { r.Format = "v2" },
		"no date":              func(r *cardreport.Report) { r.Date = "yesterday" },
		"a time of day":        func(r *cardreport.Report) { r.Date = "2026-11-21T10:00:00Z" },
		"a version in words":   func(r *cardreport.Report) { r.Tapbench = "mine, of today" },
		"negative time":        func(r *cardreport.Report) { r.Seconds = -1 },
		"no kind of card":      func(r *cardreport.Report) { r.Card.Kind = "" },
		"a serial number":      func(r *cardreport.Report) { r.Card.Kind = "J3R180 20481123" },
		"a name's signs":       func(r *cardreport.Report) { r.Card.Kind = "card of <Alice>" },
		"a reader's serial":    func(r *cardreport.Report) { r.Reader = "uTrust 55512025608344" },
		"a table's sign":       func(r *cardreport.Report) { r.Reader = "a | b" },
		"an ATR of 34 bytes":   func(r *cardreport.Report) { r.Card.ATR = strings.Repeat("3B", 34) },
		"an ATR of one byte":   func(r *cardreport.Report) { r.Card.ATR = "3B" },
		"a protocol":           func(r *cardreport.Report) { r.Card.Protocol = "raw" },
		"an algorithm":         func(r *cardreport.Report) { r.Card.Capability.Missing[0] = "RSA" },
		"a slot count":         func(r *cardreport.Report) { r.Card.Capability.CardSlots = 256 },
		"a buffer":             func(r *cardreport.Report) { r.Card.Capability.Buffer = 65536 },
		"no cases":             func(r *cardreport.Report) { r.Cases, r.Count = nil, cardcheck.Count{} },
		"a case with a key":    func(r *cardreport.Report) { r.Cases[0].Name = "walk/04A1B2C3D4E5F6" },
		"a case in two lines":  func(r *cardreport.Report) { r.Cases[0].Name = "walk\nagain" },
		"an outcome":           func(r *cardreport.Report) { r.Cases[0].Outcome = "fine" },
		"another count":        func(r *cardreport.Report) { r.Count.Passed++ },
		"a command":            func(r *cardreport.Report) { r.Commands[0].Name = "80 76 <script>" },
		"a command never sent": func(r *cardreport.Report) { r.Commands[0].Count = 0 },
		"times out of order":   func(r *cardreport.Report) { r.Commands[0].P95 = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			r := report()
			change(r)
			if err := r.Check(); !errors.Is(err, cardreport.ErrReport) {
				t.Errorf("got %v, want ErrReport", err)
			}
			if err := r.Write(&bytes.Buffer{}); !errors.Is(err, cardreport.ErrReport) {
				t.Errorf("written: got %v, want ErrReport", err)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	good := written(t, report())
	for name, text := range map[string]string{
		"nothing":          "",
		"no JSON":          "card report",
		"half of one":      good[:len(good)/2],
		"an unknown field": strings.Replace(good, `"card": {`, `"uid": "04112233", "card": {`, 1),
		"something behind": good + "{}",
		"too much":         good + strings.Repeat(" ", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := cardreport.Read(strings.NewReader(text)); !errors.Is(err, cardreport.ErrReport) {
				t.Errorf("got %v, want ErrReport", err)
			}
		})
	}
}

func TestReadAgain(t *testing.T) {
	r, err := cardreport.Read(strings.NewReader(written(t, report())))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report(), r); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func written(t *testing.T, r *cardreport.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReaderKind(t *testing.T) {
	for name, want := range map[string]string{
		"":                                      "unknown",
		"(55512025608344)":                      "unknown",
		"ACS ACR122U PICC Interface 00 00":      "ACS ACR122U PICC Interface",
		"ACS ACR1252 1S CL Reader PICC 0":       "ACS ACR1252 1S CL Reader PICC 0",
		"ACS ACR1252 1S CL Reader PICC 0 02 00": "ACS ACR1252 1S CL Reader PICC 0",
		"uTrust 3700 F CL Reader [uTrust 3700 F] (55512025608344) 00 00": "uTrust 3700 F CL Reader",
		"SCM SCR 3310 [CCID Interface] 00 00":                            "SCM SCR 3310",
		"Yubico YubiKey 21554911 01 00":                                  "Yubico YubiKey",
		"Reader |<b>| 0123456789ABCDEF":                                  "Reader b",
	} {
		got := cardreport.ReaderKind(name)
		if got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
		if err := cardreport.CheckKind(got); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// FuzzReaderKind: whatever a reader is called, its kind is one that a report takes.
func FuzzReaderKind(f *testing.F) {
	f.Add("Identiv uTrust 3700 F CL Reader [uTrust] (55512025608344) 00 00")
	f.Add("[[(")
	f.Fuzz(func(t *testing.T, name string) {
		if err := cardreport.CheckKind(cardreport.ReaderKind(name)); err != nil {
			t.Error(err)
		}
	})
}

// FuzzRead: what is read can be written, and reads the same again.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := report().Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format":"tapbench card report v1"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := cardreport.Read(bytes.NewReader(raw))
		if err != nil {
			return
		}
		again, err := cardreport.Read(strings.NewReader(written(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Errorf("(-read +again):\n%s", diff)
		}
	})
}

func TestParseCapability(t *testing.T) {
	if _, err := cardreport.ParseCapability(make([]byte, 9)); err == nil {
		t.Error("9 bytes were taken")
	}
	got, err := cardreport.ParseCapability([]byte{2, 2, 2, 8, 8, 3, 3, 0, 0, 7})
	want := cardreport.Capability{
		Version: 2, BankSlots: 2, TIDSlots: 2, CardSlots: 8, TokenSlots: 8, TapTries: 3, Buffer: 768,
		Algorithms: []string{"ECDSA", "ECDH", "AES-CBC"}, Missing: []string{"AES-CMAC"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
