package cli

import (
	"context"
	"fmt"
	"os"

	"tapbench/cmd/tapbench/internal/bench"
)

// commandError is the exit code of a command that ran on a bed, or that couldn't be run.
type commandError struct {
	exit int
	err  error // nil if the command ran: then it has said itself what there was to say
}

// Error returns what kept the command from running, or how it ended.
func (e *commandError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("the command ended with exit code %d", e.exit)
	}
	return e.err.Error()
}

// alone reports that err says nothing but how the command ended, which it has said itself.
func (e *commandError) alone(err error) bool { return e.err == nil && err.Error() == e.Error() }

// Unwrap returns what kept the command from running.
func (e *commandError) Unwrap() error { return e.err }

// runOn runs a command on a bed. A part of the bed that ends meanwhile is reported at once; the
// command goes on, and can't succeed any more.
func (a *app) runOn(
	ctx context.Context, watch func(context.Context) error, command *bench.Command,
	env []variable,
) error {
	if ctx.Err() != nil { // interrupted before the command could be
		return ctx.Err()
	}
	for _, v := range env {
		if v.value != "" {
			command.Env = append(command.Env, v.name+"="+v.value)
		} else if err := os.Unsetenv(v.name); err != nil {
			return err
		}
	}
	command.Stdin, command.Stdout, command.Stderr = a.In, a.Out, a.Err
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	broken := make(chan error, 1)
	go func() {
		err := watch(watching)
		if err != nil {
			a.report(watching, err)
		}
		broken <- err
	}()
	exit, err := command.Run()
	stop()
	if lost := <-broken; lost != nil && exit == exitOK {
		exit = exitFailed
	}
	if err != nil || exit != exitOK {
		return &commandError{exit, err}
	}
	return nil
}
