package jcardsim_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/jcardsim"
	"tapbench/pcsc"
)

const (
	root      = "../.."
	simulator = root + "/build/m2/com/klinec/jcardsim/3.0.6.0/jcardsim-3.0.6.0.jar"
	sources   = root + "/applet/javacard/src"
)

// needJava skips where there is no Java compiler, or not every one of these libraries.
func needJava(t testing.TB, jars ...string) {
	t.Helper()
	_, err := exec.LookPath("javac")
	for _, jar := range jars {
		if err == nil {
			_, err = os.Stat(jar)
		}
	}
	switch {
	case err == nil:
	case os.Getenv("TAPBENCH_REQUIRE") == "all":
		t.Fatal(err)
	default:
		t.Skipf("light path: Java or a library isn't there, run scripts/java.sh: %v", err)
	}
}

// compile returns the classpath of the applet and the bridge, compiled to a temporary folder.
func compile(t testing.TB) string {
	t.Helper()
	needJava(t, simulator)
	classes := t.TempDir()
	applet, err := filepath.Glob(sources + "/main/java/tapbench/*.java")
	if err != nil || len(applet) == 0 {
		t.Fatalf("no applet in %s: %v", sources, err)
	}
	tests := sources + "/test/java/tapbench/"
	arguments := append([]string{"-nowarn", "-proc:none", "-cp", simulator, "-d", classes},
		append(applet, tests+"Bridge.java", tests+"Installed.java", tests+"KeySource.java")...)
	out, err := exec.CommandContext(t.Context(), "javac", arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("compiling the applet: %v\n%s", err, out)
	}
	return classes + ":" + simulator
}

// TestConformance runs what the suite has for an element without tokens, on cards in one machine.
func TestConformance(t *testing.T) {
	ctx := context.WithoutCancel(t.Context()) // the machine ends after the test's context
	machine, err := jcardsim.Start(ctx, jcardsim.Config{Classpath: compile(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := machine.Close(); err != nil {
			t.Error(err)
		}
	})
	applettest.RunOnline(t, applettest.Backend{
		Name: "jcardsim",
		Open: func(t testing.TB) pcsc.Card {
			t.Helper()
			card, err := machine.New()
			if err != nil {
				t.Fatal(err)
			}
			return pcsc.NewDirect(card)
		},
		Caps: applettest.Caps{NoExtended: true, Slow: true},
	})
}
