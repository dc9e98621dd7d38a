package testbed

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// Flags say where a bench lies and what it stands on.
type Flags struct {
	Keep   string
	Driver string
	Applet string // the folder of the Java Card applet's classes
	System bool
	Bind   bool // the states of card and wallet to the bench's TPM
}

// AddFlags adds the flags of every command that starts a bench.
func AddFlags(cmd *cobra.Command) *Flags {
	b := new(Flags)
	f := cmd.Flags()
	f.StringVar(&b.Keep, "keep", "",
		"make the bench in this `folder` and keep it (default: a temporary one)")
	f.BoolVar(&b.System, "system-pcscd", false,
		"where namespaces are forbidden: use, and change, the machine's own pcscd")
	f.StringVar(&b.Driver, "driver", device.DefaultDriver(), "`folder` of vpcd's driver, libifdvpcd.so")
	device.AddApplet(cmd, &b.Applet)
	return b
}

// AddBind adds --bind-state for card and wallet of a bench.
func (b *Flags) AddBind(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&b.Bind, "bind-state", false,
		"bind the card's and the wallet's state to the TPM, so that no older copy is taken")
}

// Folder makes the bench's folder, and returns how to remove it again.
func (b *Flags) Folder() (dir string, remove func() error, err error) {
	if b.Keep == "" {
		dir, err = os.MkdirTemp("", "tapbench-")
		if err != nil {
			return "", nil, fmt.Errorf("making the bench's folder: %w", err)
		}
		return dir, func() error { return os.RemoveAll(dir) }, nil
	}
	if dir, err = filepath.Abs(b.Keep); err != nil {
		return "", nil, fmt.Errorf("making the bench's folder: %w", err)
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return "", nil, shell.Usagef("--keep %s isn't empty; name a new folder", b.Keep)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("making the bench's folder: %w", err)
	}
	return dir, func() error { return nil }, nil
}

// Start starts what a demo or "up" needs.
func Start(
	ctx context.Context, a *shell.App, dir string, b *Flags, link, se string, m *device.ModelFlags,
) (*bench.Bed, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	behind, err := m.Wrap(a)
	if err != nil {
		return nil, err
	}
	var names []string
	if title := m.Title(); title != "" {
		names = []string{title}
	}
	bed, err := bench.StartBed(ctx, bench.BedConfig{
		Dir: dir, Driver: b.Driver, SystemReader: b.System,
		Reader: link == LinkPCSCD && device.RunsHere(se), Card: device.RunsHere(se), TPM: true,
		Applet: device.AppletOf(se, b.Applet), BindState: b.Bind, Software: executable, Log: a.Log,
		Readers: names, Behind: behind, Meter: m.Meter,
	})
	if err == nil && behind != nil && link == LinkProcess {
		bed.Card.Processor, err = behind(bed.Card.Processor)
	}
	return bed, err
}

// Where the card is, and how it is reached.
const (
	LinkPCSCD   = "pcscd"
	LinkProcess = "process"
)
