package offer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	"tapbench/applet/emulator"
	"tapbench/applet/emvcard/kept"
	"tapbench/applet/saved"
	"tapbench/applet/statefile"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc/daemon"
)

// Options say which card is offered, and to which reader.
type Options struct {
	Profile string
	Seed    string // of a new EMV card and what is behind it
	Keys    string // of EMV cards
	Blank   bool
	SE      string
	Applet  string
	State   string
	VPCD    string
	Socket  string
	Slot    int
	TPM     *device.TPMFlag
	Bind    *device.BindFlag
	Model   *device.ModelFlags
	// Dial, if set, connects to the reader instead of vpcd or slots.
	Dial func(context.Context) (net.Conn, error)
}

// checkSeed refuses a seed for a card that isn't drawn here.
func (o Options) checkSeed() error {
	switch {
	case o.Seed == "":
		return nil
	case o.Profile == "":
		return shell.Usagef("--seed: name the card's profile with --profile")
	case o.Blank, o.SE != device.SEEmulator:
		return shell.Usagef(
			"--seed: a card that is personalised by commands draws its own key; leave it out")
	}
	return device.CheckSeed(o.Seed)
}

// reader returns how to connect to the reader's side.
func (o Options) reader() (dial func(context.Context) (net.Conn, error), err error) {
	switch {
	case o.Dial != nil:
		return o.Dial, nil
	case o.VPCD != "":
		return func(ctx context.Context) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", o.VPCD)
		}, nil
	case o.Socket != "":
		return func(ctx context.Context) (net.Conn, error) {
			return daemon.DialSlotAt(ctx, o.Socket, o.Slot)
		}, nil
	default:
		return nil, shell.Usagef("name a reader: --slots SOCKET of a bench, or --vpcd ADDRESS")
	}
}

// Lay opens the card, or makes it, and lays it on its reader. It returns how to take it away
// and close it.
func Lay(ctx context.Context, a *shell.App, o Options) (_ func() error, err error) {
	if err := errors.Join(o.Model.Check(o.SE), o.checkSeed()); err != nil {
		return nil, err
	}
	behind, err := o.Model.Wrap(a)
	if err != nil {
		return nil, err
	}
	var ends []func() error
	remove := func() (err error) {
		for _, end := range slices.Backward(ends) {
			err = errors.Join(err, end())
		}
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, remove())
		}
	}()
	file, err := kept.OpenFile(o.State)
	if errors.Is(err, statefile.ErrInUse) {
		return nil, fmt.Errorf("%w: %s", emulator.ErrInUse, o.State)
	}
	if err != nil {
		return nil, err
	}
	ends = append(ends, file.Close)
	var store saved.Store = file
	if o.Bind.Asked() {
		var end func() error
		if store, end, err = o.Bind.Store(ctx, file); err != nil {
			return nil, err
		}
		ends = append(ends, end)
	}
	card, end, err := openCard(ctx, a, o, store)
	if err != nil {
		return nil, err
	}
	ends = append(ends, end)
	dial, err := o.reader()
	if err != nil {
		return nil, err
	}
	away, err := bench.LayCard(ctx, dial, card, behind)
	if err != nil {
		return nil, err
	}
	ends = append(ends, away)
	return remove, nil
}
