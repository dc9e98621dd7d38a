package pcsctest

import (
	"testing"

	"tapbench/pcsc"
)

// Direct returns the backend whose contract card is connected by pcsc.NewDirect: no reader, no
// service, every hand there is. wrap stands around each connection; nil is for none.
func Direct(name string, wrap func(t *testing.T, card pcsc.Card) pcsc.Card) Backend {
	contract := NewCard()
	var last *pcsc.Direct
	return Backend{
		Name:     name,
		Contract: contract,
		Open: func(t *testing.T) pcsc.Card {
			t.Helper()
			if last != nil { // the card serves one connection at a time
				_ = last.Close()
				<-last.Done()
			}
			last = pcsc.NewDirect(contract)
			if wrap != nil {
				return wrap(t, last)
			}
			return last
		},
		RemoveCard: func(*testing.T) { last.Remove() },
		InsertCard: func(*testing.T) {}, // Open does
	}
}
