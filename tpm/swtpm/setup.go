package swtpm

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"tapbench/tpm/ek"
)

// options stand in every certificate that the CA issues.
const options = "--platform-manufacturer tapbench\n--platform-version 1.0\n--platform-model bench\n"

// manufacture makes a TPM beside its place and then puts it there in one step: what was
// interrupted is never taken for a TPM.
func (f *folder) manufacture(ctx context.Context, programs Programs) (err error) {
	if err := os.RemoveAll(f.making()); err != nil {
		return fmt.Errorf("clearing an interrupted manufacture: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(f.making()))
		}
	}()
	if err := f.configure(programs); err != nil {
		return fmt.Errorf("configuring swtpm_setup: %w", err)
	}
	if err := f.runSetup(ctx, programs.Setup); err != nil {
		return err
	}
	if err := f.collectRoots(); err != nil {
		return fmt.Errorf("%w: %w", ErrSetup, err)
	}
	if err := os.RemoveAll(filepath.Join(f.making(), "tmp")); err != nil {
		return fmt.Errorf("clearing up after swtpm_setup: %w", err)
	}
	if err := os.Rename(f.making(), f.device()); err != nil {
		return fmt.Errorf("putting the TPM into its place: %w", err)
	}
	return nil
}

// configure makes the folders and the three files that keep swtpm_setup in them.
func (f *folder) configure(programs Programs) error {
	at := func(name string) string { return filepath.Join(f.making(), name) }
	for _, dir := range []string{"", "state", "ca", "conf", "tmp"} {
		if err := os.Mkdir(at(dir), 0o700); err != nil {
			return err
		}
	}
	files := map[string]string{
		"conf/setup.conf": "create_certs_tool = " + programs.LocalCA + "\n" +
			"create_certs_tool_config = " + at("conf/localca.conf") + "\n" +
			"create_certs_tool_options = " + at("conf/localca.options") + "\n" +
			"active_pcr_banks = sha256\n",
		"conf/localca.conf": "statedir = " + at("ca") + "\n" +
			"signingkey = " + at("ca/signkey.pem") + "\n" +
			"issuercert = " + at("ca/issuercert.pem") + "\n" +
			"certserial = " + at("ca/certserial") + "\n",
		"conf/localca.options": options,
	}
	for name, content := range files {
		if err := os.WriteFile(at(name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// runSetup runs swtpm_setup. Its temporary files stay in the folder too.
func (f *folder) runSetup(ctx context.Context, program string) error {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program,
		"--tpm2", "--config", filepath.Join(f.making(), "conf/setup.conf"),
		"--tpmstate", filepath.Join(f.making(), "state"),
		"--create-ek-cert", "--create-platform-cert", "--lock-nvram", "--pcr-banks", "sha256")
	cmd.Env = append(os.Environ(), "TMPDIR="+filepath.Join(f.making(), "tmp"))
	output := new(tail)
	cmd.Stdout, cmd.Stderr = output, output
	child, err := launch(cmd)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSetup, err)
	}
	select {
	case <-child.done:
	case <-ctx.Done():
		child.kill()
		<-child.done
		return fmt.Errorf("%w: %w", ErrSetup, context.Cause(ctx))
	}
	if child.err != nil {
		return fmt.Errorf("%w: swtpm_setup: %w: %s", ErrSetup, child.err, output)
	}
	return nil
}

// collectRoots writes the CA's certificates into one file and checks that they are a chain's.
func (f *folder) collectRoots() error {
	var text []byte
	for _, name := range []string{"swtpm-localca-rootca-cert.pem", "issuercert.pem"} {
		b, err := os.ReadFile(filepath.Join(f.making(), "ca", name))
		if err != nil {
			return err
		}
		text = append(text, certificates(b)...)
	}
	if _, err := ek.ParseRoots(text); err != nil {
		return err
	}
	file := filepath.Join(f.making(), "ek-roots.pem")
	return os.WriteFile(file, text, 0o644) //nolint:gosec // certificates are public
}

// certificates returns a file's certificates without the text around them: Ubuntu's swtpm_localca,
// which calls openssl, writes each in words, too.
func certificates(text []byte) []byte {
	var out []byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		out = append(out, pem.EncodeToMemory(block)...)
	}
	return out
}

// Programs are the programs that are run. An empty name is looked up in PATH.
type Programs struct {
	SWTPM   string // swtpm
	Setup   string // swtpm_setup
	LocalCA string // swtpm_localca
}

// find completes the programs and says which are missing.
func (p Programs) find() (Programs, error) {
	var missing []string
	look := func(name string, into *string) {
		if *into == "" {
			*into = name
		}
		path, err := exec.LookPath(*into)
		if err == nil {
			path, err = filepath.Abs(path)
		}
		if err != nil {
			missing = append(missing, name)
		}
		*into = path
	}
	look("swtpm", &p.SWTPM)
	look("swtpm_setup", &p.Setup)
	look("swtpm_localca", &p.LocalCA)
	if len(missing) > 0 {
		slices.Sort(missing)
		return Programs{}, fmt.Errorf("%s: %w", strings.Join(missing, ", "), ErrMissing)
	}
	return p, nil
}
