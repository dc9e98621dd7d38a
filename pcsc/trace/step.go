package trace

import (
	"context"
	"errors"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// Kind says what a [Step] is.
type Kind byte

// The kinds of steps.
const (
	// Exchange is a command, and its answer or the failure that came instead.
	Exchange Kind = iota + 1
	// Reset is a reset of the card, and the failure if it didn't work.
	Reset
	// Tear lets the card lose its power at a persistent write to come.
	Tear
	// Remove takes the card off the reader.
	Remove
	// Insert puts it back.
	Insert
	// Idle is a time in which nothing passed, before the step behind it.
	Idle
)

// String returns the word that begins the step's line, or its mark.
func (k Kind) String() string {
	switch k {
	case Exchange:
		return ">"
	case Reset:
		return "reset"
	case Tear:
		return "tear"
	case Remove:
		return "remove"
	case Insert:
		return "insert"
	case Idle:
		return "idle"
	default:
		return "unknown"
	}
}

// maxNumber is the largest number that the grammar knows.
const maxNumber = 999_999_999

// Step is one event of a dialogue.
type Step struct {
	// Line is the number of the step's first line, from 1; a [Writer] doesn't look at it.
	Line int
	Kind Kind
	// Command is the C-APDU of an exchange, Answer its R-APDU unless Failure is set.
	Command, Answer Message
	// Failure says why an exchange has no answer or a reset no effect.
	Failure Failure
	// Write counts the persistent writes until the one that a tear cuts, 1 to 999,999,999.
	Write int
	// Took is how long an exchange or an idle time took, 1 to 999,999,999 whole microseconds, or 0
	// for an exchange of which it isn't said.
	Took time.Duration
}

// valid reports whether the step keeps to the grammar.
func (s Step) valid() bool {
	if s.Failure != "" && s.Failure.Err() == nil {
		return false
	}
	switch s.Kind {
	case Exchange:
		return s.validExchange()
	case Reset:
		return s.bare() && s.Write == 0
	case Tear:
		return s.bare() && s.Failure == "" && s.Write >= 1 && s.Write <= maxNumber
	case Remove, Insert:
		return s.bare() && s.Failure == "" && s.Write == 0
	case Idle:
		return s.validIdle()
	default:
		return false
	}
}

func (s Step) validIdle() bool {
	took := s.Took
	s.Took = 0
	return s.bare() && s.Failure == "" && s.Write == 0 && took > 0 && validTook(took)
}

func (s Step) validExchange() bool {
	if s.Write != 0 || !s.Command.valid(apdu.MinCommand, apdu.MaxCommand) {
		return false
	}
	if !validTook(s.Took) {
		return false
	}
	if s.Failure != "" {
		return s.Answer == nil
	}
	return s.Answer.valid(2, pcsc.MaxResponse)
}

// validTook reports whether the grammar can say how long something took.
func validTook(d time.Duration) bool {
	return d%time.Microsecond == 0 && d >= 0 && d <= maxNumber*time.Microsecond
}

// bare reports whether the step has nothing that only an exchange has.
func (s Step) bare() bool { return s.Command == nil && s.Answer == nil && s.Took == 0 }

// Failure is the name of a transport failure in a trace, or "" for none.
type Failure string

// The names, each with what a [Player] answers in its place.
const (
	FailureNoService    Failure = "no-service"    // pcsc.ErrNoService
	FailureNoReader     Failure = "no-reader"     // pcsc.ErrNoReader
	FailureNoCard       Failure = "no-card"       // pcsc.ErrNoCard
	FailureRemoved      Failure = "removed"       // pcsc.ErrCardRemoved
	FailureReset        Failure = "reset"         // pcsc.ErrCardReset
	FailureSharing      Failure = "sharing"       // pcsc.ErrSharing
	FailureBadAnswer    Failure = "bad-answer"    // pcsc.ErrBadAnswer
	FailureNotSupported Failure = "not-supported" // pcsc.ErrNotSupported
	FailureComm         Failure = "comm"          // pcsc.ErrComm
	FailureCancelled    Failure = "cancelled"     // context.Canceled
)

// failures lists every name. Refused commands and closed connections have none: nothing was sent.
func failures() []Failure {
	return []Failure{
		FailureNoService, FailureNoReader, FailureNoCard, FailureRemoved, FailureReset,
		FailureSharing, FailureBadAnswer, FailureNotSupported, FailureComm, FailureCancelled,
	}
}

// Err returns the error that the name stands for, or nil for a name that isn't listed.
func (f Failure) Err() error {
	switch f {
	case FailureNoService:
		return pcsc.ErrNoService
	case FailureNoReader:
		return pcsc.ErrNoReader
	case FailureNoCard:
		return pcsc.ErrNoCard
	case FailureRemoved:
		return pcsc.ErrCardRemoved
	case FailureReset:
		return pcsc.ErrCardReset
	case FailureSharing:
		return pcsc.ErrSharing
	case FailureBadAnswer:
		return pcsc.ErrBadAnswer
	case FailureNotSupported:
		return pcsc.ErrNotSupported
	case FailureComm:
		return pcsc.ErrComm
	case FailureCancelled:
		return context.Canceled
	default:
		return nil
	}
}

// failureNamed returns the failure of that name, or "" if there is none.
func failureNamed(name []byte) Failure {
	for _, f := range failures() {
		if string(name) == string(f) {
			return f
		}
	}
	return ""
}

// failureOf returns the name of a transport failure; what has none counts as [FailureComm].
func failureOf(err error) Failure {
	for _, f := range failures() {
		if errors.Is(err, f.Err()) {
			return f
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return FailureCancelled
	}
	return FailureComm
}
