package budget

import (
	"fmt"
	"strconv"
	"time"

	"tapbench/applet/decode"
)

// Scope says what a [Limit] is about.
type Scope byte

// The scopes.
const (
	Command Scope = iota
	Phase
	Tap
)

// String returns the word that begins the scope's lines.
func (s Scope) String() string {
	switch s {
	case Command:
		return "command"
	case Phase:
		return "phase"
	case Tap:
		return "tap"
	default:
		return "unknown"
	}
}

// Quantity is what is limited.
type Quantity byte

// The quantities.
const (
	Time     Quantity = iota // microseconds
	APDUs                    // pairs of command and answer
	Bytes                    // both ways
	Sent                     // bytes to the card
	Received                 // bytes from the card, status words among them
	Runs                     // of a command, in a tap
)

// quantities is how many there are.
const quantities = int(Runs) + 1

// String returns the quantity's word.
func (q Quantity) String() string {
	switch q {
	case Time:
		return "time"
	case APDUs:
		return "apdus"
	case Bytes:
		return "bytes"
	case Sent:
		return "sent"
	case Received:
		return "received"
	case Runs:
		return "runs"
	default:
		return "unknown"
	}
}

// Limit is one line of a budget.
type Limit struct {
	// Line is where it stands, from 1; 0 if it was made and not read.
	Line  int
	Scope Scope
	// Name is the command's, in its standard's words; Phase the phase. Each in its scope alone.
	Name     string
	Phase    decode.Phase
	Quantity Quantity
	// Most is what is still within the budget: microseconds for time, else a number.
	Most int64
}

// Subject names what is limited, as the line has it: command "GENERATE AC", phase reading, tap.
func (l Limit) Subject() string {
	switch l.Scope {
	case Command:
		return l.Scope.String() + " " + quote(l.Name)
	case Phase:
		return l.Scope.String() + " " + phaseWord(l.Phase)
	case Tap:
		return l.Scope.String()
	default:
		return l.Scope.String()
	}
}

// String returns the line.
func (l Limit) String() string {
	return fmt.Sprintf("%s %s %s", l.Subject(), l.Quantity, l.Quantity.Text(l.Most))
}

// Text writes an amount of the quantity as a budget does, such as "120 ms" or "300".
func (q Quantity) Text(n int64) string {
	if q != Time {
		return strconv.FormatInt(n, 10)
	}
	switch {
	case n >= 1_000_000 && n%10_000 == 0:
		return decimal(n, 1_000_000) + " s"
	case n >= 1_000:
		return decimal(n, 1_000) + " ms"
	default:
		return strconv.FormatInt(n, 10) + " us"
	}
}

// decimal writes n/unit without zeros at the end.
func decimal(n, unit int64) string {
	return strconv.FormatFloat(float64(n)/float64(unit), 'f', -1, 64)
}

// quote puts a name between quotation marks.
func quote(name string) string { return `"` + name + `"` }

// maxTime is the longest time that a budget can name: what the grammar of traces knows, 10^6 times.
const maxTime = int64(1_000_000_000 * time.Second / time.Microsecond)

// phaseWords are the phases in the words of a budget, in their order.
func phaseWords() []string {
	return []string{
		"other", "selection", "personalisation", "attestation", "bank-account", "tsm-account",
		"cards", "initiation", "reading", "authorisation",
	}
}

func phaseWord(p decode.Phase) string {
	if words := phaseWords(); int(p) < len(words) {
		return words[p]
	}
	return "unknown"
}
