package measure

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Figure is one measured value. Baseline and Ratio are left out where there is none.
type Figure struct {
	Name     string  `json:"name"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Baseline float64 `json:"baseline,omitempty"`
	Ratio    float64 `json:"ratio,omitempty"`
}

// Against returns a figure in milliseconds with its baseline.
func Against(name string, value, baseline time.Duration) Figure {
	f := Milliseconds(name, value)
	f.Baseline = inMS(baseline)
	if baseline > 0 {
		f.Ratio = float64(value) / float64(baseline)
	}
	return f
}

// Milliseconds returns a figure without a baseline.
func Milliseconds(name string, value time.Duration) Figure {
	return Figure{Name: name, Value: inMS(value), Unit: "ms"}
}

func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Median returns the middle of some durations, 0 for none.
func Median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// Write prints figures as a table.
func Write(w io.Writer, figures []Figure) {
	_, _ = fmt.Fprintf(w, "%-34s %10s %-5s %10s %7s\n", "what", "value", "unit", "baseline", "ratio")
	for _, f := range figures {
		baseline, ratio := "", ""
		if f.Ratio != 0 {
			baseline, ratio = fmt.Sprintf("%.4f", f.Baseline), fmt.Sprintf("%.2f", f.Ratio)
		}
		_, _ = fmt.Fprintf(w, "%-34s %10.4f %-5s %10s %7s\n", f.Name, f.Value, f.Unit, baseline, ratio)
	}
}
