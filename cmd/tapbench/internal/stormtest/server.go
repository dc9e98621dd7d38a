package stormtest

import (
	"context"
	"fmt"
	"syscall"

	"tapbench/cmd/tapbench/internal/bench"
)

// server is a bank or a TSM: a process that is killed and started again on the same addresses.
type server struct {
	victim Victim
	store  string // its file
	args   []string
	child  *bench.Child
}

func (s *server) start(ctx context.Context) (err error) {
	s.child, err = bench.StartChild(ctx, string(s.victim), s.args...)
	return err
}

// kill ends the process by SIGKILL and waits until it is gone.
func (s *server) kill() error {
	select {
	case <-s.child.Done():
		return fmt.Errorf("%w: %s, by itself", bench.ErrChild, s.victim)
	default:
	}
	if err := syscall.Kill(s.child.PID(), syscall.SIGKILL); err != nil {
		return fmt.Errorf("killing the %s: %w", s.victim, err)
	}
	<-s.child.Done()
	return nil
}

// stop ends the process, if there is one, by SIGTERM.
func (s *server) stop() error {
	if s.child == nil {
		return nil
	}
	return s.child.Stop()
}
