package testbed

import (
	"context"
	"os"
	"path/filepath"

	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// Serve writes dir/env and runs a command with these variables, or shows them and watches until ctx
// ends if there is none.
func Serve(
	ctx context.Context, a *shell.App, watch func(context.Context) error, command *bench.Command,
	dir string, env []Variable,
) error {
	if err := writeEnvironment(filepath.Join(dir, "env"), shellScript(env)); err != nil {
		return err
	}
	if command != nil {
		return Run(ctx, a, watch, command, env)
	}
	if err := showEnvironment(a, dir, env); err != nil {
		return err
	}
	return watch(ctx)
}

// Run runs a command on a bed. A part of the bed that ends meanwhile is reported at once; the
// command goes on, and can't succeed any more.
func Run(
	ctx context.Context, a *shell.App, watch func(context.Context) error, command *bench.Command,
	env []Variable,
) error {
	if ctx.Err() != nil { // interrupted before the command could be
		return ctx.Err()
	}
	for _, v := range env {
		if v.Value != "" {
			command.Env = append(command.Env, v.Name+"="+v.Value)
		} else if err := os.Unsetenv(v.Name); err != nil {
			return err
		}
	}
	command.Stdin, command.Stdout, command.Stderr = a.In, a.Out, a.Err
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	broken := make(chan error, 1)
	go func() {
		err := watch(watching)
		if err != nil {
			a.Report(watching, err)
		}
		broken <- err
	}()
	exit, err := command.Run()
	stop()
	if lost := <-broken; lost != nil && exit == shell.ExitOK {
		exit = shell.ExitFailed
	}
	if err != nil || exit != shell.ExitOK {
		return &shell.CommandError{Exit: exit, Err: err}
	}
	return nil
}
