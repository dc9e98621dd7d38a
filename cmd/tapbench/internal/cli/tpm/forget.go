package tpm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/tpm"
)

func newTPMForget(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "forget [HANDLE…]",
		Short: "Remove what tapbench has put into a TPM for good",
		Long: `forget removes every key and NV index under tapbench's own handles, 81007AB0 to 81007ABF and
01807AB0 to 01807ABF, or only those that are named, and says which. Nobody else's is touched.

A state that is bound to an index (--bind-state) is lost with it: the card's to 01807AB0, the
wallet's to 01807AB1. That is how to begin anew after a lost file: docs/rollback.md.

Attestation keys leave nothing behind: the TPM makes them anew from a seed in the wallet's folder.`,
		Example: "  tapbench tpm info --tpm /dev/tpmrm0\n  tapbench tpm forget --tpm /dev/tpmrm0\n" +
			"  tapbench tpm forget 01807AB1 --tpm swtpm:wallet/tpm",
	}
	f := device.AddTPM(a, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		handles, err := ownHandles(args)
		if err != nil {
			return err
		}
		return forget(cmd.Context(), a, f, handles)
	}
	return cmd
}

// ownHandles reads the handles that are to be forgotten; none means all.
func ownHandles(args []string) ([]uint32, error) {
	var handles []uint32
	for _, text := range args {
		handle, err := strconv.ParseUint(text, 16, 32)
		if err != nil || !tpm.Ours(uint32(handle)) {
			return nil, shell.Usagef("%q isn't one of tapbench's handles,"+
				" 81007AB0 to 81007ABF and 01807AB0 to 01807ABF", text)
		}
		handles = append(handles, uint32(handle))
	}
	return handles, nil
}

func forget(ctx context.Context, a *shell.App, f *device.TPMFlag, handles []uint32) (err error) {
	device, end, err := f.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	gone, forgetErr := device.Forget(ctx, handles...)
	removed := []resident{}
	for _, r := range gone {
		removed = append(removed, residentOf(r))
	}
	err = a.Print(map[string]any{"removed": removed}, func(w io.Writer) {
		for _, r := range removed {
			_, _ = fmt.Fprintf(w, "removed %s\n", r.Handle)
		}
		if len(removed) == 0 {
			_, _ = fmt.Fprintln(w, "nothing of tapbench's is in this TPM"+among(handles))
		}
	})
	return errors.Join(forgetErr, err)
}

// among says that only some handles were looked at.
func among(handles []uint32) string {
	if len(handles) == 0 {
		return ""
	}
	return " under these handles"
}
