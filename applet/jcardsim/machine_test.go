package jcardsim_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/applet/saved"
	"tapbench/pcsc"
)

// putJava has "java" be a script, for this test.
func putJava(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "java")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// hello is what a bridge says first, as printf takes it: states of 8 bytes.
const hello = `\000\011TAPJ\002\000\010\000\020`

// TestStartRefused has Java missing, too old, broken, or something else.
func TestStartRefused(t *testing.T) {
	for name, row := range map[string]struct {
		script string
		want   error
		says   string
	}{
		"too old, new notation": {
			`echo 'openjdk version "11.0.2" 2019-01-15' >&2; [ "$1" = -version ]`,
			jcardsim.ErrOldJava, "/java is version 11, 17 is needed",
		},
		"too old, old notation": {
			`echo 'java version "1.8.0_292"' >&2; [ "$1" = -version ]`,
			jcardsim.ErrOldJava, "is version 8, 17",
		},
		"new, without the bridge's class": {
			`[ "$1" != -version ] || { echo 'openjdk version "17.0.1"' >&2; exit 0; }
			echo 'Error: Could not find or load main class tapbench.Bridge' >&2; exit 1`,
			jcardsim.ErrMachine, "Could not find or load main class",
		},
		"ends at once": {`exit 3`, jcardsim.ErrMachine, "exit status 3"},
		"says nothing of it": {
			`[ "$1" = -version ] || printf '\000\002Hi'; cat >/dev/null`,
			jcardsim.ErrMachine, "not a hello: 4869",
		},
		"another bridge": {
			`printf '\000\011TAPJ\001\000\010\000\020'; cat >/dev/null`,
			jcardsim.ErrMachine, "version is 1, not 2",
		},
		"claims more than comes": {
			`printf '\377\377TAPJ'`, jcardsim.ErrMachine, "unexpected EOF",
		},
	} {
		t.Run(name, func(t *testing.T) {
			putJava(t, row.script)
			machine, err := jcardsim.Start(t.Context(), jcardsim.Config{})
			if !errors.Is(err, row.want) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("got %v, %v, want %v with %q", machine, err, row.want, row.says)
			}
		})
	}
	t.Run("no Java", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if _, err := jcardsim.Start(t.Context(), jcardsim.Config{}); !errors.Is(
			err, jcardsim.ErrNoJava) {
			t.Errorf("got %v, want %v", err, jcardsim.ErrNoJava)
		}
	})
}

func TestNotBuilt(t *testing.T) {
	dir := t.TempDir()
	for _, missing := range []string{"applet", "bridge", "lib"} {
		for name, open := range map[string]func(string) (jcardsim.Config, error){
			"built": jcardsim.Built, "torn": jcardsim.Torn,
		} {
			_, err := open(dir)
			if !errors.Is(err, jcardsim.ErrNotBuilt) || !strings.Contains(err.Error(), missing) {
				t.Errorf("%s: got %v, want %v of %s", name, err, jcardsim.ErrNotBuilt, missing)
			}
		}
		if err := os.Mkdir(filepath.Join(dir, missing), 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDamagedAnswers has a bridge say what none says: the card is pulled, and the error says why.
func TestDamagedAnswers(t *testing.T) {
	for name, row := range map[string]struct{ says, want string }{
		"less than it claims":        {`\377\377ab`, "unexpected EOF"},
		"more than it claims":        {`\000\000ab`, "2 bytes more than said"},
		"no length of the answer":    {`\000\001a`, "1 bytes to a command"},
		"an answer that isn't there": {`\000\004\377\377ab`, "a card's answer of 65535 bytes in 2"},
		"half a state":               {`\000\006\000\002ab12`, "a state of 2 bytes, not 8"},
		"no answer":                  {``, "it ended: exit status 0"},
	} {
		t.Run(name, func(t *testing.T) {
			// New and PowerOn are 7 bytes each, SELECT 5 more.
			putJava(t, `printf '`+hello+`'; head -c 7 >/dev/null; printf '\000\000'
				head -c 7 >/dev/null; printf '\000\000'
				head -c 12 >/dev/null; printf '`+row.says+`'`)
			machine, err := jcardsim.Start(t.Context(), jcardsim.Config{})
			if err != nil {
				t.Fatal(err)
			}
			card, err := machine.New()
			if err != nil {
				t.Fatal(err)
			}
			card.PowerOn()
			if answer := card.Process([]byte{0x00, 0xA4, 0x04, 0x00, 0x00}); answer != nil {
				t.Errorf("got %x, want nothing", answer)
			}
			if err := machine.Err(); !errors.Is(err, jcardsim.ErrMachine) ||
				!strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
			if err := machine.Close(); !errors.Is(err, jcardsim.ErrMachine) {
				t.Errorf("Close: got %v", err)
			}
		})
	}
}

// TestKilledWithinCommand kills the machine while a command is under way: the card is pulled, and
// goes on from what it had answered when it has power again; so does the other card.
func TestKilledWithinCommand(t *testing.T) {
	t.Parallel()
	w := twins{jcardsimtest.Machine(t)}
	stores := [2]*saved.Memory{{}, {}}
	var connections [2]*pcsc.Direct
	var hosts [2]*conformance.Host
	for i, store := range stores {
		connections[i] = w.applet(t, store)
		hosts[i] = conformance.NewHost(t, connections[i]).Advance(conformance.Armed)
	}
	pid := w.machine.PID()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error)
	go func() {
		_, err := connections[0].Transmit(t.Context(), []byte{0x80, 0x78, 0x00, 0x00}) // DISARM
		answered <- err
	}()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; !errors.Is(err, pcsc.ErrCardRemoved) {
		t.Errorf("got %v, want %v", err, pcsc.ErrCardRemoved)
	}
	if err := w.machine.Err(); !errors.Is(err, jcardsim.ErrMachine) ||
		!strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("got %v, want %v", err, jcardsim.ErrMachine)
	}
	for i, connection := range connections {
		if _, err := connection.Transmit(t.Context(), []byte{0, 0xA4, 4, 0}); !errors.Is(
			err, pcsc.ErrCardRemoved) {
			t.Errorf("card %d, without power: got %v", i, err)
		}
		disconnect(t, connection)
	}
	for i, host := range hosts {
		host.Reconnect(w.applet(t, stores[i]))
		host.Tap() // it is still armed
	}
	if w.machine.PID() == pid || w.machine.Err() != nil {
		t.Errorf("the machine wasn't started again: %v", w.machine.Err())
	}
}

// TestCardOfMemoryOutlivesItsMachine has a card without a store of its own go on.
func TestCardOfMemoryOutlivesItsMachine(t *testing.T) {
	t.Parallel()
	machine := jcardsimtest.Machine(t)
	card, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	first := connect(t, card)
	host := conformance.NewHost(t, first).Advance(conformance.Armed)
	before, err := card.State()
	if err != nil {
		t.Fatal(err)
	}
	disconnect(t, first)
	if err := syscall.Kill(machine.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	card.PowerOn() // may still meet the machine that is about to go
	for machine.Err() == nil {
		if card.Process([]byte{0, 0xA4, 4, 0}) == nil {
			break
		}
	}
	host.Reconnect(connect(t, card))
	after, err := card.State()
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the state is another one, %v", err)
	}
	host.Tap()
}

func TestClosed(t *testing.T) {
	t.Parallel()
	machine := jcardsimtest.Machine(t)
	card, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := machine.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	card.PowerOn()
	if answer := card.Process([]byte{0, 0xA4, 4, 0}); answer != nil {
		t.Errorf("got %x, want nothing", answer)
	}
	if _, err := machine.New(); !errors.Is(err, jcardsim.ErrClosed) {
		t.Errorf("New: got %v, want %v", err, jcardsim.ErrClosed)
	}
}
