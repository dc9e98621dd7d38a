package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func (a *app) newTPMForget() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "forget",
		Short: "Remove what tapbench has put into a TPM for good",
		Long: `forget removes every key and NV index under tapbench's own handles, 81007AB0 to 81007ABF and
01807AB0 to 01807ABF, and says which. Nobody else's is touched. What is bound to them, such as a
card's state, is lost then.

Attestation keys leave nothing behind: the TPM makes them anew from a seed in the wallet's folder.`,
		Example: "  tapbench tpm info --tpm /dev/tpmrm0\n  tapbench tpm forget --tpm /dev/tpmrm0",
		Args:    noArgs,
	}
	f := a.addTPMFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.tpmForget(cmd.Context(), f) }
	return cmd
}

func (a *app) tpmForget(ctx context.Context, f *tpmFlag) (err error) {
	device, end, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	gone, forgetErr := device.Forget(ctx)
	removed := []resident{}
	for _, r := range gone {
		removed = append(removed, residentOf(r))
	}
	err = a.print(map[string]any{"removed": removed}, func(w io.Writer) {
		for _, r := range removed {
			_, _ = fmt.Fprintf(w, "removed %s\n", r.Handle)
		}
		if len(removed) == 0 {
			_, _ = fmt.Fprintln(w, "nothing of tapbench's is in this TPM")
		}
	})
	return errors.Join(forgetErr, err)
}
