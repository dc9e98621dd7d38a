package replay_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/pcsc/tlv"
	"tapbench/pcsc/trace"
	"tapbench/terminal/kernel"
	"tapbench/terminal/replay"
	"tapbench/terminal/terminaltest"
)

// noon is when the recorded taps took place.
func noon() time.Time { return time.Date(2026, time.November, 21, 12, 0, 0, 0, time.UTC) }

// record takes a payment and returns its trace.
func record(t testing.TB, issuer *terminaltest.Issuer, change func(*terminaltest.Card)) string {
	t.Helper()
	card := issuer.Card(t)
	if change != nil {
		change(card)
	}
	var text bytes.Buffer
	recorder, err := trace.NewRecorder(pcsc.NewDirect(card), &text, trace.Options{
		Redact: trace.RevealAll,
	})
	if err != nil {
		t.Fatal(err)
	}
	k, err := kernel.New(kernel.Config{
		Merchant: [15]byte([]byte("MERTEST1SHOP01 ")), Country: [2]byte{0x02, 0x76}, CA: issuer.CA,
		EpochKeys: []message.Certificate{issuer.EpochCert}, Now: noon, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Pay(t.Context(), recorder, issuer.Host(), kernel.Purchase{
		Amount: money.Must("EUR:12.50"),
	})
	if err != nil && !errors.Is(err, kernel.ErrNotArmed) {
		t.Fatal(err)
	}
	return text.String()
}

func run(t testing.TB, text string, c replay.Config) (replay.Report, error) {
	t.Helper()
	steps, err := trace.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return replay.Run(t.Context(), steps, c)
}

// body returns a trace without its header.
func body(text string) string { return text[strings.Index(text, "> "):] }

func TestOurTerminalStillAsksSo(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*terminaltest.Card)
		result kernel.Result
	}{
		{"not armed", func(c *terminaltest.Card) { c.Armed = false }, kernel.Unfinished},
		{"not signed by the TSM", func(c *terminaltest.Card) { c.Signature[5]++ }, kernel.Declined},
		{
			"above the limit", func(c *terminaltest.Card) { c.VCard.Class.Limit = [6]byte{5: 1} },
			kernel.Declined,
		},
		{"the card declines", func(c *terminaltest.Card) { c.AAC = 1 }, kernel.Declined},
		{"the card declines at last", func(c *terminaltest.Card) { c.AAC = 2 }, kernel.Declined},
		{
			"the issuer declines", func(c *terminaltest.Card) { c.Code = acquirer.CodeDoNotHonour },
			kernel.Declined,
		},
		{"approved", nil, kernel.Approved},
	} {
		t.Run(row.name, func(t *testing.T) {
			issuer := terminaltest.NewIssuer(t, noon)
			text := record(t, issuer, row.change)
			for name, c := range map[string]replay.Config{
				"with its keys":   {CA: issuer.CA, EpochKeys: []message.Certificate{issuer.EpochCert}},
				"without its key": {},
			} {
				report, err := run(t, text, c)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if len(report.Taps) != 1 || !report.Agree() {
					t.Errorf("%s: %+v", name, report.Taps[0].Difference)
				}
				if got := report.Taps[0].Outcome.Result; got != row.result {
					t.Errorf("%s: the terminal made it %v, want %v", name, got, row.result)
				}
			}
		})
	}
}

// TestTakenAway takes the card off the reader when the payment has ended, and before.
func TestTakenAway(t *testing.T) {
	text := record(t, terminaltest.NewIssuer(t, noon), nil)
	for _, row := range []struct {
		name, text string
		agree      bool
	}{
		{"with a command to come", text + "> 00 B2 04 0C 00\n< 6A 83\nremove\n", false},
		{"at the end", text + "remove\n", true},
		{"and put back", text + "remove\ninsert\n", true},
		{"before the last command", text[:strings.LastIndex(text, "> ")] + "remove\n", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			report, err := run(t, row.text, replay.Config{})
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Taps) != 1 || report.Agree() != row.agree {
				t.Errorf("%d taps, difference %+v", len(report.Taps), report.Taps[0].Difference)
			}
		})
	}
}

func TestDifferences(t *testing.T) {
	issuer := terminaltest.NewIssuer(t, noon)
	text := record(t, issuer, nil)
	keys := replay.Config{CA: issuer.CA, EpochKeys: []message.Certificate{issuer.EpochCert}}
	other := terminaltest.NewIssuer(t, noon)
	edit := func(old, with string) func(string) string {
		return func(text string) string {
			if !strings.Contains(text, old) {
				t.Fatalf("the trace has no %q", old)
			}
			return strings.ReplaceAll(text, old, with)
		}
	}
	for _, row := range []struct {
		name   string
		change func(string) string
		config replay.Config
		want   string // name, what and elements
	}{
		{
			"another terminal type", edit("21 4D 45 52", "22 4D 45 52"), keys,
			"GENERATE AC: the trace has command 80 AE 80 00 (51 bytes) here; 9F35",
		},
		{
			"a command that isn't sent any more",
			func(s string) string { return s + "> 00 B2 04 0C 00\n< 6A 83\n" }, keys,
			"READ RECORD: nobody asked for command 00 B2 04 0C (5 bytes)",
		},
		{
			"a command that is new",
			func(s string) string { return s[:strings.LastIndex(s, "> ")] }, keys,
			": the trace has ended",
		},
		{
			"keys of another bench", nil,
			replay.Config{CA: other.CA, EpochKeys: []message.Certificate{other.EpochCert}},
			"GENERATE AC: the trace has command 80 AE 80 00 (51 bytes) here; P1",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			changed := text
			if row.change != nil {
				changed = row.change(text)
			}
			report, err := run(t, changed, row.config)
			if err != nil || report.Agree() {
				t.Fatalf("got %+v, %v, want a difference", report, err)
			}
			d := report.Taps[0].Difference
			got := d.Name + ": " + d.What
			for _, e := range d.Elements {
				if e.Tag != 0 {
					got += fmt.Sprintf("; %v", e.Tag)
				} else {
					got += "; " + e.Name
				}
			}
			for _, part := range strings.Split(row.want, "; ") {
				if !strings.Contains(got, part) {
					t.Errorf("got %q, want %q", got, row.want)
				}
			}
			if d.Line < 4 || d.Line > strings.Count(changed, "\n") {
				t.Errorf("line %d of %d", d.Line, strings.Count(changed, "\n"))
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	issuer := terminaltest.NewIssuer(t, noon)
	text := record(t, issuer, nil)
	head := text[:strings.Index(text, "> ")]
	at := strings.Index(body(text), "> 80 A8") + len(head)
	for _, row := range []struct {
		name, text string
		want       error
	}{
		{"nothing", head, replay.ErrNoTap},
		{"no payment", head + "> 00 CA DF 02 01\n< 6D 00\n", replay.ErrNoTap},
		{
			"a command that wasn't kept",
			head + "> 80 A8 00 00 21 83 1F [data 31] 00\n< 69 85\n", nil,
		},
		{
			"a tap without an end", text + strings.Repeat("> 00 B2 01 0C 00\n< 6A 83\n", 1025),
			replay.ErrTooLong,
		},
		{"a fault in the text", text + "nonsense\n", nil},
		{
			"an amount of no currency",
			text[:at] + strings.ReplaceAll(text[at:], "09 78 26", "99 99 26"), nil,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			report, err := run(t, row.text, replay.Config{})
			if row.name == "a command that wasn't kept" {
				// Without the FCI nobody knows what its data is; the kernel begins with the PPSE.
				if err != nil || report.Agree() {
					t.Errorf("got %v, %v", report, err)
				}
				return
			}
			if err == nil || row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

// What a wallet said, and taps one after the other.
func TestSeveralTaps(t *testing.T) {
	issuer := terminaltest.NewIssuer(t, noon)
	one, two := record(t, issuer, nil), record(t, issuer, nil)
	wallet := "> 00 A4 04 00 0A F0 54 41 50 42 45 4E 43 48 01 00\n< 90 00\n" +
		"> 00 CA DF 02 01\n< 6D 00\n"
	report, err := run(t, one+wallet+body(two)+"reset\n"+wallet, replay.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Taps) != 2 || report.Outside != 4 || !report.Agree() {
		t.Errorf("got %+v", report)
	}
	if want := strings.Count(one, "\n") + 5; report.Taps[1].Line != want {
		t.Errorf("the second tap: line %d, want %d", report.Taps[1].Line, want)
	}
}

// A PAN that stands for another: the TSM's signature no longer holds, and the report says since
// which byte.
func TestStandIns(t *testing.T) {
	issuer := terminaltest.NewIssuer(t, noon)
	text := standIn(t, record(t, issuer, nil))
	report, err := run(t, text, replay.Config{
		CA: issuer.CA, EpochKeys: []message.Certificate{issuer.EpochCert},
	})
	if err != nil {
		t.Fatal(err)
	}
	list := report.Taps[0].StandIns
	if report.Agree() || len(list) != 1 || list[0].Label != "pan" || !list[0].Answer {
		t.Fatalf("got %+v", report.Taps[0])
	}
	// Believing what the recorded terminal believed, ours asks as it did.
	report, err = run(t, text, replay.Config{})
	if err != nil || !report.Agree() || len(report.Taps[0].StandIns) != 1 {
		t.Errorf("without keys: got %+v, %v", report, err)
	}
}

// standIn marks the card's PAN as standing for another, and makes it one.
func standIn(t testing.TB, text string) string {
	t.Helper()
	steps, err := trace.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := trace.NewWriter(&out, steps.Header())
	if err != nil {
		t.Fatal(err)
	}
	for {
		s, err := steps.Next()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := s.Answer.Bytes()
		old, err := tlv.Find(answer[:max(0, len(answer)-2)], emv.TagRecord, emv.TagPAN)
		if err == nil {
			n := len(old)
			from := bytes.Index(answer, append([]byte{byte(emv.TagPAN), byte(n)}, old...)) + 2
			other, err := emv.NewPAN()
			if err != nil {
				t.Fatal(err)
			}
			// Track 2 before it holds the same PAN.
			track, pan := bytes.Clone(answer[:from]), other.Bytes()
			if at := bytes.Index(track, []byte{0x57, emv.Track2Len}); at >= 0 {
				track2 := emv.Track2(other, [3]byte(expiration(answer)))
				copy(track[at+2:], track2[:])
			}
			s.Answer = trace.Join(trace.Literal(track), trace.Marked(trace.StandIn, "pan", pan[:n]),
				trace.Literal(answer[from+n:]))
		}
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
}

// expiration returns the value of 5F24.
func expiration(answer []byte) []byte {
	at := bytes.Index(answer, []byte{0x5F, 0x24, 0x03})
	return answer[at+3 : at+6]
}
