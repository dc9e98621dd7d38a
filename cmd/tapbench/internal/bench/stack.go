package bench

import (
	"errors"
	"slices"
)

// stack remembers how to end what was started, and ends it in reverse order.
type stack struct{ ends []func() error }

func (s *stack) push(end func() error) { s.ends = append(s.ends, end) }

// unwind ends everything, once, and returns what went wrong.
func (s *stack) unwind() error {
	var all []error
	for _, end := range slices.Backward(s.ends) {
		all = append(all, end())
	}
	s.ends = nil
	return errors.Join(all...)
}
