package main

import (
	"fmt"
	"strings"

	"tapbench/applet/derived"
)

// fillTables replaces what stands between the marks.
func fillTables(text string, groups []group) (string, error) {
	for _, t := range []struct{ name, table string }{
		{"life of a card", cardLifeTables()},
		{"commands", commandTable(groups)},
		{"status words", table(groups, "SW", "status word", "0x%04X")},
		{"message types", table(groups, "MessageType", "message type", "0x%02X")},
		{"lengths", table(groups, "", "length or count", "%d")},
	} {
		var err error
		if text, err = derived.Fill(text, t.name, t.table); err != nil {
			return "", err
		}
	}
	return text, nil
}

// table lists all constants of one kind.
func table(groups []group, kind, title, format string) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "\n| %s | name | meaning |\n|---|---|---|\n", title)
	for _, g := range groups {
		for _, c := range g.constants {
			if c.kind == kind && !c.isText() {
				row(&b, fmt.Sprintf(format, c.value), c)
			}
		}
	}
	b.WriteString("\n")
	return b.String()
}

// commandTable lists the instructions with the class that their group names.
func commandTable(groups []group) string {
	var b strings.Builder
	b.WriteString("\n| CLA INS | name | meaning |\n|---|---|---|\n")
	for _, g := range groups {
		class := "80"
		if strings.HasPrefix(g.doc, "Interindustry") {
			class = "00"
		}
		for _, c := range g.constants {
			if c.kind == "INS" {
				row(&b, fmt.Sprintf("%s %02X", class, c.value), c)
			}
		}
	}
	b.WriteString("\n")
	return b.String()
}

func row(b *strings.Builder, value string, c registered) {
	meaning := strings.TrimPrefix(c.doc, c.name)
	meaning = strings.TrimPrefix(strings.TrimPrefix(meaning, ":"), " is")
	_, _ = fmt.Fprintf(b, "| %s | %s | %s |\n", value, c.name,
		strings.ReplaceAll(strings.TrimSpace(meaning), "|", "\\|"))
}
