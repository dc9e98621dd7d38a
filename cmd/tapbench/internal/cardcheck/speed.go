package cardcheck

import (
	"context"
	"slices"
	"time"

	"tapbench/applet/decode"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// Command is how long one command takes: with the parts of its chain and its GET RESPONSEs, through
// the reader, when it succeeds.
type Command struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	// Median, P95 and Most are in microseconds.
	Median int64 `json:"median_us"`
	P95    int64 `json:"p95_us"`
	Most   int64 `json:"most_us"`
}

// Meter times the commands of one or more cards, one connection at a time.
type Meter struct {
	decoder *decode.Decoder
	name    string        // of the command that is open; empty: none
	took    time.Duration // so far
	times   map[string][]time.Duration
	names   []string // in the order of their first
	sent    int      // APDUs
}

// NewMeter returns a meter without times.
func NewMeter() *Meter {
	return &Meter{decoder: decode.New(), times: make(map[string][]time.Duration)}
}

// Card returns a connection whose commands are timed. It owns the card.
func (m *Meter) Card(card pcsc.Card) pcsc.Card {
	m.decoder.Reset()
	m.name = ""
	return &timed{card, m}
}

// Commands returns what was measured, in the order of each command's first time.
func (m *Meter) Commands() []Command {
	var all []Command
	for _, name := range m.names {
		times := slices.Sorted(slices.Values(m.times[name]))
		last := len(times) - 1
		all = append(all, Command{
			Name: name, Count: len(times), Median: times[last/2].Microseconds(),
			P95: times[(95*len(times)+99)/100-1].Microseconds(), Most: times[last].Microseconds(),
		})
	}
	return all
}

// note adds an exchange.
func (m *Meter) note(command, answer []byte, took time.Duration) {
	x := m.decoder.Exchange(command, answer)
	if len(command) < apdu.MinCommand {
		m.name = ""
		return
	}
	link := apdu.Class(command[0]).Chaining()
	if command[1] != byte(wire.InsGetResponse) && (m.name == "" || m.name != x.Name) {
		m.name, m.took = x.Name, 0
	}
	m.took += took
	switch {
	case m.name == "":
	case x.Status.SW1() == 0x61, link && x.Status == wire.SWNormal: // it goes on
	case x.Status == wire.SWNormal:
		if _, known := m.times[m.name]; !known {
			m.names = append(m.names, m.name)
		}
		m.times[m.name] = append(m.times[m.name], m.took)
		m.name = ""
	default:
		m.name = ""
	}
}

// timed is a card whose commands are timed.
type timed struct {
	pcsc.Card
	meter *Meter
}

// Transmit sends a command and times it.
func (t *timed) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	t.meter.sent++
	began := time.Now()
	answer, err := t.Card.Transmit(ctx, command)
	if err == nil {
		t.meter.note(command, answer, time.Since(began))
	}
	return answer, err
}

// Reset resets the card, which ends what was open.
func (t *timed) Reset(ctx context.Context) error {
	t.meter.decoder.Reset()
	t.meter.name = ""
	return t.Card.Reset(ctx)
}
