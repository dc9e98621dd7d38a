package tlv

import "fmt"

// Walk calls visit for every data object of b, outer before inner, in the order of the bytes; depth
// is 0 for the outermost. It stops at the first error that visit returns and returns it unchanged.
// Other errors wrap [ErrMalformed]: an object is not well-formed, or more than [MaxDepth]
// constructed objects lie in one another. It allocates nothing itself.
func Walk(b []byte, visit func(e Element, depth int) error) error {
	return walk(b, 0, visit)
}

func walk(b []byte, depth int, visit func(Element, int) error) error {
	r := NewReader(b)
	for !r.ended() {
		e, err := r.Next()
		if err != nil {
			return err
		}
		if err := visit(e, depth); err != nil {
			return err
		}
		if !e.Tag.Constructed() {
			continue
		}
		if depth+1 > MaxDepth {
			return fmt.Errorf("%w: tag %s: more than %d levels", ErrMalformed, e.Tag, MaxDepth)
		}
		if err := walk(e.Value, depth+1, visit); err != nil {
			return err
		}
	}
	return nil
}

// Check reports whether b is nothing but well-formed data objects, down to the innermost, with at
// most [MaxDepth] constructed objects in one another. The error wraps [ErrMalformed].
func Check(b []byte) error {
	return Walk(b, func(Element, int) error { return nil })
}
