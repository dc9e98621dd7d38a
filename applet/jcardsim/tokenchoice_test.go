package jcardsim_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/emv"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/applet/message"
	"tapbench/applet/saved"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// Where parts of a state lie, from its end: the arming [40] behind the token slots [1423], behind
// K_SE [32], behind the card slots [246], behind the TSM accounts' [556].
const (
	armAt    = 40
	tokensAt = armAt + wire.TokenSlots*tokenLen
	tidsAt   = tokensAt + 32 + wire.CardSlots*246 + wire.TIDSlots*tidLen
	tokenLen = 1423
	tidLen   = 556
)

// chooser makes states and payments in which tokens just may pay, or just not.
type chooser struct {
	*rand.Rand
	base []byte // a state's fields
}

// pick returns one of some values.
func pick[T any](c chooser, values ...T) T { return values[c.IntN(len(values))] }

// mostly returns the first value, in one case of six another.
func mostly[T any](c chooser, value T, others ...T) T {
	if c.IntN(6) > 0 {
		return value
	}
	return pick(c, others...)
}

// state returns fields with tokens, limits, times and arming by chance. A slot in use holds what a
// command could have left there.
func (c chooser) state() []byte {
	raw := bytes.Clone(c.base)
	end := len(raw)
	for i := range wire.TIDSlots {
		tid := raw[end-tidsAt+i*tidLen:][:tidLen]
		tid[tidLen-9] = mostly(c, byte(1), 0)
		binary.BigEndian.PutUint32(tid[tidLen-8:], mostly(c, firstEpoch, c.epoch(), 0))
		binary.BigEndian.PutUint32(tid[tidLen-4:], mostly(c, uint32(0), 50, 0x7FFFFFFF, 0xFFFFFFF0))
	}
	for i := range wire.TokenSlots {
		c.token(raw[end-tokensAt+i*tokenLen:][:tokenLen])
	}
	c.arm(raw[end-armAt:], raw[end-tokensAt:])
	return raw
}

// firstEpoch and the two after it are those in which 32 bits of seconds end.
const firstEpoch = uint32(7099)

func (c chooser) epoch() uint32 { return firstEpoch + c.Uint32N(3) }

// limit is of 16 bits, and seldom low.
func (c chooser) limit() uint16 {
	return mostly(c, uint16(0xFFFF), 0x8000, 0x7FFF, 12450, 255, 50, 0)
}

func (c chooser) token(t []byte) {
	t[0] = byte(pick(c, wire.TokenReady, wire.TokenReady, wire.TokenUsed, wire.TokenUsed,
		mostly(c, wire.TokenReady, wire.TokenEmpty, wire.TokenBuilt, wire.TokenClosed)))
	t[1], t[2] = byte(c.IntN(wire.TIDSlots)), pick(c, byte(1), 5, 50)
	t[3] = mostly(c, byte(250), 1, byte(1+c.IntN(250)))
	if wire.SlotState(t[0]) == wire.TokenUsed {
		t[4] = byte(mostly(c, wire.TokenSpend, wire.TokenMeter))
		t[5] = byte(c.IntN(mostly(c, int(t[3])/4, int(t[3])) + 1))
		t[6], t[7] = byte(c.IntN(int(t[5])+1)), byte(1+c.IntN(3))
	}
	binary.BigEndian.PutUint32(t[1074:], c.epoch())
	copy(t[1078:], c.currency())
	binary.BigEndian.PutUint16(t[1080:], c.limit())
	binary.BigEndian.PutUint16(t[1082:], c.limit())
	binary.BigEndian.PutUint32(t[1084:], mostly(c, uint32(0xFFFFFFFF), 0x80000000, 100))
	t[1088] = mostly(c, byte(255), 1, 3)
	said := c.payment()
	t[1154], t[1155] = 0, t[5]
	copy(t[1156:], said.Amount[:])
	copy(t[1162:], said.Merchant[:])
	copy(t[1177:], said.Certificate[:])
	binary.BigEndian.PutUint32(t[1209:], said.Time)
	copy(t[1213:], said.UN[:])
}

// arm is an arming, or a tap that is bound to a used token or a card.
func (c chooser) arm(arm, tokens []byte) {
	clear(arm)
	arm[0] = byte(mostly(c, wire.ArmReady, wire.ArmBound, wire.ArmBound, wire.ArmNone))
	limit := mostly(c, [6]byte{1: 0x80}, c.amount())
	copy(arm[1:], limit[:])
	copy(arm[7:], c.currency())
	arm[9] = mostly(c, byte(wire.ArmReuse), 0)
	if wire.ArmState(arm[0]) != wire.ArmBound {
		return
	}
	arm[10], arm[11] = byte(pick(c, wire.ArmToken, wire.ArmToken, wire.ArmCard)), byte(c.IntN(8))
	arm[12] = byte(1 + c.IntN(wire.TapTries))
	tokens[int(arm[11])*tokenLen] = byte(wire.TokenUsed)
	tokens[int(arm[11])*tokenLen+4] = byte(pick(c, wire.TokenSpend, wire.TokenMeter))
}

func (c chooser) currency() []byte {
	return mostly(c, []byte{9, 0x78}, []byte{8, 0x40})
}

// amount is most often one of units; seldom it is none, or has a byte that could have a sign.
func (c chooser) amount() (amount [wire.AmountLen]byte) {
	minor := pick(c, uint64(1), 5, 5, 50, 50) * uint64(c.IntN(252))
	switch c.IntN(20) {
	case 0:
		minor = 8e11 + uint64(c.IntN(100))
	case 1:
		minor = pick(c, uint64(0), 32767, 32768, 65535, 65536, 1<<32, 1<<32+50)
	case 2, 3, 4:
		minor = pick(c, uint64(50), 255, 12450) // limits
	}
	for i := wire.AmountLen - 1; i >= 0; i-- {
		amount[i] = byte(minor%10 | minor/10%10<<4)
		minor /= 100
	}
	return amount
}

// payment is one of few, so that many are asked for twice.
func (c chooser) payment() emv.OfflinePDOLData {
	const epoch = int64(message.EpochLength / time.Second)
	seconds := int64(c.epoch())*epoch +
		pick(c, epoch/2, epoch/2, 0, -1, -wire.ClockSkew, -wire.ClockSkew-1)
	d := emv.OfflinePDOLData{
		Amount: c.amount(), Currency: [2]byte(c.currency()), Unit: mostly(c, byte(0), 1, 5, 50, 2),
		Time: uint32(min(seconds, 1<<32-1)),
	}
	d.UN[3], d.Merchant[0], d.Certificate[31] = pick(c, byte(0), 1), mostly(c, byte('A'), 'B'),
		mostly(c, byte(0), 1)
	return d
}

// said is the payment that a bound token has said, as it would be asked for again.
func said(t []byte) emv.OfflinePDOLData {
	d := emv.OfflinePDOLData{
		Amount: [6]byte(t[1156:]), Currency: [2]byte(t[1078:]), Merchant: [15]byte(t[1162:]),
		Certificate: message.Hash(t[1177:1209]), Time: binary.BigEndian.Uint32(t[1209:]),
		UN: [4]byte(t[1213:]),
	}
	if wire.TokenKind(t[4]) == wire.TokenMeter {
		d.Unit = t[2]
	}
	return d
}

// TestTokenChoice asks both twins for payments at the edges of what tokens may pay, and takes what
// they offer as far as an AAC: answers and states are the same.
func TestTokenChoice(t *testing.T) {
	t.Parallel()
	const states, payments, least = 200, 40, 300
	machine := jcardsimtest.Machine(t)
	store := &saved.Memory{}
	first, err := emulator.New(emulator.Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	h := conformance.NewHost(t, pcsc.NewDirect(first)).Advance(conformance.EpochKnown)
	for slot := range byte(wire.TokenSlots) {
		h.NewToken(slot, 5, 9)
	}
	raw, err := store.Load()
	if err != nil {
		t.Fatal(err)
	}
	c := chooser{rand.New(rand.NewPCG(1, 2)), raw[8 : len(raw)-32]}
	offers := 0
	for range states {
		fields := c.state()
		offers += sameChoices(t, c, machine, saved.Encode(fields), payments)
	}
	if offers < least {
		t.Errorf("%d offers, want at least %d", offers, least)
	}
	t.Logf("%d offers", offers)
}

// sameChoices compares the twins on one state, and returns how many payments were offered a token.
func sameChoices(
	t *testing.T, c chooser, machine *jcardsim.Machine, state []byte, payments int,
) (offers int) {
	t.Helper()
	stores := [2]*saved.Memory{{}, {}}
	for _, store := range stores {
		if err := store.Commit(state); err != nil {
			t.Fatal(err)
		}
	}
	want, err := emulator.New(emulator.Config{Store: stores[0]})
	if err != nil {
		t.Fatal(err)
	}
	got, err := machine.Open(jcardsim.CardConfig{Store: stores[1]})
	if err != nil {
		t.Fatal(err)
	}
	both := func(command apdu.Command) apdu.Response {
		t.Helper()
		return answersAlike(t, want, got, command)
	}
	want.PowerOn()
	both(apdu.Command{INS: 0xA4, P1: 0x04, Data: []byte(wire.AIDOffline), Ne: 256})
	tokens := state[len(state)-32-tokensAt:]
	for range payments {
		d := c.payment()
		if c.IntN(4) == 0 {
			d = said(tokens[c.IntN(wire.TokenSlots)*tokenLen:])
		}
		data := append([]byte{0x83, emv.OfflinePDOLDataLen}, d.Encode()...)
		if both(apdu.Command{CLA: 0x80, INS: 0xA8, Data: data, Ne: 256}).SW != wire.SWNormal {
			continue
		}
		offers++
		if c.IntN(4) == 0 { // the record says which token it is
			both(apdu.Command{INS: 0xB2, P1: 1, P2: 0x0C, Ne: 256})
			both(apdu.Command{CLA: 0x80, INS: 0xAE, Data: d.UN[:], Ne: 256})
			break // the arming is over
		}
	}
	raw, err := stores[0].Load()
	if err != nil {
		t.Fatal(err)
	}
	if now, err := got.State(); err != nil || !bytes.Equal(now, raw) {
		t.Errorf("another state than the emulator's, %v", err)
	}
	if err := got.Drop(); err != nil {
		t.Error(err)
	}
	return offers
}

// answersAlike sends a command to both twins and compares.
func answersAlike(t *testing.T, want, got pcsc.Processor, command apdu.Command) apdu.Response {
	t.Helper()
	raw, err := command.Encode()
	if err != nil {
		t.Fatal(err)
	}
	w, g := want.Process(raw), got.Process(raw)
	if !bytes.Equal(w, g) {
		t.Fatalf("% X: got % X, the emulator % X", raw, g, w)
	}
	response, err := apdu.ParseResponse(g)
	if err != nil {
		t.Fatal(err)
	}
	return response
}
