package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options is what the command was called with.
type options struct {
	light bool
	allow string   // the list of allowed skips
	read  string   // a recorded stream of events, instead of a run
	java  string   // the folder of a Maven build to test, or empty
	maven string   // the program that runs Maven there
	test  []string // the arguments of go test
}

// run is the command without the process around it. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return 2
	}
	allowed, err := readAllowed(o.allow)
	if err != nil {
		fmt.Fprintln(stderr, "testsum:", err)
		return 1
	}
	allowed.light = o.light
	t := newTally(stdout, allowed)
	switch {
	case o.read != "":
		err = t.readFile(o.read)
	case len(o.test) > 0:
		err = t.goTest(ctx, o.test, stderr)
	}
	if err == nil && o.java != "" {
		err = t.javaTest(ctx, o.java, o.maven)
	}
	if err != nil {
		t.complain("%v", err)
	}
	if t.summary() {
		return 0
	}
	return 1
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("testsum", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.light, "light", false, `allow skips whose reason begins "`+lightPath+`"`)
	flags.StringVar(&o.allow, "allow", "scripts/skips.txt", "the list of allowed skips")
	flags.StringVar(&o.read, "read", "", "read this recorded go test -json instead of running it")
	flags.StringVar(&o.java, "java", "", "run the Maven tests of this folder too")
	flags.StringVar(&o.maven, "maven", "scripts/mvn.sh", "the program that runs Maven")
	// From the first flag on that isn't ours, the arguments are go test's business.
	isForeign := func(arg string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		isHelp := name == "h" || name == "help"
		return strings.HasPrefix(arg, "-") && name != "" && !isHelp && flags.Lookup(name) == nil
	}
	ours := args
	if n := slices.IndexFunc(args, isForeign); n >= 0 {
		ours = args[:n]
	}
	if err := flags.Parse(ours); err != nil {
		return options{}, err
	}
	o.test = append(flags.Args(), args[len(ours):]...)
	if o.read == "" && o.java == "" && len(o.test) == 0 {
		flags.Usage()
		return options{}, errors.New("nothing to test")
	}
	return o, nil
}

// readFile counts a recorded run.
func (t *tally) readFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("reading the recorded run: %w", err)
	}
	defer f.Close() //nolint:errcheck // was only read
	return t.readEvents(f)
}

// goTest runs the tests and counts as they come. Interrupting ctx interrupts every process of the
// run; what they did until then is counted, and what they didn't finish has failed.
func (t *tally) goTest(ctx context.Context, args []string, stderr io.Writer) error {
	command := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	events, stdout := io.Pipe()
	command.Stdout, command.Stderr = stdout, stderr
	inOwnGroup(command)
	if err := command.Start(); err != nil {
		return fmt.Errorf("running go test: %w", err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- command.Wait()
		_ = stdout.Close() // never fails
	}()
	if err := t.readEvents(events); err != nil {
		return err
	}
	err := <-ended
	switch {
	case ctx.Err() != nil:
		return errors.New("the run was interrupted")
	case err != nil && len(t.failures) == 0:
		return fmt.Errorf("running go test: %w", err)
	}
	return nil
}

// inOwnGroup puts the command and its children into a process group, which an interrupt ends as a
// whole.
func inOwnGroup(command *exec.Cmd) {
	// From the end or an interrupt on, until output that a forgotten child holds open is given up.
	const patience = 10 * time.Second
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGINT) }
	command.WaitDelay = patience
}

// readEvents counts a stream of events until its end.
func (t *tally) readEvents(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			t.line(line)
		}
		if errors.Is(err, io.EOF) {
			t.end()
			return nil
		}
		if err != nil {
			t.end()
			return fmt.Errorf("reading the test run: %w", err)
		}
	}
}
