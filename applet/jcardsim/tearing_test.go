package jcardsim_test

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/jcardsim"
	"tapbench/pcsc"
)

const (
	asm   = root + "/build/m2/org/ow2/asm/asm/9.7.1/asm-9.7.1.jar"
	agent = root + "/applet/javacard/tearing/src/main/java/tearing"
)

// TestTornStages cuts every command of the way to the last stage before each of its stores. The
// Java side compares the state; a difference ends the machine, and what it said is printed.
func TestTornStages(t *testing.T) {
	cfg := compileTorn(t)
	var log bytes.Buffer
	cfg.Log = &log
	machine, err := jcardsim.Start(context.WithoutCancel(t.Context()), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := machine.Close(); err != nil {
			t.Errorf("%v\n%s", err, log.String())
		}
		const least = 50
		cuts := regexp.MustCompile(`(?m)^cuts: (\d+)$`).FindSubmatch(log.Bytes())
		if cuts == nil {
			t.Fatalf("no cut was counted:\n%s", log.String())
		}
		if n, err := strconv.Atoi(string(cuts[1])); err != nil || n < least {
			t.Errorf("%s cuts, want at least %d", cuts[1], least)
		}
		t.Logf("%s cuts", cuts[1])
	})
	card, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	connection := pcsc.NewDirect(card)
	t.Cleanup(func() {
		if err := connection.Close(); err != nil {
			t.Error(err)
		}
		<-connection.Done()
	})
	applettest.NewHost(t, connection).Advance(applettest.Armed)
}

// compileTorn compiles the applet to a folder of its own, because the agent must rewrite it alone.
func compileTorn(t *testing.T) jcardsim.Config {
	t.Helper()
	needJava(t, simulator, asm)
	dir := t.TempDir()
	applet, others := filepath.Join(dir, "applet"), filepath.Join(dir, "others")
	java := sources + "/test/java/tapbench/"
	javac(t, applet, simulator, sources+"/main/java/tapbench/*.java")
	javac(t, others, applet+":"+asm+":"+simulator, agent+"/*.java", java+"Bridge.java",
		java+"Installed.java", java+"KeySource.java", java+"State.java", java+"TornCard.java")
	jar := filepath.Join(dir, "agent.jar")
	if err := os.WriteFile(jar, agentJar(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return jcardsim.Config{
		Classpath: applet + ":" + others + ":" + asm + ":" + simulator,
		Main:      "tapbench.TornCard",
		Options:   []string{"-javaagent:" + jar + "=tapbench;from=/applet"},
	}
}

// javac compiles the sources that match the patterns.
func javac(t *testing.T, to, classpath string, patterns ...string) {
	t.Helper()
	arguments := []string{
		"-J-XX:TieredStopAtLevel=1", "-nowarn", "-proc:none", "-cp", classpath, "-d", to,
	}
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no source at %s: %v", pattern, err)
		}
		arguments = append(arguments, found...)
	}
	out, err := exec.CommandContext(t.Context(), "javac", arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("compiling for %s: %v\n%s", to, err, out)
	}
}

// agentJar returns a jar that says which class is the agent; the class itself is on the classpath.
func agentJar(t *testing.T) []byte {
	t.Helper()
	var jar bytes.Buffer
	w := zip.NewWriter(&jar)
	manifest, err := w.Create("META-INF/MANIFEST.MF")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := manifest.Write([]byte("Premain-Class: tearing.Agent\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return jar.Bytes()
}
