package profile

import (
	"errors"
	"fmt"
)

// ErrProfile means that a file isn't a profile, or one that makes no card. A [*FieldError] says
// which field.
var ErrProfile = errors.New("not a card profile")

// FieldError is what is wrong with a field.
type FieldError struct {
	// Field is the field's path, such as "applications[0].pdol[2]"; "" for the file as a whole.
	Field string
	// Line is where the file was read to, from 1; 0 where a whole profile was checked.
	Line int
	// Problem says what was expected.
	Problem string
}

// Error returns field, problem and line.
func (e *FieldError) Error() string {
	text := e.Problem
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	if e.Line > 0 {
		text = fmt.Sprintf("line %d: %s", e.Line, text)
	}
	return ErrProfile.Error() + ": " + text
}

// Unwrap returns [ErrProfile].
func (*FieldError) Unwrap() error { return ErrProfile }

// wrong names a field and what is wrong with it.
func wrong(field, problem string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(problem, args...)}
}
