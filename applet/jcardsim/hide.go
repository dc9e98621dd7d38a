package jcardsim

import (
	"encoding/binary"

	"tapbench/applet/wire"
)

// Hide has the platform lack algorithms when it installs the cards that are made from now on; those
// that are there keep theirs. The machine is one of [Recorded] or [Torn]; another one ends.
func (m *Machine) Hide(lacks wire.Algorithm) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.exchange(m.run, opHide, 0, binary.BigEndian.AppendUint16(nil, uint16(lacks)), nil)
}
