package readertest

import (
	"sync"

	"tapbench/pcsc"
)

// exchangeable is a card on a reader that is exchanged for another between two connections, faster
// than a service notices.
type exchangeable struct {
	mu   sync.Mutex
	card pcsc.Processor
}

var _ pcsc.Processor = (*exchangeable)(nil)

func (e *exchangeable) current() pcsc.Processor {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.card
}

func (e *exchangeable) put(card pcsc.Processor) {
	e.mu.Lock()
	defer e.mu.Unlock()
	card.PowerOn()
	e.card = card
}

func (e *exchangeable) ATR() []byte                   { return e.current().ATR() }
func (e *exchangeable) PowerOn()                      { e.current().PowerOn() }
func (e *exchangeable) PowerOff()                     { e.current().PowerOff() }
func (e *exchangeable) Reset()                        { e.current().Reset() }
func (e *exchangeable) Process(command []byte) []byte { return e.current().Process(command) }
