package decode_test

import (
	"errors"
	"io"
	"testing"

	"tapbench/applet/decode"
	"tapbench/pcsc/tlv"
)

// typical returns a READ RECORD whose answer has 15 data elements in one template, and the
// selection before it.
func typical() (selection, record pair) {
	return says(selectVisa, visaFCI), says("00 B2 01 0C 00",
		"70 6E 57 0D 5413330089020011D25122019F 5A 08 5413330089020011 5F24 03 251231 5F25 03 200101"+
			" 5F28 02 0280 5F34 01 01 8C 06 9F02 06 9F37 04 8D 03 8A 02 95 8E 0A 0000000000000000 1F00"+
			" 9F07 02 FF00 9F08 02 0002 9F0D 05 FC50ACA000 9F0E 05 0000000000 9F0F 05 F870A49800"+
			" 9F42 02 0978 9000")
}

// TestAllocations: reading allocates nothing once the buffers have grown.
func TestAllocations(t *testing.T) {
	d := decode.New()
	selection, record := typical()
	challenge := says("0084000010", "80 3E30722043E54FE5EAC1B6D6618B79 9000") // no template 80
	dialogue := append(ownDialogue(t), selection, record, challenge)
	if n := testing.AllocsPerRun(100, func() {
		for _, p := range dialogue {
			d.Exchange(p.command, p.answer)
		}
	}); n != 0 {
		t.Errorf("%v allocations in %d exchanges", n, len(dialogue))
	}
}

// BenchmarkExchange reads a READ RECORD with 15 elements. The baseline walks the same objects and
// looks at nothing but tags and lengths.
func BenchmarkExchange(b *testing.B) {
	selection, record := typical()
	b.Run("ours", func(b *testing.B) {
		d := decode.New()
		d.Exchange(selection.command, selection.answer)
		b.ReportAllocs()
		for b.Loop() {
			if x := d.Exchange(record.command, record.answer); len(x.Answer) != 17 {
				b.Fatalf("%d fields", len(x.Answer))
			}
		}
	})
	b.Run("baseline", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			body, err := tlv.Find(record.answer[:len(record.answer)-2], 0x70)
			if err != nil {
				b.Fatal(err)
			}
			objects := tlv.NewReader(body)
			for {
				if _, err := objects.Next(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
