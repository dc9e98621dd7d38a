package verdict

import (
	"fmt"
	"io"

	"tapbench/applet/token"
	"tapbench/backend/dispute"
	"tapbench/backend/dispute/doublespend"
)

// WriteRow writes a name and its value.
func WriteRow(w io.Writer, name, value string) {
	_, _ = fmt.Fprintf(w, "%-9s %s\n", name, value)
}

// TwiceOf is what verified evidence says was spent twice.
func TwiceOf(s dispute.Subject) token.Interval {
	d, ok := s.(dispute.DoubleSpend)
	if !ok {
		return token.Interval{}
	}
	units, err := doublespend.Twice(d.A, d.B)
	if err != nil {
		return token.Interval{}
	}
	return units
}
