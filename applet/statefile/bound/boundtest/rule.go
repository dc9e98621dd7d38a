package boundtest

import (
	"context"
	"encoding/binary"
	"errors"

	"tapbench/applet/statefile/bound"
)

// Store is what an element keeps its state in.
type Store interface {
	Load() ([]byte, error)
	Commit(state []byte) error
}

// Rule is a way to tell the latest state from older ones.
type Rule func(file bound.File, anchor bound.Anchor) Store

// Extend is the rule of package bound.
func Extend(file bound.File, anchor bound.Anchor) Store {
	store, err := bound.New(bound.Config{File: file, Anchor: anchor})
	if err != nil {
		return refusing{err}
	}
	return store
}

// None trusts the file (se_rollback.pml -DNOCTR).
func None(file bound.File, _ bound.Anchor) Store { return file }

// Counter is the weaker rule (se_rollback.pml -DCOUNTER): a state has a version, and it is taken if
// that is the counter's value, or the next one. The counter here is how often the index was
// extended, which only this rule's own commits do; what they extend it by doesn't matter.
func Counter(file bound.File, anchor bound.Anchor) Store {
	return &counter{file: file, anchor: anchor}
}

type counter struct {
	file   bound.File
	anchor bound.Anchor
	at     uint32 // the counter
}

// errOld means that the counter isn't at this version.
var errOld = errors.New("version isn't the counter's")

// maxCount bounds what a counter is looked for at.
const maxCount = 64

// read returns the counter: how many extensions by nothing lead to the index's value.
func (c *counter) read() error {
	value, written, err := c.anchor.Read(context.Background())
	if err != nil || !written {
		return err
	}
	at := bound.Extended([bound.Size]byte{}, [bound.Size]byte{})
	for c.at = 0; c.at < maxCount; c.at++ {
		if at == value {
			return nil
		}
		at = bound.Extended(at, [bound.Size]byte{})
	}
	return errors.New("index isn't a counter")
}

// Load returns the state if its version is the counter's, and counts on to the next one.
func (c *counter) Load() ([]byte, error) {
	if err := c.read(); err != nil {
		return nil, err
	}
	raw, err := c.file.Load()
	switch {
	case err != nil:
		return nil, err
	case raw == nil && c.at == 0:
		return nil, nil
	case len(raw) < 4:
		return nil, errOld
	}
	switch version := binary.BigEndian.Uint32(raw); version {
	case c.at:
		return raw[4:], nil
	case c.at + 1:
		return raw[4:], c.count()
	default:
		return nil, errOld
	}
}

// Commit writes the state with the next version, then counts.
func (c *counter) Commit(state []byte) error {
	raw := binary.BigEndian.AppendUint32(nil, c.at+1)
	if err := c.file.Commit(append(raw, state...)); err != nil {
		return err
	}
	return c.count()
}

func (c *counter) count() error {
	ctx, nothing := context.Background(), [bound.Size]byte{}
	if _, written, err := c.anchor.Read(ctx); err != nil {
		return err
	} else if !written {
		if err := c.anchor.Begin(ctx, nothing); err != nil { // at 0
			return err
		}
	}
	if err := c.anchor.Extend(ctx, nothing); err != nil {
		return err
	}
	c.at++
	return nil
}

// refusing is a store that couldn't be made.
type refusing struct{ err error }

// Load fails.
func (r refusing) Load() ([]byte, error) { return nil, r.err }

// Commit fails.
func (r refusing) Commit([]byte) error { return r.err }
