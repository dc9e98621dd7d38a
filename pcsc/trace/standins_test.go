package trace_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/trace"
)

func TestStandInsThatAreNotSent(t *testing.T) {
	const (
		pin    = "> 00 20 00 80 02 {pin AB CD}\n< 90 00\n"
		name   = "> 80 14 00 00 02 {name 41 42} 00\n< 90 00\n"
		both   = "> 80 14 00 00 04 {name 41 42} {pin AB CD}\n< 90 00\n"
		answer = "> 00 B2 01 0C 00\n< {pan 99 99} 90 00\n"
		varies = "> 80 A8 00 00 02 (un 41 42) 00\n< 90 00\n"
	)
	const nothing = "> 00 A4 04 00\n< 90 00\n"
	for _, row := range []struct {
		name, steps string
		policy      trace.StandIns
		want        error
		text        string
	}{
		{
			"a PIN, unless told", nothing + pin, trace.RefuseStandIns, trace.ErrPINStandIn,
			"line 4: what stands for a PIN is never sent: it would cost a try",
		},
		{
			"a PIN among those that are", nothing + pin, trace.SendStandIns, trace.ErrPINStandIn,
			"line 4: what stands for a PIN is never sent: it would cost a try",
		},
		{
			"a PIN behind another", both, trace.SendStandIns, trace.ErrPINStandIn,
			"line 2: what stands for a PIN is never sent: it would cost a try",
		},
		{
			"a name, unless told", nothing + name, trace.RefuseStandIns, trace.ErrStandIn,
			"line 4: the command holds a stand-in for something secret (name)",
		},
		{"a name", name, trace.SendStandIns, nil, ""},
		{"a PIN where there are no tries", pin + both, trace.SendAllStandIns, nil, ""},
		{"one in an answer", answer, trace.RefuseStandIns, nil, ""},
		{"what varies", varies, trace.RefuseStandIns, nil, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			asked := 0
			target := &trace.Target{StandIns: row.policy, Card: &card{
				transmit: func(command []byte) ([]byte, error) {
					if asked++; command[1] == 0x20 && row.policy != trace.SendAllStandIns {
						t.Error("a PIN was sent")
					}
					if command[1] == 0xB2 {
						return []byte{0x12, 0x34, 0x90, 0x00}, nil
					}
					return []byte{0x90, 0x00}, nil
				},
			}}
			err := replay(t, row.steps, target)
			if !errors.Is(err, row.want) || err != nil && err.Error() != row.text {
				t.Errorf("got %v, want %q", err, row.text)
			}
			if row.want == nil && asked == 0 {
				t.Error("nothing was sent")
			}
		})
	}
}

func TestADifferenceBehindAStandIn(t *testing.T) {
	const (
		name  = "> 80 14 00 00 02 41 {name 42} 00\n< 90 00\n"
		track = "> 80 16 00 00 02 {track 41 42} 00\n< 90 00\n"
		other = "> 00 A4 04 00\n< 6A 82\n"
	)
	for _, row := range []struct {
		name, steps string
		want        *trace.Sent
	}{
		{"none before", other + name, nil},
		{"one before", name + other, &trace.Sent{Line: 2, Byte: 7, Label: "name"}},
		{"two before", "reset\n" + track + name + other, &trace.Sent{Line: 3, Byte: 6, Label: "track"}},
		{
			"one in the same command", "> 80 14 00 00 01 {name 42}\n< 6A 82\n",
			&trace.Sent{Line: 2, Byte: 6, Label: "name"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := replay(t, row.steps, &trace.Target{
				StandIns: trace.SendStandIns,
				Card: &card{transmit: func([]byte) ([]byte, error) {
					return []byte{0x90, 0x00}, nil
				}},
			})
			mismatch := new(trace.MismatchError)
			if !errors.As(err, &mismatch) {
				t.Fatalf("got %v, want a mismatch", err)
			}
			if diff := cmp.Diff(row.want, mismatch.Sent); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}
