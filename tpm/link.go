package tpm

import (
	"context"
	"fmt"
	"sync"

	"tapbench/tpm/channel"
)

// link is the way to a TPM: a connection for good, or one for each operation.
type link struct {
	again string // the place to dial for each operation; empty: now stays

	mu     sync.Mutex
	now    *channel.Channel // nil between operations
	closed bool
}

// take returns a connection for one operation.
func (l *link) take(ctx context.Context) (*channel.Channel, error) {
	l.mu.Lock()
	ch, closed := l.now, l.closed
	l.mu.Unlock()
	if ch != nil {
		return ch, nil // a closed one says so itself
	}
	if closed {
		return nil, fmt.Errorf("TPM at %s: %w", l.again, channel.ErrClosed)
	}
	ch, err := channel.Dial(ctx, l.again)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now = ch; l.closed { // meanwhile: what is sent over it fails
		_ = ch.Close()
	}
	return ch, nil
}

// leave ends an operation. A connection of its own is closed: the TPM is the next client's.
func (l *link) leave(ch *channel.Channel) {
	if l.again == "" {
		return
	}
	l.mu.Lock()
	l.now = nil
	l.mu.Unlock()
	_ = ch.Close() // the operation has its answer, or its error
}

// close ends the connection and all that use it.
func (l *link) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.now == nil {
		return nil
	}
	return l.now.Close()
}
