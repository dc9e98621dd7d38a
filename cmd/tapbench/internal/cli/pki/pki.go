package pki

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// New returns the command "pki".
func New(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{Use: "pki", Short: "Make the keys and certificates of a bench"}
	cmd.AddCommand(newPKIInit(a), newPKIRelease(a), newPKIEpoch(a), newPKIShow(a),
		newPKIExport(a))
	return cmd
}

func newPKIInit(a *shell.App) *cobra.Command {
	var o parties.InitOptions
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a test CA, every party's keys, and a signed release of the wallet",
		Long: `init makes one folder with a subfolder for each party: the CA, the banks, the TSM, the
merchant, the wallet and the software provider. Each holds that party's own keys and the
certificates of those it deals with. The software provider signs the release: the digest of the
wallet's executable.

These are test keys in files without passwords.`,
		Example: "  tapbench pki init --dir pki\n  tapbench pki init --dir pki --banks 1 --force",
		Args:    shell.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return makeKeys(cmd.Context(), a, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.Dir, "dir", "pki", "`folder` to make")
	f.IntVar(&o.Banks, "banks", 2, "how many banks, 1 to 26")
	f.IntVar(&o.Shops, "merchants", 1, "how many merchants, 1 to 26: merchant, merchant-b and so on")
	f.StringSliceVar(&o.Hosts, "host", nil, "further host `name` in the servers' certificates")
	f.StringVar(&o.Release, "release", "",
		"`executable` to release as the wallet (default: this program)")
	f.BoolVar(&o.Force, "force", false, "replace a folder that an earlier init made")
	return cmd
}

func makeKeys(_ context.Context, a *shell.App, o parties.InitOptions) error {
	parties, err := parties.Init(a, o)
	if err != nil {
		return err
	}
	return a.Print(map[string]any{"dir": o.Dir, "parties": parties}, func(w io.Writer) {
		for _, p := range parties {
			_, _ = fmt.Fprintf(w, "%-9s %-9s %s\n", p.Role, p.ID, p.Folder)
		}
	})
}

type releaseOptions struct {
	dir, program, version, out string
}

func newPKIRelease(a *shell.App) *cobra.Command {
	var o releaseOptions
	cmd := &cobra.Command{
		Use:   "release",
		Short: "Sign a further release of the wallet",
		Long: `release has the software provider sign a program's digest as a release of the wallet, and
writes manifest and signature into a folder. Phones install it with "wallet install"; a bank accepts
it with "bank serve --release FOLDER".`,
		Example: "  tapbench pki release --program bin/tapbench-2 --version 2 --out release-2",
		Args:    shell.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return release(a, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.dir, "dir", "pki", "`folder` that pki init has made")
	f.StringVar(&o.program, "program", "", "`executable` to release")
	f.StringVar(&o.version, "version", "", "the release's `name`: 1 to 64 of a-z A-Z 0-9 - _ . / +")
	f.StringVarP(&o.out, "out", "o", "", "`folder` to write to; a release that lies there is replaced")
	return cmd
}

func release(a *shell.App, o releaseOptions) error {
	for _, f := range []struct{ name, value string }{
		{"program", o.program}, {"version", o.version}, {"out", o.out},
	} {
		if f.value == "" {
			return shell.Usagef("--%s is missing", f.name)
		}
	}
	m, err := parties.Publish(o.dir, o.out, o.program, o.version)
	if err != nil {
		return err
	}
	digest := fmt.Sprintf("%x", m.Executables[0].Digest)
	return a.Print(map[string]string{
		"software": m.Software, "version": m.Version, "program_sha256": digest, "folder": o.out,
	}, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "%s %s  sha256 %s  %s\n", m.Software, m.Version, digest, o.out)
	})
}
