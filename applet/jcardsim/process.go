package jcardsim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// startTime is how long Java may take to say hello, stopTime to end by itself.
	startTime = 60 * time.Second
	stopTime  = 5 * time.Second
	// MinJava is the oldest Java that runs the bridge.
	MinJava = 17
)

// process is one run of a Java virtual machine.
type process struct {
	command *exec.Cmd
	in      io.Closer
	pipe    *pipe
	hello   hello
	said    *tail
}

// start starts Java and waits until it says hello.
func start(ctx context.Context, cfg Config) (*process, error) {
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoJava, err)
	}
	arguments := append([]string{
		"-Dcom.licel.jcardsim.randomdata.secure=1", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1",
		"-XX:+UseSerialGC", "-cp", cfg.Classpath,
	}, cfg.Options...)
	p := &process{said: &tail{to: cfg.Log}}
	p.command = exec.CommandContext(ctx, java, append(arguments,
		cmp.Or(cfg.Main, "tapbench.Bridge"))...)
	p.command.Stderr, p.command.WaitDelay = p.said, stopTime
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt isn't for it
	in, err := p.command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("opening the machine's input: %w", err)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("opening the machine's output: %w", err)
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("starting Java: %w", err)
	}
	p.in, p.pipe = in, &pipe{in: in, out: out}
	if err := p.greet(); err != nil {
		p.kill()
		if old := checkVersion(ctx, java); old != nil {
			return nil, old
		}
		return nil, p.lost(err)
	}
	return p, nil
}

// greet waits for the bridge's hello. Classes from before there was one never say it.
func (p *process) greet() error {
	late := time.AfterFunc(startTime, func() { _ = p.command.Process.Kill() })
	raw, err := p.pipe.receive()
	if !late.Stop() {
		return fmt.Errorf("%w for this program: it has said nothing for %s", ErrNotBuilt, startTime)
	}
	if err != nil {
		return err
	}
	p.hello, err = parseHello(raw)
	return err
}

// stop ends the machine by the end of its input.
func (p *process) stop() error {
	if err := p.in.Close(); err != nil {
		return fmt.Errorf("closing the machine's input: %w", err)
	}
	kill := time.AfterFunc(stopTime, func() { _ = p.command.Process.Kill() })
	defer kill.Stop()
	if err := p.command.Wait(); err != nil {
		return p.lost(err)
	}
	return nil
}

// kill ends the machine at once.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	_ = p.in.Close()
	_ = p.command.Wait()
}

// lost says why a process that was killed is no more: [ErrMachine], with its last words.
func (p *process) lost(err error) error {
	switch failure := p.said.failure(); {
	case failure != "":
		return fmt.Errorf("%w: %s", ErrMachine, failure)
	case errors.Is(err, io.EOF), errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("%w: it ended: %s", ErrMachine, p.command.ProcessState)
	default:
		return fmt.Errorf("%w: %w", ErrMachine, err)
	}
}

var versionPattern = regexp.MustCompile(`version "(?:1\.)?(\d+)`)

// checkVersion returns [ErrOldJava] for a Java that says that it is too old for the applet.
func checkVersion(ctx context.Context, java string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	said, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	if err != nil {
		return nil // what it said when it was started says more
	}
	version, known := JavaVersion(string(said))
	if !known || version >= MinJava {
		return nil
	}
	return fmt.Errorf("%w: %s is version %d, %d is needed", ErrOldJava, java, version, MinJava)
}

// JavaVersion reads the version out of what "java -version" says: 8 for 1.8.0_292, 17 for 17.0.9.
func JavaVersion(said string) (version int, known bool) {
	match := versionPattern.FindStringSubmatch(said)
	if match == nil {
		return 0, false
	}
	version, err := strconv.Atoi(match[1])
	return version, err == nil
}

// tail keeps the last that was written, and passes everything on.
type tail struct {
	to   io.Writer // nil: nowhere
	last []byte
}

// maxTail is how much of it is kept, in bytes.
const maxTail = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	if over := len(t.last) - maxTail; over > 0 {
		t.last = append(t.last[:0], t.last[over:]...)
	}
	if t.to == nil {
		return len(p), nil
	}
	return t.to.Write(p)
}

// failure returns the first line that names an error, or "". The process must have ended.
func (t *tail) failure() string {
	for line := range strings.Lines(string(t.last)) {
		if strings.Contains(line, "Exception") || strings.Contains(line, "Error") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
