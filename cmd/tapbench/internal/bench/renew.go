package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"

	"tapbench/applet/emulator"
	"tapbench/applet/jcardsim"
	"tapbench/applet/saved"
	"tapbench/pcsc"
)

// ErrNotRenewed means that a bed's card is the one that it was.
var ErrNotRenewed = errors.New("the bed's card wasn't made fresh")

// blank is a store whose state is forgotten: what a card commits takes its place.
type blank struct{ saved.Store }

// Load returns that there is no state.
func (blank) Load() ([]byte, error) { return nil, nil }

// Fresh makes a card of the same kind without keys. Its state goes to the store, in the place of
// what is there.
func (e *Element) Fresh(store saved.Store) (pcsc.Processor, error) {
	if e.Machine != nil {
		return e.Machine.Open(jcardsim.CardConfig{Store: blank{store}})
	}
	return emulator.New(emulator.Config{Store: blank{store}, Meter: e.meter})
}

// The answer to a connection to the socket: one of these, the second with a reason behind it.
const (
	renewed    = "fresh\n"
	notRenewed = "error: "
)

// maxSocket is the longest path of a socket, see unix(7).
const maxSocket = 107

// serveRenewals makes the card on the reader fresh whenever somebody connects to the bed's socket
// for that. Where its path would be too long there is none.
func (b *Bed) serveRenewals(ctx context.Context, dir string, card *pcsc.Exchangeable) error {
	path := filepath.Join(dir, "renew")
	if len(path) > maxSocket {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return fmt.Errorf("offering fresh cards: %w", err)
	}
	b.RenewSocket = path
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed by Stop
			}
			answer := renewed
			if fresh, err := b.Card.Fresh(b.Store); err != nil {
				answer = notRenewed + err.Error()
			} else {
				card.Put(fresh)
			}
			_, _ = io.WriteString(conn, answer) // whoever went away doesn't want to know
			_ = conn.Close()
		}
	})
	b.stack.push(func() error {
		err := listener.Close()
		wait.Wait()
		return err
	})
	return nil
}

// Renew has the bed behind a socket put a fresh card in the place of its own. An error wraps
// [ErrNotRenewed].
func Renew(ctx context.Context, socket string) error {
	const most = 4096
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotRenewed, err)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	answer, err := io.ReadAll(io.LimitReader(conn, most))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrNotRenewed, err)
	case string(answer) != renewed:
		return fmt.Errorf("%w: %s", ErrNotRenewed, strings.TrimPrefix(string(answer), notRenewed))
	default:
		return nil
	}
}
