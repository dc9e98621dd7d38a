package token_test

import (
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

func TestIntervals(t *testing.T) {
	for _, row := range []struct {
		name string
		a, b token.Interval
		want bool
	}{
		{"side by side", token.Interval{From: 0, To: 5}, token.Interval{From: 5, To: 9}, false},
		{"apart", token.Interval{From: 0, To: 5}, token.Interval{From: 7, To: 9}, false},
		{"empty inside", token.Interval{From: 0, To: 5}, token.Interval{From: 3, To: 3}, false},
		{"one unit shared", token.Interval{From: 0, To: 5}, token.Interval{From: 4, To: 9}, true},
		{"inside", token.Interval{From: 0, To: 9}, token.Interval{From: 4, To: 5}, true},
		{"the same", token.Interval{From: 0, To: 9}, token.Interval{From: 0, To: 9}, true},
	} {
		if row.a.Overlaps(row.b) != row.want || row.b.Overlaps(row.a) != row.want {
			t.Errorf("%s: want %t", row.name, row.want)
		}
	}
	for _, v := range []token.Interval{{From: 3, To: 3}, {From: 4, To: 3}, {From: 0, To: 11}} {
		if v.Within(10) {
			t.Errorf("%v lies within 10", v)
		}
	}
	if v := (token.Interval{From: 4, To: 3}); v.Units() != 0 {
		t.Errorf("%d units of a reversed interval", v.Units())
	}
}

func TestTokenSizes(t *testing.T) {
	if got := message.Size[message.Token](); got != wire.TokenLen {
		t.Errorf("a token has %d bytes, want %d", got, wire.TokenLen)
	}
}
