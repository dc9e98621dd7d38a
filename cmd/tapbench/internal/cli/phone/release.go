package phone

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/wallet"
)

// ReleaseFlags say what to install.
type ReleaseFlags struct {
	folder string
	Policy string
}

// AddReleaseFlags adds the flags that name a release.
func AddReleaseFlags(cmd *cobra.Command) *ReleaseFlags {
	r := new(ReleaseFlags)
	f := cmd.Flags()
	f.StringVar(&r.folder, "release", "",
		"`folder` with the signed release (default: public in --pki)")
	f.StringVar(&r.Policy, "launch-policy", api.PolicyLocal,
		"what unlocks the element: local (its own judgement) or bank (a consent each time)")
	_ = cmd.RegisterFlagCompletionFunc("launch-policy", cobra.FixedCompletions(
		[]string{api.PolicyLocal, api.PolicyBank}, cobra.ShellCompDirectiveNoFileComp))
	return r
}

// Read reads the release, checks the software provider's signature on it, and says what of it is to
// be installed: a program, or this one.
func (r *ReleaseFlags) Read(p *Phone, keys, program string) (wallet.Release, error) {
	policies := map[string]wire.LaunchPolicy{
		api.PolicyLocal: wire.LaunchLocal, api.PolicyBank: wire.LaunchBank,
	}
	policy, ok := policies[r.Policy]
	if !ok {
		return wallet.Release{}, shell.Usagef("--launch-policy %q is neither local nor bank", r.Policy)
	}
	folder := r.folder
	if folder == "" {
		folder = filepath.Join(keys, pki.Public)
	}
	if program == "" {
		executable, err := os.Executable()
		if err != nil {
			return wallet.Release{}, fmt.Errorf("finding this program: %w", err)
		}
		program = executable
	}
	provider, err := parties.SoftwareProvider(p.Party)
	if err != nil {
		return wallet.Release{}, err
	}
	manifest, err := pki.LoadManifest(folder, provider)
	if err != nil {
		return wallet.Release{}, err
	}
	return wallet.Release{
		Software: manifest.Software, Version: manifest.Version, Released: manifest.Released,
		Program: program, Policy: policy,
	}, nil
}
