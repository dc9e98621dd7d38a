package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// warden is its owner's handle of a warden process.
type warden struct {
	command *exec.Cmd
	orders  *os.File // closing it ends the warden
	log     *logTail
	leaving atomic.Bool   // the owner has asked the warden to end
	ready   chan report   // holds the first report
	done    chan struct{} // closed when the process, and so all of its namespace, is gone
	err     error         // why it is gone; valid after done
}

// startWarden starts the warden process in the first way of isolation that works, and gives it its
// order.
func startWarden(o order, log zerolog.Logger) (*warden, error) {
	var refusals []error
	for _, attributes := range isolation() {
		w, err := spawn(attributes, log)
		if err == nil {
			if err := json.NewEncoder(w.orders).Encode(o); err != nil {
				w.end()
				return nil, fmt.Errorf("ordering the warden: %w", err)
			}
			return w, nil
		}
		if !forbidden(err) {
			return nil, fmt.Errorf("starting the warden: %w", err)
		}
		refusals = append(refusals, err)
	}
	return nil, noNamespaces(errors.Join(refusals...))
}

// noNamespaces says what helps when namespaces are refused.
func noNamespaces(reason error) error {
	return fmt.Errorf("%w (%w): run as root, allow user namespaces (sysctl"+
		" user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns), or use the"+
		" machine's own pcscd", ErrNamespaces, reason)
}

// spawn executes this program again, as a warden.
func spawn(attributes *syscall.SysProcAttr, log zerolog.Logger) (*warden, error) {
	pipes, err := openPipes()
	if err != nil {
		return nil, err
	}
	// The warden outlives the context of its start.
	command := exec.CommandContext(context.Background(), "/proc/self/exe")
	command.Args = []string{wardenName}
	command.Env = append(os.Environ(), wardenVariable+"=1")
	command.Stdout, command.Stderr = pipes.logIn, pipes.logIn
	command.ExtraFiles = []*os.File{pipes.ordersOut, pipes.reportsIn} // descriptors 3 and 4
	command.SysProcAttr = attributes
	err = command.Start()
	pipes.closeWardens()
	if err != nil {
		pipes.closeOwners()
		return nil, err
	}
	w := &warden{
		command: command,
		orders:  pipes.ordersIn,
		log:     &logTail{},
		ready:   make(chan report, 1),
		done:    make(chan struct{}),
	}
	go w.watch(pipes, log)
	return w, nil
}

// watch follows the warden to its end.
func (w *warden) watch(pipes *pipes, log zerolog.Logger) {
	var pump sync.WaitGroup
	pump.Go(func() { w.log.follow(pipes.logOut, log) })
	reports := json.NewDecoder(pipes.reportsOut)
	var first, last report
	if err := reports.Decode(&first); err != nil {
		first.Error = "the warden said nothing: does main call daemon.MaybeHelper first?"
	}
	w.ready <- first
	if err := reports.Decode(&last); err != nil && !errors.Is(err, io.EOF) {
		last.Error = err.Error()
	}
	err := w.command.Wait()
	pump.Wait()
	pipes.closeOwners()
	if !w.leaving.Load() {
		w.err = w.why(ErrStopped, last, err)
	}
	close(w.done)
}

// why builds the error of an end that nobody asked for.
func (w *warden) why(sentinel error, r report, exit error) error {
	reason := r.Error
	if reason == "" && exit != nil {
		reason = "the warden: " + exit.Error()
	}
	if reason == "" {
		reason = "the warden ended"
	}
	if said := w.log.last(); said != "" {
		reason += "; it said: " + said
	}
	return fmt.Errorf("%w: %s", sentinel, reason)
}

// awaitReady waits for the warden's first report.
func (w *warden) awaitReady(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case r := <-w.ready:
		switch {
		case r.Ready:
			return nil
		case r.Namespaces:
			return noNamespaces(errors.New(r.Error))
		}
		// pcscd's last words come through another pipe, which the end of the warden closes.
		w.end()
		return w.why(ErrNotReady, r, nil)
	}
}

// end ends the warden and waits until it is gone.
func (w *warden) end() {
	w.leaving.Store(true)
	_ = w.orders.Close()
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case <-w.done:
	case <-limit.C:
		_ = w.command.Process.Kill()
		<-w.done
	}
}

// pipes are the three pipes between owner and warden. The names say what is at hand: the end that
// bytes go in or come out of.
type pipes struct {
	ordersOut, ordersIn   *os.File
	reportsOut, reportsIn *os.File
	logOut, logIn         *os.File
}

func openPipes() (*pipes, error) {
	var p pipes
	for _, ends := range []struct{ out, in **os.File }{
		{&p.ordersOut, &p.ordersIn}, {&p.reportsOut, &p.reportsIn}, {&p.logOut, &p.logIn},
	} {
		var err error
		if *ends.out, *ends.in, err = os.Pipe(); err != nil {
			p.closeWardens()
			p.closeOwners()
			return nil, err
		}
	}
	return &p, nil
}

// closeWardens closes the ends that the warden has inherited.
func (p *pipes) closeWardens() { closeAll(p.ordersOut, p.reportsIn, p.logIn) }

// closeOwners closes the owner's ends.
func (p *pipes) closeOwners() { closeAll(p.ordersIn, p.reportsOut, p.logOut) }

// closeAll closes the files that are open; os.File allows both nil and closing again.
func closeAll(files ...*os.File) {
	for _, file := range files {
		_ = file.Close()
	}
}
