package acquirer

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const vectorFolder = "../../testdata/vectors/acquirer"

var update = flag.Bool("update", false, "write the vectors and the tables of the documents anew")

func mayUpdate(t *testing.T) {
	t.Helper()
	if *update && os.Getenv("CI") != "" {
		t.Fatal("-update is for people: in CI the files stay as they are")
	}
}

// vector returns a message as its file has it: lines of 32 bytes in hexadecimal, an empty line, and
// the message in words.
func vector(raw []byte) (string, error) {
	words, err := Describe(raw)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	digits := hex.EncodeToString(raw)
	for len(digits) > 0 {
		n := min(64, len(digits))
		b.WriteString(digits[:n] + "\n")
		digits = digits[n:]
	}
	return b.String() + "\n" + words, nil
}

// One file a message type: the bytes, which anybody's implementation can be held against, and what
// they say.
func TestVectors(t *testing.T) {
	mayUpdate(t)
	names := make(map[string]bool)
	for _, s := range samples(t) {
		t.Run(s.mti, func(t *testing.T) {
			m, err := s.build()
			if err != nil {
				t.Fatal(err)
			}
			raw, err := m.pack()
			if err != nil {
				t.Fatal(err)
			}
			got, err := vector(raw)
			if err != nil {
				t.Fatal(err)
			}
			name := s.mti + ".txt"
			names[name] = true
			path := filepath.Join(vectorFolder, name)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", name, diff)
			}
			checkRecorded(t, s, string(want))
		})
	}
	if len(names) != len(messageTable()) {
		t.Errorf("%d messages have a sample, %d are in use", len(names), len(messageTable()))
	}
	entries, err := os.ReadDir(vectorFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !names[entry.Name()] {
			t.Errorf("nobody made %s", entry.Name())
		}
	}
}

// checkRecorded reads the recorded bytes as a receiver does.
func checkRecorded(t *testing.T, s sample, text string) {
	t.Helper()
	digits, _, _ := strings.Cut(text, "\n\n")
	raw, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(digits), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	m, err := unpack(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.read(m); err != nil {
		t.Errorf("reading the recorded message: %v", err)
	}
	if bytes.Contains([]byte(text[len(digits):]), []byte(canary[4:15])) {
		t.Error("the words show the PAN")
	}
}

// The tables of docs/acquirer.md and of the package's documentation are those that the code has.
func TestDocumentedTables(t *testing.T) {
	mayUpdate(t)
	for _, test := range []struct{ path, name, table string }{
		{"../../docs/acquirer.md", "fields", markdownFields()},
		{"../../docs/acquirer.md", "codes", markdownCodes()},
	} {
		begin, end := "<!-- "+test.name+" -->\n", "<!-- end -->"
		raw, err := os.ReadFile(test.path)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, ok := strings.Cut(string(raw), begin)
		got, tail, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Fatalf("%s has no table %s", test.path, test.name)
		}
		if *update {
			text := head + begin + test.table + end + tail
			if err := os.WriteFile(test.path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(test.table, got); diff != "" {
			t.Errorf("%s, table %s differs (-want +got), run with -update:\n%s", test.path, test.name,
				diff)
		}
	}
}

func markdownFields() string {
	var b strings.Builder
	b.WriteString("| field | name | form |")
	rule := "|---:|---|---|"
	for _, m := range messageTable() {
		b.WriteString(" " + m.mti + " |")
		rule += ":-:|"
	}
	b.WriteString("\n" + rule + "\n")
	for _, f := range fieldTable() {
		fmt.Fprintf(&b, "| %d | %s | %s |", f.id, f.name, f.form())
		for _, m := range messageTable() {
			b.WriteString(" " + mark(m, f.id) + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// mark returns M for a mandatory field, o for an optional one, and a space for one without a place.
func mark(m messageRow, id int) string {
	for _, is := range m.mandatory {
		if is == id {
			return "M"
		}
	}
	if m.has(id) {
		return "o"
	}
	return " "
}

func markdownCodes() string {
	var b strings.Builder
	b.WriteString("| code | on the receipt | what makes the TSM answer so |\n|---|---|---|\n")
	for _, row := range Codes() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", string(row.Code), row.Text, row.Reasons)
	}
	return b.String()
}
