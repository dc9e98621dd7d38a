package twintest

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"strings"
)

// reason says why cells aren't reached. Each of its lists holds patterns, of which one must match.
type reason struct {
	line                    int
	commands, states, words []string
	text                    string
}

// readReasons reads a reason from each line, "commands | states | status words | reason": patterns
// separated by semicolons, in which * stands for anything. Empty lines and those that begin with #
// say nothing.
func readReasons(r io.Reader) (all []reason, err error) {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		fields := strings.Split(text, "|")
		if len(fields) != 4 || strings.TrimSpace(fields[3]) == "" {
			return nil, fmt.Errorf("line %d: want commands | states | status words | reason", n)
		}
		all = append(all, reason{
			n, patterns(fields[0]), patterns(fields[1]), patterns(fields[2]),
			strings.TrimSpace(fields[3]),
		})
	}
	return all, lines.Err()
}

func patterns(list string) []string {
	all := strings.Split(list, ";")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

// covers says whether a reason is one for a cell.
func (r *reason) covers(c cell) bool {
	return matches(r.commands, c.command) && matches(r.states, c.state) && matches(r.words, c.sw)
}

// covered says whether there is a reason for a cell.
func covered(all []reason, c cell) bool {
	for i := range all {
		if all[i].covers(c) {
			return true
		}
	}
	return false
}

func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, name); err == nil && ok {
			return true
		}
	}
	return false
}

// faults compares reasons with a table: cells without a reason, cells that were reached although
// there is a reason why they can't be, and reasons for nothing.
func faults(all []reason, t *table) (faults []string) {
	used := make([]bool, len(all))
	for _, c := range t.unreached() {
		known := false
		for i := range all {
			if all[i].covers(c) {
				used[i], known = true, true
			}
		}
		if !known {
			faults = append(faults, fmt.Sprintf("%s, %s, %s: never reached, and no reason", c.command,
				c.state, c.sw))
		}
	}
	for i := range all {
		if !used[i] {
			faults = append(faults, fmt.Sprintf("line %d: a reason for nothing", all[i].line))
		}
		for c, n := range t.hits {
			if all[i].covers(c) {
				faults = append(faults, fmt.Sprintf("line %d: %s, %s, %s was reached %d times", all[i].line,
					c.command, c.state, c.sw, n))
			}
		}
	}
	return faults
}
