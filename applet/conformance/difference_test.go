package conformance

import (
	"testing"

	"tapbench/applet/wire"
)

func TestDifference(t *testing.T) {
	type inner struct {
		id   [2]byte
		list []int
	}
	type outer struct {
		inner inner
		state wire.SlotState
		raw   []byte
	}
	same := outer{inner{[2]byte{1, 2}, []int{3}}, wire.AccountEmpty, []byte{4}}
	for name, row := range map[string]struct {
		got  outer
		want string
	}{
		"an array of bytes": {
			outer{inner{[2]byte{1, 9}, []int{3}}, wire.AccountEmpty, []byte{4}},
			"inner.id: got 0109, want 0102\n",
		},
		"an element": {
			outer{inner{[2]byte{1, 2}, []int{5}}, wire.AccountEmpty, []byte{4}},
			"inner.list[0]: got 5, want 3\n",
		},
		"a length": {
			outer{inner{[2]byte{1, 2}, nil}, wire.AccountEmpty, []byte{4}},
			"inner.list: got [], want [3]\n",
		},
		"two places": {
			outer{inner{[2]byte{0, 2}, []int{3}}, wire.AccountEmpty, nil},
			"inner.id: got 0002, want 0102\nraw: got , want 04\n",
		},
		"none": {same, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := difference(same, row.got); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
	if got := difference([]int{1}, []int{1}); got != "" {
		t.Errorf("equal lists: %q", got)
	}
}
