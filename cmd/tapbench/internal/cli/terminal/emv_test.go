package terminal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/cmd/tapbench/internal/cli"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
)

// till is a point of sale with an EMV card before it, in a folder with files of keys.
type till struct {
	t      *testing.T
	card   *emvcard.Card
	folder string
	in     string
}

// newTill lays a card down whose issuer and authority are known.
func newTill(
	t *testing.T, kind emvcardtest.Kind, changes ...func(*image.Application),
) *till {
	t.Helper()
	fixture := emvcardtest.New(t, kind, changes...)
	folder := t.TempDir()
	keys := []issuer.Keys{{
		Scheme: fixture.App().Scheme, Index: fixture.App().KeyIndex, Master: fixture.Issuer,
	}}
	for name, content := range map[string][]byte{
		"issuer.json": issuer.Encode(keys, issuer.PINs{}),
		"ca.txt":      []byte(oda.CAKeys{fixture.Authority}.Lines()),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &till{t: t, card: fixture.Card(t, nil), folder: folder}
}

// pay takes an amount. Arguments that begin with + are files in the folder.
func (k *till) pay(args ...string) (out, said string, code int) {
	k.t.Helper()
	for i, arg := range args {
		if name, ok := strings.CutPrefix(arg, "+"); ok {
			args[i] = filepath.Join(k.folder, name)
		}
	}
	var stdout, stderr bytes.Buffer
	args = append([]string{"terminal", "pay", "--reader", "here"}, args...)
	code = cli.Main(context.Background(), args, shell.Streams{
		In: strings.NewReader(k.in), Out: &stdout, Err: &stderr, Getenv: func(string) string { return "" },
		Connect: func(context.Context, string) (pcsc.Card, error) { return pcsc.NewDirect(k.card), nil },
	})
	return stdout.String(), stderr.String(), code
}

// expect fails unless a text has what it must.
func expect(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

// known are the flags of a terminal that knows the card's authority and issuer.
func known(more ...string) []string {
	return append([]string{
		"--amount", "12.50", "--ca-keys", "+ca.txt", "--issuer", "+issuer.json", "--explain",
	}, more...)
}

func TestPayByEMVCardIsApproved(t *testing.T) {
	for name, row := range map[string]struct {
		kind  emvcardtest.Kind
		in    string
		args  []string
		wants []string
	}{
		"offline": {
			kind: emvcardtest.Contactless, args: known(),
			wants: []string{
				"Y1  approved offline", "CDA  a signature of the card", "the card is authentic",
				"issuer certificate    000001", "TC  approve",
			},
		},
		"by its issuer": {
			args: known("--force-online"),
			wants: []string{
				"response code         00  approved", "the card took it", "Second cryptogram  ",
				"merchant forced transaction online",
			},
		},
		"above the floor limit": {
			args:  known("--amount", "62.50"),
			wants: []string{"! floor limit           50.00 EUR  the amount is 62.50 EUR", "issuer approves"},
		},
		"with a PIN": {
			in: "1234\n", args: known("--way", "contact", "--pin", "stdin"),
			wants: []string{"enciphered PIN verified by ICC", "successful", "offline PIN verification perf"},
		},
		"without a PIN where a signature will do": {
			args:  known("--way", "contact", "--pin", "none"),
			wants: []string{"signature, if the terminal supports it", "SIGNATURE  ___"},
		},
		"by the name of its application": {
			args: known("--aid", "f054415042454e434810"), wants: []string{"F054415042454E434810"},
		},
		"when the cardholder chooses": {
			in: "yes\n", args: known("--choose"), wants: []string{"APPROVED"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newTill(t, row.kind)
			k.in = row.in
			out, said, code := k.pay(row.args...)
			if code != shell.ExitOK {
				t.Errorf("exit %d: %s", code, said)
			}
			expect(t, out, append(row.wants, "\nAPPROVED: ")...)
			if strings.Contains(out+said, emvcardtest.PAN[6:]) {
				t.Errorf("the account number is shown:\n%s%s", out, said)
			}
			if pin := strings.TrimSpace(row.in); pin == emvcardtest.PIN &&
				strings.Contains(out+said, "PIN: "+pin) {
				t.Errorf("the PIN is shown:\n%s%s", out, said)
			}
		})
	}
}

func TestPayByEMVCardIsDeclined(t *testing.T) {
	plain := func(a *image.Application) { a.AIP = [2]byte{0x18, 0} }
	for name, row := range map[string]struct {
		change func(*image.Application)
		files  map[string]string
		in     string
		args   []string
		wants  []string
	}{
		"by the terminal, which knows neither keys nor issuer": {
			args: []string{"--amount", "12.50", "--way", "contact", "--explain"},
			wants: []string{
				"the terminal doesn't know it", "! default", "    byte 1 bit 3        CDA failed",
				"! asks for              AAC", "! AAC", "Z1  declined offline",
			},
		},
		"by the terminal, for what the card can't do": {
			change: plain, args: []string{"--amount", "12.50", "--way", "contact", "--explain"},
			wants: []string{"none that card and terminal both have"},
		},
		"by card and terminal, for a service that the card isn't for": {
			args: known("--cashback", "10.00"),
			wants: []string{
				"EUR 22.50", "with cashback", "! denial", "requested service not allowed",
				"(card and terminal)", "! AAC", "nothing is proven",
			},
		},
		"by the terminal, since nobody gave a PIN": {
			files: map[string]string{"till.json": `{
				"format": "tapbench-emv-terminal v1",
				"terminal": {"capabilities": "E090C8"},
				"applications": [{"aid": "F054415042454E4348", "tac": {
					"denial": "0000080000", "online": "0000000000", "default": "0000000000"}}]}`},
			args: known("--terminal-config", "+till.json", "--way", "contact", "--pin", "none"),
			wants: []string{
				"! denial", "PIN entry required, PIN pad present, but PIN was",
			},
		},
		"by the terminal, which doesn't take the issuer's certificate": {
			files: map[string]string{"till.json": `{
				"format": "tapbench-emv-terminal v1", "terminal": {},
				"revoked": [{"rid": "F054415042", "index": "92", "serial": "000001"}],
				"applications": [{"aid": "F054415042454E4348", "tac": {
					"denial": "0C00000000", "online": "0000000000", "default": "0000000000"}}]}`},
			args: known("--terminal-config", "+till.json"),
			wants: []string{
				"! result                failed: issuer certificate: revoked", "Book 2, 6.3 step 10",
			},
		},
		"by the terminal, which requires relay resistance": {
			args:  known("--relay", "required"),
			wants: []string{"the card doesn't take part", "it requires relay resistance"},
		},
		"by the issuer": {
			files: map[string]string{"issuer.json": `"limit": 100,`},
			args:  known("--force-online"),
			wants: []string{`issuer declines: response code "05"`, "response code         05"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var changes []func(*image.Application)
			if row.change != nil {
				changes = append(changes, row.change)
			}
			k := newTill(t, emvcardtest.Contact, changes...)
			k.in = row.in
			for file, content := range row.files {
				k.write(file, content)
			}
			out, said, code := k.pay(row.args...)
			if code != shell.ExitDeclined {
				t.Errorf("exit %d: %s", code, said)
			}
			expect(t, out, append(row.wants, "\nDECLINED: ")...)
		})
	}
}

// write writes a file, or adds members to the one that is there.
func (k *till) write(name, content string) {
	k.t.Helper()
	path := filepath.Join(k.folder, name)
	if old, err := os.ReadFile(path); err == nil {
		content = strings.Replace(string(old), "{", "{"+content, 1)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		k.t.Fatal(err)
	}
}

func TestPayByEMVCardIsTerminated(t *testing.T) {
	k := newTill(t, emvcardtest.Contact, func(a *image.Application) { a.CDOL1 = nil })
	out, said, code := k.pay(known()...)
	if code != shell.ExitFailed {
		t.Errorf("exit %d: %s", code, said)
	}
	expect(t, said, "tapbench: ", "transaction terminated: ", "(EMV 4.3 Book 3, ")
	expect(t, out, "UNFINISHED: ", ": ended here", "Not reached: ")
	if strings.Contains(out, "MERCHANT") {
		t.Errorf("a receipt of nothing:\n%s", out)
	}
	if out, _, _ = k.pay(known("--json")...); !json.Valid([]byte(out)) {
		t.Errorf("not JSON:\n%s", out)
	}
	expect(t, out, `"outcome": "unfinished"`, `"state": "ended here"`)
}

func TestPayByEMVCardAsJSON(t *testing.T) {
	k := newTill(t, emvcardtest.Contact)
	out, said, code := k.pay(known("--json")...)
	var r struct {
		Outcome     string `json:"outcome"`
		Explanation struct {
			Result string `json:"result"`
			TVR    string `json:"tvr"`
			Phases []struct {
				Name, State string
			} `json:"phases"`
		} `json:"explanation"`
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != shell.ExitOK {
		t.Fatalf("%v, exit %d, %s\n%s", err, code, said, out)
	}
	e := r.Explanation
	if r.Outcome != "approved" || e.Result != "approved" || e.TVR != "0000000001" ||
		len(e.Phases) != 14 || e.Phases[0].Name != "selection" || e.Phases[0].State != "done" {
		t.Errorf("%+v", r)
	}
	k = newTill(t, emvcardtest.Contact)
	out, _, _ = k.pay("--amount", "1.00", "--ca-keys", "+ca.txt", "--json")
	if strings.Contains(out, "explanation") || !strings.Contains(out, `"outcome": "approved"`) {
		t.Errorf("unasked:\n%s", out)
	}
}

func TestPayByEMVCardWritesAPage(t *testing.T) {
	k := newTill(t, emvcardtest.Contact)
	_, said, code := k.pay(known("--explain-page", "+page.html")...)
	page, err := os.ReadFile(filepath.Join(k.folder, "page.html"))
	if err != nil || code != shell.ExitOK {
		t.Fatalf("%v, exit %d: %s", err, code, said)
	}
	expect(t, string(page), "<h1>Approved</h1>", "Offline data authentication", "10.7")
	if _, said, code = k.pay(known("--explain-page", "+page.html")...); code != shell.ExitFailed {
		t.Errorf("exit %d over a file that is there: %s", code, said)
	}
}

func TestPayByEMVCardRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		args []string
		exit int
		said string
	}{
		"an amount that is none": {known("--amount", "x"), shell.ExitUsage, "--amount"},
		"cashback that is none":  {known("--cashback", "x"), shell.ExitUsage, "--cashback"},
		"another way":            {known("--way", "by mail"), shell.ExitUsage, "--way"},
		"a PIN for an argument":  {known("--pin", "1234"), shell.ExitUsage, "ask, stdin or none"},
		"no time to wait":        {known("--wait", "0s"), shell.ExitUsage, "--wait is longer than nothing"},
		"a floor that is none":   {known("--floor", "x"), shell.ExitUsage, "--floor"},
		"a proof that isn't":     {known("--evidence", "+proof"), shell.ExitUsage, "leave it out"},
		"a page in no folder": {
			known("--explain-page", "+none/page.html"), shell.ExitFailed, "none/page.html: no such file",
		},
		"a keyboard that isn't": {known("--pin", "ask"), shell.ExitUsage, "--pin stdin reads"},
		"an AID that is none":   {known("--aid", "F0"), shell.ExitUsage, "--aid: expected 5 to 16"},
		"an AID of nobody's":    {known("--aid", "0102030405"), shell.ExitUsage, "don't have it"},
		"an application that the card doesn't have": {
			known("--aid", "A0000000031010"), shell.ExitNoDevice, "no application",
		},
		"keys that aren't there": {known("--ca-keys", "+none"), shell.ExitFailed, "none"},
		"keys that are none": {
			known("--ca-keys", "+issuer.json"), shell.ExitFailed,
			"not a list of CA keys",
		},
		"an issuer that is none": {known("--issuer", "+ca.txt"), shell.ExitFailed, "not an issuer's file"},
		"parameters that are none": {
			known("--terminal-config", "+issuer.json"), shell.ExitFailed, "not an EMV terminal's parameters",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, said, code := newTill(t, emvcardtest.Contact).pay(row.args...)
			if code != row.exit || !strings.Contains(said, row.said) {
				t.Errorf("exit %d, want %d, %q: %s", code, row.exit, row.said, said)
			}
			if strings.Contains(said, emvcardtest.PIN) {
				t.Errorf("the PIN is shown: %s", said)
			}
		})
	}
}
