package general

import "fmt"

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

// terminate ends the transaction.
func terminate(clause, text string, cause error) error {
	return &TerminatedError{Reason: Reason{Text: text, Clause: clause}, Err: cause}
}

// terminatef ends the transaction with words about what was found.
func terminatef(clause, format string, args ...any) error {
	return terminate(clause, fmt.Sprintf(format, args...), nil)
}
