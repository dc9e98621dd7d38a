package saved

// Store keeps a card's state. It belongs to one card.
type Store interface {
	// Load returns what was committed last, or nil when nothing ever was.
	Load() ([]byte, error)
	// Commit replaces it, wholly or not at all, and returns when it will outlast a loss of power.
	// It doesn't keep the slice.
	Commit(state []byte) error
}

// Memory is a store that lives as long as the program. Its zero value is empty.
type Memory struct{ state []byte }

var _ Store = (*Memory)(nil)

// Load returns what was committed last. It stays the store's.
func (m *Memory) Load() ([]byte, error) { return m.state, nil }

// Commit keeps a copy.
func (m *Memory) Commit(state []byte) error {
	m.state = append(m.state[:0], state...)
	return nil
}
