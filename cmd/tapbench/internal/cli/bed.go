package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// benchFlags say where a bench lies and what it stands on.
type benchFlags struct {
	keep   string
	driver string
	applet string // the folder of the Java Card applet's classes
	system bool
	bind   bool // the states of card and wallet to the bench's TPM
}

func addBenchFlags(cmd *cobra.Command) *benchFlags {
	b := new(benchFlags)
	f := cmd.Flags()
	f.StringVar(&b.keep, "keep", "",
		"make the bench in this `folder` and keep it (default: a temporary one)")
	f.BoolVar(&b.system, "system-pcscd", false,
		"where namespaces are forbidden: use, and change, the machine's own pcscd")
	f.StringVar(&b.driver, "driver", defaultDriver(), "`folder` of vpcd's driver, libifdvpcd.so")
	addApplet(cmd, &b.applet)
	return b
}

// addBind adds --bind-state for card and wallet of a bench.
func (b *benchFlags) addBind(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&b.bind, "bind-state", false,
		"bind the card's and the wallet's state to the TPM, so that no older copy is taken")
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
		return "", nil, shell.Usagef("--keep %s isn't empty; name a new folder", b.keep)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("making the bench's folder: %w", err)
	}
	return dir, func() error { return nil }, nil
}

// startBed starts what a demo or "up" needs.
func startBed(
	ctx context.Context, a *shell.App, dir string, b *benchFlags, link, se string, m *modelFlags,
) (*bench.Bed, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	behind, err := m.wrap(a)
	if err != nil {
		return nil, err
	}
	var names []string
	if title := m.title(); title != "" {
		names = []string{title}
	}
	bed, err := bench.StartBed(ctx, bench.BedConfig{
		Dir: dir, Driver: b.driver, SystemReader: b.system,
		Reader: link == linkPCSCD && runsHere(se), Card: runsHere(se), TPM: true,
		Applet: appletOf(se, b.applet), BindState: b.bind, Software: executable, Log: a.Log,
		Readers: names, Behind: behind, Meter: m.meter,
	})
	if err == nil && behind != nil && link == linkProcess {
		bed.Card.Processor, err = behind(bed.Card.Processor)
	}
	return bed, err
}

// Where the card is, and how it is reached.
const (
	linkPCSCD   = "pcscd"
	linkProcess = "process"
)
