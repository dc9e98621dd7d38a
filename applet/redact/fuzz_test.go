package redact_test

import (
	"bytes"
	"testing"

	"tapbench/applet/decode"
	"tapbench/pcsc/trace"
)

// checkMessage fails the test if a redacted message isn't as long as the bytes, keeps others than
// those, or keeps one of a field that is none of those that may be kept.
func checkMessage(t *testing.T, m trace.Message, source []byte, fields []decode.Field) {
	t.Helper()
	if m.Len() != len(source) {
		t.Fatalf("%d bytes for %d", m.Len(), len(source))
	}
	if at := m.Match(source); at >= 0 {
		t.Fatalf("byte %d isn't as it was", at)
	}
	kept := make([]bool, len(source))
	at := 0
	for _, p := range m {
		n := len(p.Bytes)
		if p.Mark == trace.Absent || n == 0 {
			t.Fatalf("a part without bytes: %+v", p)
		}
		if p.Mark != trace.StandIn {
			if !bytes.Equal(p.Bytes, source[at:at+n]) {
				t.Fatalf("bytes from %d on aren't as they were", at)
			}
			for i := range n {
				kept[at+i] = true
			}
		}
		at += n
	}
	for _, f := range fields {
		if f.Secrecy == decode.Clear || f.Template || isOurs(f, source[f.Off:f.Off+f.Len]) {
			continue
		}
		for i := range f.Len {
			if kept[f.Off+i] {
				t.Fatalf("byte %d of %q at %d is kept", i, f.Name, f.Off)
			}
		}
	}
}

// isOurs reports whether a value has the look of a PAN of the test IIN.
func isOurs(f decode.Field, value []byte) bool {
	if f.Secrecy == decode.Track {
		value = bytes.TrimLeft(value, "%;B")
	}
	return (f.Secrecy == decode.PAN || f.Secrecy == decode.Track) &&
		(bytes.Contains(value, spell("999999")) || bytes.HasPrefix(value, []byte("999999")))
}

// FuzzRedact redacts two exchanges one after the other. The first may select and make secrets
// known.
func FuzzRedact(f *testing.F) {
	for _, dialogue := range [][]pair{foreignDialogue(), first(ownDialogue(f))} {
		for i := 1; i < len(dialogue); i++ {
			f.Add(dialogue[i-1].command, dialogue[i-1].answer, dialogue[i].command, dialogue[i].answer)
		}
	}
	f.Fuzz(func(t *testing.T, firstCommand, firstAnswer, command, answer []byte) {
		r, d := fixed(), decode.New()
		for range 2 { // with buffers that were used, too
			for _, p := range []pair{{firstCommand, firstAnswer}, {command, answer}} {
				c, a := r.Redact(p.command, p.answer)
				x := d.Exchange(p.command, p.answer)
				checkMessage(t, c, p.command, x.Command)
				checkMessage(t, a, p.answer, x.Answer)
			}
			r.Reset()
			d.Reset()
		}
	})
}

// first returns the first of two values.
func first(dialogue []pair, _ int) []pair { return dialogue }
