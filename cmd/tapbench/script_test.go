package main_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tapbench/backend/store/postgrestest"
	"tapbench/cmd/tapbench/internal/porttest"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/pcsctest"
	"tapbench/pcsc/vpcd"
)

// TestScript runs the program as a user does: each file in testdata/script is one session.
func TestScript(t *testing.T) {
	runScripts(t, "script", func(*testscript.Env) {})
}

// TestPostgresScript runs those sessions that need a PostgreSQL server.
func TestPostgresScript(t *testing.T) {
	server := postgrestest.Start(t)
	bank, tsm := server.Place(t), server.Place(t)
	runScripts(t, "postgres", func(env *testscript.Env) {
		env.Setenv("BANKDB", bank)
		env.Setenv("TSMDB", tsm)
		env.Setenv("ABSENT", "postgres://postgres@/absent?host="+server.Folder)
	})
}

// runScripts runs the sessions of one folder, in the environment that setup adds to.
func runScripts(t *testing.T, folder string, setup func(*testscript.Env)) {
	t.Helper()
	program := build(t)
	driver := repository(t, "build", "vpcd")
	require := required()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", folder),
		Setup: func(env *testscript.Env) error {
			setup(env)
			env.Setenv("PATH", strings.Join([]string{
				filepath.Dir(program), env.Getenv("PATH"), repository(t, "scripts", "clients"),
			}, string(os.PathListSeparator)))
			env.Setenv("CLIENTS", repository(t, "scripts", "clients"))
			env.Setenv("CLASSPATH", repository(t, "build", "clients", "classes")+
				string(os.PathListSeparator)+repository(t, "build", "clients", "lib", "*"))
			env.Setenv("DRIVER", driver)
			env.Setenv("APPLET", repository(t, "build", "applet"))
			env.Setenv("TESTDATA", repository(t, "testdata"))
			// Socket paths are short, so beds don't lie in the script's own folder.
			short, err := os.MkdirTemp("", "tb")
			if err != nil {
				return err
			}
			env.Defer(func() { _ = os.RemoveAll(short) })
			env.Setenv("BED", filepath.Join(short, "bed"))
			// No card is too far away because the machine is busy.
			env.Setenv("TAPBENCH_RELAY_GRACE", "30s")
			env.Setenv("TMPDIR", short)
			for _, name := range []string{"BANK", "TSM", "ACQUIRER"} {
				address, give, err := porttest.Take(t.Context())
				if err != nil {
					return err
				}
				env.Defer(func() { _ = give() })
				env.Setenv(name, address)
			}
			return nil
		},
		Condition: has(t, driver, require),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitfile":      waitFile,
			"waitport":      waitPort,
			"source":        source,
			"exits":         exits,
			"until":         until,
			"kill9":         kill9,
			"laycard":       layCard,
			"leftover":      leftover,
			"tokenevidence": tokenEvidence,
		},
	})
}

// required reports whether a missing part is a failure.
func required() bool { return os.Getenv("TAPBENCH_REQUIRE") == "all" }

// programVariable says where the program lies that all tests of this package run.
const programVariable = "TAPBENCH_TEST_PROGRAM"

// TestMain makes a folder for the program, and removes it when all tests have ended.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tapbench")
	if err == nil {
		err = os.Setenv(programVariable, filepath.Join(dir, "tapbench"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err) // built fails
	}
	defer func() { _ = os.RemoveAll(dir) }()
	m.Run()
}

// built builds the program, as make build does.
var built = sync.OnceValue(func() error {
	program := os.Getenv(programVariable)
	if program == "" {
		return errors.New("building the program: there is no folder for it")
	}
	out, err := exec.CommandContext(context.Background(), "go", "build", "-o", program, ".").
		CombinedOutput()
	if err != nil {
		return fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return nil
})

// build returns the program, which the first test that wants it builds.
func build(t *testing.T) string {
	t.Helper()
	if err := built(); err != nil {
		t.Fatal(err)
	}
	return os.Getenv(programVariable)
}

func repository(t *testing.T, parts ...string) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(append([]string{root}, parts...)...)
}

// has answers the condition [has:NAME]: whether a program is there; for "vpcd" the virtual
// reader's driver, for "cgo" whether the program was built with it, for "applet" the Java Card
// applet, which is compiled then. Where all are required a missing one is an error.
func has(t *testing.T, driver string, require bool) func(string) (bool, error) {
	ctx := t.Context()
	return func(condition string) (bool, error) {
		name, ok := strings.CutPrefix(condition, "has:")
		if !ok {
			return false, fmt.Errorf("unknown condition %q", condition)
		}
		var err error
		switch name {
		case "vpcd":
			_, err = os.Stat(filepath.Join(driver, "libifdvpcd.so"))
		case "cgo": // without it the program reaches no reader
			var out []byte
			out, err = exec.CommandContext(ctx, "go", "env", "CGO_ENABLED").Output()
			if err == nil && strings.TrimSpace(string(out)) != "1" {
				err = exec.ErrNotFound
			}
		case "clients":
			_, err = os.Stat(repository(t, "build", "clients", "classes"))
		case "emvtool":
			err = exec.CommandContext(ctx, repository(t, "scripts", "clients", "emvtool"), "version").Run()
		case "applet":
			err = exec.CommandContext(ctx, repository(t, "scripts", "applet.sh")).Run()
		default:
			_, err = exec.LookPath(name)
		}
		if err != nil && require {
			return false, fmt.Errorf("%s is missing: run make setup", name)
		}
		return err == nil, nil
	}
}

// waitFile FILE waits until a file is there.
func waitFile(ts *testscript.TestScript, _ bool, args []string) {
	wait(ts, args[0], func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil
	})
}

// waitPort ADDRESS waits until something listens there.
func waitPort(ts *testscript.TestScript, _ bool, args []string) {
	wait(ts, args[0], func() bool {
		conn, err := net.DialTimeout("tcp", args[0], time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

// wait waits until something is there, for as long as a machine with much else to do may take to
// start a JVM or a TPM.
func wait(ts *testscript.TestScript, what string, there func() bool) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(3 * time.Minute)
	for !there() {
		select {
		case <-tick.C:
		case <-end:
			ts.Fatalf("waited in vain for %s", what)
		}
	}
}

// layCard SOCKET SLOT lays a card on a bed's slot that has none of our applications.
func layCard(ts *testscript.TestScript, _ bool, args []string) {
	slot, err := strconv.Atoi(args[1])
	ts.Check(err)
	conn, err := daemon.DialSlotAt(context.Background(), args[0], slot)
	ts.Check(err)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = vpcd.Serve(context.Background(), conn, pcsctest.NewCard()) // until it is taken away
	}()
	ts.Defer(func() {
		_ = conn.Close()
		<-served
	})
}

// until TEXT PROGRAM ARGS… runs a program again and again until its standard output has the text.
func until(ts *testscript.TestScript, _ bool, args []string) {
	wait(ts, args[0], func() bool {
		return ts.Exec(args[1], args[2:]...) == nil && strings.Contains(ts.ReadFile("stdout"), args[0])
	})
}

// exits CODE PROGRAM ARGS… runs a program that must end with this exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	exit := new(exec.ExitError)
	switch {
	case err == nil:
		ts.Fatalf("exit code 0, want %s", args[0])
	case !errors.As(err, &exit):
		ts.Fatalf("running %s: %v", args[1], err)
	case fmt.Sprint(exit.ExitCode()) != args[0]:
		ts.Fatalf("exit code %d, want %s", exit.ExitCode(), args[0])
	}
}

// kill9 PROGRAM FOLDER kills the process of a program that works in a folder.
func kill9(ts *testscript.TestScript, _ bool, args []string) {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	ts.Check(err)
	for _, line := range lines {
		raw, err := os.ReadFile(line)
		if err != nil || !strings.Contains(string(raw), args[1]) ||
			!strings.HasPrefix(filepath.Base(strings.Split(string(raw), "\x00")[0]), args[0]) {
			continue
		}
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(line)))
		ts.Check(err)
		ts.Check(syscall.Kill(id, syscall.SIGKILL))
		return
	}
	ts.Fatalf("no %s works in %s", args[0], args[1])
}

// source FILE reads the "export NAME='value'" lines that tapbench up writes.
func source(ts *testscript.TestScript, _ bool, args []string) {
	for _, line := range strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n") {
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if !ok {
			ts.Fatalf("%s: no variable in %q", args[0], line)
		}
		ts.Setenv(name, strings.Trim(value, "'"))
	}
}

// leftover FOLDER fails if the folder for temporary files isn't empty, or if a process still works
// in it.
func leftover(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	entries, err := os.ReadDir(dir)
	ts.Check(err)
	for _, entry := range entries {
		ts.Fatalf("left behind: %s", filepath.Join(dir, entry.Name()))
	}
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	ts.Check(err)
	for _, line := range lines {
		raw, err := os.ReadFile(line)
		if err == nil && strings.Contains(string(raw), dir) {
			ts.Fatalf("still running: %s", fmt.Sprintf("%q", raw))
		}
	}
}
