package daemon_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tapbench/pcsc/daemon"
	"tapbench/pcsc/daemon/daemontest"
)

// nobody is the user that owns nothing.
const nobody = 65534

// copyFile copies a file for everybody to read and execute.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	source, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(target, source); err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOrdinaryUser(t *testing.T) {
	config := daemontest.Config(t)
	command := exec.CommandContext(t.Context(), "/proc/self/exe")
	if os.Geteuid() == 0 {
		// The ordinary user can't read below Go's and the checkout's folders.
		program := filepath.Join(config.Dir, "program")
		copyFile(t, "/proc/self/exe", program)
		driver := filepath.Join(config.Dir, "driver")
		copyFile(t, config.Driver, driver)
		home := filepath.Join(config.Dir, "home")
		if err := os.Mkdir(home, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(home, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(config.Dir, 0o711); err != nil {
			t.Fatal(err)
		}
		config.Dir, config.Driver = home, driver
		command = exec.CommandContext(t.Context(), program)
		command.Dir = home
		command.SysProcAttr = &syscall.SysProcAttr{
			Credential: &syscall.Credential{Uid: nobody, Gid: nobody},
		}
	}
	o, said := startOwner(t, command, config)
	if o == nil {
		if strings.Contains(said, daemon.ErrNamespaces.Error()) {
			daemontest.Missing(t, said)
		}
		t.Fatal(said)
	}
	if listed := list(t, o.socket); !strings.Contains(listed, daemon.DefaultReader+" 00 01") {
		t.Errorf("no reader in\n%s", listed)
	}
	family := descendants(t, command.Process.Pid)
	named(t, family, "pcscd")
	if err := o.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if !o.stdout.Scan() || o.stdout.Text() != farewell {
		t.Errorf("the owner said %q, want %q", o.stdout.Text(), farewell)
	}
	for p, name := range family {
		if p.lives() {
			t.Errorf("%s (%d) lives on", name, p.pid)
		}
	}
	checkEmpty(t, config.Dir)
}

func TestForbiddenNamespaces(t *testing.T) {
	config := daemontest.Config(t)
	// A shell that is root in a user namespace of its own, where it forbids network namespaces.
	command := exec.CommandContext(t.Context(), "/bin/sh", "-c",
		"echo 0 >/proc/sys/user/max_net_namespaces && exec \"$0\"", "/proc/self/exe")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command.Args[len(command.Args)-1] = self
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	o, said := startOwner(t, command, config)
	if command.Process == nil {
		daemontest.Missing(t, "a user namespace to forbid network namespaces in: "+said)
	}
	if o != nil {
		t.Fatal("a daemon runs where network namespaces are forbidden")
	}
	for _, want := range []string{daemon.ErrNamespaces.Error(), "run as root"} {
		if !strings.Contains(said, want) {
			t.Errorf("got %q, want it to say %q", said, want)
		}
	}
	checkEmpty(t, config.Dir)
}

func TestFolderBelowRun(t *testing.T) {
	config := daemontest.Config(t)
	dir, err := os.MkdirTemp("/run", "tb-")
	if err != nil {
		dir, err = os.MkdirTemp(os.Getenv("XDG_RUNTIME_DIR"), "tb-")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	config.Dir = dir
	d, err := daemon.Start(t.Context(), config)
	if daemontest.Unavailable(err) {
		daemontest.Missing(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	if listed := list(t, d.Socket()); !strings.Contains(listed, d.ReaderName(0)) {
		t.Errorf("no reader in\n%s", listed)
	}
	lay(t, d, 0)
	if err := d.Stop(); err != nil {
		t.Error(err)
	}
	checkEmpty(t, dir)
}
