package emulator_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/pcsc"
)

func TestNew(t *testing.T) {
	for _, atr := range [][]byte{{}, {0x3B}, make([]byte, 34)} {
		if _, err := emulator.New(emulator.Config{ATR: atr}); err == nil {
			t.Errorf("an ATR of %d bytes was accepted", len(atr))
		}
	}
	card := newCard(t, emulator.Config{})
	if got := card.ATR(); !bytes.Equal(got, []byte{0x3B, 0x80, 0x80, 0x01, 0x01}) {
		t.Errorf("ATR: got % X", got)
	}
	other := []byte{0x3B, 0x00}
	if got := newCard(t, emulator.Config{ATR: other}).ATR(); !bytes.Equal(got, other) {
		t.Errorf("ATR: got % X, want % X", got, other)
	}
	broken := errors.New("no disk")
	_, err := emulator.New(emulator.Config{Store: &store{loadErr: broken}})
	if !errors.Is(err, broken) {
		t.Errorf("a store that doesn't load: got %v", err)
	}
}

func selectManagement() []byte {
	return append([]byte{0x00, 0xA4, 0x04, 0x00, 0x0A}, "\xF0TAPBENCH\x01"...)
}

func TestPower(t *testing.T) {
	card := newCard(t, emulator.Config{})
	command := selectManagement()
	if got := card.Process(command); got != nil {
		t.Errorf("without power: % X", got)
	}
	card.PowerOn()
	if got := card.Process(command); !bytes.Equal(got, []byte{0x90, 0x00}) {
		t.Errorf("with power: % X", got)
	}
	for name, raw := range map[string][]byte{
		"nothing": nil, "three bytes": {0, 0xA4, 4}, "Lc without data": {0, 0xA4, 4, 0, 5, 1},
		"half an extended length": {0, 0xA4, 4, 0, 0, 1},
	} {
		if got := card.Process(raw); !bytes.Equal(got, []byte{0x67, 0x00}) {
			t.Errorf("%s: % X, want 67 00", name, got)
		}
	}
	lifeCycle := []byte{0x00, 0xCA, 0xDF, 0x02, 0x01}
	if got := card.Process(lifeCycle); !bytes.Equal(got, []byte{0x07, 0x90, 0x00}) {
		t.Errorf("malformed commands ended the selection: % X", got)
	}
	card.Reset()
	if got := card.Process(lifeCycle); !bytes.Equal(got, []byte{0x6D, 0x00}) {
		t.Errorf("after a reset: % X", got)
	}
	card.PowerOff()
	if got := card.Process(lifeCycle); got != nil {
		t.Errorf("switched off: % X", got)
	}
}

// A malformed command ends chain, waiting answer and challenge, as any other does.
func TestMalformedDrops(t *testing.T) {
	card := newCard(t, emulator.Config{})
	card.PowerOn()
	selectPPSE := append([]byte{0x00, 0xA4, 0x04, 0x00, 0x0E}, "2PAY.SYS.DDF01"...)
	if got := card.Process(selectPPSE); len(got) != 2 || got[0] != 0x61 {
		t.Fatalf("SELECT without Le: % X", got)
	}
	card.Process([]byte{0x00})
	if got := card.Process([]byte{0x00, 0xC0, 0, 0, 0}); !bytes.Equal(got, []byte{0x69, 0x85}) {
		t.Errorf("GET RESPONSE: % X", got)
	}
}

// store is a memory store whose operations can be made to fail.
type store struct {
	state              []byte
	loadErr, commitErr error
}

func (s *store) Load() ([]byte, error) { return s.state, s.loadErr }

func (s *store) Commit(state []byte) error {
	if s.commitErr != nil {
		return s.commitErr
	}
	s.state = bytes.Clone(state)
	return nil
}

// reader gives randomness until it is told to stop.
type reader struct{ stopped bool }

func (r *reader) Read(p []byte) (int, error) {
	if r.stopped {
		return 0, io.ErrUnexpectedEOF
	}
	return rand.Read(p)
}

// TestPlatformFails has each thing fail that can't: 6F00, nothing changes, and the session is lost.
func TestPlatformFails(t *testing.T) {
	generate := []byte{0x80, 0x10, 0x00, 0x00, 0x00}
	for _, row := range []struct {
		name string
		fail func(*store, *reader)
	}{
		{"the store", func(s *store, _ *reader) { s.commitErr = errors.New("disk full") }},
		{"the random source", func(_ *store, r *reader) { r.stopped = true }},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, r := &store{}, &reader{}
			card := newCard(t, emulator.Config{Store: s, Rand: r})
			conformance.NewHost(t, connect(card)).Advance(conformance.Keyed)
			before := bytes.Clone(s.state)
			row.fail(s, r)
			if got := card.Process(generate); !bytes.Equal(got, []byte{0x6F, 0x00}) {
				t.Errorf("got % X, want 6F 00", got)
			}
			if !bytes.Equal(s.state, before) {
				t.Error("the state changed")
			}
			if got := card.Process(generate); !bytes.Equal(got, []byte{0x6D, 0x00}) {
				t.Errorf("afterwards: got % X, want 6D 00", got)
			}
		})
	}
}

func TestChallengeNeedsRandomness(t *testing.T) {
	r := &reader{}
	card := newCard(t, emulator.Config{Rand: r})
	conformance.NewHost(t, connect(card)).Advance(conformance.Personalised)
	r.stopped = true
	got := card.Process([]byte{0x00, 0x84, 0x00, 0x00, 0x10})
	if !bytes.Equal(got, []byte{0x6F, 0x00}) {
		t.Errorf("got % X, want 6F 00", got)
	}
}

// TestZeroRandomness has the source give zeros, which are no private key.
func TestZeroRandomness(t *testing.T) {
	card := newCard(t, emulator.Config{Rand: zeros{}})
	card.PowerOn()
	card.Process(selectManagement())
	got := card.Process([]byte{0x80, 0x10, 0x00, 0x00, 0x00})
	if !bytes.Equal(got, []byte{0x6F, 0x00}) {
		t.Errorf("got % X, want 6F 00", got)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// recorded is a source of keys that gives the same ones in each run.
type recorded struct{ next byte }

func (r *recorded) PrivateKey() ([32]byte, error) {
	r.next++
	return [32]byte{31: r.next}, nil
}

func privateKey(t testing.TB, raw []byte) *ecdh.PrivateKey {
	t.Helper()
	key, err := ecdh.P256().NewPrivateKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestRecordedKeys feeds the card its keys.
func TestRecordedKeys(t *testing.T) {
	key := privateKey(t, append(make([]byte, 31), 1))
	card := newCard(t, emulator.Config{Keys: &recorded{}})
	card.PowerOn()
	card.Process(selectManagement())
	got := card.Process([]byte{0x80, 0x10, 0x00, 0x00, 0x00})
	if want := append(key.PublicKey().Bytes(), 0x90, 0x00); !bytes.Equal(got, want) {
		t.Errorf("PK_SE: got % X, want % X", got, want)
	}
	conformance.NewHost(t, connect(newCard(t, emulator.Config{Keys: &recorded{}}))).
		Advance(conformance.Armed)
}

// TestCardDoesNotPrint prints a card that holds keys.
func TestCardDoesNotPrint(t *testing.T) {
	s := &store{}
	card := newCard(t, emulator.Config{Store: s})
	conformance.NewHost(t, connect(card)).Advance(conformance.Armed)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if got := fmt.Sprintf(verb, card); got != "Card(hidden)" {
			t.Errorf("%s prints %d bytes: %.40s", verb, len(got), got)
		}
	}
}

// TestLog looks for anything but header, lengths, status word and duration in the log.
func TestLog(t *testing.T) {
	var out bytes.Buffer
	card := newCard(t, emulator.Config{Log: zerolog.New(&out).Level(zerolog.TraceLevel)})
	link := pcsc.NewCounter(pcsc.NewDirect(card))
	conformance.NewHost(t, link).Advance(conformance.Armed).Tap()
	card.Tear(1)
	card.Process([]byte{0x80, 0x72, 0x00, 0x00})
	card.PowerOn()
	card.Process([]byte{0x80})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if want := link.APDUs + 2; len(lines) != want {
		t.Errorf("%d lines for %d commands", len(lines), want)
	}
	for _, line := range lines {
		if len(line) > 140 {
			t.Errorf("a long line: %s", line)
		}
		for _, part := range strings.Split(strings.Trim(line, "{}"), ",") {
			key, _, _ := strings.Cut(part, ":")
			if !strings.Contains(`"level" "header" "lc" "le" "bytes" "sw" "dur_ms" "message" "torn"`, key) {
				t.Errorf("%s in %s", key, line)
			}
		}
	}
	if !strings.Contains(lines[len(lines)-2], `"torn":true`) {
		t.Errorf("the torn command: %s", lines[len(lines)-2])
	}
}
