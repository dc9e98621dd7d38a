package twintest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tapbench/applet/jcardsim/jcardsimtest"
)

// enough is how many commands are far more than it takes to find a bug.
const enough = 1_000_000

// TestPlanted has the fuzzer find bugs that are planted into the applet, and make their dialogues
// as short as they get.
func TestPlanted(t *testing.T) {
	folder := jcardsimtest.Folder(t)
	c := record(t, 1)
	for _, row := range []struct {
		name, class, right, wrong string
		steps                     int // of the shortest dialogue at most
	}{
		{
			"a state isn't checked", "UserCommands",
			"bank[BankSlot.STATE] != Wire.ACCOUNT_OPEN", "bank[BankSlot.STATE] == Wire.ACCOUNT_EMPTY", 12,
		},
		{
			"a limit is off by one", "TokenCommands",
			"(short) (units & 0xFF) > Wire.TOKEN_UNITS",
			"(short) (units & 0xFF) > (short) (Wire.TOKEN_UNITS + 1)", 26,
		},
		{
			"a field isn't cleared", "UserCommands",
			"if (before != Wire.ACCOUNT_EMPTY) {", "if (before == Wire.ACCOUNT_CLOSED) {", 14,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			machine := recorded(t, plant(t, folder, row.class, row.right, row.wrong))
			f := &fuzzer{corpus: c, machine: machine, seed: 1, table: newTable()}
			err := f.fuzz(enough)
			var found *FoundError
			if !errors.As(err, &found) {
				t.Fatalf("not found with %d commands: %v", f.commands, err)
			}
			steps, difference, err := shortest(machine, found)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("found after %d commands, %d steps made of %d: %v", f.commands, len(steps),
				found.seedling.from+len(found.steps), difference)
			if len(steps) > row.steps {
				t.Errorf("%d steps, want at most %d", len(steps), row.steps)
			}
			wantVector(t, steps, difference)
		})
	}
}

// wantVector checks that a dialogue can be written, and be had again.
func wantVector(t *testing.T, steps []Step, difference *DifferenceError) {
	t.Helper()
	var text bytes.Buffer
	if err := writeVector(&text, steps, difference.Error()); err != nil {
		t.Fatal(err)
	}
	again, answers, err := readVector(&text)
	if err != nil {
		t.Fatal(err)
	}
	if len(again) != len(steps) || !bytes.Equal(answers[len(answers)-1], difference.Emulator) {
		t.Errorf("the vector has %d steps and ends in %X, want %d and %X", len(again),
			answers[len(answers)-1], len(steps), difference.Emulator)
	}
}

// plant compiles one class of the applet with a change into a folder of its own.
func plant(t *testing.T, built, class, right, wrong string) string {
	t.Helper()
	const sources = "../javacard/src/main/java/tapbench"
	source, err := os.ReadFile(filepath.Join(sources, class+".java"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), right); n != 1 {
		t.Fatalf("%s has %d times %q, want 1: plant another bug", class, n, right)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, class+".java")
	changed := strings.Replace(string(source), right, wrong, 1)
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	libraries, err := filepath.Glob(filepath.Join(built, "lib", "*.jar"))
	if err != nil {
		t.Fatal(err)
	}
	path := append([]string{filepath.Join(built, "applet")}, libraries...)
	out, err := exec.CommandContext(t.Context(), "javac", "-J-XX:TieredStopAtLevel=1",
		"-J-XX:-UsePerfData", "-nowarn", "-proc:none",
		"-cp", strings.Join(path, string(filepath.ListSeparator)), "-d", dir, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}
