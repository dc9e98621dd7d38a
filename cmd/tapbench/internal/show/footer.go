package show

import "fmt"

// totals writes the sums.
func (t *Text) totals(sums *Totals) {
	if t.any {
		t.end(t.line())
	}
	row := func(c colour, name, count, sent, received, took string) {
		l := t.line().put(c, cut(name, 38)).to(40).put(plain, fmt.Sprintf("%10s", count))
		l.put(plain, fmt.Sprintf("%13s%13s", sent, received)).to(t.o.Width - timeWidth)
		t.end(l.put(plain, took))
	}
	row(dim, "totals", "exchanges", "bytes sent", "received", fmt.Sprintf("%*s", timeWidth, "time"))
	for _, p := range sums.Phases {
		row(cyan, p.Phase, fmt.Sprint(p.Exchanges), fmt.Sprint(p.Sent), fmt.Sprint(p.Received),
			tookText(p.TookUS))
	}
	row(bold, "in all", fmt.Sprint(sums.Exchanges), fmt.Sprint(sums.Sent),
		fmt.Sprint(sums.Received), tookText(sums.TookUS))
}

func tookText(us int64) string {
	if us == 0 {
		return fmt.Sprintf("%*s", timeWidth, "–")
	}
	return duration(us)
}
