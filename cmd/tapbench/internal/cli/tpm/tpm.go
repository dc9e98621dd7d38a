package tpm

import (
	"fmt"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/tpm/measure"
)

// New returns the command "tpm".
func New(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tpm",
		Short: "Look at a TPM, measure, quote, and judge evidence",
		Long: `A TPM 2.0 stands in for the phone's Mobile Trusted Module: it signs what was started. Its
evidence is a quote over PCR 10, signed by an attestation key, and the measurement list that
explains the PCR, in IMA's own format.`,
	}
	cmd.AddCommand(
		newTPMInfo(a),
		newTPMMeasure(a),
		newTPMQuote(a),
		newTPMVerify(a),
		newTPMForget(a),
	)
	return cmd
}

// readList reads a measurement list, in its binary or its ASCII form.
func readList(path string) (*measure.List, error) {
	if path == "" {
		return nil, shell.Usagef("--measurements is missing: which list?")
	}
	raw, err := shell.ReadBounded(path, measure.MaxList)
	if err != nil {
		return nil, err
	}
	list, err := measure.ParseList(raw)
	if err == nil {
		return list, nil
	}
	if ascii, asciiErr := measure.ParseASCII(string(raw)); asciiErr == nil {
		return ascii, nil
	}
	return nil, fmt.Errorf("%s: %w", path, err)
}
