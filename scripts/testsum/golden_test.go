package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what the command prints into the golden files")

// TestRecordedRuns reads recorded streams. A file's name begins with what the command must make of
// it, "fails" or "passes"; its parts are the arguments, the list of allowed skips, the events and
// what the command must print.
func TestRecordedRuns(t *testing.T) {
	for _, verdict := range []string{"fails", "passes"} {
		names, err := filepath.Glob("testdata/" + verdict + "-*.txtar")
		if err != nil || len(names) == 0 {
			t.Fatalf("got no recorded run that %s (%v)", verdict, err)
		}
		for _, name := range names {
			t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
				testRecordedRun(t, name, verdict == "passes")
			})
		}
	}
}

func testRecordedRun(t *testing.T, name string, passes bool) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range archive.Files {
		parts[f.Name] = string(f.Data)
	}
	dir := t.TempDir()
	for _, part := range []string{"skips", "events"} {
		write(t, filepath.Join(dir, part), parts[part])
	}
	args := append(strings.Fields(parts["args"]),
		"-allow", filepath.Join(dir, "skips"), "-read", filepath.Join(dir, "events"))
	var stdout, stderr strings.Builder
	code := run(t.Context(), args, &stdout, &stderr)

	if (code == 0) != passes || code > 1 || stderr.String() != "" {
		t.Errorf("got exit code %d and %q on stderr", code, stderr.String())
	}
	if *update {
		if os.Getenv("CI") != "" {
			t.Fatal("golden files are not written in CI")
		}
		archive.Files[len(archive.Files)-1].Data = []byte(stdout.String())
		write(t, name, string(txtar.Format(archive)))
		return
	}
	if diff := cmp.Diff(parts["want"], stdout.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", strings.TrimSpace(string(archive.Comment)), diff)
	}
}

// write writes a file.
func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
