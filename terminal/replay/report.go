package replay

import (
	"errors"

	"tapbench/applet/compare"
	"tapbench/pcsc/trace"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/general/outcome"
)

var (
	// ErrNoTap means that the trace has no payment, so that there is nothing to ask a terminal.
	ErrNoTap = errors.New("the trace has no payment")
	// ErrTooLong means that a tap has more than 1,024 steps.
	ErrTooLong = errors.New("the tap is too long")
	// ErrNotKept means that the trace doesn't hold what the terminal needs to begin.
	ErrNotKept = errors.New("a value that the terminal needs isn't in the trace")
)

// Report is what a replay came to.
type Report struct {
	Taps []Tap
	// Outside counts the exchanges that belong to no tap; nobody asked the terminal about them.
	Outside int
}

// Agree reports whether the terminal asked as in the trace in each tap.
func (r Report) Agree() bool {
	for _, t := range r.Taps {
		if t.Difference != nil {
			return false
		}
	}
	return true
}

// Tap is one payment.
type Tap struct {
	// Line is its first line in the trace, from 1; Exchanges how many there are.
	Line, Exchanges int
	// Outcome is what the kernel made of it now, Err the error that ended it.
	Outcome kernel.Outcome
	Err     error
	// EMV is what the kernel for somebody else's cards made of it, in place of Outcome; nil: the card
	// is one of ours.
	EMV *outcome.Outcome
	// Difference is where the terminal left the trace, or nil.
	Difference *Difference
	// StandIns are the first bytes of each kind that stand for others. Signatures and cryptograms
	// over them can't hold from there on.
	StandIns []StandIn
}

// Result is how the payment ended: approved, declined or unfinished.
func (t Tap) Result() string {
	if t.EMV == nil {
		return t.Outcome.Result.String()
	}
	return map[outcome.Result]kernel.Result{
		outcome.Approved: kernel.Approved, outcome.Declined: kernel.Declined,
	}[t.EMV.Result].String()
}

// Reason is why, in words; empty if there is nothing to say.
func (t Tap) Reason() string {
	if t.EMV == nil {
		return t.Outcome.Reason()
	}
	return t.EMV.Why.Text
}

// Difference is where the terminal left the trace.
type Difference struct {
	// Line is where the exchange begins in the trace; that of the tap's last step if the terminal
	// asked more than the tap holds.
	Line int
	// Name and Header are the recorded command's; empty if there is none.
	Name   string
	Header [4]byte
	// What says in one line what differs, without the data.
	What string
	// Elements are the data elements of the recorded command (A) and the terminal's (B) that
	// differ, if both are the same question.
	Elements []compare.Element
}

// StandIn is a place in a trace where bytes stand for others.
type StandIn struct {
	Line   int // where the exchange begins
	Byte   int // from 1
	Answer bool
	Label  string
}

// maxStandIns is how many labels are told.
const maxStandIns = 16

// StandIns adds the first stand-in of each label in a step to a list, up to 16.
func StandIns(list []StandIn, s trace.Step) []StandIn {
	for _, side := range []struct {
		message trace.Message
		answer  bool
	}{{s.Command, false}, {s.Answer, true}} {
		at := 1
		for _, p := range side.message {
			if p.Mark == trace.StandIn && len(list) < maxStandIns && !has(list, p.Label) {
				list = append(list, StandIn{Line: s.Line, Byte: at, Answer: side.answer, Label: p.Label})
			}
			at += len(p.Bytes) + p.Len
		}
	}
	return list
}

func has(list []StandIn, label string) bool {
	for _, s := range list {
		if s.Label == label {
			return true
		}
	}
	return false
}
