package tpm

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/tpm"
	"tapbench/tpm/measure"
)

// deviceInfo is what "tpm info" shows.
type deviceInfo struct {
	Where        string     `json:"where"`
	Manufacturer string     `json:"manufacturer"`
	Model        string     `json:"model"`
	Firmware     string     `json:"firmware"`
	Revision     string     `json:"revision"`
	EK           *ekInfo    `json:"ek"`
	PCRs         []pcrInfo  `json:"pcrs"`
	Persists     []resident `json:"persists"`
	FirmwareLog  string     `json:"firmware_log"` // empty if there is none
}

type ekInfo struct {
	Key      string    `json:"key"`
	Issuer   string    `json:"issuer"`
	NotAfter time.Time `json:"not_after"`
}

type pcrInfo struct {
	Number int    `json:"pcr"`
	Value  string `json:"sha256"`
	Note   string `json:"note"`
}

type resident struct {
	Handle string `json:"handle"`
	What   string `json:"what"`
	Ours   bool   `json:"ours"`
}

func newTPMInfo(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Show maker, endorsement key, PCRs and what persists in a TPM",
		Long: `info shows who made the TPM and its endorsement key, the PCRs that tapbench uses, and every
key and NV index that outlives a restart. "tapbench tpm forget" removes those of tapbench. Of the
kernel's own device it also names the event log of the firmware, if there is one.`,
		Example: "  tapbench tpm info --tpm /dev/tpmrm0\n  tapbench tpm info --tpm swtpm --json",
		Args:    shell.NoArgs,
	}
	f := device.AddTPM(a, cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return showTPM(cmd.Context(), a, f) }
	return cmd
}

func showTPM(ctx context.Context, a *shell.App, f *device.TPMFlag) (err error) {
	device, end, err := f.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	info, err := readTPMInfo(ctx, device)
	if err != nil {
		return err
	}
	info.Where, info.FirmwareLog = f.Where, firmwareLogOf(f.Where)
	return a.Print(info, info.write)
}

func readTPMInfo(ctx context.Context, device *tpm.TPM) (deviceInfo, error) {
	own := device.Info()
	info := deviceInfo{
		Manufacturer: own.Manufacturer, Model: own.Model,
		Firmware: fmt.Sprintf("%016X", own.Firmware),
		Revision: fmt.Sprintf("%d.%02d", own.Revision/100, own.Revision%100),
		Persists: []resident{},
	}
	var err error
	if info.EK, err = readEKInfo(ctx, device); err != nil {
		return info, err
	}
	for number, note := range map[int]string{
		measure.DefaultPCR: "IMA: what was started; no program can reset it",
		16:                 "debug: any program can reset it",
		measure.LaunchPCR:  "application: any program can reset it",
	} {
		value, err := device.ReadPCR(ctx, number)
		if err != nil {
			return info, err
		}
		info.PCRs = append(info.PCRs, pcrInfo{number, fmt.Sprintf("%X", value), note})
	}
	slices.SortFunc(info.PCRs, func(a, b pcrInfo) int { return a.Number - b.Number })
	residents, err := device.Residents(ctx)
	for _, r := range residents {
		info.Persists = append(info.Persists, residentOf(r))
	}
	return info, err
}

func residentOf(r tpm.Resident) resident {
	return resident{Handle: fmt.Sprintf("%08X", r.Handle), What: r.What, Ours: r.Ours}
}

// readEKInfo returns nil for a TPM whose maker left no certificate.
func readEKInfo(ctx context.Context, device *tpm.TPM) (*ekInfo, error) {
	key, err := device.EK(ctx)
	if errors.Is(err, tpm.ErrNoEKCertificate) {
		return nil, nil //nolint:nilnil // the field is null then
	}
	if err != nil {
		return nil, err
	}
	info := &ekInfo{Key: fmt.Sprintf("RSA %d", key.Key.N.BitLen())}
	if certificate, err := x509.ParseCertificate(key.Certificate); err == nil {
		info.Issuer, info.NotAfter = certificate.Issuer.String(), certificate.NotAfter
	}
	return info, nil
}

func (i deviceInfo) write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "TPM           %s\nmaker         %s, %s, firmware %s\n",
		i.Where, i.Manufacturer, i.Model, i.Firmware)
	_, _ = fmt.Fprintf(w, "specification 2.0, %s\n", i.Revision)
	if i.EK == nil {
		_, _ = fmt.Fprintln(w, "EK            no certificate: no bank can enrol this TPM")
	} else {
		_, _ = fmt.Fprintf(w, "EK            %s, certified by %s until %s\n",
			i.EK.Key, i.EK.Issuer, i.EK.NotAfter.Format(time.DateOnly))
	}
	for _, pcr := range i.PCRs {
		_, _ = fmt.Fprintf(w, "PCR %-2d        %s\n              %s\n", pcr.Number, pcr.Value, pcr.Note)
	}
	if i.FirmwareLog != "" {
		_, _ = fmt.Fprintf(w, "firmware log  %s\n              for \"tapbench tpm verify --firmware-log\"\n",
			i.FirmwareLog)
	}
	for _, r := range i.Persists {
		_, _ = fmt.Fprintf(w, "persists      %s  %s\n", r.Handle, r.What)
	}
}
