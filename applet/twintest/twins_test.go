package twintest

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/signal"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
)

var (
	commandsFlag = flag.Int("twins.commands", 100_000, "answer so many commands at least")
	seedFlag     = flag.Uint64("twins.seed", 1, "choose cases by another chance")
	tableFlag    = flag.String("twins.table", "", "write the table to this file")
	foundFlag    = flag.String("twins.found", "", "write a dialogue in which they differ to this file")
)

// explored is how many cases are tried on the emulator alone at most, in search of cells.
const explored = 20_000

// TestTwins asks both twins the same, and fails with the shortest dialogue in which they differ.
func TestTwins(t *testing.T) {
	c := record(t, *seedFlag)
	f := &fuzzer{corpus: c, machine: recorded(t, ""), seed: *seedFlag, table: newTable()}
	if soak := os.Getenv("TAPBENCH_SOAK"); soak != "" {
		f.soak(t, soak)
		return
	}
	start := time.Now()
	f.must(t, f.fuzz(*commandsFlag/5))
	t.Logf("%d commands in %v", f.commands, time.Since(start))
	all := reasons(t)
	found, err := f.explore(all, explored)
	f.must(t, err)
	t.Logf("%d more cells after %v", len(found), time.Since(start))
	for _, e := range found {
		f.must(t, f.run(&e))
	}
	for len(f.table.scarce()) > 0 {
		f.must(t, f.topUp())
	}
	f.must(t, f.fuzz(*commandsFlag))
	t.Logf("%d commands in %v", f.commands, time.Since(start))
	var text bytes.Buffer
	if err := f.table.write(&text); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", text.Bytes())
	if *tableFlag != "" {
		if err := os.WriteFile(*tableFlag, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, fault := range faults(all, f.table) {
		t.Error("testdata/unreached.txt:", fault)
	}
}

// soak runs cases for so long, or until it is interrupted, by a chance of its own.
func (f *fuzzer) soak(t *testing.T, length string) {
	t.Helper()
	duration, err := time.ParseDuration(length)
	if err != nil {
		t.Fatal(err)
	}
	f.seed = uint64(time.Now().UnixNano())
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	defer stop()
	for start := time.Now(); time.Since(start) < duration && ctx.Err() == nil; {
		if err := f.fuzz(f.commands + 1000); ctx.Err() == nil { // else Java was interrupted, too
			f.must(t, err)
		}
	}
	t.Logf("%d commands, the twins answer alike", f.commands)
}

// reasons reads why cells aren't reached.
func reasons(t *testing.T) []reason {
	t.Helper()
	file, err := os.Open("testdata/unreached.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := readReasons(file)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// recorded starts a machine with the applet as it is, or with classes that come before it.
func recorded(t *testing.T, before string) *jcardsim.Machine {
	t.Helper()
	cfg, err := jcardsim.Recorded(jcardsimtest.Folder(t))
	if err != nil {
		t.Fatal(err)
	}
	if before != "" {
		cfg.Classpath = before + string(filepath.ListSeparator) + cfg.Classpath
	}
	return jcardsimtest.Start(t, cfg)
}

// must fails the test for an error, with the shortest dialogue if the twins differ.
func (f *fuzzer) must(t *testing.T, err error) {
	t.Helper()
	var found *FoundError
	if !errors.As(err, &found) {
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	steps, difference, err := shortest(f.machine, found)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := writeVector(&text, steps, difference.Error()); err != nil {
		t.Fatal(err)
	}
	t.Errorf("the twins differ: %v\n%s", difference, text.Bytes())
	name := *foundFlag
	if name == "" {
		name = filepath.Join(t.ArtifactDir(), "found.apdu")
	}
	if err := os.WriteFile(name, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Fatalf("it is in %s; again: go test ./applet/twintest -run TestVectors -twins.vector %[1]s", name)
}
