package emulator

// Store keeps a card's state. It belongs to one card.
type Store interface {
	// Load returns what was committed last, or nil when nothing ever was.
	Load() ([]byte, error)
	// Commit replaces it, wholly or not at all, and returns when it will outlast a loss of power.
	// It doesn't keep the slice.
	Commit(state []byte) error
}

// memory is a store that lives as long as its card.
type memory struct{ state []byte }

var _ Store = (*memory)(nil)

func (m *memory) Load() ([]byte, error) { return m.state, nil }

func (m *memory) Commit(state []byte) error {
	m.state = append(m.state[:0], state...)
	return nil
}
