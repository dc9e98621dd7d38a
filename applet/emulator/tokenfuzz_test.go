package emulator_test

import (
	"bytes"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// tokenView is what DF07 tells of one slot.
const tokenView = 13

// FuzzTokens gives a proven host's element a stream of commands about tokens, each INS, P1, P2 and
// data behind their length in one byte. No stream makes a token READY, for nobody has the TSM's
// key; one that is closed or replaced doesn't come back; no slot tells what can't be.
func FuzzTokens(f *testing.F) {
	s := &store{}
	host := conformance.NewHost(f, connect(newCard(f, emulator.Config{Store: s})))
	host.Advance(conformance.CardReady)
	host.NewToken(1, 5, 250)
	host.NewToken(2, 50, 9)
	host.CloseToken(2)
	f.Add([]byte{5, byte(wire.InsTokenNew), 0, 0, 5, 100, 3, byte(wire.InsTokenChain), 0, 0})
	f.Add([]byte{3, byte(wire.InsTokenClose), 1, 0, 5, byte(wire.InsTokenNew), 1, 0, 1, 1})
	f.Add(append([]byte{231, byte(wire.InsTokenPut), 1, 0}, make([]byte, 228)...))
	f.Add(append([]byte{90, byte(wire.InsPutEpoch), 0, 0}, make([]byte, 87)...))
	f.Add([]byte{3, byte(wire.InsTokenShow), 2, 0, 3, byte(wire.InsTIDClose), 0, 0})
	f.Fuzz(func(t *testing.T, stream []byte) {
		mine := &store{state: bytes.Clone(s.state)}
		card := newCard(t, emulator.Config{Store: mine})
		card.PowerOn()
		card.Prove()
		for before := tokens(t, card); len(stream) > 2; {
			n := max(3, min(int(stream[0]), len(stream)-1))
			if n > len(stream)-1 {
				break
			}
			c := apdu.Command{
				CLA: byte(wire.CLAProprietary), INS: stream[1], P1: stream[2], P2: stream[3], Ne: 256,
				Data: stream[4 : 1+n],
			}
			stream = stream[1+n:]
			response, err := apdu.ParseResponse(card.Process(encode(t, c)))
			if err != nil || !known(response.SW) {
				t.Fatalf("%+v answers %04X, %v", c, uint16(response.SW), err)
			}
			after := tokens(t, card)
			checkTokens(t, before, after)
			before = after
		}
		if _, err := emulator.New(emulator.Config{Store: mine}); err != nil {
			t.Error(err)
		}
	})
}

// tokens reads DF07.
func tokens(t *testing.T, card *emulator.Card) []byte {
	t.Helper()
	answer := card.Process([]byte{0x00, 0xCA, 0xDF, 0x07, 0x00})
	if len(answer) != wire.TokenSlots*tokenView+2 {
		t.Fatalf("GET DATA DF07: % X", answer)
	}
	return answer[:wire.TokenSlots*tokenView]
}

// checkTokens compares what the slots tell before and after a command that isn't a payment's.
func checkTokens(t *testing.T, before, after []byte) {
	t.Helper()
	for i := 0; i < len(after); i += tokenView {
		was, is := before[i:i+tokenView], after[i:i+tokenView]
		state, units := wire.SlotState(is[0]), is[3]
		if state > wire.TokenClosed || units > wire.TokenUnits || is[4] > units || is[5] > is[4] {
			t.Errorf("slot %d: % X", i/tokenView, is)
		}
		if pays := state == wire.TokenReady || state == wire.TokenUsed; pays && !bytes.Equal(was, is) {
			t.Errorf("slot %d: % X became % X", i/tokenView, was, is)
		}
	}
}
