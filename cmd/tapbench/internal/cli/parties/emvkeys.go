package parties

import (
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// OpenEMVKeys opens the keys, and says if they are new.
func OpenEMVKeys(a *shell.App, dir string) (pki.EMV, error) {
	return OpenEMVKeysFrom(a, dir, "")
}

// OpenEMVKeysFrom does the same; keys that are new are drawn from the seed if there is one.
func OpenEMVKeysFrom(a *shell.App, dir, seed string) (pki.EMV, error) {
	open := pki.OpenEMV
	if seed != "" {
		open = func(dir string) (pki.EMV, error) { return pki.OpenEMVFrom(dir, seed) }
	}
	keys, err := open(dir)
	switch {
	case err != nil || !keys.Drawn:
	case seed != "":
		a.Say("drew a test CA and an issuer for EMV cards into %s, from the seed: no secrets", dir)
	default:
		a.Say("drew a test CA and an issuer for EMV cards into %s", dir)
	}
	return keys, err
}
