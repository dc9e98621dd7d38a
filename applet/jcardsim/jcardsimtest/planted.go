package jcardsimtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Planted compiles the applet with a bug planted into one of its sources, named below the first
// package's folder, such as "emv/Risk.java": the first of each two texts, which must be there once,
// is replaced by the second. It returns a folder as [Folder] does, which lasts as long as the test.
// The sources stay as they are; only this one is compiled, so that a constant that others have
// taken from it keeps its value there.
func Planted(t testing.TB, file string, replace ...string) string {
	t.Helper()
	built := Folder(t)
	source := filepath.Join(repository(t), "applet/javacard/src/main/java/tapbench", file)
	raw, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for i := 0; i+1 < len(replace); i += 2 {
		if n := strings.Count(text, replace[i]); n != 1 {
			t.Fatalf("%s: what the bug replaces is there %d times, not once:\n%s", file, n, replace[i])
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	folder, patched := t.TempDir(), filepath.Join(t.TempDir(), filepath.Base(file))
	err = os.WriteFile(patched, []byte(text), 0o600) //nolint:gosec // named by the caller
	if err != nil {
		t.Fatal(err)
	}
	classes := filepath.Join(folder, "applet")
	if err := os.CopyFS(classes, os.DirFS(filepath.Join(built, "applet"))); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"bridge", "lib", "agent.jar"} {
		if err := os.Symlink(filepath.Join(built, part), filepath.Join(folder, part)); err != nil {
			t.Fatal(err)
		}
	}
	libraries := filepath.Join(built, "lib", "*")
	out, err := exec.CommandContext(t.Context(), "javac", "-J-XX:TieredStopAtLevel=1",
		"-J-XX:-UsePerfData", "-nowarn", "-proc:none", "-cp",
		classes+string(filepath.ListSeparator)+libraries, "-d", classes, patched).CombinedOutput()
	if err != nil {
		t.Fatalf("compiling the planted bug: %v\n%s", err, out)
	}
	return folder
}
