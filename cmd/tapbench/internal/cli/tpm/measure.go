package tpm

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/tpm"
	"tapbench/tpm/measure"
	"tapbench/wallet/starter"
)

type measureOptions struct {
	tpm    *device.TPMFlag
	list   string
	extend bool
}

// measured is one measured file.
type measured struct {
	Path     string `json:"path"`
	SHA256   string `json:"sha256"`
	Template string `json:"template_hash"`
	PCR      int    `json:"pcr"`
}

func newTPMMeasure(a *shell.App) *cobra.Command {
	var o measureOptions
	cmd := &cobra.Command{
		Use:   "measure FILE…",
		Short: "Measure files as IMA does, and with --extend into the TPM",
		Long: `measure prints the SHA-256 of each file, as sha256sum does. With --extend it also
appends an entry to the measurement list, in IMA's format (template ima-ng), and extends PCR 10 by
the entry's template hash: that is what a kernel does before it starts a program. The list is
written first: an entry that didn't reach the PCR is found at the next quote.`,
		Example: `  tapbench tpm measure bin/wallet > released
  tapbench tpm measure --extend --measurements bed/measurements bin/wallet`,
		Args: shell.Takes(1, shell.Many),
	}
	o.tpm = device.AddTPM(a, cmd)
	cmd.Flags().StringVar(&o.list, "measurements", a.Getenv("TAPBENCH_MEASUREMENTS"),
		"measurement list `file` (default: $TAPBENCH_MEASUREMENTS)")
	cmd.Flags().BoolVar(&o.extend, "extend", false, "append to the list and extend PCR 10")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return tpmMeasure(cmd.Context(), a, args, o)
	}
	return cmd
}

func tpmMeasure(ctx context.Context, a *shell.App, files []string, o measureOptions) error {
	entries := make([]measure.Entry, 0, len(files))
	shown := make([]measured, 0, len(files))
	for _, file := range files {
		entry, err := tpm.MeasureFile(file)
		if err != nil {
			return err
		}
		entry.Path = measure.RecordedPath(entry.Path)
		entries = append(entries, entry)
		shown = append(shown, measured{
			Path: entry.Path, SHA256: fmt.Sprintf("%x", entry.Digest),
			Template: fmt.Sprintf("%x", entry.TemplateHash()), PCR: entry.PCR,
		})
	}
	if o.extend {
		if err := extend(ctx, entries, o); err != nil {
			return err
		}
	}
	return a.Print(shown, func(w io.Writer) {
		for _, m := range shown {
			_, _ = fmt.Fprintf(w, "%s  %s\n", m.SHA256, m.Path)
		}
	})
}

// extend appends entries to the list's file and then extends the TPM by them. What is in the list
// already isn't measured again, as a kernel doesn't either.
func extend(
	ctx context.Context, entries []measure.Entry, o measureOptions,
) (err error) {
	device, end, err := o.tpm.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	machine := starter.Machine{TPM: device, List: o.list}
	for _, entry := range entries {
		if err := machine.Record(ctx, entry); err != nil {
			return err
		}
	}
	return nil
}
