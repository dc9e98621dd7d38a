package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maven makes a folder of Java tests with the result of an earlier run in it, and a program in the
// place of Maven that leaves the given result and exits with the given code.
func maven(t *testing.T, result, code string) []string {
	t.Helper()
	root := t.TempDir()
	results := filepath.Join(root, "target", "surefire-reports")
	if err := os.MkdirAll(results, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(results, "TEST-old.xml"), "what an earlier run left")
	script := "#!/bin/sh\nset -eu\n[ \"$*\" = '-o test' ]\necho built with trouble\n"
	if result != "" {
		script += "cat >'" + results + "/TEST-new.xml' <<'END'\n" + result + "\nEND\n"
	}
	program := filepath.Join(root, "mvn")
	write(t, program, script+"exit "+code+"\n")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	return append(noSkips(t), "-java", root, "-maven", program)
}

func TestJavaTests(t *testing.T) {
	suite := func(cases string) string {
		return `<?xml version="1.0" encoding="UTF-8"?><testsuite name="a.WireTest" time="1.5">` +
			cases + `</testsuite>`
	}
	const passing = `<testcase name="opens" classname="a.WireTest" time="0.1"/>`
	for name, c := range map[string]struct {
		result, exit string
		code         int
		want         string
	}{
		"a build that breaks": {
			"", "1", 1, "      built with trouble\nFAIL  running the Java tests: exit status 1",
		},
		"a build without a test": {"", "0", 1, "FAIL  no Java test ran in "},
		"a build that breaks after passing tests": {
			suite(passing), "1", 1, "FAIL  running the Java tests: exit status 1",
		},
		"a result that isn't one": {
			"<testsuite", "0", 1, "FAIL  reading Java results of TEST-new.xml",
		},
		"a failure": {
			suite(`<testcase name="opens" classname="a.WireTest">` +
				`<failure message="want 9000">at a.WireTest</failure></testcase>`), "1", 1,
			"FAIL  a.WireTest opens\n      want 9000\n      at a.WireTest\n\nfailed:\n" +
				"  a.WireTest opens\n\n0 passed, 1 failed, 0 skipped\n",
		},
		"an error": {
			suite(passing + `<testcase name="signs" classname="a.WireTest">` +
				`<error type="E">trace</error></testcase>`), "1", 1,
			"1 passed, 1 failed, 0 skipped\n",
		},
		"a skip": {
			suite(`<testcase name="signs" classname="a.WireTest"><skipped/></testcase>`), "0", 1,
			"FAIL  a.WireTest signs: no reason given (this skip isn't allowed)",
		},
		"a run without trouble": {
			suite(passing), "0", 0,
			"ok    a.WireTest  1.50s  1 passed\n\n1 passed, 0 failed, 0 skipped\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			output, code := sum(t.Context(), t, maven(t, c.result, c.exit)...)
			if code != c.code || !strings.Contains(output, c.want) {
				t.Errorf("got exit code %d, want %d and %q in\n%s", code, c.code, c.want, output)
			}
		})
	}
}

// TestJavaModules checks that a module's results count, and that its old ones don't.
func TestJavaModules(t *testing.T) {
	root := t.TempDir()
	results := filepath.Join(root, "module", "target", "surefire-reports")
	if err := os.MkdirAll(results, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(results, "TEST-old.xml"), "what an earlier run left")
	program := filepath.Join(root, "mvn")
	write(t, program, "#!/bin/sh\ncat >'"+results+"/TEST-new.xml' <<'END'\n"+
		`<testsuite name="m.StoreTest" time="1.5"><testcase name="tears" classname="m.StoreTest"/>`+
		"</testsuite>\nEND\n")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	output, code := sum(t.Context(), t, append(noSkips(t), "-java", root, "-maven", program)...)
	const want = "ok    m.StoreTest  1.50s  1 passed\n\n1 passed, 0 failed, 0 skipped\n"
	if code != 0 || !strings.Contains(output, want) {
		t.Errorf("got exit code %d, want 0 and %q in\n%s", code, want, output)
	}
}
