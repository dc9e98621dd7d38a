package cli

import (
	"fmt"
	"io"

	"tapbench/applet/token"
	"tapbench/backend/dispute"
	"tapbench/backend/dispute/doublespend"
)

func writeVerdictRow(w io.Writer, name, value string) {
	_, _ = fmt.Fprintf(w, "%-9s %s\n", name, value)
}

// twiceOf is what verified evidence says was spent twice.
func twiceOf(s dispute.Subject) token.Interval {
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
