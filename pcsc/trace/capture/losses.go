package capture

import "fmt"

// losses counts what couldn't be carried over. What is lost is said in fixed words, so that there
// are few kinds.
type losses struct {
	unit  string // what is numbered: packet or step
	kinds []loss
}

type loss struct {
	what         string
	count, first int
}

func (l *losses) add(what string, at int) {
	for i := range l.kinds {
		if l.kinds[i].what == what {
			l.kinds[i].count++
			return
		}
	}
	l.kinds = append(l.kinds, loss{what: what, count: 1, first: at})
}

// list returns a line for each kind, in the order in which they came.
func (l *losses) list() []string {
	var lines []string
	for _, k := range l.kinds {
		line := fmt.Sprintf("%s: %d", k.what, k.count)
		if k.first > 0 {
			line += fmt.Sprintf(", the first at %s %d", l.unit, k.first)
		}
		lines = append(lines, line)
	}
	return lines
}
