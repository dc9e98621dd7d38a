package denylist_test

import (
	"errors"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/denylist"
)

func TestNewHeldRefuses(t *testing.T) {
	if _, err := denylist.NewHeld(issuer, message.PublicKey{4}, 0); !errors.Is(
		err, message.ErrKey) {
		t.Errorf("a key that is no point: %v", err)
	}
}

func TestUsable(t *testing.T) {
	b := newBench(t)
	if err := b.held.Usable(uint32(start.Unix())); !errors.Is(err, denylist.ErrNone) {
		t.Errorf("without a list: %v", err)
	}
	if b.held.Contains(ids(0, 1)[0]) || b.held.Serial() != 0 {
		t.Error("without a list a token is denied")
	}
	b.update(t, ids(0, 1))
	b.fetch(t)
	const year = 365 * 24 * time.Hour
	for _, row := range []struct {
		name string
		age  time.Duration
		want error
	}{
		{"clock years behind", -3 * year, denylist.ErrClock},
		{"more than a day from the future", -denylist.Skew - time.Second, denylist.ErrClock},
		{"older than the policy", denylist.DefaultMaxAge + time.Second, denylist.ErrStale},
		{"clock years ahead", 3 * year, denylist.ErrStale},
		{"a day from the future", -denylist.Skew, nil},
		{"just made", 0, nil},
		{"as old as may be", denylist.DefaultMaxAge, nil},
	} {
		at := uint32(b.now.Add(row.age).Unix())
		if err := b.held.Usable(at); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", row.name, err, row.want)
		}
	}
	strict, err := denylist.NewHeld(issuer, b.public, time.Hour)
	must(t, err)
	must(t, strict.Update(b.held.List().Encode()))
	if err := strict.Usable(uint32(b.now.Unix()) + 3601); !errors.Is(err, denylist.ErrStale) {
		t.Errorf("a stricter terminal: %v", err)
	}
}
