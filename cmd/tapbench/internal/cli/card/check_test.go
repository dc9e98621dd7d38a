package card_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/cmd/tapbench/internal/cardcheck"
	"tapbench/cmd/tapbench/internal/cardreport"
	"tapbench/cmd/tapbench/internal/cli"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
)

// desk is a reader with a card, of which a command makes a fresh one: that which writes the file
// renew.
type desk struct {
	t     testing.TB
	card  *emulator.Card
	renew string
	said  bytes.Buffer // on standard error
	out   bytes.Buffer
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{t: t, renew: filepath.Join(t.TempDir(), "renew")}
	d.lay()
	return d
}

// lay lays a fresh card there.
func (d *desk) lay() {
	d.t.Helper()
	card, err := emulator.New(emulator.Config{})
	if err != nil {
		d.t.Fatal(err)
	}
	d.card = card
}

func (d *desk) connect(context.Context, string) (pcsc.Card, error) {
	if err := os.Remove(d.renew); err == nil {
		d.lay()
	}
	return pcsc.NewDirect(d.card), nil
}

// personalise gives the card keys.
func (d *desk) personalise() {
	d.t.Helper()
	card, err := d.connect(d.t.Context(), "")
	if err != nil {
		d.t.Fatal(err)
	}
	conformance.NewHost(d.t, card).Advance(conformance.Personalised)
	if err := card.Close(); err != nil {
		d.t.Fatal(err)
	}
}

// run runs a command line and returns its exit code.
func (d *desk) run(args ...string) int {
	d.t.Helper()
	d.said.Reset()
	d.out.Reset()
	return cli.Main(d.t.Context(), args, shell.Streams{
		In: strings.NewReader(""), Out: &d.out, Err: &d.said, Connect: d.connect, Version: "test",
		Getenv: func(string) string { return "" },
	})
}

// renewing is a command that makes the card fresh.
func (d *desk) renewing() string { return "touch '" + d.renew + "'" }

func TestCardCheckRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		keys bool
		args []string
		exit int
		said string
	}{
		"a fresh card that mayn't be wiped": {
			exit: shell.ExitUsage, said: "the card would get test keys for good: allow it with --wipe",
		},
		"a personalised card that mayn't be wiped": {
			keys: true, exit: shell.ExitFailed, said: "its keys, accounts and cards would be lost; allow it",
		},
		"a personalised card, and no word how": {
			keys: true, args: []string{"--wipe"}, exit: shell.ExitFailed, said: "installed anew: --reinstall",
		},
		"a command that fails": {
			args: []string{"--wipe", "--only", "walk", "--reinstall", "echo no key >&2; exit 3"},
			exit: shell.ExitFailed, said: "exit status 3: no key",
		},
		"a command that changes nothing": {
			keys: true, args: []string{"--wipe", "--only", "walk", "--reinstall", "true"},
			exit: shell.ExitFailed, said: "the card still has keys",
		},
		"another kind of element": {
			args: []string{"--se", "paper"}, exit: shell.ExitUsage,
			said: "neither reader, emulator nor jcardsim",
		},
		"nothing to wipe": {
			args: []string{"--se", "emulator", "--wipe"}, exit: shell.ExitUsage, said: "nothing to wipe",
		},
		"a part that isn't there": {
			args: []string{"--only", "waltz"}, exit: shell.ExitUsage, said: "the suite's parts are: walk",
		},
		"a serial number": {
			args: []string{"--card-kind", "J3R180 20481123"}, exit: shell.ExitUsage, said: "serial number",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			if row.keys {
				d.personalise()
			}
			before := d.card
			if exit := d.run(append([]string{"card", "check"}, row.args...)...); exit != row.exit {
				t.Errorf("exit code %d, want %d: %s", exit, row.exit, d.said.String())
			}
			if !strings.Contains(d.said.String(), row.said) {
				t.Errorf("%q isn't in %s", row.said, d.said.String())
			}
			if d.card != before {
				t.Error("another card lies there")
			}
		})
	}
}

func TestCardCheckMakesCardsFresh(t *testing.T) {
	d := newDesk(t)
	d.personalise()
	exit := d.run("card", "check", "--wipe", "--reinstall", d.renewing(), "--only", "slots,transport",
		"--json")
	var got struct {
		Passed bool            `json:"passed"`
		Count  cardcheck.Count `json:"count"`
		Fresh  int             `json:"fresh_cards"`
	}
	if err := json.Unmarshal(d.out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if exit != shell.ExitOK || !got.Passed || got.Count.Passed < 8 || got.Fresh < 8 {
		t.Errorf("exit code %d, %+v\n%s", exit, got.Count, d.said.String())
	}
}

func TestCardCheckOnce(t *testing.T) {
	d := newDesk(t)
	if exit := d.run("card", "check", "--wipe"); exit != shell.ExitOK {
		t.Errorf("exit code %d: %s", exit, d.said.String())
	}
	if !strings.Contains(d.said.String(), "good for one case: --only walk") ||
		!strings.Contains(d.out.String(), "1 of 1 cases passed") {
		t.Errorf("%s\n%s", d.said.String(), d.out.String())
	}
}

func TestCardCheckFindsADifference(t *testing.T) {
	d := newDesk(t)
	reference := filepath.Join(t.TempDir(), "card.txt")
	text := "# tapbench card check v1: a better one\nfail  walk\npass  slots/pockets\n"
	if err := os.WriteFile(reference, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	exit := d.run("card", "check", "--wipe", "--reinstall", d.renewing(), "--only", "walk,slots",
		"--reference", reference)
	if exit != shell.ExitDeclined {
		t.Errorf("exit code %d: %s", exit, d.said.String())
	}
	for _, want := range []string{
		"otherwise than the reference, a better one:", "walk: want fail, got pass",
		"slots/pockets: want pass, got no such case",
	} {
		if !strings.Contains(d.out.String(), want) {
			t.Errorf("%q isn't in\n%s", want, d.out.String())
		}
	}
}

// TestEmulatorReference runs the suite on the emulator: what it finds is what is written down.
func TestEmulatorReference(t *testing.T) {
	d := newDesk(t)
	path := filepath.Join(t.TempDir(), "card.txt")
	if exit := d.run("card", "check", "--se", "emulator", "--write-reference",
		path); exit != shell.ExitOK {
		t.Errorf("exit code %d: %s\n%s", exit, d.said.String(), d.out.String())
	}
	if got, want := contents(t, path),
		contents(t, filepath.Join(repository, "testdata", "golden", "card-emulator.txt")); got != want {
		t.Errorf("the suite has other cases; write them down:\n  tapbench card check --se emulator " +
			"--write-reference testdata/golden/card-emulator.txt --force")
	}
}

// TestJCardSimReference runs a few parts of the suite on the applet in jCardSim, and compares them
// with what is written down, which says of every case what the emulator's says.
func TestJCardSimReference(t *testing.T) {
	folder := jcardsimtest.Folder(t)
	golden := func(kind string) []string {
		return strings.Split(contents(t,
			filepath.Join(repository, "testdata", "golden", "card-"+kind+".txt")), "\n")
	}
	if diff := cmp.Diff(golden("emulator")[1:], golden("jcardsim")[1:]); diff != "" {
		t.Errorf("the twins' references differ (-emulator +jcardsim):\n%s", diff)
	}
	d := newDesk(t)
	exit := d.run("card", "check", "--se", "jcardsim", "--applet", folder,
		"--reference", filepath.Join(repository, "testdata", "golden", "card-jcardsim.txt"),
		"--only", "walk,transport")
	if exit != shell.ExitOK {
		t.Errorf("exit code %d: %s\n%s", exit, d.said.String(), d.out.String())
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// canaries gives every answer of a card to a listener.
type canaries struct {
	pcsc.Card
	heard func(answer []byte)
}

func (c canaries) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := c.Card.Transmit(ctx, command)
	c.heard(answer)
	return answer, err
}

// TestReportHoldsNoAnswer checks cards over a reader with a serial number, whose last answers are
// bent, so that cases fail and say what was answered. Nothing of 6 bytes and more that a card
// answered, nor the serial number, is in the report, in whatever digits.
func TestReportHoldsNoAnswer(t *testing.T) {
	d := newDesk(t)
	const serial = "55512025608344"
	var answers [][]byte
	path := filepath.Join(t.TempDir(), "report.json")
	exit := cli.Main(t.Context(), []string{
		"card", "check", "--wipe", "--reinstall", d.renewing(), "--only", "walk,slots,tap",
		"--reader", "uTrust 3700 F [uTrust] (" + serial + ") 00 00",
		"--report", path, "--card-kind", "NXP J3R180",
	}, shell.Streams{
		In: strings.NewReader(""), Out: &d.out, Err: &d.said, Version: "test",
		Getenv: func(string) string { return "" },
		Connect: func(ctx context.Context, name string) (pcsc.Card, error) {
			card, err := d.connect(ctx, name)
			return canaries{card, func(answer []byte) {
				answers = append(answers, bytes.Clone(answer))
				if len(answers)%40 == 0 {
					answer[0] ^= 1
				}
			}}, err
		},
	})
	if exit != shell.ExitDeclined {
		t.Fatalf("exit code %d, want 4: no case failed\n%s", exit, d.said.String())
	}
	text := strings.ToLower(contents(t, path))
	if strings.Contains(text, serial) {
		t.Error("the reader's serial number is in the report")
	}
	count := 0
	for _, answer := range answers {
		for at := 0; at+6 <= len(answer); at += 6 {
			count++
			piece := answer[at : at+6]
			if strings.Contains(text, fmt.Sprintf("%x", piece)) {
				t.Fatalf("%x of an answer is in the report", piece)
			}
		}
	}
	if count < 1000 {
		t.Errorf("%d pieces were looked for: the cards said little", count)
	}
	report, err := cardreport.Read(strings.NewReader(contents(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	if report.Reader != "uTrust 3700 F" || report.Count.Failed == 0 || len(report.Commands) < 20 {
		t.Errorf("%+v", report)
	}
}
