package pcsctest

import (
	"bytes"
	"context"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// malformed returns what no Card may send: too short for a header, too long for any length field.
func malformed() [][]byte {
	return [][]byte{nil, {}, {0}, {0, 0xA4, 4}, make([]byte, apdu.MaxCommand+1)}
}

func refusesMalformedCommands(t *testing.T, b Backend) {
	card := b.open(t)
	for _, command := range malformed() {
		_, err := card.Transmit(t.Context(), command)
		refused(t, "Transmit", err, pcsc.ErrBadCommand)
	}
	b.probe(t, card)
}

func sendsNothingWhenCancelled(t *testing.T, b Backend) {
	card := b.open(t)
	before := b.commands()
	_, err := card.Transmit(cancelled(t), b.Probe)
	refused(t, "Transmit", err, context.Canceled)
	refused(t, "Reset", card.Reset(cancelled(t)), context.Canceled)
	if after := b.commands(); after != before {
		t.Errorf("%d commands reached the card", after-before)
	}
	b.probe(t, card)
}

// commands returns how many commands reached the contract card, 0 without one.
func (b Backend) commands() int {
	if b.Contract == nil {
		return 0
	}
	return b.Contract.Commands()
}

func tellsATRAndProtocol(t *testing.T, b Backend) {
	card := b.open(t)
	atr := card.ATR()
	if len(atr) < 2 || len(atr) > 33 {
		t.Fatalf("ATR: % X, want 2 to 33 bytes", atr)
	}
	want := bytes.Clone(atr)
	clear(atr)
	if got := card.ATR(); !bytes.Equal(got, want) {
		t.Errorf("ATR: got % X after the caller changed it, want % X", got, want)
	}
	if p := card.Protocol(); p != pcsc.ProtocolT0 && p != pcsc.ProtocolT1 {
		t.Errorf("Protocol: got %s, want T=0 or T=1", p)
	}
}

func exchanges(t *testing.T, b Backend) {
	card := b.open(t)
	first := bytes.Clone(b.probe(t, card))
	for range 3 {
		if again := b.probe(t, card); len(again) != len(first) {
			t.Errorf("the probe was answered % X, then % X", first, again)
		}
	}
}

func keepsNoSlices(t *testing.T, b Backend) {
	card := b.open(t)
	command := bytes.Clone(b.Probe)
	answer, err := card.Transmit(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(command, b.Probe) {
		t.Errorf("Transmit changed the command to % X", command)
	}
	before := bytes.Clone(answer)
	clear(command)
	clear(b.probe(t, card))
	if !bytes.Equal(answer, before) {
		t.Errorf("the next exchange changed the answer from % X to % X", before, answer)
	}
}

func resets(t *testing.T, b Backend) {
	card := b.open(t)
	b.probe(t, card)
	for range 2 {
		if err := card.Reset(t.Context()); err != nil {
			t.Fatalf("Reset: %v", err)
		}
		b.probe(t, card)
	}
}

func closes(t *testing.T, b Backend) {
	card := b.open(t)
	b.probe(t, card)
	for range 3 {
		if err := card.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	b.unusable(t, card, pcsc.ErrClosed)
	_, err := card.Transmit(t.Context(), nil)
	refused(t, "Transmit of nothing", err, pcsc.ErrClosed)
	_, err = card.Transmit(cancelled(t), b.Probe)
	refused(t, "Transmit with a cancelled context", err, pcsc.ErrClosed)
	b.probe(t, b.open(t))
}

func refusesASecondConnection(t *testing.T, b Backend) {
	card := b.open(t)
	second, err := b.OpenSecond(t)
	if err == nil {
		_ = second.Close()
	}
	refused(t, "connecting a second time", err, pcsc.ErrSharing)
	b.probe(t, card)
	if err := card.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	second, err = b.OpenSecond(t)
	if err != nil {
		t.Fatalf("connecting after the first was closed: %v", err)
	}
	b.probe(t, second)
	if err := second.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func noticesThatTheReaderIsGone(t *testing.T, b Backend) {
	card := b.open(t)
	b.probe(t, card)
	b.StopReader(t)
	_, err := card.Transmit(t.Context(), b.Probe)
	refused(t, "Transmit without reader", err, pcsc.ErrNoReader, pcsc.ErrNoService)
	_, err = card.Transmit(t.Context(), nil)
	refused(t, "Transmit of nothing without reader", err,
		pcsc.ErrNoReader, pcsc.ErrNoService, pcsc.ErrBadCommand)
	refused(t, "Reset without reader", card.Reset(t.Context()), pcsc.ErrNoReader, pcsc.ErrNoService)
	if err := card.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	b.unusable(t, card, pcsc.ErrClosed)
}
