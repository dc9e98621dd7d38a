package tpm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/tpm"
	"tapbench/tpm/firmware"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/tpm/tpm2tools"
)

type quoteOptions struct {
	tpm        *device.TPMFlag
	wallet     string
	list       string
	qualifying string
	pcrs       []int
	out        string
	tools      string
	force      bool
}

func newTPMQuote(a *shell.App) *cobra.Command {
	var o quoteOptions
	cmd := &cobra.Command{
		Use:   "quote",
		Short: "Let the TPM sign its PCRs, and write that as evidence",
		Long: `quote lets the TPM sign the PCRs of its SHA-256 bank together with the qualifying
data, and writes evidence: an object of JSON with TPMS_ATTEST, TPMT_SIGNATURE, the attestation
key's TPMT_PUBLIC and the measurement list, each in base64.

The qualifying data is the verifier's nonce, or a hash over it: whoever judges has to choose it.
The attestation key is the wallet's; the TPM makes it from a seed in the wallet's folder, which is
made if there is none.

With --tpm2-tools the parts are also written as tpm2-tools has them: quote.msg, quote.sig,
quote.pcrs, ak.tss and ak.pem, and the list as measurements.`,
		Example: `  tapbench tpm quote --qualifying "$(openssl rand -hex 16)" -o evidence.json
  tapbench tpm quote --qualifying "$N" --tpm2-tools quote
  tpm2_checkquote -u quote/ak.pem -m quote/quote.msg -s quote/quote.sig -f quote/quote.pcrs \
    -g sha256 -q "$N"`,
		Args: shell.NoArgs,
	}
	o.tpm = device.AddTPM(a, cmd)
	f := cmd.Flags()
	f.StringVar(&o.wallet, "wallet", "wallet", "the wallet's `folder`, with the seed of its key")
	f.StringVar(&o.list, "measurements", a.Getenv("TAPBENCH_MEASUREMENTS"),
		"measurement list `file` (default: $TAPBENCH_MEASUREMENTS)")
	f.StringVar(&o.qualifying, "qualifying", "", "qualifying data, 16 to 64 bytes in `HEX`")
	f.IntSliceVar(&o.pcrs, "pcr", []int{measure.DefaultPCR}, "`PCR` to quote; several with commas")
	f.StringVarP(&o.out, "output", "o", "-", "evidence `file`; - is standard output")
	f.StringVar(&o.tools, "tpm2-tools", "", "also write tpm2-tools' files into this `folder`")
	f.BoolVar(&o.force, "force", false, "replace files that are there already")
	_ = cmd.MarkFlagRequired("qualifying")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return tpmQuote(cmd.Context(), a, o) }
	return cmd
}

// maxQualifying is the longest qualifying data that every TPM takes, in bytes.
const maxQualifying = 64

func tpmQuote(ctx context.Context, a *shell.App, o quoteOptions) (err error) {
	qualifying, err := shell.ParseHex("qualifying", o.qualifying, quote.NonceSize, maxQualifying)
	if err != nil {
		return err
	}
	list, err := readList(o.list)
	if err != nil {
		return err
	}
	if err := shell.CheckOutput(o.out, o.force); err != nil {
		return err
	}
	device, end, err := o.tpm.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	seed, err := phone.AKSeed(o.wallet)
	if err != nil {
		return err
	}
	ak, err := device.AK(ctx, seed)
	if err != nil {
		return err
	}
	pcrs := slices.Sorted(slices.Values(o.pcrs))
	evidence, err := device.Answer(ctx, ak, qualifying, pcrs, list)
	if err != nil {
		return err
	}
	if o.tools != "" {
		values, err := quotedPCRs(ctx, device, pcrs, list)
		if err != nil {
			return err
		}
		if err := writeTools(a, o, ak, values, evidence); err != nil {
			return err
		}
	}
	return a.WriteFile(o.out, o.force, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(evidence)
	})
}

// The names of a quote's parts in a folder.
const (
	toolMessage   = "quote.msg"
	toolSignature = "quote.sig"
	toolPCRs      = "quote.pcrs"
	toolAK        = "ak.tss"
	toolPEM       = "ak.pem"
	toolList      = "measurements"
)

// quotedPCRs returns the values of quoted PCRs. The list's are those that it leads to: the TPM may
// have been extended since. The firmware's are the TPM's own.
func quotedPCRs(
	ctx context.Context, device *tpm.TPM, pcrs []int, list *measure.List,
) (values []tpm2tools.PCR, err error) {
	for _, number := range pcrs {
		value := list.Replay(number)
		if firmware.Explains(number) {
			if value, err = device.ReadPCR(ctx, number); err != nil {
				return nil, err
			}
		}
		values = append(values, tpm2tools.PCR{Number: number, Value: value})
	}
	return values, nil
}

// writeTools writes evidence as tpm2-tools has it.
func writeTools(
	a *shell.App, o quoteOptions, ak tpm.AK, values []tpm2tools.PCR, evidence quote.Evidence,
) error {
	encoded, err := tpm2tools.EncodePCRs(values)
	if err != nil {
		return err
	}
	pem, err := tpm2tools.EncodePEM(ak.AK)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.tools, 0o700); err != nil {
		return fmt.Errorf("making the folder: %w", err)
	}
	for _, file := range []struct {
		name    string
		content []byte
	}{
		{toolMessage, evidence.Attest},
		{toolSignature, evidence.Signature},
		{toolPCRs, encoded},
		{toolAK, tpm2tools.EncodePublic(ak.AK)},
		{toolPEM, pem},
		{toolList, evidence.List},
	} {
		err := a.WriteFile(filepath.Join(o.tools, file.name), o.force, func(w io.Writer) error {
			_, err := w.Write(file.content)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
