package cli

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
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc/daemon"
)

type cardServeOptions struct {
	profile string
	keys    string // of EMV cards
	blank   bool
	se      string
	applet  string
	state   string
	vpcd    string
	socket  string
	slot    int
	tpm     *tpmFlag
	bind    *bindFlag
	model   *modelFlags
	// dial, if set, connects to the reader instead of vpcd or slots.
	dial func(context.Context) (net.Conn, error)
}

// reader returns how to connect to the reader's side.
func (o cardServeOptions) reader() (dial func(context.Context) (net.Conn, error), err error) {
	switch {
	case o.dial != nil:
		return o.dial, nil
	case o.vpcd != "":
		return func(ctx context.Context) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", o.vpcd)
		}, nil
	case o.socket != "":
		return func(ctx context.Context) (net.Conn, error) {
			return daemon.DialSlotAt(ctx, o.socket, o.slot)
		}, nil
	default:
		return nil, shell.Usagef("name a reader: --slots SOCKET of a bench, or --vpcd ADDRESS")
	}
}

// layServed opens the card, or makes it, and lays it on its reader. It returns how to take it away
// and close it.
func layServed(ctx context.Context, a *shell.App, o cardServeOptions) (_ func() error, err error) {
	if err := o.model.check(o.se); err != nil {
		return nil, err
	}
	behind, err := o.model.wrap(a)
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
	file, err := kept.OpenFile(o.state)
	if errors.Is(err, statefile.ErrInUse) {
		return nil, fmt.Errorf("%w: %s", emulator.ErrInUse, o.state)
	}
	if err != nil {
		return nil, err
	}
	ends = append(ends, file.Close)
	var store saved.Store = file
	if o.bind.asked() {
		var end func() error
		if store, end, err = o.bind.store(ctx, file); err != nil {
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
