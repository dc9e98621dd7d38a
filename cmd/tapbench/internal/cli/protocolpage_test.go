package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tapbench/backend/bank"
	"tapbench/backend/tsm"
)

// TestJoins holds the table of joins in docs/claims.md to the columns that banks and TSM have.
func TestJoins(t *testing.T) {
	page := readPage(t, "docs", "claims.md")
	store := readPage(t, "backend", "store", "schema.sql")
	schemas := map[string]string{
		"bank": store + strings.Join(bank.Migrations(), "\n"),
		"tsm":  store + strings.Join(tsm.Migrations(), "\n"),
	}
	_, section, _ := strings.Cut(page, "\n## Joins\n")
	section, _, _ = strings.Cut(section, "\n## ")
	named := regexp.MustCompile(`^(bank|tsm) (\w+)\.(\w+)$`)
	rows := 0
	for _, line := range strings.Split(section, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || strings.HasPrefix(line, "|-") || claimID(line) == "one party" {
			continue
		}
		rows++
		for _, cell := range cells[1:3] {
			match := named.FindStringSubmatch(strings.TrimSpace(cell))
			if match == nil {
				continue // a merchant's files have no columns
			}
			if !hasColumn(schemas[match[1]], match[2], match[3]) {
				t.Errorf("docs/claims.md: no column %s", strings.TrimSpace(cell))
			}
		}
	}
	if rows == 0 {
		t.Error("docs/claims.md lists no joins")
	}
}

// hasColumn says whether a schema gives a table a column.
func hasColumn(schema, table, column string) bool {
	made := regexp.MustCompile(`(?s)CREATE TABLE ` + table + ` \(.*?\n\)`).FindString(schema)
	added := `ALTER TABLE ` + table + ` ADD COLUMN ` + column + `\b`
	return regexp.MustCompile(`\n\s*`+column+`\s`).MatchString(made) ||
		regexp.MustCompile(added).MatchString(schema)
}

// TestProtocolPage: docs/protocol.md names message types that the registry has.
func TestProtocolPage(t *testing.T) {
	page := readPage(t, "docs", "protocol.md")
	types := readPage(t, "testdata", "models", "wire.pvl")
	named := regexp.MustCompile("`((?:Msg|Sig|Cert|Key)[A-Z]\\w*)`")
	names := named.FindAllStringSubmatch(page, -1)
	if len(names) < 10 {
		t.Errorf("docs/protocol.md names %d message types", len(names))
	}
	for _, name := range names {
		if !strings.Contains(types, "const "+name[1]+": tag") {
			t.Errorf("docs/protocol.md: no message type %s", name[1])
		}
	}
}

// TestProtocolPageIsWhole: docs/protocol.md names each type of a signature that the registry has,
// each code by which a server refuses, and no decision that isn't there.
func TestProtocolPageIsWhole(t *testing.T) {
	page := readPage(t, "docs", "protocol.md")
	types := readPage(t, "testdata", "models", "wire.pvl")
	for _, m := range regexp.MustCompile(`const (Sig\w+): tag`).FindAllStringSubmatch(types, -1) {
		if !strings.Contains(page, "`"+m[1]+"`") {
			t.Errorf("docs/protocol.md: who signs %s isn't said", m[1])
		}
	}
	codes := readPage(t, "backend", "api", "problem.go")
	for _, m := range regexp.MustCompile(`Code = "([^"]+)"`).FindAllStringSubmatch(codes, -1) {
		if !strings.Contains(page, "`"+m[1]+"`") {
			t.Errorf("docs/protocol.md: servers refuse by %s, too", m[1])
		}
	}
	_, decided, _ := strings.Cut(page, "\n### What was decided on the way\n")
	decided, _, _ = strings.Cut(decided, "\n## ")
	rows := regexp.MustCompile(`\| (\w+) (\d+) \|\n`).FindAllStringSubmatch(decided, -1)
	if len(rows) != strings.Count(decided, "\n| ")-1 {
		t.Errorf("docs/protocol.md: a decision names no room and entry: %d do", len(rows))
	}
	for _, m := range rows {
		if !strings.Contains(readPage(t, m[1], "DECISIONS.md"), "\n## "+m[2]+". ") {
			t.Errorf("docs/protocol.md: %s/DECISIONS.md has no entry %s", m[1], m[2])
		}
	}
}

// readPage reads a file of the repository.
func readPage(t *testing.T, path ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(append([]string{repository}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
