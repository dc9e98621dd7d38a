package swtpm_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"

	"tapbench/tpm/channel"
	"tapbench/tpm/swtpm"
	"tapbench/tpm/swtpm/swtpmtest"
)

func TestStart(t *testing.T) {
	dir := filepath.Join(swtpmtest.Dir(t), "my tpm")
	p, err := swtpm.Start(t.Context(), swtpm.Config{Dir: dir, Temporary: true})
	swtpmtest.Require(t, err)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop() //nolint:errcheck // checked below

	t.Run("answers", func(t *testing.T) { askCommand(t, p) })
	t.Run("lets a second client wait", func(t *testing.T) { askTwice(t, p) })
	t.Run("shows itself to tpm2-tools", func(t *testing.T) { askTools(t, p) })
	t.Run("has its maker's certificates", func(t *testing.T) {
		file, roots, err := p.EKRoots()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range roots.Certificates {
			names = append(names, c.Subject.CommonName)
		}
		want := []string{"swtpm-localca-rootca", "swtpm-localca"}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	})
	t.Run("isn't started twice", func(t *testing.T) {
		_, err := swtpm.Start(t.Context(), swtpm.Config{Dir: dir})
		if !errors.Is(err, swtpm.ErrInUse) {
			t.Errorf("got %v, want ErrInUse", err)
		}
	})
	t.Run("keeps to its folder", func(t *testing.T) {
		if entries := list(t, filepath.Join(dir, "device")); len(entries) != 4 {
			t.Errorf("got %v", entries)
		}
	})
	t.Run("stops and leaves nothing", func(t *testing.T) { stopTwice(t, p, dir) })
}

func TestStart_again(t *testing.T) {
	dir := swtpmtest.Dir(t)
	p := swtpmtest.StartIn(t, dir)
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"device"}, list(t, dir)); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	// What an interrupted manufacture and a killed swtpm leave behind is cleared.
	for _, name := range []string{"tpm.sock", "tpm.sock.ctrl", "device.new"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	begun := time.Now()
	again := swtpmtest.StartIn(t, dir)
	t.Logf("started again in %v", time.Since(begun))
	if err := again.Stop(); err != nil {
		t.Fatal(err)
	}
}

func TestProcess_dies(t *testing.T) {
	p := swtpmtest.Start(t)
	ch, err := p.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer ch.Close()
	if _, err := manufacturer(ch); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if _, err := manufacturer(ch); !errors.Is(err, channel.ErrGone) {
		t.Errorf("a later command: got %v, want ErrGone", err)
	}
	_, err = p.Open(t.Context())
	for _, want := range []error{swtpm.ErrDied, channel.ErrGone} {
		if !errors.Is(err, want) {
			t.Errorf("opening: got %v, want %v", err, want)
		}
	}
	if err := p.Err(); err == nil || !strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("got %v, want the signal named", err)
	}
	if err := p.Stop(); !errors.Is(err, swtpm.ErrDied) {
		t.Errorf("stopping: got %v, want ErrDied", err)
	}
}

// TestStart_fails makes each step of Start go wrong. Afterwards the folder is as it was, and no
// process is left.
func TestStart_fails(t *testing.T) {
	bin := t.TempDir()
	script := func(name, body string) string {
		path := filepath.Join(bin, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pids := filepath.Join(bin, "pids")
	note := "echo $$ >> " + pids + "\n"
	ok := script("ok", "exit 0")
	// made pretends to be swtpm_setup: it leaves a CA's certificates where localca.conf wants them.
	made := script("made", `conf=$(dirname "$3"); cp `+testRoots(t, bin)+` "$conf/../ca/"`)
	hang := script("hang", note+"exec sleep 60")
	for _, row := range []struct {
		name     string
		programs swtpm.Programs
		dir      string // beneath the test's folder, unless absolute
		want     error
	}{
		{"no swtpm", swtpm.Programs{SWTPM: "/none", Setup: ok, LocalCA: ok}, "d", swtpm.ErrMissing},
		{
			"no swtpm_setup",
			swtpm.Programs{SWTPM: ok, Setup: "/none", LocalCA: ok},
			"d",
			swtpm.ErrMissing,
		},
		{
			"no swtpm_localca",
			swtpm.Programs{SWTPM: ok, Setup: ok, LocalCA: "/none"},
			"d",
			swtpm.ErrMissing,
		},
		{
			"a path too long",
			swtpm.Programs{SWTPM: ok, Setup: ok, LocalCA: ok},
			strings.Repeat("x", 100), swtpm.ErrDir,
		},
		{
			"a comma in the path",
			swtpm.Programs{SWTPM: ok, Setup: ok, LocalCA: ok},
			"a,b",
			swtpm.ErrDir,
		},
		{
			"a parent that isn't there",
			swtpm.Programs{SWTPM: ok, Setup: ok, LocalCA: ok},
			"a/b",
			fs.ErrNotExist,
		},
		{"a setup that fails", swtpm.Programs{
			SWTPM: ok, Setup: script("bad", "echo no entropy; exit 3"), LocalCA: ok,
		}, "d", swtpm.ErrSetup},
		{
			"a setup that hangs",
			swtpm.Programs{SWTPM: ok, Setup: hang, LocalCA: ok},
			"d",
			context.DeadlineExceeded,
		},
		{
			"a setup without certificates",
			swtpm.Programs{SWTPM: ok, Setup: ok, LocalCA: ok},
			"d",
			swtpm.ErrSetup,
		},
		{
			"a swtpm that ends at once",
			swtpm.Programs{SWTPM: ok, Setup: made, LocalCA: ok},
			"d",
			swtpm.ErrDied,
		},
		{"a swtpm that can't be run", swtpm.Programs{
			SWTPM: garbage(t, bin), Setup: made, LocalCA: ok,
		}, "d", syscall.ENOEXEC},
		{
			"a swtpm that never answers",
			swtpm.Programs{SWTPM: hang, Setup: made, LocalCA: ok},
			"d",
			channel.ErrBusy,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			parent := swtpmtest.Dir(t)
			patience := time.Minute
			switch hang {
			case row.programs.Setup:
				patience = 500 * time.Millisecond
			case row.programs.SWTPM:
				patience = 3 * time.Second // it has to be asked by then
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			_, err := swtpm.Start(ctx, swtpm.Config{
				Dir: filepath.Join(parent, row.dir), Programs: row.programs,
			})
			if !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			if left := list(t, parent); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	t.Run("a relative path", func(t *testing.T) {
		_, err := swtpm.Start(t.Context(), swtpm.Config{
			Dir: "tpm", Programs: swtpm.Programs{SWTPM: ok, Setup: ok, LocalCA: ok},
		})
		if !errors.Is(err, swtpm.ErrDir) {
			t.Errorf("got %v, want ErrDir", err)
		}
	})
	noted, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.FieldsSeq(string(noted)) {
		pid, err := strconv.Atoi(line)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d: %v, want it gone", pid, err)
		}
	}
}

// TestStart_failsLater shows that a start that fails takes no TPM with it that was there before,
// and no file of somebody else's.
func TestStart_failsLater(t *testing.T) {
	dir := swtpmtest.Dir(t)
	p := swtpmtest.StartIn(t, dir)
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(mine, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := swtpm.Start(t.Context(), swtpm.Config{
		Dir: dir, Programs: swtpm.Programs{SWTPM: "/bin/false"}, Temporary: true,
	})
	if !errors.Is(err, swtpm.ErrDied) {
		t.Errorf("got %v, want ErrDied", err)
	}
	if diff := cmp.Diff([]string{"device", "notes.txt"}, list(t, dir)); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func askCommand(t *testing.T, p *swtpm.Process) {
	t.Helper()
	ch, err := p.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer ch.Close()
	if _, err := manufacturer(ch); err != nil {
		t.Error(err)
	}
}

func askTwice(t *testing.T, p *swtpm.Process) {
	t.Helper()
	first, err := p.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, err := manufacturer(first); err != nil {
		t.Fatal(err)
	}
	second, err := p.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := getManufacturer().Execute(second.Bind(ctx)); !errors.Is(err, channel.ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
}

func stopTwice(t *testing.T, p *swtpm.Process, dir string) {
	t.Helper()
	pid := p.PID()
	for range 2 {
		if err := p.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: %v, want it gone", err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d: %v, want it gone", pid, err)
	}
	if _, err := p.Open(t.Context()); !errors.Is(err, swtpm.ErrStopped) {
		t.Errorf("opening: got %v, want ErrStopped", err)
	}
}

func askTools(t *testing.T, p *swtpm.Process) {
	t.Helper()
	for _, row := range []struct {
		command []string
		want    string
	}{
		{[]string{"tpm2_getcap", "handles-persistent"}, "0x81010001"},
		{[]string{"tpm2_pcrread", "sha256:10"}, "10: 0x" + strings.Repeat("0", 64)},
	} {
		path, err := exec.LookPath(row.command[0])
		if err != nil {
			if os.Getenv("TAPBENCH_REQUIRE") == "all" {
				t.Fatalf("%v; run: apt-get install tpm2-tools", err)
			}
			t.Skipf("light path: %v", err)
		}
		cmd := exec.CommandContext(t.Context(), path, append([]string{"-T", p.TCTI()},
			row.command[1:]...)...)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), row.want) {
			t.Errorf("%v: %v, got %s", row.command, err, out)
		}
	}
}

func getManufacturer() tpm2.GetCapability {
	return tpm2.GetCapability{
		Capability: tpm2.TPMCapTPMProperties, Property: uint32(tpm2.TPMPTManufacturer),
		PropertyCount: 1,
	}
}

func manufacturer(ch *channel.Channel) (*tpm2.GetCapabilityResponse, error) {
	return getManufacturer().Execute(ch)
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
