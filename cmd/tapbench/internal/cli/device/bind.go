package device

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
	ElementIndex = 0
	WalletIndex  = 1
)

// BindVariable has wallet commands bind their state without --bind-state.
const BindVariable = "TAPBENCH_BIND_STATE"

// BindFlag is --bind-state[=HANDLE].
type BindFlag struct {
	Handle string // empty: not asked for
	TPM    *TPMFlag
}

// AddBind adds --bind-state for a state whose index is the n-th of tapbench's.
func AddBind(cmd *cobra.Command, tpm *TPMFlag, what string, n int) *BindFlag {
	b := &BindFlag{TPM: tpm}
	f := cmd.Flags()
	f.StringVar(&b.Handle, "bind-state", "", "bind the "+what+" to the TPM's NV index `HANDLE`, "+
		"so that no older copy of it is taken (see docs/rollback.md)")
	f.Lookup("bind-state").NoOptDefVal = IndexName(n)
	return b
}

// IndexName is how an index of tapbench's is written, by its number.
func IndexName(n int) string { return fmt.Sprintf("%08X", tpm.FirstIndex+n) }

// Asked says whether the state is to be bound.
func (b *BindFlag) Asked() bool { return b.Handle != "" }

// number returns which of tapbench's indices is asked for.
func (b *BindFlag) number() (int, error) {
	handle, err := strconv.ParseUint(b.Handle, 16, 32)
	n := int(handle) - tpm.FirstIndex
	if err != nil || n < 0 || n > 15 {
		return 0, shell.Usagef("--bind-state %q isn't an index from %s to %s", b.Handle,
			IndexName(0), IndexName(15))
	}
	return n, nil
}

// Check refuses a binding that couldn't outlast this command.
func (b *BindFlag) Check() error {
	if !b.Asked() {
		return nil
	}
	if _, err := b.number(); err != nil {
		return err
	}
	if folder, own := CutSWTPM(b.TPM.Where); own && folder == "" {
		return shell.Usagef(
			"--bind-state: the next command has another TPM; name a folder: --tpm swtpm:FOLDER")
	}
	return b.TPM.Check()
}

// Index returns the index of an open TPM.
func (b *BindFlag) Index(device *tpm.TPM) (tpm.Index, error) {
	n, err := b.number()
	if err != nil {
		return tpm.Index{}, err
	}
	return device.Index(n)
}

// Store binds a card's state. The TPM is open until end is called.
func (b *BindFlag) Store(
	ctx context.Context, file bound.File,
) (_ emulator.Store, end func() error, err error) {
	if err := b.Check(); err != nil {
		return nil, nil, err
	}
	device, end, err := b.TPM.Open(ctx)
	if err != nil {
		return nil, nil, err
	}
	index, err := b.Index(device)
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	store, err := bound.New(bound.Config{File: file, Anchor: index})
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return store, end, nil
}

// BoundJSON says how a state is bound.
type BoundJSON struct {
	Index string `json:"nv_index,omitempty"`
	// Verified says that the TPM was asked, and that this is the latest state.
	Verified bool `json:"verified"`
}

// Write prints nothing for a state that isn't bound.
func (b *BoundJSON) Write(w io.Writer) {
	switch {
	case b == nil:
	case b.Verified:
		_, _ = fmt.Fprintf(w, "state         bound to NV index %s, the latest one\n", b.Index)
	default:
		_, _ = fmt.Fprintf(w, "state         bound to a TPM, which wasn't asked whether it is the latest one\n")
	}
}
