package token_test

import (
	"errors"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

func chain(t testing.TB, n int) (token.Chain, message.TokenFields) {
	t.Helper()
	key := message.PublicKey{4, 1, 2, 3}
	c, err := token.NewChain([]byte("an element's own key"), token.Seed{1}, key, n)
	if err != nil {
		t.Fatal(err)
	}
	return c, message.TokenFields{Length: uint8(n), Key: key, Root: c.Root()}
}

func TestNewChainRefuses(t *testing.T) {
	for _, n := range []int{-1, 0, wire.TokenUnits + 1} {
		_, err := token.NewChain(nil, token.Seed{}, message.PublicKey{}, n)
		if !errors.Is(err, token.ErrIndex) {
			t.Errorf("%d units: %v", n, err)
		}
	}
}

// TestChainValue: every index of every length, in at most 8 hashes, leads back to the root.
func TestChainValue(t *testing.T) {
	for _, n := range []int{1, 8, 9, 10, 249, 250} {
		c, fields := chain(t, n)
		for j := 1; j <= n; j++ {
			value, hashes, err := c.Value(j)
			if err != nil || hashes >= wire.CheckpointGap {
				t.Fatalf("%d of %d: %d hashes, %v", j, n, hashes, err)
			}
			if err := token.CheckValue(fields, j, value); err != nil {
				t.Errorf("%d of %d: %v", j, n, err)
			}
			if j > 1 && !errors.Is(token.CheckValue(fields, j-1, value), token.ErrChain) {
				t.Errorf("%d of %d: good one below, too", j, n)
			}
		}
	}
}

// TestCheckpointsInSlices: a chain that is made in slices is the one that is made at once.
func TestCheckpointsInSlices(t *testing.T) {
	for _, n := range []uint8{1, 8, 9, 10, 63, 64, 126, 249, 250} {
		whole, fields := chain(t, int(n))
		var kept token.Checkpoints
		left, value, slices := n, token.Last([]byte("an element's own key"), token.Seed{1}), 0
		for ; left > 0; slices++ {
			left, value = kept.Extend(fields.Key, n, left, value, wire.ChainSlice)
		}
		if want := (int(n) + wire.ChainSlice - 1) / wire.ChainSlice; slices != want {
			t.Errorf("%d units: %d slices, want %d", n, slices, want)
		}
		if value != whole.Root() {
			t.Errorf("%d units: another root", n)
		}
		for j := uint8(1); j <= n; j++ {
			got, _, err := kept.Value(fields.Key, n, j)
			want, _, _ := whole.Value(int(j))
			if err != nil || got != want {
				t.Errorf("%d of %d: got %x, %v, want %x", j, n, got, err, want)
			}
		}
	}
}

// TestCheckpointsRefuse: an index that no chain has, or a chain that no token has.
func TestCheckpointsRefuse(t *testing.T) {
	var kept token.Checkpoints
	for _, row := range []struct{ n, j uint8 }{{0, 0}, {9, 0}, {9, 10}, {251, 251}, {255, 1}} {
		_, _, err := kept.Value(message.PublicKey{}, row.n, row.j)
		if !errors.Is(err, token.ErrIndex) {
			t.Errorf("%d of %d: %v", row.j, row.n, err)
		}
	}
	left, _ := kept.Extend(message.PublicKey{}, 3, 255, message.Hash{}, 255)
	if left != 0 {
		t.Errorf("%d left of a chain that begins above its end", left)
	}
}

func TestCheckValueRefuses(t *testing.T) {
	c, fields := chain(t, 20)
	value, _, err := c.Value(10)
	if err != nil {
		t.Fatal(err)
	}
	bent, other, long := value, fields, fields
	bent[31] ^= 1
	other.Key[1] ^= 1
	long.Length = wire.TokenUnits + 1
	for _, row := range []struct {
		name   string
		fields message.TokenFields
		j      int
		value  message.Hash
		want   error
	}{
		{"index 0", fields, 0, value, token.ErrIndex},
		{"past the end", fields, 21, value, token.ErrIndex},
		{"a token that is too long", long, 10, value, token.ErrIndex},
		{"one too high", fields, 11, value, token.ErrChain},
		{"a bit flipped", fields, 10, bent, token.ErrChain},
		{"another token's key", other, 10, value, token.ErrChain},
	} {
		if err := token.CheckValue(row.fields, row.j, row.value); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", row.name, err, row.want)
		}
	}
	for _, j := range []int{-1, 0, 21} {
		if _, _, err := c.Value(j); !errors.Is(err, token.ErrIndex) {
			t.Errorf("value %d: %v", j, err)
		}
	}
}
