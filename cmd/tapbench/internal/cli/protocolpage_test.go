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
	page, err := os.ReadFile(filepath.Join(repository, "docs", "claims.md"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := os.ReadFile(filepath.Join(repository, "backend", "store", "schema.sql"))
	if err != nil {
		t.Fatal(err)
	}
	schemas := map[string]string{
		"bank": string(store) + strings.Join(bank.Migrations(), "\n"),
		"tsm":  string(store) + strings.Join(tsm.Migrations(), "\n"),
	}
	_, section, _ := strings.Cut(string(page), "\n## Joins\n")
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
	page, err := os.ReadFile(filepath.Join(repository, "docs", "protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	types, err := os.ReadFile(filepath.Join(repository, "testdata", "models", "wire.pvl"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`((?:Msg|Sig|Cert|Key)[A-Z]\\w*)`")
	names := named.FindAllStringSubmatch(string(page), -1)
	if len(names) < 10 {
		t.Errorf("docs/protocol.md names %d message types", len(names))
	}
	for _, name := range names {
		if !strings.Contains(string(types), "const "+name[1]+": tag") {
			t.Errorf("docs/protocol.md: no message type %s", name[1])
		}
	}
}
