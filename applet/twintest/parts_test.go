package twintest

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"

	"tapbench/applet/wire"
)

// TestDraws compares the streams with what applet/javacard/tearing says of them.
func TestDraws(t *testing.T) {
	first := sha256.Sum256([]byte("seedrandom\x00\x00\x00\x00"))
	second := sha256.Sum256([]byte("seedrandom\x00\x00\x00\x01"))
	want := append(first[:], second[:]...)
	var d Draws
	for range 2 {
		d.Begin([]byte("seed"))
		got := make([]byte, 64)
		for _, piece := range [][]byte{got[:20], got[20:21], got[21:]} {
			if n, err := d.Read(piece); n != len(piece) || err != nil {
				t.Fatal(n, err)
			}
		}
		if !bytes.Equal(got, want) {
			t.Errorf("got %x, want %x", got, want)
		}
	}
	key, err := d.PrivateKey()
	if want := sha256.Sum256([]byte("seedkeys\x00\x00\x00\x00")); err != nil || key != want {
		t.Errorf("private key %x, %v, want %x", key, err, want)
	}
}

// TestWeight counts digits of non-adjacent forms: 7 is 8 - 1, 11 is 8 + 4 - 1.
func TestWeight(t *testing.T) {
	for k, want := range map[byte]int{0: 0, 1: 1, 3: 2, 7: 2, 11: 3, 15: 2, 255: 2} {
		if got := weight([32]byte{31: k}); got != want {
			t.Errorf("%d has %d digits, want %d", k, got, want)
		}
	}
}

// TestLayout compares the parts of a state with one.
func TestLayout(t *testing.T) {
	m, err := newModel(nil)
	if err != nil {
		t.Fatal(err)
	}
	m.do(selectStep(wire.AIDManagement))
	m.do(Step{Command: []byte{0x80, byte(wire.InsGenerateSEKey), 0, 0, 0}})
	if got, want := len(m.store.state), endAt+sha256.Size; got != want {
		t.Fatalf("a state of %d bytes, want %d", got, want)
	}
	for at, want := range map[int]string{
		0: "the header", headLen: "card, byte 0", launchAt: "launch, byte 0",
		banksAt + bankLen + 1: "bank slot 1, byte 1", tidsAt: "TID slot 0, byte 0",
		slotsAt + 7*slotLen: "card slot 7, byte 0", chainsAt: "K_SE",
		tokensAt: "token slot 0, byte 0", armAt: "arming, byte 0", endAt: "the checksum",
	} {
		if got := partAt(at); got != want {
			t.Errorf("byte %d is %s, want %s", at, got, want)
		}
	}
	before := m.store.state
	if at := differs(before, before); at != -1 {
		t.Errorf("a state differs from itself at %d", at)
	}
	after := bytes.Clone(before)
	after[armAt]++
	if at := differs(before, after); at != armAt {
		t.Errorf("states differ at %d, want %d", at, armAt)
	}
}

func TestReasons(t *testing.T) {
	for _, text := range []string{"a | b | c", "a | b | c | ", "a | b | c | d | e"} {
		if _, err := readReasons(strings.NewReader(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
	all, err := readReasons(strings.NewReader("# why\n\nmanagement: A*; PPSE: * | any | 9000 | so\n"))
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	for c, want := range map[cell]bool{
		{"management: ARM", "any", "9000"}:      true,
		{"PPSE: another", "any", "9000"}:        true,
		{"PPSE: another", "any", "6D00"}:        false,
		{"management: ARM", "armed", "9000"}:    false,
		{"management: BINFO", "any", "9000"}:    false,
		{"offline: GENERATE", "any", "9000"}:    false,
		{"management: AID KEYS", "any", "9000"}: true,
	} {
		if got := all[0].covers(c); got != want {
			t.Errorf("%v: covered %t, want %t", c, got, want)
		}
	}
	reached := newTable()
	reached.hits[cell{"PPSE: another", "any", "9000"}] = 1
	if found := faults(all, reached); len(found) < 2 {
		t.Errorf("a reason for what was reached: %v", found)
	}
}
