package trace

import (
	"errors"
	"fmt"
)

// LabelPIN is the label of bytes that are, or stand for, a PIN.
const LabelPIN = "pin"

var (
	// ErrStandIn means that a command holds something else than was sent when it was recorded.
	ErrStandIn = errors.New("the command holds a stand-in for something secret")
	// ErrPINStandIn means that what stands for a PIN isn't sent.
	ErrPINStandIn = errors.New("what stands for a PIN is never sent: it would cost a try")
)

// StandIns says which commands with stand-ins may be sent to a card. A stand-in is another value
// than the recorded one: in the place of a PIN it costs a try, in the place of a key it may become
// the card's key, and whatever else the card does with it, it asks something else.
type StandIns byte

const (
	// RefuseStandIns sends none of them.
	RefuseStandIns StandIns = iota
	// SendStandIns sends all but those in which something stands for a PIN.
	SendStandIns
	// SendAllStandIns sends every one. It is for what has no tries to lose, such as a [Player].
	SendAllStandIns
)

// Check returns nil if the step may be sent, and otherwise an error that names its line and wraps
// [ErrPINStandIn] or [ErrStandIn].
func (i StandIns) Check(s Step) error {
	if i == SendAllStandIns {
		return nil
	}
	var err error
	for _, p := range s.Command {
		switch {
		case p.Mark != StandIn:
		case p.Label == LabelPIN:
			return fmt.Errorf("line %d: %w", s.Line, ErrPINStandIn)
		case i == RefuseStandIns && err == nil:
			err = fmt.Errorf("line %d: %w (%s)", s.Line, ErrStandIn, p.Label)
		}
	}
	return err
}

// Sent is where a command held a stand-in as it was sent. A signature or a cryptogram over it can't
// be the recorded one from there on.
type Sent struct {
	Line  int // of the step, from 1
	Byte  int // of the command, from 1
	Label string
}

// sentIn returns the first stand-in of a command, or nil.
func sentIn(s Step) *Sent {
	at := 1
	for _, p := range s.Command {
		if p.Mark == StandIn {
			return &Sent{Line: s.Line, Byte: at, Label: p.Label}
		}
		at += p.size()
	}
	return nil
}
