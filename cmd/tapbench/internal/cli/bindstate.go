package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"tapbench/applet/emulator"
	"tapbench/applet/statefile/bound"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/tpm"
)

// Numbers of the NV indices that states are bound to, if the command line names no other.
const (
	elementIndex = 0
	walletIndex  = 1
)

// bindVariable has wallet commands bind their state without --bind-state.
const bindVariable = "TAPBENCH_BIND_STATE"

// bindFlag is --bind-state[=HANDLE].
type bindFlag struct {
	handle string // empty: not asked for
	tpm    *tpmFlag
}

// addBindFlag adds --bind-state for a state whose index is the n-th of tapbench's.
func addBindFlag(cmd *cobra.Command, tpm *tpmFlag, what string, n int) *bindFlag {
	b := &bindFlag{tpm: tpm}
	f := cmd.Flags()
	f.StringVar(&b.handle, "bind-state", "", "bind the "+what+" to the TPM's NV index `HANDLE`, "+
		"so that no older copy of it is taken (see docs/rollback.md)")
	f.Lookup("bind-state").NoOptDefVal = indexName(n)
	return b
}

func indexName(n int) string { return fmt.Sprintf("%08X", tpm.FirstIndex+n) }

// asked says whether the state is to be bound.
func (b *bindFlag) asked() bool { return b.handle != "" }

// number returns which of tapbench's indices is asked for.
func (b *bindFlag) number() (int, error) {
	handle, err := strconv.ParseUint(b.handle, 16, 32)
	n := int(handle) - tpm.FirstIndex
	if err != nil || n < 0 || n > 15 {
		return 0, shell.Usagef("--bind-state %q isn't an index from %s to %s", b.handle,
			indexName(0), indexName(15))
	}
	return n, nil
}

// check refuses a binding that couldn't outlast this command.
func (b *bindFlag) check() error {
	if !b.asked() {
		return nil
	}
	if _, err := b.number(); err != nil {
		return err
	}
	if folder, own := cutSWTPM(b.tpm.where); own && folder == "" {
		return shell.Usagef(
			"--bind-state: the next command has another TPM; name a folder: --tpm swtpm:FOLDER")
	}
	return b.tpm.check()
}

// index returns the index of an open TPM.
func (b *bindFlag) index(device *tpm.TPM) (tpm.Index, error) {
	n, err := b.number()
	if err != nil {
		return tpm.Index{}, err
	}
	return device.Index(n)
}

// store binds a card's state. The TPM is open until end is called.
func (b *bindFlag) store(
	ctx context.Context, file bound.File,
) (_ emulator.Store, end func() error, err error) {
	if err := b.check(); err != nil {
		return nil, nil, err
	}
	device, end, err := b.tpm.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	index, err := b.index(device)
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	store, err := bound.New(bound.Config{File: file, Anchor: index})
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return store, end, nil
}

// boundJSON says how a state is bound.
type boundJSON struct {
	Index string `json:"nv_index,omitempty"`
	// Verified says that the TPM was asked, and that this is the latest state.
	Verified bool `json:"verified"`
}

// write prints nothing for a state that isn't bound.
func (b *boundJSON) write(w io.Writer) {
	switch {
	case b == nil:
	case b.Verified:
		_, _ = fmt.Fprintf(w, "state         bound to NV index %s, the latest one\n", b.Index)
	default:
		_, _ = fmt.Fprintf(w, "state         bound to a TPM, which wasn't asked whether it is the latest one\n")
	}
}
