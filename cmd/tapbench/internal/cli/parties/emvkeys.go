package parties

import (
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// OpenEMVKeys opens the keys, and says if they are new.
func OpenEMVKeys(a *shell.App, dir string) (pki.EMV, error) {
	keys, err := pki.OpenEMV(dir)
	if err == nil && keys.Drawn {
		a.Say("drew a test CA and an issuer for EMV cards into %s", dir)
	}
	return keys, err
}
