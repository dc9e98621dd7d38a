package starter_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tapbench/tpm"
	"tapbench/tpm/measure"
	"tapbench/tpm/swtpm/swtpmtest"
	"tapbench/wallet/starter"
)

// machine is a phone that was switched on, with an empty list.
func machine(t *testing.T) starter.Machine {
	t.Helper()
	process := swtpmtest.StartIn(t, swtpmtest.Dir(t))
	device, err := tpm.Open(t.Context(), "unix:"+process.Socket())
	check(t, err)
	t.Cleanup(func() { _ = device.Close() })
	return starter.Machine{TPM: device, List: filepath.Join(t.TempDir(), "measurements")}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func entry(name string) measure.Entry {
	e, err := measure.Content("/"+name, strings.NewReader(name))
	if err != nil {
		panic(err) // a literal of this test's
	}
	return e
}

// wantPCRs compares PCR 10 with the list, and PCR 23 with what a start leaves.
func wantPCRs(t *testing.T, m starter.Machine, entries int, launched [32]byte) {
	t.Helper()
	list, err := m.ReadList()
	check(t, err)
	ten, err := m.TPM.ReadPCR(t.Context(), measure.DefaultPCR)
	check(t, err)
	launch, err := m.TPM.ReadPCR(t.Context(), measure.LaunchPCR)
	check(t, err)
	if list.Len() != entries || list.Replay(measure.DefaultPCR) != ten || launch != launched {
		t.Errorf("%d entries, want %d; PCR 10 explained %t; PCR 23 right %t", list.Len(), entries,
			list.Replay(measure.DefaultPCR) == ten, launch == launched)
	}
}

// TestMachine goes through one phone's life.
func TestMachine(t *testing.T) {
	m := machine(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, starter.Machine)
	}{
		{"start", testStart},
		{"a kernel's list", testKernelsList},
		{"quoting waits", testQuotingWaits},
		{"broken off", testBrokenOff},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, m) })
	}
}

// testStart starts programs one after the other: each is measured into PCR 10 once, and PCR 23 is
// the last one's.
func testStart(t *testing.T, m starter.Machine) {
	t.Helper()
	first, second := entry("first"), entry("second")
	check(t, m.Start(t.Context(), first))
	wantPCRs(t, m, 1, starter.Started(first.Digest))
	check(t, m.Start(t.Context(), second))
	check(t, m.Start(t.Context(), first))
	wantPCRs(t, m, 2, starter.Started(first.Digest))
	check(t, m.Record(t.Context(), entry("third")))
	wantPCRs(t, m, 3, starter.Started(first.Digest))
}

// testBrokenOff: the list is one entry ahead, because a starter was ended between list and PCR. The
// next one brings the PCR up. A list of another boot is refused, and stays as it is.
func testBrokenOff(t *testing.T, m starter.Machine) {
	t.Helper()
	first := entry("first")
	check(t, m.Start(t.Context(), first))
	list, err := m.ReadList()
	check(t, err)
	check(t, list.Append(entry("fourth")))
	check(t, os.WriteFile(m.List, list.Encode(), 0o600))
	check(t, m.Start(t.Context(), first))
	wantPCRs(t, m, 4, starter.Started(first.Digest))

	check(t, list.Append(entry("fifth")))
	check(t, list.Append(entry("sixth")))
	check(t, os.WriteFile(m.List, list.Encode(), 0o600))
	for name, act := range map[string]func(context.Context, measure.Entry) error{
		"start": m.Start, "record": m.Record,
	} {
		if err := act(t.Context(), first); !errors.Is(err, starter.ErrList) {
			t.Errorf("%s: got %v, want %v", name, err, starter.ErrList)
		}
	}
	check(t, os.WriteFile(m.List, []byte("no list"), 0o600))
	if err := m.Start(t.Context(), first); !errors.Is(err, starter.ErrList) {
		t.Errorf("no list: got %v, want %v", err, starter.ErrList)
	}
}

// testKernelsList: a kernel measures by itself; only PCR 23 is the starter's.
func testKernelsList(t *testing.T, m starter.Machine) {
	t.Helper()
	m.List = "/sys/kernel/security/ima/binary_runtime_measurements"
	first := entry("measured-by-the-kernel")
	ten, err := m.TPM.ReadPCR(t.Context(), measure.DefaultPCR)
	check(t, err)
	check(t, m.Start(t.Context(), first))
	now, err := m.TPM.ReadPCR(t.Context(), measure.DefaultPCR)
	check(t, err)
	launch, err := m.TPM.ReadPCR(t.Context(), measure.LaunchPCR)
	check(t, err)
	if now != ten || launch != starter.Started(first.Digest) {
		t.Errorf("PCR 10 %x, PCR 23 %x", now, launch)
	}
}

// testQuotingWaits: nobody quotes while a program is being started.
func testQuotingWaits(t *testing.T, m starter.Machine) {
	t.Helper()
	first := entry("first")
	check(t, m.Start(t.Context(), first))
	started := make(chan error, 1)
	check(t, m.Quoting(func() error {
		go func() { started <- m.Start(t.Context(), entry("second")) }()
		value, err := m.TPM.ReadPCR(t.Context(), measure.LaunchPCR)
		if value != starter.Started(first.Digest) {
			t.Errorf("PCR 23 changed under a quote: %x", value)
		}
		return err
	}))
	check(t, <-started)
	wantPCRs(t, m, 3, starter.Started(entry("second").Digest))
}

// TestExec is its own child: it gives its place to a program that was replaced after it was opened.
func TestExec(t *testing.T) {
	if path := os.Getenv("STARTER_PROGRAM"); path != "" {
		p, err := starter.Open(path)
		check(t, err)
		check(t, os.Rename(path+".other", path))
		check(t, p.Exec([]string{"echo", "the one that was measured"}, nil))
	}
	echo, err := exec.LookPath("echo")
	check(t, err)
	content, err := os.ReadFile(echo)
	check(t, err)
	path := filepath.Join(t.TempDir(), "program")
	check(t, os.WriteFile(path, content, 0o700))
	check(t, os.WriteFile(path+".other", []byte("another one"), 0o600))
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestExec$")
	child.Env = append(os.Environ(), "STARTER_PROGRAM="+path)
	out, err := child.CombinedOutput()
	if err != nil || string(out) != "the one that was measured\n" {
		t.Errorf("got %q, %v", out, err)
	}
}

// TestOpen refuses what is no file.
func TestOpen(t *testing.T) {
	if _, err := starter.Open(t.TempDir()); !errors.Is(err, measure.ErrEntry) {
		t.Errorf("a folder: got %v, want %v", err, measure.ErrEntry)
	}
	if _, err := starter.Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing: got %v, want %v", err, os.ErrNotExist)
	}
}
