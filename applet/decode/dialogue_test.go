package decode_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
)

// pair is a command with its answer.
type pair struct{ command, answer []byte }

// listener is a card that writes down what passes.
type listener struct {
	pcsc.Card
	heard []pair
}

func (l *listener) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := l.Card.Transmit(ctx, command)
	l.heard = append(l.heard, pair{slices.Clone(command), slices.Clone(answer)})
	return answer, err
}

// ownDialogue returns what passes between a wallet, a terminal and our emulator, from a fresh card
// to the end of a payment.
func ownDialogue(t testing.TB) []pair {
	t.Helper()
	card, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{Card: pcsc.NewDirect(card)}
	h := conformance.NewHost(t, l).Advance(conformance.Armed)
	h.Tap()
	for slot := range byte(3) {
		h.NewToken(slot, 5, 9)
	}
	h.ArmFor(0)
	h.PayOffline(20, false)
	h.ArmFor(wire.ArmMutual)
	h.PayOffline(45, true)
	h.ArmFor(wire.ArmReuse)
	h.MeterOffline(15, 5, 2)
	return append(l.heard, records()...)
}

// records returns what the tap of the suite doesn't ask for: the records with the lists and with
// the card's key, and what the management application tells of itself.
func records() []pair {
	answer := func(data []byte) []byte { return append(data, 0x90, 0x00) }
	class := message.Class{Currency: [2]byte{0x09, 0x78}, Expiry: 3000}
	return []pair{
		{spell("00A404000AF054415042454E434802"), answer(emv.PaymentFCI().Encode())},
		{spell("00B2020C00"), answer(emv.Record2())},
		{spell("00B2030C00"), answer(emv.Record3(message.PublicKey{}, class, message.Signature{}))},
		says("00A404000AF054415042454E434801", "9000"),
		says("00CADF0100", "02 02 02 08 08 03 0300 000F 9000"),
		says("00CADF0200", "0F 9000"),
		says("00CADF0400", "0F 01 0005 0500 0203030000000000 01 00 9000"),
		says("00CADF0500", "01 01 00 03 414243"+strings.Repeat("00", 61)+strings.Repeat("5A", 32)+
			"42414E4B2D422020 9000"),
		says("00CADF0600", strings.Repeat("01 000000005000 000000001250", wire.CardSlots)+"9000"),
		says("00CADF0700", strings.Repeat("05 00 32 64 03 00 01 01 00000BA6 03", wire.TokenSlots)+"9000"),
		says("00CADF0800", "6A88"),
		says("801A0000A2 03 414243"+strings.Repeat("00", 61)+strings.Repeat("5A", 32)+"01"+
			strings.Repeat("C3", 64), "9000"),
		says("801C0000D1"+strings.Repeat("A5", 145)+strings.Repeat("C3", 64), "9000"),
		says("801C010040"+strings.Repeat("C3", 64), "9000"),
		says("8078000000", "9000"),
		says("804A0000 57 8F 74617062656E63682F31 43412D3120202020 00000BA5"+
			strings.Repeat("C3", 64), "9000"),
		says("804003000232FA", "9000"),
		says("8042030000", "BB 9000"),
		says("8044030000", "00000002"+strings.Repeat("E5", 256)+"9000"),
		says("80460300E4 00000003"+strings.Repeat("E5", 224), "9000"),
		says("8048030000", "32"+strings.Repeat("C3", 64)+"9000"),
		says("804C030000", "01 54534D2D54202020 00000BA6 32 FA 04"+strings.Repeat("5A", 64)+
			strings.Repeat("D7", 32)+"0978 1388 30D4 00004E20 FA 01"+strings.Repeat("C3", 64)+
			"01 00 19 00 000000001250"+strings.Repeat("4D", 15)+strings.Repeat("D7", 32)+"6912AB00 01020304"+
			strings.Repeat("C3", 128)+"9000"),
		says("8076030008 000000002000 0978", "9000"),
	}
}
