package message_test

import (
	"testing"
	"time"

	"tapbench/applet/message"
)

func TestEpoch(t *testing.T) {
	week := 7 * 24 * time.Hour
	zero := time.Unix(0, 0).UTC()
	for _, row := range []struct {
		name string
		at   time.Time
		want message.Epoch
	}{
		{"before 1970", zero.Add(-week), 0},
		{"the first instant", zero, 0},
		{"the last of epoch 0", zero.Add(week - time.Nanosecond), 0},
		{"the first of epoch 1", zero.Add(week), 1},
		{"beyond 32 bits", time.Unix(1<<62, 0), 1<<32 - 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := message.EpochAt(row.at); got != row.want {
				t.Errorf("got %d, want %d", got, row.want)
			}
		})
	}
	end := message.Epoch(1).End()
	if !end.Equal(zero.Add(2 * week)) {
		t.Errorf("epoch 1 ends %v", end)
	}
	if message.Epoch(1).Expired(end.Add(-1)) || !message.Epoch(1).Expired(end) {
		t.Error("an epoch expires with its end, not before")
	}
}

func TestIdentifiers(t *testing.T) {
	if got := party(bankName).String(); got != "BANK-A" {
		t.Errorf("party: %q", got)
	}
	if got := message.PartySubject(party(bankName)); string(got[:]) != "BANK-A          " {
		t.Errorf("subject: %q", got)
	}
	if got := message.PartySubject(party(bankName)).String(); got != "BANK-A" {
		t.Errorf("subject prints as %q", got)
	}
}
