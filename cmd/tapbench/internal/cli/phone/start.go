package phone

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/tpm"
	"tapbench/wallet/starter"
)

// startedVariable tells a wallet that it was started: process identity and digest. It explains
// errors; no part of the protocol believes it.
const startedVariable = "TAPBENCH_STARTED"

// StartFirst has a wallet command started as a phone starts a wallet: this process measures the
// wallet's program into the TPM and then gives its place to it.
func (w *Flags) StartFirst(a *shell.App, cmd *cobra.Command) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if _, own := device.CutSWTPM(w.tpm.Where); own || w.tpm.Where == "" {
			return nil // nobody to tell yet, or nobody at all
		}
		return w.start(cmd.Context(), a)
	}
}

// start returns in the process that was started, with the digest that it was started as. In the one
// that starts it, it returns only what went wrong.
func (w *Flags) start(ctx context.Context, a *shell.App) (err error) {
	var pid int
	var digest string
	if n, _ := fmt.Sscanf(a.Getenv(startedVariable), "%d %64s", &pid, &digest); n == 2 &&
		pid == os.Getpid() {
		raw, err := hex.DecodeString(digest)
		copy(w.started[:], raw)
		return err
	}
	path := w.program
	if path == "" {
		if path, err = os.Executable(); err != nil {
			return fmt.Errorf("finding this program: %w", err)
		}
	}
	program, err := starter.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, program.Close()) }()
	device, end, err := w.tpm.Open(ctx)
	if err != nil {
		return err
	}
	err = starter.Machine{TPM: device, List: w.list}.Start(ctx, program.Entry)
	if err := errors.Join(err, end()); err != nil {
		return err
	}
	err = os.Setenv(startedVariable, fmt.Sprintf("%d %x", os.Getpid(), program.Digest))
	if err != nil {
		return err
	}
	return program.Exec(os.Args, os.Environ())
}

// startHere is what a TPM needs that this command has switched on itself: its PCRs are empty and so
// is the list, until this program is measured.
func startHere(ctx context.Context, device *tpm.TPM, list string) error {
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	entry, err := tpm.MeasureFile(executable)
	if err != nil {
		return err
	}
	if err := os.Remove(list); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("beginning the measurement list: %w", err)
	}
	return starter.Machine{TPM: device, List: list}.Start(ctx, entry)
}

// ownList is where the measurement list lies of a TPM that this command starts itself.
func ownList(folder, list string) string {
	if list != "" {
		return list
	}
	return filepath.Join(folder, "measurements")
}
