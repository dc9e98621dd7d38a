package show

import (
	"fmt"
	"strings"
	"time"

	"tapbench/applet/decode"
	"tapbench/pcsc/trace"
)

// Kind says what an [Item] is.
type Kind string

// The kinds.
const (
	KindHeader   Kind = "header"
	KindExchange Kind = "exchange"
	KindReset    Kind = "reset"
	KindTear     Kind = "tear"
	KindRemove   Kind = "remove"
	KindInsert   Kind = "insert"
	KindIdle     Kind = "idle"
	KindTotals   Kind = "totals"
)

// Item is one thing that happened, as JSON shows it.
type Item struct {
	Kind Kind `json:"kind"`
	// Line is where the item begins in the trace, from 1.
	Line int `json:"line,omitempty"`
	// Number counts the exchanges, from 1.
	Number int `json:"number,omitempty"`
	// Fields are the header's.
	Fields []HeaderField `json:"fields,omitempty"`
	// Name is the command's, Source where it is specified, Application what was selected.
	Name        string `json:"name,omitempty"`
	Source      string `json:"source,omitempty"`
	Application string `json:"application,omitempty"`
	Phase       string `json:"phase,omitempty"`
	// Continued says that the data is a piece of something longer.
	Continued bool     `json:"continued,omitempty"`
	Command   *Message `json:"command,omitempty"`
	Answer    *Message `json:"answer,omitempty"`
	Status    *Status  `json:"status,omitempty"`
	// Failure is the name of the transport failure that came instead.
	Failure string `json:"failure,omitempty"`
	TookUS  int64  `json:"took_us,omitempty"`
	IdleUS  int64  `json:"idle_us,omitempty"`
	// Write counts the persistent writes until a tear.
	Write  int     `json:"write,omitempty"`
	Totals *Totals `json:"totals,omitempty"`

	// InPhase is the phase as decode has it.
	InPhase decode.Phase `json:"-"`
}

// Took returns how long the exchange took, or 0.
func (i *Item) Took() time.Duration { return time.Duration(i.TookUS) * time.Microsecond }

// FailureWords says what came instead of an answer.
func (i *Item) FailureWords() string {
	return "no answer: " + strings.ReplaceAll(i.Failure, "-", " ")
}

// Words says what happened, for what is no exchange.
func (i *Item) Words() string {
	text := map[Kind]string{
		KindReset: "reset", KindRemove: "card removed", KindInsert: "card inserted",
		KindTear: fmt.Sprintf("power is lost at persistent write %d from here on", i.Write),
		KindIdle: fmt.Sprintf("nothing for %.3f ms", float64(i.IdleUS)/1000),
	}[i.Kind]
	if i.Failure != "" {
		text += ": " + strings.ReplaceAll(i.Failure, "-", " ")
	}
	return text
}

// HeaderField is a line of the trace's header.
type HeaderField struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Status is a status word and what it means.
type Status struct {
	Word string `json:"word"`
	Text string `json:"text,omitempty"`
	// Mood is good, odd or bad, for colours: normal processing, a warning, anything else.
	Mood Mood `json:"-"`
}

// Mood says how a command went.
type Mood string

// The moods.
const (
	Good Mood = "good"
	Odd  Mood = "odd"
	Bad  Mood = "bad"
)

// Message is a command or an answer.
type Message struct {
	// Length is the number of its bytes, those that weren't kept among them.
	Length int `json:"length"`
	// Hex has two digits a byte, or ?? where it isn't shown.
	Hex string `json:"hex"`
	// Parts are the stretches that the trace has marked.
	Parts []Part `json:"parts,omitempty"`
	// Elements are the data elements in the order of their bytes.
	Elements []Element `json:"elements"`
}

// Bytes returns the digits of some of the message's bytes, two for each.
func (m *Message) Bytes(offset, length int) string { return m.Hex[2*offset : 2*(offset+length)] }

// Part is a stretch of bytes under a mark.
type Part struct {
	Mark   string `json:"mark"`
	Label  string `json:"label"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
}

// The names of the marks.
const (
	MarkAbsent  = "absent"
	MarkVarying = "varying"
	MarkStandIn = "stand-in"
)

func markName(m trace.Mark) string {
	switch m {
	case trace.Absent:
		return MarkAbsent
	case trace.Varying:
		return MarkVarying
	case trace.StandIn:
		return MarkStandIn
	case trace.Plain:
		return ""
	default:
		return ""
	}
}

// Element is a data element of a message. Offsets count bytes from the message's first.
type Element struct {
	Tag  string `json:"tag,omitempty"`
	Name string `json:"name"`
	// Start is where tag and length begin, Offset where the value does.
	Start    int  `json:"start"`
	Offset   int  `json:"offset"`
	Length   int  `json:"length"`
	Depth    int  `json:"depth,omitempty"`
	Template bool `json:"template,omitempty"`
	// Role says which part of the message it is; see the roles.
	Role Role `json:"role,omitempty"`
	// Text is the value in words, if there are any.
	Text string `json:"text,omitempty"`
	Bits []Bit  `json:"bits,omitempty"`
	// Variation and Secrecy say why the value differs from run to run, and why it may not be kept.
	Variation string `json:"variation,omitempty"`
	Secrecy   string `json:"secrecy,omitempty"`
	// Hidden says that bytes of the value aren't shown because they are secret.
	Hidden bool `json:"hidden,omitempty"`
	// Mark and Label are the trace's own for the value, if it has one throughout or in part.
	Mark  string `json:"mark,omitempty"`
	Label string `json:"label,omitempty"`
}

// MarkText says how the trace marks a value, such as "{stand-in: pan}".
func (e *Element) MarkText() string {
	switch e.Mark {
	case MarkStandIn:
		return "{stand-in: " + e.Label + "}"
	case MarkVarying:
		return "(varies: " + e.Label + ")"
	case MarkAbsent:
		return "[not kept: " + e.Label + "]"
	default:
		return ""
	}
}

// Role is the part that an element plays in the transport, empty for data.
type Role string

// The roles.
const (
	RoleHeader Role = "header" // CLA, INS, P1, P2
	RoleLength Role = "length" // Lc, Le
	RoleStatus Role = "status" // SW1-SW2
)

// Bit is a bit of an element and what it says. Byte counts from 1, Bit from 8 (high) to 1, as EMV
// does.
type Bit struct {
	Byte int    `json:"byte"`
	Bit  int    `json:"bit"`
	Set  bool   `json:"set"`
	Text string `json:"text"`
}

// longIdle is from when on an idle time is shown to people. Shorter ones are everywhere: the time
// that a program takes between two commands. They count in the totals and on the time line.
const longIdle = 10_000

// LongIdle reports whether the item is an idle time of 10 ms or more.
func (i *Item) LongIdle() bool { return i.Kind == KindIdle && i.IdleUS >= longIdle }
