package redact_test

import (
	"bytes"
	"testing"

	"tapbench/applet/decode"
)

// typical returns a READ RECORD whose answer has 15 data elements, track data and PAN among them,
// and the selection before it.
func typical() []pair {
	return []pair{selectScheme(), record(bytes.Join([][]byte{
		spell("57 0D 5413330089020011D25122019F 5A 08 5413330089020011 5F24 03 251231"),
		spell("5F25 03 200101 5F28 02 0280 5F34 01 01 8C 06 9F02 06 9F37 04 8D 03 8A 02 95"),
		spell("8E 0A 0000000000000000 1F00 9F07 02 FF00 9F08 02 0002 9F0D 05 FC50ACA000"),
		spell("9F0E 05 0000000000 9F0F 05 F870A49800 9F42 02 0978"),
	}, nil))}
}

// TestAllocations: redacting allocates nothing once the buffers have grown, beyond what decoding
// does where bytes look like data objects and aren't.
func TestAllocations(t *testing.T) {
	r, d := fixed(), decode.New()
	own, _ := ownDialogue(t)
	dialogue := append(append(own, typical()...), foreignDialogue()...)
	decoding := testing.AllocsPerRun(10, func() {
		for _, p := range dialogue {
			d.Exchange(p.command, p.answer)
		}
	})
	redacting := testing.AllocsPerRun(10, func() {
		for _, p := range dialogue {
			r.Redact(p.command, p.answer)
		}
	})
	if redacting > decoding {
		t.Errorf("%v allocations in %d exchanges, decoding %v", redacting, len(dialogue), decoding)
	}
}

// BenchmarkRedact redacts an exchange of each kind. The baseline is its decoding alone, on which
// redaction rests.
func BenchmarkRedact(b *testing.B) {
	own, tap := ownDialogue(b)
	foreign := foreignDialogue()
	for _, row := range []struct {
		name     string
		dialogue []pair // the last is measured
	}{
		{"record", typical()},
		{"own", own[:tap+2]},
		{"pin", foreign[:len(foreign)-2]},
		{"unknown", []pair{selectForeign(), {spell("00 B0 00 00 00"), make([]byte, 256)}}},
	} {
		before, last := row.dialogue[:len(row.dialogue)-1], row.dialogue[len(row.dialogue)-1]
		b.Run(row.name+"/ours", func(b *testing.B) {
			r := fixed()
			for _, p := range before {
				r.Redact(p.command, p.answer)
			}
			b.ReportAllocs()
			for b.Loop() {
				r.Redact(last.command, last.answer)
			}
		})
		b.Run(row.name+"/baseline", func(b *testing.B) {
			d := decode.New()
			for _, p := range before {
				d.Exchange(p.command, p.answer)
			}
			b.ReportAllocs()
			for b.Loop() {
				d.Exchange(last.command, last.answer)
			}
		})
	}
}
