package parties

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// InitOptions say whose keys are made, and where.
type InitOptions struct {
	Dir     string
	Banks   int
	Shops   int
	Hosts   []string
	Release string
	Force   bool
}

// Init makes the folder and publishes the release.
func Init(a *shell.App, o InitOptions) ([]Made, error) {
	made, err := pki.Init(o.Dir, pki.Config{
		Banks: o.Banks, Merchants: o.Shops, Hosts: o.Hosts, Force: o.Force,
	})
	if err != nil {
		return nil, err
	}
	if o.Release == "" {
		if o.Release, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("finding this program: %w", err)
		}
	}
	if _, err := Publish(o.Dir, filepath.Join(o.Dir, pki.Public), o.Release, a.Version); err != nil {
		return nil, err
	}
	parties := make([]Made, len(made.Members))
	for i, m := range made.Members {
		parties[i] = Made{m.Role, m.ID.String(), filepath.Join(o.Dir, m.Name)}
	}
	return parties, nil
}

// Made is a party as --json prints it.
type Made struct {
	Role   pki.Role `json:"role"`
	ID     string   `json:"id"`
	Folder string   `json:"folder"`
}

// Publish has the software provider sign a release of one program, and writes it into a folder.
func Publish(keys, folder, program, version string) (pki.Manifest, error) {
	provider, err := pki.OpenParty(filepath.Join(keys, string(pki.RoleSP)), time.Now)
	if err != nil {
		return pki.Manifest{}, err
	}
	executable, err := pki.NewExecutable(program)
	if err != nil {
		return pki.Manifest{}, err
	}
	m := pki.Manifest{
		Software: SoftwareID, Version: version, Executables: []pki.Executable{executable},
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return pki.Manifest{}, fmt.Errorf("making the release's folder: %w", err)
	}
	return m, pki.PublishManifest(folder, provider, m)
}
