package settlement_test

import (
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/settlement"
)

func TestLastDue(t *testing.T) {
	const e = message.Epoch(2968)
	for _, row := range []struct {
		name string
		now  time.Time
		want message.Epoch
		ok   bool
	}{
		{"before 1970", time.Unix(-1, 0), 0, false},
		{"within epoch 0's grace", message.Epoch(0).End(), 0, false},
		{"the first one", settlement.ReturnsAt(0), 0, true},
		{"the epoch's last instant", e.End().Add(-time.Nanosecond), e - 1, true},
		{"within the grace", e.End(), e - 1, true},
		{"the grace's last instant", settlement.ReturnsAt(e).Add(-time.Nanosecond), e - 1, true},
		{"the instant", settlement.ReturnsAt(e), e, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, ok := settlement.LastDue(row.now)
			if got != row.want || ok != row.ok {
				t.Errorf("got %d, %t, want %d, %t", got, ok, row.want, row.ok)
			}
			if ok && (!settlement.Due(got, row.now) || settlement.Due(got+1, row.now)) {
				t.Error("Due says otherwise")
			}
		})
	}
}
