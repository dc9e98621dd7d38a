package corpus_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"tapbench/applet/budget"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc"
	"tapbench/pcsc/trace"
	"tapbench/terminal/replay"
)

// eachEMV runs a test for each recording of an EMV card, with the card that its seed makes.
func eachEMV(
	t *testing.T, run func(t *testing.T, p *emvPayment, text []byte, b emvBench, made image.Card),
) {
	t.Helper()
	all, b := recordings(t), newEMVBench(t)
	for _, x := range emvCards() {
		t.Run(x.name, func(t *testing.T) {
			run(t, x.emv, all[x.name], b, b.cards[x.emv.profile])
		})
	}
}

// TestEMVSignaturesVerify puts the recordings to the terminal, which has the CA's keys: nothing
// that it verifies is a stand-in.
func TestEMVSignaturesVerify(t *testing.T) {
	eachEMV(t, func(t *testing.T, _ *emvPayment, text []byte, b emvBench, made image.Card) {
		for _, row := range []struct {
			name    string
			keys    oda.CAKeys
			differs bool
		}{
			{"the CA's keys", b.keys(made), false},
			{"no keys: believed", nil, false},
			{"somebody else's keys", oda.CAKeys{{}}, true},
		} {
			steps, err := trace.NewReader(bytes.NewReader(text))
			check(t, err)
			report, err := replay.Run(t.Context(), steps, replay.Config{CAKeys: row.keys})
			check(t, err)
			if len(report.Taps) != 1 || report.Agree() == row.differs {
				t.Errorf("%s: %d taps, %+v", row.name, len(report.Taps), report.Taps)
			}
			for _, tap := range report.Taps {
				if !row.differs && (tap.Result() != "approved" || tap.Err != nil) {
					t.Errorf("%s: line %d: %s, %s, %v", row.name, tap.Line, tap.Result(), tap.Reason(), tap.Err)
				}
			}
		}
	})
}

// TestTheEMVCardStillAnswersSo replays against the card that the seed makes. Who replays knows the
// PIN, which no recording holds.
func TestTheEMVCardStillAnswersSo(t *testing.T) {
	eachEMV(t, func(t *testing.T, p *emvPayment, text []byte, _ emvBench, made image.Card) {
		card, err := emvcard.New(emvcard.Config{Image: made})
		check(t, err)
		seat := &cardholder{card: card, pin: p.pin, image: made}
		seat.insert()
		steps, err := trace.NewReader(bytes.NewReader(text))
		check(t, err)
		check(t, trace.Replay(t.Context(), steps, &trace.Target{
			Card: seat, StandIns: trace.SendAllStandIns,
			Remove: func() error { return seat.Close() },
			Insert: func(context.Context) (pcsc.Card, error) { seat.insert(); return seat, nil },
		}))
		check(t, seat.Close())
	})
}

// cardholder is a card, with somebody beside it who enters the PIN where the recording has a
// stand-in. A script's stand-in is left out: the card is told what makes it answer as it did.
type cardholder struct {
	*pcsc.Direct
	card      *emvcard.Card
	image     image.Card
	pin       string
	challenge []byte
}

func (c *cardholder) insert() { c.Direct = pcsc.NewDirect(c.card) }

// Transmit passes a command on.
func (c *cardholder) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	const verify, changePIN, getChallenge, plain = 0x20, 0x24, 0x84, 0x80
	switch {
	case command[1] == changePIN && command[0] == 0x84:
		return []byte{0x90, 0x00}, nil // its MAC isn't kept
	case command[1] == verify:
		block, err := cryptogram.PINBlock(c.pin)
		if err != nil {
			return nil, err
		}
		data := block[:]
		if command[3] != plain {
			key := c.image.Applications[1].PINKey.Public()
			if data, err = oda.EncipherPIN(zeros{}, key, block, [8]byte(c.challenge)); err != nil {
				return nil, err
			}
		}
		command = slices.Concat(command[:5], data, command[5+len(data):])
	}
	answer, err := c.Direct.Transmit(ctx, command)
	if command[1] == getChallenge && len(answer) > 2 {
		c.challenge = slices.Clone(answer[:len(answer)-2])
	}
	return answer, err
}

// zeros is a source of PIN paddings.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// TestEMVPaymentsAreMeasured: budgets count each payment as a tap; reading a log is one, too.
func TestEMVPaymentsAreMeasured(t *testing.T) {
	eachEMV(t, func(t *testing.T, p *emvPayment, text []byte, _ emvBench, _ image.Card) {
		m := budget.NewMeter()
		each(t, text, m.Step)
		m.Check(nil)
		want := 1
		if p.log {
			want++
		}
		if m.Taps() != want {
			t.Errorf("%d taps, want %d", m.Taps(), want)
		}
	})
}
