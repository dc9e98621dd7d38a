package daemon_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"tapbench/pcsc/daemon"
	"tapbench/pcsc/daemon/daemontest"
)

// machineVariable names the test that this process runs on a machine of its own.
const machineVariable = "TAPBENCH_TEST_MACHINE"

// onOwnMachine reports whether this process runs the test where it may change the machine: in
// namespaces with an empty /run and /etc/reader.conf.d, and a loopback interface. If not, it runs
// the test in one that does.
func onOwnMachine(t *testing.T) bool {
	t.Helper()
	if os.Getenv(machineVariable) == t.Name() {
		furnishMachine(t)
		return true
	}
	daemontest.Config(t) // or there is no driver
	command := exec.CommandContext(t.Context(), "/proc/self/exe",
		"-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
	command.Env = append(os.Environ(), machineVariable+"="+t.Name())
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET |
			syscall.CLONE_NEWPID,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	out, err := command.CombinedOutput()
	if command.Process == nil {
		daemontest.Missing(t, "namespaces for a machine to change: "+err.Error())
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()+" ") {
		t.Errorf("on its own machine: %v\n%s", err, out)
	}
	return false
}

func furnishMachine(t *testing.T) {
	t.Helper()
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"/run", "/etc/reader.conf.d"} {
		if err := unix.Mount("test", place, "tmpfs", 0, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := daemon.RaiseLoopback(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
}

// system returns the machine's own pcscd, with consent.
func system(t *testing.T) daemon.System {
	t.Helper()
	config, err := daemontest.FindConfig()
	if err != nil {
		t.Fatal(err)
	}
	return daemon.System{Consent: true, Driver: config.Driver}
}

// checkPlan fails the test unless the plan says all that.
func checkPlan(t *testing.T, s daemon.System, changes int, words ...string) {
	t.Helper()
	plan, err := s.Plan()
	if err != nil {
		t.Fatal(err)
	}
	if len(plan) != changes {
		t.Errorf("%d changes, want %d:\n%s", len(plan), changes, plan)
	}
	for _, word := range words {
		if !strings.Contains(plan.String(), word) {
			t.Errorf("the plan doesn't say %q:\n%s", word, plan)
		}
	}
}

func TestSystemChangesNothingWithoutConsent(t *testing.T) {
	if !onOwnMachine(t) {
		return
	}
	s := system(t)
	s.Consent = false
	checkPlan(t, s, 1, "start pcscd", "35963", "every interface", "kill")
	_, err := s.Start(t.Context())
	if !errors.Is(err, daemon.ErrNoConsent) || !strings.Contains(err.Error(), "start pcscd") {
		t.Errorf("got %v, want %v with the plan", err, daemon.ErrNoConsent)
	}
	for _, folder := range []string{"/run", "/etc/reader.conf.d", os.TempDir()} {
		checkEmpty(t, folder)
	}
}

func TestSystemStartsPCSCD(t *testing.T) {
	if !onOwnMachine(t) {
		return
	}
	s := system(t)
	r, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	named(t, descendants(t, os.Getpid()), "pcscd")
	if listed := list(t, "/run/pcscd/pcscd.comm"); !strings.Contains(listed, r.ReaderName(1)) {
		t.Errorf("no reader %q in\n%s", r.ReaderName(1), listed)
	}
	if _, err := s.Start(t.Context()); !errors.Is(err, daemon.ErrReaderTaken) {
		t.Errorf("a second bench: got %v, want %v", err, daemon.ErrReaderTaken)
	}
	checkPlan(t, s, 0, "nothing is changed")
	card, err := r.DialSlot(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.DialSlot(t.Context(), 0); !errors.Is(err, daemon.ErrReaderTaken) {
		t.Errorf("a second card: got %v, want %v", err, daemon.ErrReaderTaken)
	}
	if _, err := r.DialSlot(t.Context(), r.Slots()); !errors.Is(err, daemon.ErrNoSlot) {
		t.Errorf("no such slot: got %v, want %v", err, daemon.ErrNoSlot)
	}
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if family := descendants(t, os.Getpid()); len(family) > 0 {
		t.Errorf("left behind: %v", family)
	}
	checkEmpty(t, os.TempDir())
}

// startMachinesPCSCD starts a pcscd that isn't the bench's.
func startMachinesPCSCD(t *testing.T) {
	t.Helper()
	path, err := exec.LookPath("/usr/sbin/pcscd")
	if err != nil {
		daemontest.Missing(t, "pcscd: apt-get install pcscd")
	}
	// Where pcscd asks polkit it has to be told that there is none here.
	command := exec.CommandContext(t.Context(), "sh", "-c",
		`exec "$0" --foreground $("$0" --version | grep -qw polkit && echo --disable-polkit)`, path)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	eventually(t, "the machine's pcscd runs", func() bool {
		_, err := os.Stat("/run/pcscd/pcscd.comm")
		pid, _ := os.ReadFile("/run/pcscd/pcscd.pid")
		return err == nil && len(pid) > 0
	})
}

func TestSystemAddsAReaderToTheMachinesPCSCD(t *testing.T) {
	if !onOwnMachine(t) {
		return
	}
	startMachinesPCSCD(t)
	calls := fakeSystemctl(t)
	s := system(t)
	checkPlan(t, s, 2, "/etc/reader.conf.d/", "rm ", "systemctl restart", "others")
	r, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if listed := list(t, "/run/pcscd/pcscd.comm"); !strings.Contains(listed, daemon.DefaultReader) {
		t.Errorf("no reader in\n%s", listed)
	}
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	checkEmpty(t, "/etc/reader.conf.d")
	said, err := os.ReadFile(calls)
	if want := strings.Repeat("restart pcscd.service\n", 2); err != nil || string(said) != want {
		t.Errorf("systemctl was called with %q, %v, want %q", said, err, want)
	}
	checkPlan(t, s, 2)
}

// fakeSystemctl stands in for systemctl on a machine without systemd: it restarts pcscd and notes
// how it was called in a file, whose path is returned.
func fakeSystemctl(t *testing.T) string {
	t.Helper()
	script := write(t, "systemctl", `#!/bin/sh
echo "$@" >>"$0.calls"
kill "$(head -n 1 /run/pcscd/pcscd.pid)"
while [ -e /run/pcscd/pcscd.pid ]; do sleep 0.01; done
/usr/sbin/pcscd --foreground $(/usr/sbin/pcscd --version | grep -qw polkit &&
	echo --disable-polkit) </dev/null >/dev/null 2>&1 &
while [ ! -s /run/pcscd/pcscd.pid ]; do sleep 0.01; done
`, 0o700)
	t.Setenv("PATH", filepath.Dir(script)+":"+os.Getenv("PATH"))
	return script + ".calls"
}

func TestSystemUnwinds(t *testing.T) {
	if !onOwnMachine(t) {
		return
	}
	for name, test := range map[string]struct {
		change func(*daemon.System)
		want   error
	}{
		"no driver": {func(s *daemon.System) { s.Driver = "" }, daemon.ErrNoDriver},
		"no pcscd":  {func(s *daemon.System) { s.PCSCD = "/nonexistent" }, daemon.ErrNoPCSCD},
		"pcscd ends at once": {
			func(s *daemon.System) { s.PCSCD = fakePCSCD(t, "echo no luck; exit 1") },
			daemon.ErrNotReady,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := system(t)
			test.change(&s)
			if _, err := s.Start(t.Context()); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if family := descendants(t, os.Getpid()); len(family) > 0 {
				t.Errorf("left behind: %v", family)
			}
			if left, err := filepath.Glob(filepath.Join(os.TempDir(), "*pcscd*")); err != nil ||
				len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}
