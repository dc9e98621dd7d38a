package shell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/term"
)

// terminalOut returns standard output if it is a terminal.
func (a *App) terminalOut() (*os.File, bool) {
	file, ok := a.Out.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}

// Width returns how many columns standard output has, or 0 if it is no terminal.
func (a *App) Width() int {
	file, ok := a.terminalOut()
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// Pager returns where a long text goes: through $PAGER, else less, if standard output is a
// terminal, and straight there if not. done ends it and waits; that the reader has seen enough is
// no error.
func (a *App) Pager(ctx context.Context, wanted bool) (w io.Writer, done func() error, err error) {
	file, isTerminal := a.terminalOut()
	command := a.Getenv("PAGER")
	if command == "" {
		if _, err := exec.LookPath("less"); err == nil {
			command = "less"
		}
	}
	if !isTerminal || !wanted || command == "" || command == "cat" {
		return buffered(a.Out)
	}
	pager := exec.CommandContext(ctx, "sh", "-c", command)
	pager.Stdout, pager.Stderr = file, a.Err
	pager.Env = os.Environ()
	if a.Getenv("LESS") == "" {
		pager.Env = append(pager.Env, "LESS=FRX") // short texts stay, colours pass
	}
	pipe, err := pager.StdinPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("starting the pager: %w", err)
	}
	if err := pager.Start(); err != nil {
		return buffered(a.Out)
	}
	out, flush, _ := buffered(pipe)
	return out, func() error {
		err := errors.Join(flush(), pipe.Close())
		if wait := pager.Wait(); err == nil && wait != nil {
			err = fmt.Errorf("showing it in %s: %w", command, wait)
		}
		return err
	}, nil
}

// buffered returns a writer and what empties it.
func buffered(w io.Writer) (io.Writer, func() error, error) {
	out := bufio.NewWriter(w)
	return out, func() error { return UnlessGone(out.Flush()) }, nil
}

// UnlessGone takes the error away that says that nobody reads on.
func UnlessGone(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}
