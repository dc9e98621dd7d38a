package cli

import (
	"fmt"
	"io"
	"time"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
	"tapbench/wallet"
)

// step is one row of the timeline.
type step struct {
	Part  string  `json:"part"`
	Name  string  `json:"name"`
	From  string  `json:"from"`
	To    string  `json:"to"`
	Bytes int     `json:"bytes"`
	APDUs int     `json:"apdus"`
	MS    float64 `json:"ms"`
}

// timeline measures steps as they happen and prints each, unless out is nil.
type timeline struct {
	out   io.Writer
	color bool
	part  string
	steps []step
	card  *pcsc.Counter
	apdus int
	last  time.Time
}

// begin starts a part of the timeline: times and APDUs count from here.
func (t *timeline) begin(title string, card *pcsc.Counter) {
	t.part, t.card, t.last, t.apdus = title, card, time.Now(), 0
	if card != nil {
		t.apdus = card.APDUs
	}
	if t.out == nil {
		return
	}
	if len(t.steps) == 0 {
		t.row(fmt.Sprintf("%-24s %-8s %-8s %6s %6s %8s", "step", "from", "to", "bytes", "APDUs", "ms"))
	}
	if t.color {
		title = "\x1b[1m" + title + "\x1b[0m"
	}
	t.row(title)
}

// observe adds a message of the wallet's.
func (t *timeline) observe(s wallet.Step) { t.add(s.Name, s.From, s.To, s.Bytes) }

// add adds a step that took from the last one until now.
func (t *timeline) add(name, from, to string, bytes int) {
	now := time.Now()
	s := step{
		Part: t.part, Name: name, From: from, To: to, Bytes: bytes, MS: shell.Milliseconds(now.Sub(t.last)),
	}
	if t.card != nil {
		s.APDUs = t.card.APDUs - t.apdus
		t.apdus = t.card.APDUs
	}
	t.last = now
	t.steps = append(t.steps, s)
	if t.out != nil {
		t.row(fmt.Sprintf("  %-22s %-8s %-8s %6d %6d %8.2f", s.Name, s.From, s.To, s.Bytes, s.APDUs, s.MS))
	}
}

func (t *timeline) row(text string) { _, _ = fmt.Fprintln(t.out, text) }
