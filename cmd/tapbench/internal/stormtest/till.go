package stormtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"

	"tapbench/backend/store/examiner"
	"tapbench/terminal"
)

// till is a terminal: a process of "terminal run" that is killed and started again on its folder.
type till struct {
	*storm
	name   string // terminal identification
	folder string
	socket string // of its phone
	only   bool   // it takes payments by token only
	listed bool   // it has a deny list, without which it takes none
	mu     sync.Mutex
	run    *run // the process that is there
	// ordered counts payments that were ordered, by amount as in EUR:1.25. It is the user's while he
	// lives.
	ordered map[string]int
}

// run is one process of a terminal.
type run struct {
	cmd    *exec.Cmd
	orders io.WriteCloser
	events chan event // closed when the process has ended
	done   chan struct{}
	idle   bool // it waits for an order
}

// event is what of a line of "terminal run --json" the storm looks at.
type event struct {
	Kind    string          `json:"event"`
	Error   string          `json:"error"`
	Voided  bool            `json:"voided"`
	Receipt json.RawMessage `json:"receipt"`
	Day     *day            `json:"day"`
}

// day is what of a closed day the storm looks at.
type day struct {
	Balanced bool `json:"balanced"`
}

// order is one line for it.
type order struct {
	Act    string `json:"do"`
	Amount string `json:"amount,omitempty"`
	RRN    string `json:"rrn,omitempty"`
}

// errGone means that the terminal was killed before it was ready again.
var errGone = errors.New("the terminal is gone")

// start starts the process, and doesn't wait for it.
func (t *till) start(ctx context.Context) error {
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	mode := terminal.OfflineAuto
	if t.only {
		mode = terminal.OfflineOnly
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), executable, "terminal", "run", "--json",
		"--offline", string(mode),
		"--keys", filepath.Join(t.keys, "merchant"), "--folder", t.folder, "--terminal", t.name,
		"--acquirer", t.shopAt, "--reader", t.socket, "--echo", "0", "--relay-grace", "30s",
		"--log-level", "error")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	r := &run{cmd: cmd, events: make(chan event, 64), done: make(chan struct{})}
	if r.orders, err = cmd.StdinPipe(); err != nil {
		return fmt.Errorf("starting a terminal: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("starting a terminal: %w", err)
	}
	words, err := os.OpenFile(t.folder+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("starting a terminal: %w", err)
	}
	defer func() { _ = words.Close() }() // the process has it
	cmd.Stderr = words
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting a terminal: %w", err)
	}
	go t.watch(r, out)
	t.mu.Lock()
	t.run = r
	t.mu.Unlock()
	t.log.write(func() {}) // whoever waits for it
	return nil
}

// watch writes down what the terminal says, to the last line that it got out.
func (t *till) watch(r *run, out io.Reader) {
	defer close(r.done)
	defer func() { _ = r.cmd.Wait() }() // killed
	defer close(r.events)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<16)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			continue // a line that was cut off acknowledges nothing
		}
		t.note(e)
		r.events <- e
	}
}

// note writes down what an event acknowledges.
func (t *till) note(e event) {
	switch {
	case e.Day != nil:
		t.log.count(func(c *Tally) { c.Days++ })
	case e.Voided:
		t.log.count(func(c *Tally) { c.Voids++ })
	case len(e.Receipt) > 0 && (e.Kind == "receipt" || e.Kind == "recovered"):
		told, acknowledged, err := examiner.ParseTold(e.Receipt)
		if err != nil {
			t.log.fault("%s: %v", t.name, err)
		}
		if acknowledged {
			t.log.acknowledge(told)
			t.log.pass(string(TSM), t.name)
		}
	}
}

// current returns the process that is there now.
func (t *till) current() *run {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.run
}

// ready waits until a process is there that takes orders.
func (t *till) ready(ctx context.Context) (*run, error) {
	for {
		news, _ := t.log.changed()
		r := t.current()
		if _, err := r.await(ctx); err == nil {
			return r, nil
		} else if !errors.Is(err, errGone) {
			return nil, err
		}
		select { // the next one
		case <-news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// await returns the last event before the terminal is ready again.
func (r *run) await(ctx context.Context) (last event, err error) {
	for !r.idle {
		select {
		case e, ok := <-r.events:
			switch {
			case !ok:
				return last, errGone
			case e.Kind == "ready":
				r.idle = true
			case e.Kind == "receipt", e.Kind == "day", e.Kind == "error", e.Kind == "recovered":
				last = e
			}
		case <-ctx.Done():
			return last, ctx.Err()
		}
	}
	return last, nil
}

// carryOut gives an order to a terminal that is ready, and returns what came of it.
func (r *run) carryOut(ctx context.Context, o order) (event, error) {
	line, err := json.Marshal(o)
	if err != nil {
		return event{}, err
	}
	r.idle = false
	if _, err := r.orders.Write(append(line, '\n')); err != nil {
		return event{}, errGone
	}
	return r.await(ctx)
}

// kill ends the process by SIGKILL and waits until all that it has said was heard.
func (t *till) kill() error {
	r := t.current()
	if err := r.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		return fmt.Errorf("killing terminal %s: %w", t.name, err)
	}
	t.drain(r)
	return nil
}

// stop ends the process, if there is one.
func (t *till) stop() {
	if r := t.current(); r != nil {
		_ = r.cmd.Process.Signal(syscall.SIGKILL) // gone already: all the better
		t.drain(r)
	}
}

// drain waits for the end of a process. Nobody may be left to take its events.
func (t *till) drain(r *run) {
	for {
		select {
		case <-r.done:
			return
		case <-r.events:
		}
	}
}

// claim brings what the terminal took by token to the TSM. Its process must be gone: it has the
// claims.
func (t *till) claim(ctx context.Context) error {
	_, err := t.command(ctx, nil, "terminal", "settle", "--json", "--folder", t.folder, "--terminal",
		t.name, "--keys", filepath.Join(t.keys, "merchant"), "--tsm-address", t.tsmAt, "--batch", "3")
	if err == nil {
		t.log.count(func(c *Tally) { c.Claimed++ })
	}
	return err
}
