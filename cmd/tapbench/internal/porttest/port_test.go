package porttest_test

import (
	"net"
	"testing"

	"tapbench/cmd/tapbench/internal/porttest"
)

// No address is given out twice, and each is there for a server that comes back to it.
func TestTake(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		address, give, err := porttest.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := give(); err != nil {
				t.Error(err)
			}
		})
		if seen[address] {
			t.Errorf("%s is given out twice", address)
		}
		seen[address] = true
		for range 2 {
			l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
