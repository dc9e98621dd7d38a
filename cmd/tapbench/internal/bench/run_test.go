package bench_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tapbench/cmd/tapbench/internal/bench"
)

func TestFindCommandRefuses(t *testing.T) {
	script := t.TempDir() + "/script"
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		program string
		exit    int
	}{
		"a name that no folder of PATH holds":   {"no-such-program-here", 127},
		"a path where nothing is":               {"./no-such-program-here", 127},
		"a file without the permission":         {script, 126},
		"a folder":                              {"./", 126},
		"an empty name, which no program bears": {"", 127},
	} {
		t.Run(name, func(t *testing.T) {
			_, exit, err := bench.FindCommand(c.program)
			if !errors.Is(err, bench.ErrCommand) || exit != c.exit {
				t.Errorf("FindCommand(%q) = exit code %d, %v; want %d", c.program, exit, err, c.exit)
			}
		})
	}
}

func TestRunReturnsTheExitCode(t *testing.T) {
	for name, c := range map[string]struct {
		words string
		exit  int
	}{
		"success":             {"exit 0", 0},
		"failure":             {"exit 17", 17},
		"a signal's death":    {"kill -KILL $$", 128 + 9},
		"what is left behind": {"sleep 60 & exit 3", 3},
	} {
		t.Run(name, func(t *testing.T) {
			command, _, err := bench.FindCommand("sh", "-c", c.words)
			if err != nil {
				t.Fatal(err)
			}
			group := t.TempDir() + "/group"
			command.Env = []string{"GROUP=" + group}
			if exit, err := command.Run(); err != nil || exit != c.exit {
				t.Errorf("exit code %d, %v; want %d", exit, err, c.exit)
			}
		})
	}
}

func TestRunOnATerminal(t *testing.T) {
	const counts = `trap 'n=$((n+1)); echo got $n' INT; n=0; echo ready
		while [ $n -lt 3 ]; do sleep 0.01; done; read line; echo "read $line"; exit 5`
	term := startTerminal(t, os.Args[0], counts)
	term.expect("ready\r\n")
	for n := 1; n <= 3; n++ { // Ctrl-C is the command's, however often
		term.enter("\x03")
		term.expect(fmt.Sprintf("got %d\r\n", n))
	}
	term.enter("a line\n") // it may read, being in the foreground
	term.expect("read a line\r\n")
	err := term.cmd.Wait()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 5 {
		t.Errorf("ended with %v, want exit code 5", err)
	}
}

func TestRunStopsAndGoesOnWithTheCommand(t *testing.T) {
	term := startTerminal(t, "bash", "", "--norc", "-i")
	words := `echo up; read line; echo "read $line"`
	term.enter("PS1=; " + runVariable + "='" + words + "' " + os.Args[0] + "\n")
	term.expect("up\r\n")
	term.enter("\x1a") // Ctrl-Z
	term.expect("Stopped")
	term.enter("echo fin''gers; fg; echo code $?\n")
	term.expect("fingers\r\n")
	term.enter("again\n")
	term.expect("read again\r\n")
	term.expect("code 0\r\n")
	term.enter("exit\n")
	if err := term.cmd.Wait(); err != nil {
		t.Errorf("the shell: %v", err)
	}
}

// terminalTest is a program on a terminal of its own.
type terminalTest struct {
	*testing.T
	cmd  *exec.Cmd
	side *os.File // the user's
	seen bytes.Buffer
}

// startTerminal starts a program on a new terminal, with the words that it is to run.
func startTerminal(t *testing.T, program, words string, args ...string) *terminalTest {
	t.Helper()
	master, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	side := os.NewFile(uintptr(master), "/dev/ptmx") // without blocking, Close ends a Read
	t.Cleanup(func() { side.Close() })
	number, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "TERM=dumb")
	if words != "" {
		cmd.Env = append(cmd.Env, runVariable+"="+words)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &terminalTest{T: t, cmd: cmd, side: side}
}

func (t *terminalTest) enter(keys string) {
	t.Helper()
	if _, err := t.side.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

// expect reads what is shown up to a text.
func (t *terminalTest) expect(text string) {
	t.Helper()
	stuck := time.AfterFunc(2*time.Minute, func() { t.side.Close() })
	defer stuck.Stop()
	b := make([]byte, 4096)
	for {
		if _, after, found := strings.Cut(t.seen.String(), text); found {
			t.seen.Reset()
			t.seen.WriteString(after)
			return
		}
		n, err := t.side.Read(b)
		t.seen.Write(b[:n])
		if err != nil {
			t.Fatalf("waited for %q, saw %q: %v", text, t.seen.String(), err)
		}
	}
}
