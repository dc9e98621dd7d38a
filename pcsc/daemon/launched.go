package daemon

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// launched is a pcscd that this process has started, outside of any namespace of ours.
type launched struct {
	process *os.Process
	log     *logTail
	done    chan struct{} // closed when it has ended and its log is read
}

// launchPCSCD starts pcscd with arguments.
func launchPCSCD(pcscd string, args []string, log zerolog.Logger) (*launched, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	// It outlives the context of its start.
	command := exec.CommandContext(context.Background(), pcscd, args...)
	command.Stdout, command.Stderr = in, in
	command.SysProcAttr = diesWithUs()
	l := &launched{log: &logTail{}, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel counts the parent's death by thread: this one must live as long as pcscd.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		l.process = command.Process
		closeQuietly(in)
		started <- err
		if err == nil {
			l.log.follow(out, log)
			_ = command.Wait()
		}
		closeQuietly(out)
		close(l.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return l, nil
}

// stop ends pcscd, which removes its socket.
func (l *launched) stop() error {
	if err := l.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case <-l.done:
		return nil
	case <-limit.C:
		err := l.process.Kill()
		<-l.done
		return err
	}
}
