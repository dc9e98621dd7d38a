package compare

import (
	"time"

	"tapbench/applet/decode"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
	"tapbench/pcsc/trace"
)

// Kind says what an [Event] is.
type Kind byte

// The kinds, those that leave the dialogues in agreement first.
const (
	// Same: the exchanges are equal, byte for byte.
	Same Kind = iota
	// Varying: they differ only in what varies from run to run, or wasn't kept.
	Varying
	// Differing: they are the same question, and data elements differ.
	Differing
	// Moved: both dialogues have the exchange, at another place.
	Moved
	// OnlyA and OnlyB: one dialogue alone has the exchange.
	OnlyA
	OnlyB
)

// String returns the kind in one word, as JSON has it.
func (k Kind) String() string {
	switch k {
	case Same:
		return "same"
	case Varying:
		return "varying"
	case Differing:
		return "differing"
	case Moved:
		return "moved"
	case OnlyA:
		return "only-a"
	case OnlyB:
		return "only-b"
	default:
		return "unknown"
	}
}

// MarshalText returns what String does.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Differs reports whether events of the kind keep dialogues from agreeing.
func (k Kind) Differs() bool { return k >= Differing }

// Event is a piece of the comparison: a pair of exchanges, or one without a partner.
type Event struct {
	Kind Kind
	// A and B are the exchanges; one of them is nil for [OnlyB] and [OnlyA].
	A, B *Item
	// Elements are the data elements that aren't the same, in the order of their bytes.
	Elements []Element
}

// Item is one step of a dialogue.
type Item struct {
	// Line is its first line in the trace, from 1; Number counts the steps, from 1.
	Line, Number int
	Kind         trace.Kind
	// Name is the command's, or the event's, such as "reset".
	Name        string
	Application string
	Phase       decode.Phase
	// Header is CLA, INS, P1 and P2; zero if the trace hasn't kept them.
	Header [4]byte
	// Sent and Received are the lengths of command and answer, in bytes.
	Sent, Received int
	// Status is SW1-SW2, or 0 if no answer came.
	Status  apdu.SW
	Failure trace.Failure
	Took    time.Duration
}

// Place says which part of an exchange an [Element] belongs to.
type Place byte

// The places.
const (
	InCommand Place = iota
	InAnswer
	InEvent // a failure, or the number of a tear
)

// String returns "command", "answer" or "event".
func (p Place) String() string {
	switch p {
	case InCommand:
		return "command"
	case InAnswer:
		return "answer"
	case InEvent:
		return "event"
	default:
		return "unknown"
	}
}

// MarshalText returns what String does.
func (p Place) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Verdict says what the comparison of a data element came to.
type Verdict byte

// The verdicts. Elements that are equal have none.
const (
	// Varies: the values differ, as they do from run to run.
	Varies Verdict = iota + 1
	// NotKept: at least one trace doesn't hold the value, and what it holds agrees.
	NotKept
	// Differs: the values differ.
	Differs
	// Missing: only A has the element. Added: only B has it.
	Missing
	Added
)

// String returns the verdict in a word or two.
func (v Verdict) String() string {
	switch v {
	case Varies:
		return "varies"
	case NotKept:
		return "not kept"
	case Differs:
		return "differs"
	case Missing:
		return "only in A"
	case Added:
		return "only in B"
	default:
		return "unknown"
	}
}

// MarshalText returns what String does.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Element is a data element that isn't the same on both sides.
type Element struct {
	Place   Place
	Verdict Verdict
	// Tag is 0 for what has none. Name is never empty.
	Tag  tlv.Tag
	Name string
	// Why says why the value varies, such as "counter", or the label of the trace's mark.
	Why string
	// A and B are the values, nil where there is none or it wasn't kept. They alias the dialogue's
	// memory.
	A, B []byte
	// Field is how the value is written, and whether it is to be hidden: A's, or B's if only that
	// has the element.
	Field decode.Field
	// StandIn says that all of the value's bytes stand for others, so that nothing need be hidden.
	StandIn bool
	// AOff and BOff are where the value begins in command or answer, in bytes from 0.
	AOff, BOff int
}

// Hidden reports whether the values may not even be looked at: they are secret by their meaning and
// don't stand for others. What is only unknown or enciphered is as the traces have it.
func (e *Element) Hidden() bool {
	if e.StandIn {
		return false
	}
	switch e.Field.Secrecy {
	case decode.PAN, decode.Track, decode.Holder, decode.PIN, decode.Key, decode.Signed:
		return true
	case decode.Unknown, decode.Clear, decode.Secured, decode.History:
		return false
	default:
		return true
	}
}
