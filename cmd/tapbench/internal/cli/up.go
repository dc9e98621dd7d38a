package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/bench"
)

// benchFlags say where a bench lies and what it stands on.
type benchFlags struct {
	keep   string
	driver string
	system bool
}

func (a *app) addBenchFlags(cmd *cobra.Command) *benchFlags {
	b := new(benchFlags)
	f := cmd.Flags()
	f.StringVar(&b.keep, "keep", "",
		"make the bench in this `folder` and keep it (default: a temporary one)")
	f.BoolVar(&b.system, "system-pcscd", false,
		"where namespaces are forbidden: use, and change, the machine's own pcscd")
	f.StringVar(&b.driver, "driver", defaultDriver(), "`folder` of vpcd's driver, libifdvpcd.so")
	return b
}

// defaultDriver is where scripts/vpcd-driver.sh puts the driver, beside the program or below the
// working folder.
func defaultDriver() string {
	if executable, err := os.Executable(); err == nil {
		dir := filepath.Join(filepath.Dir(executable), "..", "build", "vpcd")
		if _, err := os.Stat(dir); err == nil {
			return dir
		}
	}
	return filepath.Join("build", "vpcd")
}

// folder makes the bench's folder, and returns how to remove it again.
func (b *benchFlags) folder() (dir string, remove func() error, err error) {
	if b.keep == "" {
		dir, err = os.MkdirTemp("", "tapbench-")
		if err != nil {
			return "", nil, fmt.Errorf("making the bench's folder: %w", err)
		}
		return dir, func() error { return os.RemoveAll(dir) }, nil
	}
	if dir, err = filepath.Abs(b.keep); err != nil {
		return "", nil, fmt.Errorf("making the bench's folder: %w", err)
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return "", nil, &usageError{fmt.Errorf("--keep %s isn't empty; name a new folder", b.keep)}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("making the bench's folder: %w", err)
	}
	return dir, func() error { return nil }, nil
}

func (a *app) newUp() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start a test bed, reader, card and TPM, until interrupted",
		Long: `up starts a private pcscd with a virtual reader, lays the emulated secure element on it, and
starts a swtpm. It prints the environment that a second shell needs, and ends everything on Ctrl-C.

Nothing else on the machine sees the reader, and several beds run side by side.`,
		Example: "  tapbench up --keep bed          # first shell\n" +
			"  . bed/env                       # second shell\n" +
			"  opensc-tool -a; pcsc_scan -r; tpm2_getcap properties-fixed",
		Args: noArgs,
	}
	b := a.addBenchFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.up(cmd.Context(), b) }
	return cmd
}

func (a *app) up(ctx context.Context, b *benchFlags) (err error) {
	dir, remove, err := b.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	bed, err := a.startBed(ctx, dir, b, linkPCSCD, seEmulator)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bed.Stop()) }()
	env := bedEnvironment(bed)
	var script string
	for _, v := range env {
		script += fmt.Sprintf("export %s='%s'\n", v.name, v.value)
	}
	if err := writeEnvironment(filepath.Join(dir, "env"), script); err != nil {
		return err
	}
	all := make(map[string]string)
	for _, v := range env {
		all[v.name] = v.value
	}
	err = a.print(all, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "# the bed is up; in another shell:  . %s\n%s# Ctrl-C ends it\n",
			filepath.Join(dir, "env"), script)
	})
	if err != nil {
		return err
	}
	return bed.Wait(ctx)
}

// writeEnvironment writes the file whole: whoever waits for it may read it at once.
func writeEnvironment(path, script string) error {
	if err := os.WriteFile(path+".new", []byte(script), 0o600); err != nil {
		return fmt.Errorf("writing the environment: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing the environment: %w", err)
	}
	return nil
}

type variable struct{ name, value string }

// bedEnvironment is what a second shell needs to use a bed.
func bedEnvironment(bed *bench.Bed) []variable {
	roots, _, _ := bed.TPM.EKRoots() // the bank says what is wrong with the file
	return []variable{
		{"PCSCLITE_CSOCK_NAME", bed.Reader.Socket()},
		{"TAPBENCH_READER", bed.Reader.ReaderName(0)},
		{"TAPBENCH_SLOTS", bed.SlotSocket()},
		{"TAPBENCH_TPM", "unix:" + bed.TPM.Socket()},
		{"TAPBENCH_MEASUREMENTS", bed.List},
		{"TAPBENCH_EK_ROOTS", roots},
		{"TPM2TOOLS_TCTI", bed.TPM.TCTI()},
	}
}

// Where the card is, and how it is reached.
const (
	linkPCSCD   = "pcscd"
	linkProcess = "process"
	seEmulator  = "emulator"
)

// startBed starts what a demo or "up" needs.
func (a *app) startBed(
	ctx context.Context, dir string, b *benchFlags, link, se string,
) (*bench.Bed, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	emulated := se == seEmulator
	return bench.StartBed(ctx, bench.BedConfig{
		Dir: dir, Driver: b.driver, SystemReader: b.system,
		Reader: link == linkPCSCD && emulated, Card: emulated, TPM: true,
		Software: executable, Log: a.log,
	})
}
