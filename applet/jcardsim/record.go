package jcardsim

// Record has all cards of the machine draw nonces and private keys from a seed's streams from now
// on, and sign by RFC 6979, so that another element that does the same answers alike; without a
// seed they draw by chance again. The streams are those of applet/javacard/tearing. The machine is
// one of [Recorded] or [Torn]; another one ends.
func (m *Machine) Record(seed []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.exchange(m.run, opRecord, 0, seed, nil)
}
