package redact_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/redact"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/trace"
)

// pair is a command with its answer.
type pair struct{ command, answer []byte }

// spell returns the bytes of hexadecimal digits with spaces.
func spell(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err) // the row is written wrongly
	}
	return b
}

func says(command, answer string) pair { return pair{spell(command), spell(answer)} }

// The selections that dialogues begin with. The PDOL asks for 9F66 04, 9F02 06, 9F37 04, 5F2A 02.
func selectScheme() pair {
	return says("00 A4 04 00 07 A0000000031010 00",
		"6F 20 84 07 A0000000031010 A5 15 50 04 54455354"+
			" 9F38 0C 9F66 04 9F02 06 9F37 04 5F2A 02 9000")
}

func selectForeign() pair {
	return says("00 A4 04 00 06 F00102030405 00", "6F 08 84 06 F00102030405 9000")
}

// record is READ RECORD with these data objects in its answer's template 70.
func record(objects ...[]byte) pair {
	return pair{spell("00 B2 01 0C 00"), append(object(0x70, bytes.Join(objects, nil)), 0x90, 0x00)}
}

// object is a data object of less than 128 bytes.
func object(tag int, value []byte) []byte {
	b := []byte{byte(tag)}
	if tag > 0xFF {
		b = []byte{byte(tag >> 8), byte(tag)}
	}
	return append(append(b, byte(len(value))), value...)
}

// text is a message as a trace holds it, with other labels' bytes left out.
func text(m trace.Message) string {
	var b strings.Builder
	for i, p := range m {
		if i > 0 {
			b.WriteByte(' ')
		}
		switch p.Mark {
		case trace.Plain:
			fmt.Fprintf(&b, "%X", p.Bytes)
		case trace.Varying:
			fmt.Fprintf(&b, "(%s %X)", p.Label, p.Bytes)
		default:
			fmt.Fprintf(&b, "{%s %d}", p.Label, len(p.Bytes))
		}
	}
	return b.String()
}

// standIns returns the bytes of the stand-ins with a label.
func standIns(m trace.Message, label string) [][]byte {
	var all [][]byte
	for _, p := range m {
		if p.Mark == trace.StandIn && p.Label == label {
			all = append(all, slices.Clone(p.Bytes))
		}
	}
	return all
}

// fixed returns a redactor whose stand-ins are the same in each run.
func fixed() *redact.Redactor { return redact.New(redact.Config{Key: [32]byte{1}}) }

// listener is a card that keeps what passes.
type listener struct {
	pcsc.Card
	heard []pair
}

func (l *listener) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := l.Card.Transmit(ctx, command)
	l.heard = append(l.heard, pair{slices.Clone(command), slices.Clone(answer)})
	return answer, err
}

// ownDialogue returns what passes between a wallet, a terminal and our emulator, and where the tap
// begins.
func ownDialogue(t testing.TB) (dialogue []pair, tap int) {
	t.Helper()
	card, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{Card: pcsc.NewDirect(card)}
	h := conformance.NewHost(t, l).Advance(conformance.Armed)
	h.NewToken(0, 5, 250)
	h.NewToken(1, 5, 100)
	tap = len(l.heard)
	h.Tap()
	h.ArmFor(wire.ArmMutual)
	h.PayOffline(1250, true)
	h.ArmFor(0)
	h.MeterOffline(100, 5, 2)
	return l.heard, tap
}
