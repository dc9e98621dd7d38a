package doctor

import (
	"context"
	"fmt"
)

// Level says how grave a finding is.
type Level int

// The levels.
const (
	OK      Level = iota // works
	Note                 // isn't there, or can't be said
	Problem              // stops a tap
)

// String returns the word that the table shows.
func (l Level) String() string {
	switch l {
	case OK:
		return "ok"
	case Note:
		return "note"
	case Problem:
		return "problem"
	default:
		return fmt.Sprintf("Level(%d)", int(l))
	}
}

// MarshalText writes the level as its word.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Finding is what a check has found.
type Finding struct {
	Check string   `json:"check"` // the check's name
	Level Level    `json:"level"`
	Text  string   `json:"text"`           // what is, in one line
	Mend  []string `json:"mend,omitempty"` // what mends it: commands, one a line
}

// Check looks at one thing.
type Check interface {
	// Name is the check's name, one or two words, as a Way names it.
	Name() string
	// Look looks and returns what it has found; the name is filled in by who called it.
	Look(ctx context.Context, m *Machine) Finding
}

func ok(format string, args ...any) Finding {
	return Finding{Level: OK, Text: fmt.Sprintf(format, args...)}
}

func note(text string, mend ...string) Finding {
	return Finding{Level: Note, Text: text, Mend: mend}
}

func problem(text string, mend ...string) Finding {
	return Finding{Level: Problem, Text: text, Mend: mend}
}
