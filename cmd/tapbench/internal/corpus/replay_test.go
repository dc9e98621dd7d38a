package corpus_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/compare"
	"tapbench/applet/decode"
	"tapbench/applet/emulator"
	"tapbench/applet/redact"
	"tapbench/pcsc"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/serve"
	"tapbench/terminal/replay"
	"tapbench/testdata"
)

// recordings returns the names of all files and what is in them.
func recordings(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := fs.Glob(testdata.Traces, "traces/*"+suffix)
	check(t, err)
	all := make(map[string][]byte)
	for _, name := range files {
		text, err := testdata.Traces.ReadFile(name)
		check(t, err)
		all[strings.TrimSuffix(path.Base(name), suffix)] = text
	}
	return all
}

// TestEveryFileHasAScenario also fails where there is no file at all.
func TestEveryFileHasAScenario(t *testing.T) {
	want := make(map[string]bool)
	for _, x := range scenarios() {
		if want[x.name] {
			t.Errorf("two scenarios are named %s", x.name)
		}
		want[x.name] = true
	}
	for _, name := range foreign() {
		want[name] = true
	}
	got := make(map[string]bool)
	for name := range recordings(t) {
		got[name] = true
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
		t.Errorf("testdata/traces (-scenarios +files):\n%s", diff)
	}
}

// TestReplay puts each recording through everything that reads recordings.
func TestReplay(t *testing.T) {
	for name, text := range recordings(t) {
		t.Run(name, func(t *testing.T) {
			for _, part := range []struct {
				name string
				run  func(*testing.T, []byte)
			}{
				{"written again", writtenAgain},
				{"decoded", decoded},
				{"redacted again", redactedAgain},
				{"compared with itself", comparedWithItself},
				{"played", played},
				{"served", served},
			} {
				t.Run(part.name, func(t *testing.T) { part.run(t, text) })
			}
		})
	}
}

// foreign are the recordings of other people's programs, which scripts/traces.sh makes.
func foreign() []string { return []string{"opensc-name"} }

// each calls f with the steps of a trace.
func each(t *testing.T, text []byte, f func(trace.Step)) trace.Header {
	t.Helper()
	steps, err := trace.NewReader(bytes.NewReader(text))
	check(t, err)
	for {
		step, err := steps.Next()
		if errors.Is(err, io.EOF) {
			return steps.Header()
		}
		check(t, err)
		f(step)
	}
}

// writtenAgain: one meaning has one text.
func writtenAgain(t *testing.T, text []byte) {
	steps, err := trace.NewReader(bytes.NewReader(text))
	check(t, err)
	var again bytes.Buffer
	writer, err := trace.NewWriter(&again, steps.Header())
	check(t, err)
	each(t, text, func(s trace.Step) { check(t, writer.Write(s)) })
	if diff := cmp.Diff(string(text), again.String()); diff != "" {
		t.Errorf("(-file +written again):\n%s", diff)
	}
}

// sent returns the bytes of both messages; nothing in the corpus is left out.
func sent(t *testing.T, s trace.Step) (command, answer []byte) {
	t.Helper()
	command, whole := s.Command.Bytes()
	answer, wholeAnswer := s.Answer.Bytes()
	if !whole || s.Answer != nil && !wholeAnswer {
		t.Fatalf("line %d: bytes are missing", s.Line)
	}
	return command, answer
}

// gone reports whether a card forgets its selection at a step.
func gone(s trace.Step) bool { return s.Kind == trace.Reset || s.Kind == trace.Insert }

// decoded: each command has a name, and what our applications are asked is known to the decoder.
func decoded(t *testing.T, text []byte) {
	d := decode.New()
	each(t, text, func(s trace.Step) {
		if gone(s) {
			d.Reset()
		}
		if s.Kind != trace.Exchange {
			return
		}
		command, answer := sent(t, s)
		x := d.Exchange(command, answer)
		if x.Name == "" || x.Application != "" && !x.Known {
			t.Errorf("line %d: %q of application %q isn't known", s.Line, x.Name, x.Application)
		}
	})
}

// redactedAgain: no byte stands in clear that a redactor would hide.
func redactedAgain(t *testing.T, text []byte) {
	r := redact.New(redact.Config{})
	each(t, text, func(s trace.Step) {
		if gone(s) {
			r.Reset()
		}
		if s.Kind != trace.Exchange {
			return
		}
		command, answer := sent(t, s)
		hidden, hiddenAnswer := r.Redact(command, answer)
		if constantMarks(hidden) != constantMarks(s.Command) ||
			constantMarks(hiddenAnswer) != constantMarks(s.Answer) {
			t.Errorf("line %d: a redactor hides otherwise now", s.Line)
		}
	})
}

// constantMarks writes which bytes of a message stand for others.
func constantMarks(m trace.Message) string {
	var b strings.Builder
	for _, p := range m {
		mark := "."
		if p.Mark == trace.StandIn {
			mark = "#"
		}
		b.WriteString(strings.Repeat(mark, len(p.Bytes)+p.Len))
	}
	return b.String()
}

func comparedWithItself(t *testing.T, text []byte) {
	a, err := trace.NewReader(bytes.NewReader(text))
	check(t, err)
	b, err := trace.NewReader(bytes.NewReader(text))
	check(t, err)
	summary, err := compare.Dialogues(a, b, func(compare.Event) error { return nil })
	check(t, err)
	if !summary.Agree() || summary.Varying > 0 || summary.Same == 0 {
		t.Errorf("got %+v", summary)
	}
}

// played: the recording, as a card in strict order, answers the recording's own questions to their
// end.
func played(t *testing.T, text []byte) {
	player, err := trace.NewPlayer(bytes.NewReader(text))
	check(t, err)
	steps, err := trace.NewReader(bytes.NewReader(text))
	check(t, err)
	target := &trace.Target{
		Card: player, Tear: func(int) error { return nil }, Remove: func() error { return nil },
		Insert:   func(ctx context.Context) (pcsc.Card, error) { return player, player.Insert(ctx) },
		StandIns: trace.SendAllStandIns,
	}
	check(t, trace.Replay(t.Context(), steps, target))
	check(t, player.Close())
}

// served: the recording, as a card that answers in any order, knows all that was asked.
func served(t *testing.T, text []byte) {
	card, err := serve.Load(bytes.NewReader(text), serve.Config{})
	check(t, err)
	card.PowerOn()
	failures := 0
	each(t, text, func(s trace.Step) {
		switch s.Kind {
		case trace.Reset, trace.Insert:
			card.Reset()
		case trace.Exchange:
			command, _ := sent(t, s)
			answer := card.Process(command)
			if s.Failure != "" {
				failures++
			} else if at := s.Answer.Match(answer); at >= 0 {
				t.Errorf("line %d: served otherwise from byte %d on: %X", s.Line, at+1, answer)
			}
		case trace.Tear, trace.Remove, trace.Idle:
		}
	})
	got := card.Report()
	want := serve.Report{Commands: got.Commands, Failures: failures}
	if diff := cmp.Diff(want, got); diff != "" || got.Commands == 0 {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

// byHand are the recordings in which no terminal asks but a list of commands.
func byHand() []string { return []string{freshCard, "refusals-payment", "refusals-management"} }

// brokenOff are the recordings in which a terminal asks no more, though nothing kept it from that.
func brokenOff() []string { return []string{"tap-other-terminal"} }

// TestOurTerminalStillAsksSo puts the taps to the terminal.
func TestOurTerminalStillAsksSo(t *testing.T) {
	for name, text := range recordings(t) {
		if slices.Contains(byHand(), name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			steps, err := trace.NewReader(bytes.NewReader(text))
			check(t, err)
			report, err := replay.Run(t.Context(), steps, replay.Config{})
			if errors.Is(err, replay.ErrNoTap) && !strings.HasPrefix(name, "tap-") {
				return
			}
			check(t, err)
			left := 0
			for _, tap := range report.Taps {
				d := tap.Difference
				if d != nil && d.Name == "" && slices.Contains(brokenOff(), name) {
					left++
				} else if d != nil {
					t.Errorf("%s%s:%d: %s: %s", name, suffix, d.Line, d.Name, d.What)
				}
			}
			if want := slices.Contains(brokenOff(), name); left > 1 || want != (left == 1) {
				t.Errorf("%d taps were broken off, want %t", left, want)
			}
		})
	}
}

// TestANewCardStillAnswersSo replays against the emulator what needs no secret. Stand-ins are sent:
// the card refuses what they stand in before it looks at them.
func TestANewCardStillAnswersSo(t *testing.T) {
	all := recordings(t)
	for _, name := range append(foreign(), freshCard) {
		t.Run(name, func(t *testing.T) {
			card, err := emulator.New(emulator.Config{})
			check(t, err)
			link := pcsc.NewDirect(card)
			defer func() { check(t, link.Close()) }()
			steps, err := trace.NewReader(bytes.NewReader(all[name]))
			check(t, err)
			check(t, trace.Replay(t.Context(), steps, &trace.Target{
				Card: link, StandIns: trace.SendAllStandIns,
			}))
		})
	}
}
