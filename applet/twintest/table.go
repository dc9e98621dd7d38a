package twintest

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// leastHits is how often each cell is to be hit that is hit at all.
const leastHits = 20

// table counts how often each command was answered by each status word in each state.
type table struct {
	hits     map[cell]int
	examples map[cell]Case // hit the cell with their last step
}

func newTable() *table { return &table{map[cell]int{}, map[cell]Case{}} }

// cellOf returns the cell of a step, given the situation and the state before it.
func cellOf(at *situation, state []byte, s Step, answer []byte) (cell, bool) {
	c, err := apdu.ParseCommand(s.Command)
	if err != nil || len(answer) == 0 {
		return cell{}, false
	}
	command, found := at.name(c, state)
	sw := swOf(answer)
	word := fmt.Sprintf("%04X", uint16(sw))
	if sw&0xFF00 == wire.SWBytesRemaining {
		word = "61xx"
	}
	return cell{command, found, word}, true
}

// rows are all commands and states that there are, in their order.
func rows() (all []cell) {
	for _, aid := range applications() {
		at := situation{selected: aid}
		for _, n := range commands(aid) {
			command, _ := at.name(apdu.Command{CLA: byte(n.class), INS: byte(n.ins)}, nil)
			for _, state := range n.states() {
				all = append(all, cell{command: command, state: state})
			}
		}
		command, _ := at.name(apdu.Command{INS: 0x02}, nil)
		all = append(all, cell{command: command, state: "any"})
		command, app := at.name(apdu.Command{INS: byte(wire.InsSelect)}, nil)
		all = append(all, cell{command: command, state: app})
	}
	return all
}

// write writes the table: a row for each command and state, a column for each status word.
func (t *table) write(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(out, "command\tstate\t%s\t\n", strings.Join(statusWords(), "\t"))
	for _, row := range rows() {
		fmt.Fprintf(out, "%s\t%s\t", row.command, row.state)
		for _, row.sw = range statusWords() {
			if n := t.hits[row]; n > 0 {
				fmt.Fprint(out, n)
			}
			fmt.Fprint(out, "\t")
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

// scarce returns the cells that were hit, but too seldom.
func (t *table) scarce() []cell {
	var all []cell
	for c, n := range t.hits {
		if n < leastHits {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, compareCells)
	return all
}

// unreached returns the cells that were never hit, in the table's order.
func (t *table) unreached() (all []cell) {
	for _, row := range rows() {
		for _, row.sw = range statusWords() {
			if t.hits[row] == 0 {
				all = append(all, row)
			}
		}
	}
	return all
}

func compareCells(a, b cell) int {
	return cmp.Or(strings.Compare(a.command, b.command), strings.Compare(a.state, b.state),
		strings.Compare(a.sw, b.sw))
}
