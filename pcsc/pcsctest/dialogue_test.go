package pcsctest_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"tapbench/pcsc"
	"tapbench/pcsc/complainttest"
	"tapbench/pcsc/pcsctest"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/tracetest"
	"tapbench/testdata"
)

// TestScriptedCard plays every dialogue as a card, and puts the same dialogue to it.
func TestScriptedCard(t *testing.T) {
	for _, d := range pcsctest.LoadDialogues(t, testdata.Vectors, pcsctest.DialogueDir) {
		if strings.Contains(d.Text(), "["+trace.LabelAny) {
			continue // what varies can't be played; TestDirect replays these
		}
		t.Run(d.Name, func(t *testing.T) {
			card := tracetest.Script(t, d.Text())
			d.Replay(t, &trace.Target{
				Card:   card,
				Tear:   func(int) error { return nil },
				Remove: func() error { return nil },
				Insert: func(ctx context.Context) (pcsc.Card, error) { return card, card.Insert(ctx) },
			})
		})
	}
}

// TestLoadDialoguesRefuses looks at what a loader must not let pass.
func TestLoadDialoguesRefuses(t *testing.T) {
	const head = trace.Magic + "\nspec: s\nexpect: e\ncomment: c\n"
	good := &fstest.MapFile{Data: []byte(head + "reset\n")}
	for _, row := range []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"no folder", fstest.MapFS{}, "dialogues: open v: file does not exist"},
		{"an empty folder", fstest.MapFS{"v": &fstest.MapFile{Mode: fs.ModeDir}}, "v: no dialogue"},
		{
			"a file that is something else",
			fstest.MapFS{"v/a.apdu": good, "v/b.txt": good},
			"v: b.txt isn't a dialogue",
		},
		{
			"a folder in the folder",
			fstest.MapFS{"v/a.apdu": good, "v/b/c.apdu": good},
			"v: b isn't a dialogue",
		},
		{
			"no steps",
			fstest.MapFS{"v/a.apdu": {Data: []byte(head)}},
			"a.apdu: after 0 steps: EOF",
		},
		{
			"no trace",
			fstest.MapFS{"v/a.apdu": {Data: []byte("x\n")}},
			"a.apdu: line 1, column 1: first line isn't # tapbench-apdu v1",
		},
		{
			"a fault behind the first step",
			fstest.MapFS{"v/a.apdu": {Data: []byte(head + "reset\nx\n")}},
			"a.apdu: after 1 steps: line 6, column 1: command or event expected",
		},
		{
			"no comment",
			fstest.MapFS{"v/a.apdu": {Data: []byte(trace.Magic + "\nspec: s\nexpect: e\nreset\n")}},
			"a.apdu: no comment in the header",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := complainttest.Of(t, func(tb testing.TB) {
				pcsctest.LoadDialogues(tb, row.files, "v")
			}); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestReplayShowsTheAnswer(t *testing.T) {
	d := pcsctest.LoadDialogues(t, fstest.MapFS{"v/a.apdu": {Data: []byte(
		trace.Magic + "\nspec: s\nexpect: e\ncomment: c\n> 00 A4 04 00\n< 90 00\n")}}, "v")[0]
	got := complainttest.Of(t, func(tb testing.TB) {
		d.Replay(tb, &trace.Target{Card: tracetest.Script(tb, "> 00 A4 04 00\n< 6A 82\n")})
	})
	want := "a.apdu:5: command 00 A4 04 00 (4 bytes) answered otherwise from byte 1 on: " +
		"got 6A 82 (2 bytes), want 90 00 (2 bytes)\nwant:\n> 00 A4 04 00\n< 90 00\ngot:\n< 6A 82"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = complainttest.Of(t, func(tb testing.TB) {
		d.Replay(tb, &trace.Target{Card: tracetest.Script(tb, "> 00 A4 04 00\n! comm\n")})
	})
	if !strings.Contains(got, pcsc.ErrComm.Error()) {
		t.Errorf("got %q, want the card's error", got)
	}
}
