package device

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/applet/emvcard/profile"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// EMVKeysVariable is where a bed says where the keys of its EMV card lie.
const EMVKeysVariable = "TAPBENCH_EMV_KEYS"

// AddEMVKeys adds --emv-keys.
func AddEMVKeys(a *shell.App, cmd *cobra.Command, into *string) {
	place := cmp.Or(a.Getenv(EMVKeysVariable), filepath.Join("pki", pki.EMVFolder))
	cmd.Flags().StringVar(into, "emv-keys", place,
		"`folder` with the test CA and the issuer of EMV cards; made when it isn't there")
	_ = cmd.MarkFlagDirname("emv-keys")
}

// AddProfile adds --profile. What into holds is the default.
func AddProfile(cmd *cobra.Command, into *string) {
	cmd.Flags().StringVar(into, "profile", *into,
		"what the card is: a built-in profile's `NAME`, or a file")
	_ = cmd.RegisterFlagCompletionFunc("profile", CompleteProfile)
}

// CompleteProfile completes a profile's name, or a file's.
func CompleteProfile(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return profile.Names(), cobra.ShellCompDirectiveDefault
}

// ReadProfile reads a profile: a built-in one by its name, or a file. A name with neither dot nor
// slash that is none is an error of usage.
func ReadProfile(name string) (profile.Profile, error) {
	raw, err := ProfileSource(name)
	if err != nil {
		return profile.Profile{}, err
	}
	p, err := profile.Parse(raw)
	if err != nil {
		return p, fmt.Errorf("reading profile %s: %w", name, err)
	}
	return p, nil
}

// ProfileSource returns a profile as it is written.
func ProfileSource(name string) ([]byte, error) {
	if raw, err := profile.Source(name); err == nil {
		return raw, nil
	}
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, "./") {
		return nil, shell.Usagef("profile %q is neither a file nor one of %s", name,
			strings.Join(profile.Names(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the profile: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > profile.MaxLen {
		return nil, fmt.Errorf("reading profile %s: it isn't a file of at most %d bytes", name,
			profile.MaxLen)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the profile: %w", err)
	}
	return raw, nil
}
