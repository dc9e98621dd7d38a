package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"tapbench/cmd/tapbench/internal/report"
	"tapbench/cmd/tapbench/internal/show"
)

// tap is a dialogue of two exchanges with times, one reset and marks of each kind.
const tap = `# tapbench-apdu v1
comment: two exchanges
> 00 A4 04 00 07 A0 00 00 00 04 10 10 00
< 6F 10 84 07 A0 00 00 00 04 10 10 A5 05 50 03 41 42 43 90 00
took 1200 us
reset
> 00 B2 01 0C 00
< 70 0C 5A 08 {pan 54 13 33 00 89 02 00 11} [any 2] 90 00
took 300 us
`

// hostile is what no page may take for more than text.
const hostile = `</script></style><script>document.title="owned"</script>` +
	`<img src=http://evil.invalid/x onerror=document.title="owned">'"{{.}}${1}` + "`"

// dialogue reads a trace.
func dialogue(t *testing.T, text string) *report.Dialogue {
	t.Helper()
	d, err := show.Open(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	talk := &report.Dialogue{}
	for {
		item, err := d.Next()
		if errors.Is(err, io.EOF) {
			return talk
		}
		if err != nil {
			t.Fatal(err)
		}
		talk.Add(item)
	}
}

func written(t *testing.T, p *report.Page) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hostilePage has hostile text wherever text can come from outside.
func hostilePage(t *testing.T) *report.Page {
	t.Helper()
	talk := dialogue(t, tap)
	talk.Title = hostile
	for _, i := range talk.Items {
		i.Name, i.Application, i.Source, i.Phase = hostile, hostile, hostile, hostile
		i.Failure = hostile
		for _, m := range []*show.Message{i.Command, i.Answer} {
			if m == nil {
				continue
			}
			for n := range m.Elements {
				e := &m.Elements[n]
				e.Tag, e.Name, e.Text, e.Label, e.Secrecy = hostile, hostile, hostile, hostile, hostile
				e.Mark, e.Hidden, e.Role = hostile, true, show.Role(hostile)
				e.Bits = []show.Bit{{Byte: 1, Bit: 1, Set: true, Text: hostile}}
			}
		}
		if i.Status != nil {
			i.Status.Text, i.Status.Mood = hostile, hostile
		}
	}
	return &report.Page{
		Title: hostile, Kind: hostile, Version: hostile, Verdict: hostile,
		Facts:     []report.Fact{{Name: hostile, Value: hostile}},
		Dialogues: []*report.Dialogue{talk},
		Parts: []report.Part{{Title: hostile, Steps: []report.Step{
			{Name: hostile, From: hostile, To: "SE"}, {Name: hostile, From: "SE", To: "SE"},
		}}},
		Payments: []report.Payment{{Amount: hostile, Outcome: hostile}},
		Learned:  []report.Learned{{Party: hostile, Knows: []string{hostile}}},
		Balances: []report.Balance{{Party: hostile, Account: hostile, Kind: hostile, Amount: hostile}},
	}
}

func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	page := string(written(t, hostilePage(t)))
	for _, tag := range []string{"<img", `<script>document`} {
		if strings.Contains(page, tag) {
			t.Errorf("the page has %q as markup", tag)
		}
	}
	if n := strings.Count(page, "<script"); n != 1 {
		t.Errorf("got %d scripts, want the page's own", n)
	}
}

func TestPolicyAllowsTheOwnScriptAndStyleOnly(t *testing.T) {
	t.Parallel()
	page := written(t, &report.Page{Title: "t", Dialogues: []*report.Dialogue{dialogue(t, tap)}})
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindSubmatch(page)
	if policy == nil {
		t.Fatal("the page has no policy")
	}
	text := strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(string(policy[1]))
	want := "default-src 'none'; style-src 'sha256-" + digest(t, page, "style") +
		"'; script-src 'sha256-" + digest(t, page, "script") + "'; base-uri 'none'; form-action 'none'"
	if text != want {
		t.Errorf("got policy\n%s, want\n%s", text, want)
	}
	for _, no := range []string{"http:", "https:", "//", "@import", "url(", "style=", "onclick="} {
		body := regexp.MustCompile(`(?s)<script>.*</script>`).ReplaceAll(page, nil)
		if bytes.Contains(body, []byte(no)) {
			t.Errorf("the page has %q", no)
		}
	}
}

// digest returns the digest of the only element with that name.
func digest(t *testing.T, page []byte, name string) string {
	t.Helper()
	_, rest, _ := bytes.Cut(page, []byte("<"+name+">"))
	text, _, found := bytes.Cut(rest, []byte("</"+name+">"))
	if !found || len(text) < 100 {
		t.Fatalf("the page has no %s", name)
	}
	sum := sha256.Sum256(text)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func TestLongDialogueIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("# tapbench-apdu v1\n")
	for range report.MaxExchanges + 7 {
		text.WriteString("> 00 84 00 00 08\n< [any 8] 90 00\n")
	}
	talk := dialogue(t, text.String())
	if talk.Whole() || talk.Shown() != report.MaxExchanges {
		t.Errorf("got %d exchanges on the page, want %d", talk.Shown(), report.MaxExchanges)
	}
	page := string(written(t, &report.Page{Dialogues: []*report.Dialogue{talk}}))
	want := fmt.Sprintf("first %d of %d exchanges", report.MaxExchanges, report.MaxExchanges+7)
	if !strings.Contains(page, want) {
		t.Errorf("the page doesn't say %q", want)
	}
	if n := strings.Count(page, "<details"); n != report.MaxExchanges {
		t.Errorf("got %d exchanges, want %d", n, report.MaxExchanges)
	}
}

func TestEventsWithoutExchangesAreBounded(t *testing.T) {
	t.Parallel()
	talk := &report.Dialogue{}
	for range 100_000 {
		talk.Add(&show.Item{Kind: show.KindReset})
	}
	if len(talk.Items) > 2*report.MaxExchanges {
		t.Errorf("kept %d events", len(talk.Items))
	}
}

func TestLongMessagesAreBounded(t *testing.T) {
	t.Parallel()
	talk := &report.Dialogue{}
	long := &show.Message{Length: 1 << 16, Hex: strings.Repeat("00", 1<<16)}
	for range report.MaxExchanges {
		talk.Add(&show.Item{Kind: show.KindExchange, Command: long})
	}
	if talk.Whole() || talk.Shown() < 10 || talk.Shown() > 20 {
		t.Errorf("got %d exchanges of 65,536 bytes on the page, want some", talk.Shown())
	}
}

func TestRepeatedStepsAreDrawnOnce(t *testing.T) {
	t.Parallel()
	var steps []report.Step
	for range 8 {
		steps = append(steps,
			report.Step{Name: "card-req", From: "SE", To: "TSM", Bytes: 10, APDUs: 1},
			report.Step{Name: "vcard", From: "TSM", To: "SE", Bytes: 2})
	}
	page := string(written(t, &report.Page{Parts: []report.Part{{Title: "cards", Steps: steps}}}))
	for _, want := range []string{"card-req × 8", "80 bytes · 8 APDUs", "vcard × 8"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	if n := strings.Count(page, `class="arrow"`); n != 2 {
		t.Errorf("got %d arrows, want 2", n)
	}
}
