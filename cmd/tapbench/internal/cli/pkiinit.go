package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

type pkiInitOptions struct {
	dir     string
	banks   int
	shops   int
	hosts   []string
	release string
	force   bool
}

// initPKI makes the folder and publishes the release.
func initPKI(a *shell.App, o pkiInitOptions) ([]partyJSON, error) {
	made, err := pki.Init(o.dir, pki.Config{
		Banks: o.banks, Merchants: o.shops, Hosts: o.hosts, Force: o.force,
	})
	if err != nil {
		return nil, err
	}
	if o.release == "" {
		if o.release, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("finding this program: %w", err)
		}
	}
	if _, err := publish(o.dir, filepath.Join(o.dir, pki.Public), o.release, a.Version); err != nil {
		return nil, err
	}
	parties := make([]partyJSON, len(made.Members))
	for i, m := range made.Members {
		parties[i] = partyJSON{m.Role, m.ID.String(), filepath.Join(o.dir, m.Name)}
	}
	return parties, nil
}

// partyJSON is a party as --json prints it.
type partyJSON struct {
	Role   pki.Role `json:"role"`
	ID     string   `json:"id"`
	Folder string   `json:"folder"`
}

// publish has the software provider sign a release of one program, and writes it into a folder.
func publish(keys, folder, program, version string) (pki.Manifest, error) {
	provider, err := pki.OpenParty(filepath.Join(keys, string(pki.RoleSP)), time.Now)
	if err != nil {
		return pki.Manifest{}, err
	}
	executable, err := pki.NewExecutable(program)
	if err != nil {
		return pki.Manifest{}, err
	}
	m := pki.Manifest{
		Software: softwareID, Version: version, Executables: []pki.Executable{executable},
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return pki.Manifest{}, fmt.Errorf("making the release's folder: %w", err)
	}
	return m, pki.PublishManifest(folder, provider, m)
}
