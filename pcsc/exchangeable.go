package pcsc

import "sync"

// Exchangeable is a card on a reader that is exchanged for another one between two connections,
// faster than a service notices. [Exchangeable.Put] comes first. Put may be called from any
// goroutine.
type Exchangeable struct {
	mu   sync.Mutex
	card Processor
}

var _ Processor = (*Exchangeable)(nil)

// Put gives a card power and puts it in the place of the one before, which keeps its own.
func (e *Exchangeable) Put(card Processor) {
	card.PowerOn()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.card = card
}

// Card returns the present card.
func (e *Exchangeable) Card() Processor {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.card
}

// ATR returns the present card's.
func (e *Exchangeable) ATR() []byte { return e.Card().ATR() }

// PowerOn gives the present card power.
func (e *Exchangeable) PowerOn() { e.Card().PowerOn() }

// PowerOff takes it.
func (e *Exchangeable) PowerOff() { e.Card().PowerOff() }

// Reset resets the present card.
func (e *Exchangeable) Reset() { e.Card().Reset() }

// Process has the present card answer.
func (e *Exchangeable) Process(command []byte) []byte { return e.Card().Process(command) }
