package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"tapbench/backend/pki"
)

// softwareID is what releases and quotes call the wallet.
const softwareID = "tapbench-wallet"

func (a *app) newPKI() *cobra.Command {
	cmd := &cobra.Command{Use: "pki", Short: "Make the keys and certificates of a bench"}
	cmd.AddCommand(a.newPKIInit())
	return cmd
}

type pkiInitOptions struct {
	dir     string
	banks   int
	hosts   []string
	release string
	force   bool
}

func (a *app) newPKIInit() *cobra.Command {
	var o pkiInitOptions
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a test CA, every party's keys, and a signed release of the wallet",
		Long: `init makes one folder with a subfolder for each party: the CA, the banks, the TSM, the
merchant, the wallet and the software provider. Each holds that party's own keys and the
certificates of those it deals with. The software provider signs the release: the digest of the
wallet's executable.

These are test keys in files without passwords.`,
		Example: "  tapbench pki init --dir pki\n  tapbench pki init --dir pki --banks 1 --force",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.pkiInit(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.dir, "dir", "pki", "`folder` to make")
	f.IntVar(&o.banks, "banks", 2, "how many banks, 1 to 26")
	f.StringSliceVar(&o.hosts, "host", nil, "further host `name` in the servers' certificates")
	f.StringVar(&o.release, "release", "",
		"`executable` to release as the wallet (default: this program)")
	f.BoolVar(&o.force, "force", false, "replace a folder that an earlier init made")
	return cmd
}

// partyJSON is a party as --json prints it.
type partyJSON struct {
	Role   pki.Role `json:"role"`
	ID     string   `json:"id"`
	Folder string   `json:"folder"`
}

func (a *app) pkiInit(_ context.Context, o pkiInitOptions) error {
	parties, err := a.initPKI(o)
	if err != nil {
		return err
	}
	return a.print(map[string]any{"dir": o.dir, "parties": parties}, func(w io.Writer) {
		for _, p := range parties {
			_, _ = fmt.Fprintf(w, "%-9s %-9s %s\n", p.Role, p.ID, p.Folder)
		}
	})
}

// initPKI makes the folder and publishes the release.
func (a *app) initPKI(o pkiInitOptions) ([]partyJSON, error) {
	made, err := pki.Init(o.dir, pki.Config{Banks: o.banks, Hosts: o.hosts, Force: o.force})
	if err != nil {
		return nil, err
	}
	if o.release == "" {
		if o.release, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("finding this program: %w", err)
		}
	}
	provider, err := pki.OpenParty(filepath.Join(o.dir, string(pki.RoleSP)), time.Now)
	if err != nil {
		return nil, err
	}
	executable, err := pki.NewExecutable(o.release)
	if err != nil {
		return nil, err
	}
	err = pki.PublishManifest(filepath.Join(o.dir, pki.Public), provider, pki.Manifest{
		Software: softwareID, Version: a.Version, Executables: []pki.Executable{executable},
	})
	if err != nil {
		return nil, err
	}
	parties := make([]partyJSON, len(made.Members))
	for i, m := range made.Members {
		parties[i] = partyJSON{m.Role, m.ID.String(), filepath.Join(o.dir, m.Name)}
	}
	return parties, nil
}
