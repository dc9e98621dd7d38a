package pki

import (
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

func newPKIEpoch(a *shell.App) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "epoch",
		Short: "Have the CA certify the current epoch, for secure elements",
		Long: `epoch goes on with the CA's word on which epoch it is. A secure element has no clock: it
learns the epoch from these certificates, one after the other, and a wallet passes them on. They lie
in public/ and in the wallet's folder. Run it once in each epoch, which is a week; again does no
harm, and what was left out is caught up with.`,
		Example: "  tapbench pki epoch --dir pki",
		Args:    shell.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return epoch(a, dir) },
	}
	cmd.Flags().StringVar(&dir, "dir", "pki", "`folder` that pki init has made")
	return cmd
}

func epoch(a *shell.App, dir string) error {
	ca, err := pki.OpenCA(filepath.Join(dir, string(pki.RoleCA)), time.Now)
	if err != nil {
		return err
	}
	cert, err := pki.RenewEpochs(dir, ca)
	if err != nil {
		return err
	}
	ends := cert.Epoch.End()
	return a.Print(map[string]any{
		"issuer": cert.Issuer.String(), "epoch": cert.Epoch, "ends": ends,
		"encoded": hex.EncodeToString(message.Encode(wire.CertEpoch, cert)),
	}, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "epoch %d, until %s\n", cert.Epoch, ends.Format(time.RFC3339))
	})
}

func newPKIShow(a *shell.App) *cobra.Command {
	var keys string
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show a party's compact certificates, as cards read them",
		Long: `show opens a party's own folder and checks it, and prints the compact certificates in it:
what each certifies, for whom, until when, and H(cert), the hash by which offline payments name it.
With --json it prints their bytes too.`,
		Example: "  tapbench pki show --keys pki/merchant\n" +
			"  tapbench pki show --keys pki/merchant --json | jq -r '.certificates[0].encoded'",
		Args: shell.NoArgs,
		RunE: func(*cobra.Command, []string) error { return show(a, keys) },
	}
	cmd.Flags().StringVar(&keys, "keys", filepath.Join("pki", "merchant"), "the party's own `folder`")
	return cmd
}

// certificateJSON is a compact certificate as --json prints it.
type certificateJSON struct {
	Use     string        `json:"use"`
	Type    string        `json:"type"`
	Issuer  string        `json:"issuer"`
	Subject string        `json:"subject"`
	Expiry  message.Epoch `json:"expiry_epoch"`
	Sum     string        `json:"sha256"`
	Encoded string        `json:"encoded"`
}

func show(a *shell.App, keys string) error {
	party, err := pki.OpenParty(keys, time.Now)
	if err != nil {
		return err
	}
	compact, err := party.OpenCompact(keys)
	if err != nil {
		return err
	}
	list := []certificateJSON{}
	for _, c := range []struct {
		use  string
		cert message.Certificate
	}{{"sign", compact.Sign}, {"kem", compact.KEM}, {"epoch", compact.Epoch}} {
		if c.cert.Type == 0 {
			continue
		}
		sum := c.cert.Sum()
		list = append(list, certificateJSON{
			Use: c.use, Type: fmt.Sprintf("%02X", byte(c.cert.Type)), Issuer: c.cert.Issuer.String(),
			Subject: c.cert.Subject.String(), Expiry: c.cert.Expiry, Sum: hex.EncodeToString(sum[:]),
			Encoded: hex.EncodeToString(c.cert.Encode()),
		})
	}
	out := map[string]any{
		"role": party.Role, "id": party.ID.String(), "folder": keys, "certificates": list,
	}
	return a.Print(out, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "%s %s\n", party.Role, party.ID)
		for _, c := range list {
			_, _ = fmt.Fprintf(w, "%-6s type %s  for %-16s until epoch %d  sha256 %s\n", c.Use, c.Type,
				c.Subject, c.Expiry, c.Sum)
		}
	})
}
