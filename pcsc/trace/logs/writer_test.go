package logs_test

import (
	"bytes"
	"errors"
	"go/format"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/logs"
)

// stepWriter is what all writers of traces have in common.
type stepWriter interface{ Write(trace.Step) error }

// pass writes what a trace holds.
func pass(t *testing.T, in *trace.Reader, w stepWriter) error {
	t.Helper()
	for {
		step, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = w.Write(step)
		}
		if err != nil {
			return err
		}
	}
}

func reader(t *testing.T, body string) *trace.Reader {
	t.Helper()
	in, err := trace.NewReader(strings.NewReader(trace.Magic + "\n" + body))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

const dialogue = `atr: 3B 80 80 01 01
protocol: T=1
reader: ACS ACR122U PICC Interface 00 00
origin: record
redaction: stand-ins
comment: a card
> 00 A4 04 00 07 F0 54 41 50 42 4E 00
< 6F 04 84 02 01 02 90 00
took 24123 us
reset
> 80 CA 9F 36 00
< 9F 36 02 00 01 90 00
took 3000 us
tear 3
idle 1204 us
> 80 AE 80 00 01 00 00
! removed
remove
insert
reset
! comm
> 00 B2 01 0C 00
! no-card
took 1200 us
`

func TestDumpRoundTrip(t *testing.T) {
	in := reader(t, dialogue)
	var dump bytes.Buffer
	w, err := logs.NewDumpWriter(&dump, in.Header())
	if err != nil {
		t.Fatal(err)
	}
	if err := pass(t, in, w); err != nil {
		t.Fatal(err)
	}
	if len(w.Losses()) != 0 {
		t.Errorf("losses %q, want none", w.Losses())
	}
	got, losses, err := text(&dump, logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(trace.Magic+"\n"+dialogue, got); diff != "" || len(losses) != 0 {
		t.Errorf("losses %q, trace (-want +got):\n%s", losses, diff)
	}
}

func TestDumpSaysWhatItLoses(t *testing.T) {
	in := reader(t, "> 00 84 00 00 04\n< (challenge 01 02 03 04) 90 00\n"+
		"> 00 B2 01 0C 00\n< {pan 54 13 33} 90 00\n")
	var dump bytes.Buffer
	w, err := logs.NewDumpWriter(&dump, in.Header())
	if err != nil {
		t.Fatal(err)
	}
	if err := pass(t, in, w); err != nil {
		t.Fatal(err)
	}
	want := "#\n0084000004\n010203049000\n00B2010C00\n5413339000\n"
	if diff := cmp.Diff(want, dump.String()); diff != "" {
		t.Error(diff)
	}
	losses := []string{
		"mark of varying bytes: 1", "mark of stand-ins: 1",
	}
	if diff := cmp.Diff(losses, w.Losses()); diff != "" {
		t.Error(diff)
	}
}

func TestWritersRefuseAbsentBytes(t *testing.T) {
	in := reader(t, "> 00 20 00 01 04 [pin 4]\n< 90 00\n")
	step, err := in.Next()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	dump, err := logs.NewDumpWriter(&out, nil)
	if err != nil {
		t.Fatal(err)
	}
	source, err := logs.NewSourceWriter(&out, "vectors", nil)
	if err != nil {
		t.Fatal(err)
	}
	before := out.Len()
	for _, w := range []stepWriter{dump, source} {
		if err := w.Write(step); !errors.Is(err, logs.ErrAbsent) || out.Len() != before {
			t.Errorf("%T: got %v, want %v and nothing written", w, err, logs.ErrAbsent)
		}
	}
}

func TestSourceIsGo(t *testing.T) {
	in := reader(t, dialogue+"> 00 84 00 00 04\n< (challenge 01 02 03 04) 90 00\n")
	var source bytes.Buffer
	w, err := logs.NewSourceWriter(&source, "vectors", in.Header())
	if err != nil {
		t.Fatal(err)
	}
	if err := pass(t, in, w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	formatted, err := format.Source(source.Bytes())
	if err != nil {
		t.Fatalf("%v in:\n%s", err, &source)
	}
	if diff := cmp.Diff(string(formatted), source.String()); diff != "" {
		t.Errorf("not as gofmt has it:\n%s", diff)
	}
	for _, want := range []string{
		`{Command: "00A4040007F0544150424E00", Answer: "6F048402010290 00"`,
		`AnswerVaries: "XXXXXXXX....", `, `Failure: "removed"`, `ATR      = "3B80800101"`,
	} {
		want = strings.TrimSuffix(strings.ReplaceAll(want, " 00\"", "00\""), ", ")
		if !strings.Contains(source.String(), want) {
			t.Errorf("no %s in:\n%s", want, &source)
		}
	}
	if diff := cmp.Diff([]string{
		"header field reader: 1", "header field origin: 1", "header field redaction: 1",
		"header field comment: 1", "step reset: 2", "step tear: 1", "step idle: 1",
		"step remove: 1",
		"step insert: 1",
	}, w.Losses()); diff != "" {
		t.Error(diff)
	}
}

func TestSourceRefusesPackage(t *testing.T) {
	for _, name := range []string{"", "_", "func", "a-b", "a\nb"} {
		if _, err := logs.NewSourceWriter(&bytes.Buffer{}, name, nil); !errors.Is(err, logs.ErrPackage) {
			t.Errorf("%q: got %v, want %v", name, err, logs.ErrPackage)
		}
	}
}
