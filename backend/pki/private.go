package pki

import "fmt"

// masked is what every way of printing a private key gives.
const masked = "[private key]"

// Private holds a private key. It can't be printed, logged or encoded; whoever needs the key calls
// Reveal, so every place that does can be found.
type Private[K any] struct{ key K }

// NewPrivate wraps a key.
func NewPrivate[K any](key K) Private[K] { return Private[K]{key} }

// Reveal returns the key.
func (p Private[K]) Reveal() K { return p.key }

// String returns a mask.
func (Private[K]) String() string { return masked }

// GoString returns a mask.
func (Private[K]) GoString() string { return masked }

// Format writes a mask, whichever the verb.
func (Private[K]) Format(s fmt.State, _ rune) {
	_, _ = s.Write([]byte(masked)) // fmt has nowhere to report it
}

// MarshalText returns a mask. JSON uses it too.
func (Private[K]) MarshalText() ([]byte, error) { return []byte(masked), nil }
