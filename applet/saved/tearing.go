package saved

import "sync"

// Tearing counts a card's commits until its power is cut. The zero value never cuts it. It may be
// used from any goroutine.
type Tearing struct {
	mu    sync.Mutex
	in    int  // 0: never
	after bool // the write is done before the power goes
}

// Set cuts the power at the n-th commit from now, before or after the write; 0: never.
func (t *Tearing) Set(n int, after bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.in, t.after = n, after
}

// Next counts one commit and says whether the power is cut before it, or after it.
func (t *Tearing) Next() (before, after bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.in == 0 {
		return false, false
	}
	t.in--
	cut := t.in == 0
	return cut && !t.after, cut && t.after
}
