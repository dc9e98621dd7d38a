package main

import (
	"fmt"
	"strings"

	"tapbench/applet/wire"
	"tapbench/applet/wire/cardlife"
)

// cardLifeTables are the states of a card, what each command answers in them, and the states that
// the element doesn't know.
func cardLifeTables() string {
	var b strings.Builder
	for _, life := range cardlife.Lives() {
		writeLife(&b, life)
	}
	b.WriteString("\n")
	for _, o := range cardlife.Beyond() {
		_, _ = fmt.Fprintf(&b, "- %s\n", wrapAt(o.Name+": "+o.Text, "  ", 98))
	}
	b.WriteString("\n")
	return b.String()
}

// writeLife writes the tables of one kind of card.
func writeLife(b *strings.Builder, life cardlife.Life) {
	_, _ = fmt.Fprintf(b, "\nKind %02X, %v:\n", byte(life.Kind), life.Kind)
	b.WriteString("\n| state | name | slot | arming | meaning |\n|---|---|---|---|---|\n")
	for _, s := range life.States {
		_, _ = fmt.Fprintf(b, "| %c | %s | %s | %s | %s |\n", s.State, s.Name, slotName(s.Slot),
			armName(s.Arm), s.Text)
	}
	b.WriteString("\n| command |")
	for _, s := range life.States {
		_, _ = fmt.Fprintf(b, " %c |", s.State)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(life.States)) + "\n")
	for _, r := range life.Rows {
		_, _ = fmt.Fprintf(b, "| %s |", r.Name)
		for i, c := range r.Cells {
			_, _ = fmt.Fprintf(b, " %04X%s |", uint16(c.SW), next(c, life.States[i].State))
		}
		b.WriteString("\n")
	}
}

// next names the state that follows where it is another one.
func next(c cardlife.Cell, before cardlife.State) string {
	if c.Next == before {
		return ""
	}
	return fmt.Sprintf(" %c", c.Next)
}

func slotName(s wire.SlotState) string {
	return []string{"EMPTY", "REQUESTED", "READY", "SPENT"}[s]
}

func armName(a wire.ArmState) string { return []string{"none", "READY", "BOUND"}[a] }

// wrapAt breaks text into lines of at most width bytes; all but the first begin with an indent.
func wrapAt(text, indent string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(append(lines, line), "\n"+indent)
}
