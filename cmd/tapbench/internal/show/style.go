package show

import (
	"strings"
	"unicode/utf8"
)

// colour is an SGR sequence, or empty for none.
type colour string

// The colours: the eight that every terminal lets its user choose, and two weights.
const (
	bold    colour = "\x1b[1m"
	dim     colour = "\x1b[2m"
	red     colour = "\x1b[31m"
	green   colour = "\x1b[32m"
	yellow  colour = "\x1b[33m"
	magenta colour = "\x1b[35m"
	cyan    colour = "\x1b[36m"
	plain   colour = ""

	sgrEnd = "\x1b[0m"
)

// moodColour returns the colour of a status word.
func moodColour(m Mood) colour {
	switch m {
	case Good:
		return green
	case Odd:
		return yellow
	case Bad:
		return red
	default:
		return plain
	}
}

// line is a line of text under way, which knows how wide it is.
type line struct {
	text    strings.Builder
	width   int
	colours bool
}

// put appends text in a colour.
func (l *line) put(c colour, text string) *line {
	if text == "" {
		return l
	}
	l.width += utf8.RuneCountInString(text)
	if l.colours && c != plain {
		l.text.WriteString(string(c))
		l.text.WriteString(text)
		l.text.WriteString(sgrEnd)
		return l
	}
	l.text.WriteString(text)
	return l
}

// to fills up with spaces to a column, and by two spaces at least where that one is passed.
func (l *line) to(column int) *line {
	if n := column - l.width; n >= 0 {
		return l.put(plain, strings.Repeat(" ", n))
	}
	return l.put(plain, "  ")
}

// bar draws a share of the whole in n cells.
func bar(share float64, n int) string {
	eighths := int(share*float64(8*n) + 0.5)
	eighths = min(max(eighths, 1), 8*n)
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return text
}

// cut shortens text to n runes.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:max(n-1, 0)]) + "…"
}
