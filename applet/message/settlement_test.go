package message_test

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

func remainder(first byte, limit message.Limit) message.Remainder {
	return message.Remainder{Handle: message.Handle{first}, Limit: limit}
}

func TestParseRemainders(t *testing.T) {
	for _, row := range []struct {
		name string
		raw  []byte
		want []message.Remainder
	}{
		{"a byte too few", make([]byte, message.RemainderLen-1), nil},
		{"a byte too many", make([]byte, message.RemainderLen+1), nil},
		{"a handle twice", message.EncodeRemainders([]message.Remainder{
			remainder(1, 0), remainder(1, 5),
		}), nil},
		{"handles that descend", message.EncodeRemainders([]message.Remainder{
			remainder(2, 0), remainder(1, 0),
		}), nil},
		{"a sum that nobody can count", message.EncodeRemainders([]message.Remainder{
			remainder(1, math.MaxInt64), remainder(2, 1),
		}), nil},
		{"none", nil, []message.Remainder{}},
		{"zero and the most", message.EncodeRemainders([]message.Remainder{
			remainder(1, 0), remainder(2, math.MaxInt64),
		}), []message.Remainder{remainder(1, 0), remainder(2, math.MaxInt64)}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := message.ParseRemainders(row.raw)
			if errors.Is(err, message.ErrLayout) != (row.want == nil) {
				t.Errorf("got %v", err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// FuzzParseRemainders: what is read is written alike, in ascending order.
func FuzzParseRemainders(f *testing.F) {
	f.Add(message.EncodeRemainders([]message.Remainder{remainder(1, 5), remainder(2, 0)}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rest, err := message.ParseRemainders(raw)
		if err != nil {
			if !errors.Is(err, message.ErrLayout) {
				t.Errorf("got %v, want ErrLayout", err)
			}
			return
		}
		if again := message.EncodeRemainders(rest); !bytes.Equal(again, raw) {
			t.Errorf("%x is written as %x", raw, again)
		}
		for i := 1; i < len(rest); i++ {
			if bytes.Compare(rest[i-1].Handle[:], rest[i].Handle[:]) >= 0 {
				t.Errorf("handle %d doesn't ascend", i)
			}
		}
	})
}

// TestReturnLayouts compares both messages with their fields side by side.
func TestReturnLayouts(t *testing.T) {
	sum, signature := message.Hash(filled(5, 32)), message.Signature(filled(9, 64))
	for _, row := range []struct {
		name  string
		got   []byte
		parts [][]byte
	}{
		{"return", message.Encode(wire.SigReturn, message.Return{
			TSM: party(tsmName), Bank: party(bankName), Epoch: 7, Count: 3, Remainders: sum,
			Repaid: 4, Signature: signature,
		}), [][]byte{
			{0x60},
			[]byte(wire.Label), []byte(tsmName), []byte(bankName), unhex(t, "00000007"),
			unhex(t, "00000003"), sum[:], unhex(t, "0000000000000004"), signature[:],
		}},
		{"returned", message.Encode(wire.SigReturned, message.Returned{
			Return: sum, Total: 258, Signature: signature,
		}), [][]byte{
			{0x61}, []byte(wire.Label), sum[:], unhex(t, "0000000000000102"), signature[:],
		}},
	} {
		if diff := cmp.Diff(join(row.parts...), row.got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", row.name, diff)
		}
	}
}
