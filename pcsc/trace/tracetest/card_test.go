package tracetest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/complainttest"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/tracetest"
)

// purse is a recording in the text form, and its steps in the JSON Lines form.
const purse = `# tapbench-apdu v1
> 00 A4 04 00 02 F0 01
< 90 00
> 80 5C 00 02 (un 12 34)
< 00 00 04 E2 90 00
`

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "purse.apdu")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// jsonLines returns a trace in the other form.
func jsonLines(t *testing.T, text string) string {
	t.Helper()
	in, err := trace.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	w, err := trace.NewJSONWriter(&out, in.Header())
	for err == nil {
		var step trace.Step
		if step, err = in.Next(); err == nil {
			err = w.Write(step)
		}
	}
	return out.String()
}

var (
	selects = []byte{0x00, 0xA4, 0x04, 0x00, 0x02, 0xF0, 0x01}
	balance = []byte{0x80, 0x5C, 0x00, 0x02, 0x99, 0x99}
)

// ask sends commands until one fails.
func ask(t *testing.T, card pcsc.Card, commands ...[]byte) {
	t.Helper()
	for _, c := range commands {
		if _, err := card.Transmit(t.Context(), c); err != nil {
			if !errors.Is(err, pcsc.ErrOffScript) {
				t.Errorf("got %v, want ErrOffScript", err)
			}
			return
		}
	}
}

func TestPlay(t *testing.T) {
	for _, row := range []struct {
		name, text string
		commands   [][]byte
		want       string
	}{
		{
			"no trace", "hello\n", nil,
			"purse.apdu:1:1: first line isn't # tapbench-apdu v1",
		},
		{
			"a fault behind the first step", purse + "nonsense\n",
			[][]byte{selects, balance},
			"purse.apdu:6:1: command or event expected",
		},
		{
			"another command", purse,
			[][]byte{selects, selects, balance},
			"purse.apdu:4: the trace has command 80 5C 00 02 (6 bytes) here, got 00 A4 04 00 (7 bytes)," +
				" from byte 1 on\nwant:\n> 80 5C 00 02 (un 12 34)\n< 00 00 04 E2 90 00\n" +
				"got:\n> 00 A4 04 00 02 F0 01",
		},
		{
			"one too many", purse,
			[][]byte{selects, balance, balance},
			"purse.apdu:6: the trace has ended\ngot:\n> 80 5C 00 02 99 99",
		},
		{
			"one too few", purse,
			[][]byte{selects},
			"purse.apdu:4: nobody asked for command 80 5C 00 02 (6 bytes)" +
				"\nwant:\n> 80 5C 00 02 (un 12 34)\n< 00 00 04 E2 90 00",
		},
		{
			"one too few in JSON", jsonLines(t, purse),
			[][]byte{selects},
			"purse.apdu:3: nobody asked for command 80 5C 00 02 (6 bytes)" +
				"\nwant:\n> 80 5C 00 02 (un 12 34)\n< 00 00 04 E2 90 00",
		},
		{"all of it", purse, [][]byte{selects, balance}, ""},
		{"all of it in JSON", jsonLines(t, purse), [][]byte{selects, balance}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := file(t, row.text)
			got := complainttest.Of(t, func(tb testing.TB) {
				ask(t, tracetest.Play(tb, path), row.commands...)
			})
			if got = strings.ReplaceAll(got, filepath.Dir(path)+"/", ""); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestPlayWithoutAFile(t *testing.T) {
	for name, helper := range map[string]func(testing.TB){
		"play":   func(tb testing.TB) { tracetest.Play(tb, "not/there") },
		"replay": func(tb testing.TB) { tracetest.Replay(tb, "not/there", &trace.Target{}) },
	} {
		if got := complainttest.Of(t, helper); !strings.HasPrefix(got, "the recording: open not/there: ") {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestScriptComplains(t *testing.T) {
	for _, row := range []struct {
		name, script string
		want         string
	}{
		{
			"about a text that is no trace", "\n\t\tnonsense: x\n",
			`the script:2:1: unknown key "nonsense"`,
		},
		{
			"about another dialogue, and shows no command that came later", "\n\t\tinsert\n",
			"the script:2: the trace has insert here\nwant:\ninsert",
		},
		{
			"about a command behind its end", "\n\t\treset\n",
			"the script:3: the trace has ended\ngot:\n> 00 A4 04 00 02 F0 01",
		},
		{"about nothing", "\n\t\treset\n\t\t> 00 A4 04 00 02 F0 01\n\t\t< 90 00\n", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := complainttest.Of(t, func(tb testing.TB) {
				card := tracetest.Script(tb, row.script)
				_ = card.Reset(t.Context())
				ask(t, card, selects)
			})
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestReplay(t *testing.T) {
	path := file(t, purse)
	for _, row := range []struct{ name, script, want string }{
		{
			"another answer", "> 00 A4 04 00 02 F0 01\n< 6A 82\n",
			"purse.apdu:2: command 00 A4 04 00 (7 bytes) answered otherwise from byte 1 on: got 6A 82" +
				" (2 bytes), want 90 00 (2 bytes)\nwant:\n> 00 A4 04 00 02 F0 01\n< 90 00\ngot:\n< 6A 82",
		},
		{
			"a failure", "> 00 A4 04 00 02 F0 01\n! comm\n",
			"purse.apdu: line 2: command 00 A4 04 00 (7 bytes): transmitting: " + pcsc.ErrComm.Error(),
		},
		{"the same", purse, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := complainttest.Of(t, func(tb testing.TB) {
				tracetest.Replay(tb, path, &trace.Target{Card: tracetest.Script(tb, row.script)})
			})
			if got = strings.ReplaceAll(got, filepath.Dir(path)+"/", ""); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
	no := file(t, "no trace\n")
	got := complainttest.Of(t, func(tb testing.TB) { tracetest.Replay(tb, no, &trace.Target{}) })
	if !strings.Contains(got, "purse.apdu:1:1: first line isn't") {
		t.Errorf("no trace: got %q", got)
	}
}

// TestReplayOfStandIns: they aren't sent unless the target says so, and a difference behind one
// says where it was.
func TestReplayOfStandIns(t *testing.T) {
	path := file(t, trace.Magic+"\n> 80 14 00 00 02 {name 41 42}\n< 90 00\n> 80 16 00 00\n< 90 00\n")
	const script = "> 80 14 00 00 02 41 42\n< 90 00\n> 80 16 00 00\n< 6A 82\n"
	for _, row := range []struct {
		name     string
		standIns trace.StandIns
		want     string
	}{
		{
			"unless told", trace.RefuseStandIns,
			"purse.apdu: line 2: " + trace.ErrStandIn.Error() + " (name)",
		},
		{
			"told", trace.SendStandIns, "got:\n< 6A 82\nline 2, byte 6 of the command: a stand-in was sent " +
				"(name); no signature or cryptogram over it is the recorded one",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := complainttest.Of(t, func(tb testing.TB) {
				target := &trace.Target{StandIns: row.standIns}
				if row.standIns != trace.RefuseStandIns {
					target.Card = tracetest.Script(t, script)
				}
				tracetest.Replay(tb, path, target)
			})
			got = strings.ReplaceAll(got, filepath.Dir(path)+"/", "")
			if !strings.HasSuffix(got, row.want) {
				t.Errorf("got %q, want it to end in %q", got, row.want)
			}
		})
	}
}
