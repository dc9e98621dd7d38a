package daemon_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"tapbench/pcsc/daemon"
	"tapbench/pcsc/vpcd"
)

// ownerVariable holds, as JSON, the configuration of a daemon that this test binary is to start
// when it runs as a program of its own.
const ownerVariable = "TAPBENCH_TEST_OWNER"

func TestMain(m *testing.M) {
	if daemon.MaybeHelper() {
		return
	}
	if config := os.Getenv(ownerVariable); config != "" {
		if err := own(config); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		return
	}
	// Race-enabled wardens would sleep for a second before they end.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		panic(err)
	}
	m.Run()
}

// own starts a daemon, lays a card on its slot 1 and says so, then holds both until its standard
// input ends.
func own(text string) error {
	var config daemon.Config
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		return err
	}
	ctx := context.Background()
	d, err := daemon.Start(ctx, config)
	if err != nil {
		return err
	}
	conn, err := d.DialSlot(ctx, 1)
	if err != nil {
		return err
	}
	go func() { _ = vpcd.Serve(ctx, conn, silentCard{}) }()
	fmt.Fprintln(os.Stdout, d.Socket())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	if err := d.Stop(); err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, farewell)
	return nil
}

// farewell is what an owner says when it has stopped its daemon.
const farewell = "stopped"

// owner is a program that owns a daemon.
type owner struct {
	stdin  io.WriteCloser
	stdout *bufio.Scanner
	socket string
}

// startOwner runs command, which must execute this test binary, as the owner of a daemon. If that
// fails it returns what the program said.
func startOwner(t *testing.T, command *exec.Cmd, config daemon.Config) (*owner, string) {
	t.Helper()
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	command.Env = append(os.Environ(), ownerVariable+"="+string(text))
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := os.CreateTemp(t.TempDir(), "stderr")
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	command.Stderr = stderr
	if err := command.Start(); err != nil {
		return nil, err.Error()
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() {
		said, err := os.ReadFile(stderr.Name())
		if err != nil {
			t.Fatal(err)
		}
		return nil, string(said)
	}
	return &owner{stdin: stdin, stdout: lines, socket: lines.Text()}, ""
}

// silentCard answers 9000 to everything.
type silentCard struct{}

func (silentCard) ATR() []byte           { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }
func (silentCard) PowerOn()              {}
func (silentCard) PowerOff()             {}
func (silentCard) Reset()                {}
func (silentCard) Process([]byte) []byte { return []byte{0x90, 0x00} }

// lay lays a card on a slot for the rest of the test.
func lay(t *testing.T, d *daemon.Daemon, slot int) {
	t.Helper()
	conn, err := d.DialSlot(t.Context(), slot)
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	serving.Go(func() { _ = vpcd.Serve(ctx, conn, silentCard{}) })
	t.Cleanup(func() {
		cancel()
		serving.Wait()
	})
}
