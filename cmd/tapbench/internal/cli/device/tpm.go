package device

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/tpm"
	"tapbench/tpm/swtpm"
)

// TPMFlag is --tpm, which every command that needs a TPM has, and the one way to open it.
type TPMFlag struct {
	*shell.App
	Where string
}

// AddTPM adds --tpm.
func AddTPM(a *shell.App, cmd *cobra.Command) *TPMFlag {
	f := &TPMFlag{App: a}
	cmd.Flags().StringVar(&f.Where, "tpm", a.Getenv("TAPBENCH_TPM"),
		"unix:PATH, tcp:HOST:PORT, /dev/tpmrm0, or swtpm[:FOLDER] to start one "+
			"(default: $TAPBENCH_TPM)")
	_ = cmd.RegisterFlagCompletionFunc("tpm", cobra.FixedCompletions(
		[]string{"unix:", "tcp:", "/dev/tpmrm0", "swtpm", "swtpm:"}, cobra.ShellCompDirectiveNoSpace))
	return f
}

// tpmWait is how long a TPM that serves somebody else is waited for.
const tpmWait = 10 * time.Second

// Check refuses that no TPM was named.
func (f *TPMFlag) Check() error {
	if f.Where == "" {
		return shell.Usagef(
			"--tpm is missing: which TPM? \"tapbench up\" starts one and prints TAPBENCH_TPM")
	}
	return nil
}

// Open connects to the TPM, and returns how to end it again.
func (f *TPMFlag) Open(ctx context.Context) (_ *tpm.TPM, end func() error, err error) {
	if err := f.Check(); err != nil {
		return nil, nil, err
	}
	where, stop, err := f.start(ctx)
	if err != nil {
		return nil, nil, err
	}
	wait, cancel := context.WithTimeout(ctx, tpmWait)
	defer cancel()
	device, err := tpm.OpenShared(wait, where)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("opening the TPM: %w", err), stop())
	}
	return device, func() error { return errors.Join(device.Close(), stop()) }, nil
}

// start starts a swtpm if one is asked for, and returns where the TPM is.
func (f *TPMFlag) start(ctx context.Context) (where string, end func() error, err error) {
	folder, own := CutSWTPM(f.Where)
	if !own {
		return f.Where, func() error { return nil }, nil
	}
	config := swtpm.Config{Dir: folder, Log: f.Log}
	remove := func() error { return nil }
	if folder == "" {
		temporary, err := os.MkdirTemp("", "tapbench-tpm-")
		if err != nil {
			return "", nil, fmt.Errorf("making the TPM's folder: %w", err)
		}
		config.Dir = filepath.Join(temporary, "tpm")
		remove = func() error { return os.RemoveAll(temporary) }
	} else if config.Dir, err = filepath.Abs(folder); err != nil {
		return "", nil, fmt.Errorf("finding the TPM's folder: %w", err)
	}
	process, err := swtpm.Start(ctx, config)
	if err != nil {
		return "", nil, errors.Join(err, remove())
	}
	return "unix:" + process.Socket(), func() error {
		return errors.Join(process.Stop(), remove())
	}, nil
}

// CutSWTPM reads swtpm and swtpm:FOLDER.
func CutSWTPM(where string) (folder string, found bool) {
	const name = "swtpm"
	switch {
	case where == name:
		return "", true
	case len(where) > len(name)+1 && where[:len(name)+1] == name+":":
		return where[len(name)+1:], true
	default:
		return "", false
	}
}
