package oda_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"tapbench/applet/emv/oda"
)

// TestSeededKeys: the same bytes make the same key, a source that ends or is stuck none.
func TestSeededKeys(t *testing.T) {
	t.Parallel()
	draw := func(b byte) *oda.PrivateKey {
		key, err := oda.GenerateKey(rand.NewChaCha8([32]byte{b}), 128, 3)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	one, again, other := draw(1), draw(1), draw(2)
	if !one.Public().Equal(again.Public()) || one.Public().Equal(other.Public()) {
		t.Error("the same bytes made other keys, or other ones the same")
	}
	if err := one.Public().Check(); err != nil {
		t.Error(err)
	}
	if _, err := oda.GenerateKey(bytes.NewReader(make([]byte, 63)), 128, 3); !errors.Is(err,
		io.ErrUnexpectedEOF) {
		t.Errorf("a source that ends: %v", err)
	}
	if _, err := oda.GenerateKey(stuck{}, 128, 3); !errors.Is(err, oda.ErrKey) {
		t.Errorf("a source that is stuck: %v", err)
	}
}

// stuck is a source of bytes FF alone: all candidates are multiples of 3.
type stuck struct{}

func (stuck) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 0xFF
	}
	return len(b), nil
}
