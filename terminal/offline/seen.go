package offline

import (
	"slices"
	"sync"

	"tapbench/applet/message"
	"tapbench/applet/token"
)

// Taken is one accepted statement of a token. A metering commitment has its whole interval taken,
// whatever was ticked.
type Taken struct {
	Interval  token.Interval
	Statement message.Hash // [message.Spend.Digest] or [message.Meter.Digest]
}

// Seen knows what this merchant has accepted of each token.
type Seen interface {
	// Taken returns the statements that were accepted of a token, by its tokID.
	Taken(id message.Hash) []Taken
}

// Table is a table of seen tokens in memory. A terminal fills it from its journal when it starts.
// Its zero value is empty and ready; it is safe for concurrent use.
type Table struct {
	mu   sync.Mutex
	rows map[message.Hash]row
}

type row struct {
	epoch message.Epoch // the token's last
	taken []Taken
}

// Taken implements [Seen].
func (t *Table) Taken(id message.Hash) []Taken {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.rows[id].taken)
}

// AddSpend enters an accepted payment, once.
func (t *Table) AddSpend(c message.SpendClaim) {
	t.add(c.Token, Taken{token.Interval{From: c.Spend.From, To: c.Spend.To}, c.Spend.Digest()})
}

// AddMeter enters an accepted metering commitment, once, however many of its ticks there are.
func (t *Table) AddMeter(c message.MeterClaim) {
	t.add(c.Token, Taken{token.Interval{From: c.Meter.From, To: c.Meter.Max}, c.Meter.Digest()})
}

func (t *Table) add(of message.Token, taken Taken) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows == nil {
		t.rows = make(map[message.Hash]row)
	}
	id := of.ID()
	r := t.rows[id]
	if slices.Contains(r.taken, taken) {
		return
	}
	r.epoch, r.taken = of.Fields.Epoch, append(r.taken, taken)
	t.rows[id] = r
}

// Forget drops the tokens that had expired when an epoch began: none of them is taken any more. It
// returns how many are left.
func (t *Table) Forget(now message.Epoch) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, r := range t.rows {
		if r.epoch < now {
			delete(t.rows, id)
		}
	}
	return len(t.rows)
}
