package outcome

import "fmt"

// Reason is a sentence with the clause that it comes from.
type Reason struct {
	Text   string `json:"text"`
	Clause string `json:"clause"` // such as "EMV 4.3 Book 3, 10.7"
}

// TerminatedError is a transaction that ended because the card's data or answers are such that the
// books say so. No cryptogram of it counts.
type TerminatedError struct {
	Reason Reason
	Err    error // what was found, or nil
}

// Error returns the reason, its clause and what was found.
func (e *TerminatedError) Error() string {
	text := "transaction terminated: " + e.Reason.Text + " (" + e.Reason.Clause + ")"
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns what was found.
func (e *TerminatedError) Unwrap() error { return e.Err }

// Terminated returns a *[TerminatedError].
func Terminated(clause, text string, cause error) error {
	return &TerminatedError{Reason: Reason{Text: text, Clause: clause}, Err: cause}
}

// Terminatedf returns a *[TerminatedError] with words about what was found.
func Terminatedf(clause, format string, args ...any) error {
	return Terminated(clause, fmt.Sprintf(format, args...), nil)
}
