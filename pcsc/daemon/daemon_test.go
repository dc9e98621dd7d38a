package daemon_test

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tapbench/pcsc/daemon"
	"tapbench/pcsc/daemon/daemontest"
)

// list returns what opensc-tool, a PC/SC client that isn't ours, lists at the socket.
func list(t *testing.T, socket string) string {
	t.Helper()
	tool, err := exec.LookPath("opensc-tool")
	if err != nil {
		daemontest.Missing(t, "opensc-tool: apt-get install opensc")
	}
	command := exec.CommandContext(t.Context(), tool, "-l")
	command.Env = append(os.Environ(), "PCSCLITE_CSOCK_NAME="+socket)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("opensc-tool -l: %v\n%s", err, out)
	}
	return string(out)
}

func TestDaemonListsItsReaders(t *testing.T) {
	d := daemontest.Start(t, daemon.DefaultReader, "ACS ACR122U")
	if d.Slots() != 4 {
		t.Errorf("got %d slots, want 4", d.Slots())
	}
	listed := list(t, d.Socket())
	for slot := range d.Slots() {
		if name := d.ReaderName(slot); name == "" || !strings.Contains(listed, name) {
			t.Errorf("slot %d: no reader %q in\n%s", slot, name, listed)
		}
	}
	if name := d.ReaderName(4); name != "" {
		t.Errorf("slot 4 has the name %q, want none", name)
	}
}

func TestCardOnEverySlot(t *testing.T) {
	d := daemontest.Start(t, "first", "second")
	for slot := range d.Slots() {
		lay(t, d, slot)
	}
	eventually(t, "a card on every slot", func() bool {
		return strings.Count(list(t, d.Socket()), "Yes") == d.Slots()
	})
}

func TestDaemonsSideBySide(t *testing.T) {
	first, second := daemontest.Start(t, "first"), daemontest.Start(t, "second")
	if listed := list(t, first.Socket()); strings.Contains(listed, "second") {
		t.Errorf("the first lists the second's reader:\n%s", listed)
	}
	lay(t, first, 0)
	lay(t, second, 0)
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if listed := list(t, second.Socket()); !strings.Contains(listed, "second 00 00") {
		t.Errorf("the second lost its reader with the first:\n%s", listed)
	}
}

func TestDaemonIsPrivate(t *testing.T) {
	d := daemontest.Start(t)
	folder := filepath.Dir(d.SlotSocket())
	info, err := os.Stat(folder)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v, want 0700", info.Mode().Perm())
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp4", "127.0.0.1:35963")
	if err != nil {
		return
	}
	defer conn.Close()
	// Somebody else's virtual reader. Ours would be taken by now.
	ours, err := d.DialSlot(t.Context(), 0)
	if err != nil {
		t.Fatalf("the slot can be reached from outside: %v", err)
	}
	defer ours.Close()
}

func TestDialSlot(t *testing.T) {
	d := daemontest.Start(t)
	for _, slot := range []int{-1, 2, 16, 256} {
		if _, err := d.DialSlot(t.Context(), slot); !errors.Is(err, daemon.ErrNoSlot) {
			t.Errorf("slot %d: got %v, want %v", slot, err, daemon.ErrNoSlot)
		}
	}
	card, err := d.DialSlot(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	if _, err := d.DialSlot(t.Context(), 1); !errors.Is(err, daemon.ErrReaderTaken) {
		t.Errorf("a second card: got %v, want %v", err, daemon.ErrReaderTaken)
	}
	// vpcd speaks first: it asks for the ATR.
	frame := make([]byte, 3)
	if _, err := io.ReadFull(card, frame); err != nil {
		t.Fatal(err)
	}
	if got, want := string(frame), "\x00\x01\x04"; got != want {
		t.Errorf("vpcd sent % X, want % X", got, want)
	}
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the slot is free again", func() bool {
		again, err := daemon.DialSlotAt(t.Context(), d.SlotSocket(), 1)
		if err == nil {
			return again.Close() == nil
		}
		if !errors.Is(err, daemon.ErrReaderTaken) {
			t.Fatal(err)
		}
		return false
	})
}

func TestDialSlotAfterStop(t *testing.T) {
	d := daemontest.Start(t)
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.DialSlot(t.Context(), 0); !errors.Is(err, daemon.ErrStopped) {
		t.Errorf("got %v, want %v", err, daemon.ErrStopped)
	}
}

func TestStopLeavesNothing(t *testing.T) {
	config, before := daemontest.Config(t), mounts(t)
	d, err := daemon.Start(t.Context(), config)
	if daemontest.Unavailable(err) {
		daemontest.Missing(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	family := descendants(t, os.Getpid())
	named(t, family, "pcscd")
	lay(t, d, 0)
	for range 2 {
		if err := d.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	<-d.Done()
	if err := d.Wait(); err != nil {
		t.Errorf("waiting after Stop: %v", err)
	}
	for p, name := range family {
		if p.lives() {
			t.Errorf("%s (%d) lives on", name, p.pid)
		}
	}
	checkNothingLeft(t, config.Dir, before)
}

func TestPCSCDEndsByItself(t *testing.T) {
	config, before := daemontest.Config(t), mounts(t)
	d, err := daemon.Start(t.Context(), config)
	if daemontest.Unavailable(err) {
		daemontest.Missing(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	pcscd := named(t, descendants(t, os.Getpid()), "pcscd")
	if err := syscall.Kill(pcscd.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	err = d.Wait()
	if !errors.Is(err, daemon.ErrStopped) || !strings.Contains(err.Error(), "killed") {
		t.Errorf("got %v, want %v that says how", err, daemon.ErrStopped)
	}
	if err := d.Stop(); err != nil {
		t.Error(err)
	}
	checkNothingLeft(t, config.Dir, before)
}

func TestNothingSurvivesAKilledOwner(t *testing.T) {
	config := daemontest.Config(t)
	command := exec.CommandContext(t.Context(), "/proc/self/exe")
	o, said := startOwner(t, command, config)
	if o == nil {
		daemontest.Missing(t, said)
	}
	family := descendants(t, command.Process.Pid)
	named(t, family, "pcscd")
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the owner's processes end", func() bool {
		for p := range family {
			if p.lives() {
				return false
			}
		}
		return true
	})
	checkEmpty(t, config.Dir)
}
