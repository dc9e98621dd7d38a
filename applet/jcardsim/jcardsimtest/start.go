package jcardsimtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"tapbench/applet/jcardsim"
)

// Folder compiles the applet where its sources have changed and returns the folder that holds it.
// Without a JDK or the libraries it skips the test, or fails it if all backends are required.
func Folder(t testing.TB) string {
	t.Helper()
	root := repository(t)
	if _, err := exec.LookPath("javac"); err != nil {
		missing(t, err)
	}
	const library = "build/m2/com/klinec/jcardsim"
	if _, err := os.Stat(filepath.Join(root, library)); err != nil {
		missing(t, err)
	}
	look(t, filepath.Join(root, "applet", "javacard"))
	script := filepath.Join(root, "scripts", "applet.sh")
	out, err := exec.CommandContext(t.Context(), script).CombinedOutput()
	if err != nil {
		t.Fatalf("compiling the applet: %v\n%s", err, out)
	}
	return filepath.Join(root, "build", "applet")
}

// look looks at all sources, so that `go test` runs a test again when one of them has changed: it
// remembers which files a test looks at, but not those that a script reads.
func look(t testing.TB, sources string) {
	t.Helper()
	err := filepath.WalkDir(sources, func(path string, entry os.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".java" {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// repository returns the folder of go.mod, above the test's.
func repository(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the test's folder")
	return ""
}

func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("TAPBENCH_REQUIRE") == "all" {
		t.Fatal(err)
	}
	t.Skipf("light path: Java or a library isn't there, run scripts/java.sh: %v", err)
}

// Start starts a machine, which ends with the test.
func Start(t testing.TB, cfg jcardsim.Config) *jcardsim.Machine {
	t.Helper()
	machine, err := jcardsim.Start(context.WithoutCancel(t.Context()), cfg) // ends after the context
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := machine.Close(); err != nil {
			t.Error(err)
		}
	})
	return machine
}

// Machine starts a machine with the applet as it is.
func Machine(t testing.TB) *jcardsim.Machine {
	t.Helper()
	cfg, err := jcardsim.Built(Folder(t))
	if err != nil {
		t.Fatal(err)
	}
	return Start(t, cfg)
}
