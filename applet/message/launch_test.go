package message_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

func TestSoftware(t *testing.T) {
	for _, id := range []string{"", strings.Repeat("x", 65)} {
		if _, err := message.NewSoftware(id); !errors.Is(err, message.ErrSoftware) {
			t.Errorf("%d bytes: got %v, want %v", len(id), err, message.ErrSoftware)
		}
	}
	for name, raw := range map[string]message.Software{
		"empty": {}, "too long": {65}, "bytes behind it": {1, 'x', 0, 'y'},
	} {
		if err := raw.Check(); !errors.Is(err, message.ErrSoftware) || raw.String() != "" {
			t.Errorf("%s: got %v, %q", name, err, raw)
		}
	}
	for _, id := range []string{"w", strings.Repeat("x", 64)} {
		s, err := message.NewSoftware(id)
		if err != nil || s.Check() != nil || s.String() != id {
			t.Errorf("%q: got %q, %v, %v", id, s, err, s.Check())
		}
	}
}

// attest is a quote of PCR 23 with recognisable contents.
func attest() []byte {
	return bytes.Join([][]byte{
		{0xFF, 'T', 'C', 'G', 0x80, 0x18, 0x00, 0x22, 0x00, 0x0B},
		bytes.Repeat([]byte{1}, 32),
		{0x00, 0x20},
		bytes.Repeat([]byte{2}, 32), bytes.Repeat([]byte{3}, 25),
		{0, 0, 0, 1, 0, 0x0B, 3, 0, 0, 0x80, 0x00, 0x20},
		bytes.Repeat([]byte{4}, 32),
	}, nil)
}

func TestLaunchAttest(t *testing.T) {
	free := func(at int) bool { // what the element doesn't look at, or only returns
		return at >= 10 && at < 42 || at >= 44 && at < 101 || at >= 113
	}
	for at := range wire.AttestLen {
		raw := attest()
		raw[at] ^= 0x01
		if _, _, err := message.ParseLaunchAttest(raw); errors.Is(err, message.ErrAttest) == free(at) {
			t.Errorf("byte %d changed: got %v", at, err)
		}
	}
	for _, raw := range [][]byte{nil, attest()[:144], append(attest(), 0)} {
		if _, _, err := message.ParseLaunchAttest(raw); !errors.Is(err, message.ErrAttest) {
			t.Errorf("%d bytes: got %v, want %v", len(raw), err, message.ErrAttest)
		}
	}
	qualifying, pcrs, err := message.ParseLaunchAttest(attest())
	if err != nil || qualifying != message.Hash(bytes.Repeat([]byte{2}, 32)) ||
		pcrs != message.Hash(bytes.Repeat([]byte{4}, 32)) {
		t.Errorf("got %x, %x, %v", qualifying, pcrs, err)
	}
}

// FuzzLaunchAttest: what is accepted is a quote of PCR 23, and the two values are its own.
func FuzzLaunchAttest(f *testing.F) {
	f.Add(attest())
	f.Add(attest()[:100])
	f.Fuzz(func(t *testing.T, raw []byte) {
		qualifying, pcrs, err := message.ParseLaunchAttest(raw)
		if err != nil {
			return
		}
		want := attest()
		copy(want[10:42], raw[10:42])
		copy(want[44:76], qualifying[:])
		copy(want[76:101], raw[76:101])
		copy(want[113:], pcrs[:])
		if !bytes.Equal(raw, want) {
			t.Errorf("accepted %x", raw)
		}
	})
}

func TestLaunchPCRs(t *testing.T) {
	program := message.Hash(sha256.Sum256([]byte("program")))
	value := sha256.Sum256(append(make([]byte, 32), program[:]...))
	if got, want := message.LaunchPCRs(program), sha256.Sum256(value[:]); got != want {
		t.Errorf("got %x, want %x", got, want)
	}
}
