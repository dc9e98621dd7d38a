package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	socketName = "pcscd.comm" // pcscd's own name for it
	slotsName  = "slots.sock"
	runName    = "run"

	// stopLimit bounds the wait for the warden, which only has to end.
	stopLimit = 5 * time.Second
)

// Daemon is a running private pcscd.
type Daemon struct {
	config Config
	folder string
	warden *warden
	once   sync.Once
	stop   error
}

// Start starts a private pcscd with the configured readers, and returns when it answers and every
// slot waits for a card. ctx bounds the start only; [Daemon.Stop] ends the daemon, and so does the
// end of this process.
//
// Errors wrap [ErrConfig], [ErrNoPCSCD], [ErrNoDriver], [ErrNamespaces], [ErrNotReady] or the
// context's cause. After an error nothing is left: no process, no mount, no file.
func Start(ctx context.Context, config Config) (*Daemon, error) {
	d, err := start(ctx, config, func(string) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("starting a private pcscd: %w", err)
	}
	return d, nil
}

// start is Start. passed is asked after each of the steps "folder", "warden" and "ready"; its
// error makes that step fail.
func start(ctx context.Context, config Config, passed func(step string) error) (*Daemon, error) {
	if os.Getenv(wardenVariable) != "" {
		return nil, errors.New("this process was started as a warden: call daemon.MaybeHelper" +
			" first in main")
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	config, err := config.settle()
	if err != nil {
		return nil, err
	}
	d := &Daemon{config: config}
	if err := d.makeFolder(); err != nil {
		return nil, err
	}
	steps := []struct {
		name string
		do   func() error
	}{
		{"folder", func() error { return nil }},
		{"warden", func() (err error) {
			d.warden, err = startWarden(d.order(), config.Log)
			return err
		}},
		{"ready", func() error { return d.warden.awaitReady(ctx) }},
	}
	for _, step := range steps {
		err := step.do()
		if err == nil {
			err = passed(step.name)
		}
		if err != nil {
			return nil, errors.Join(err, d.Stop())
		}
	}
	return d, nil
}

// makeFolder makes the daemon's own folder.
func (d *Daemon) makeFolder() error {
	folder, err := os.MkdirTemp(d.config.Dir, "pcscd-")
	if err != nil {
		return fmt.Errorf("%w: folder: %w", ErrConfig, err)
	}
	d.folder = folder
	for _, path := range []string{d.Socket(), d.SlotSocket()} {
		if len(path) > maxSocketPath {
			err := fmt.Errorf("%w: the socket %s has a path of %d bytes, at most %d work: choose a"+
				" folder with a shorter path", ErrConfig, path, len(path), maxSocketPath)
			return errors.Join(err, os.Remove(folder))
		}
	}
	if err := os.Mkdir(filepath.Join(folder, runName), 0o700); err != nil {
		return errors.Join(fmt.Errorf("%w: folder: %w", ErrConfig, err), os.Remove(folder))
	}
	return nil
}

func (d *Daemon) order() order {
	return order{
		Folder:  d.folder,
		Run:     filepath.Join(d.folder, runName),
		Slots:   d.SlotSocket(),
		Driver:  d.config.Driver,
		PCSCD:   d.config.PCSCD,
		Readers: d.config.Readers,
	}
}

// Socket returns the path of pcscd's socket: the value of PCSCLITE_CSOCK_NAME for its clients.
func (d *Daemon) Socket() string { return filepath.Join(d.folder, runName, socketName) }

// SlotSocket returns the path that [DialSlotAt] needs, for cards in other processes of this user.
func (d *Daemon) SlotSocket() string { return filepath.Join(d.folder, slotsName) }

// Slots returns how many slots there are: SlotsPerReader for each configured reader.
func (d *Daemon) Slots() int { return len(d.config.Readers) * SlotsPerReader }

// ReaderName returns the name under which PC/SC clients see a slot, or "" if there is no such
// slot.
func (d *Daemon) ReaderName(slot int) string {
	if slot < 0 || slot >= d.Slots() {
		return ""
	}
	return slotName(d.config.Readers[slot/SlotsPerReader], slot%SlotsPerReader)
}

// slotName returns how pcscd names a slot of a reader, or "" for a slot that no reader has.
func slotName(reader string, slot int) string {
	if slot < 0 || slot >= SlotsPerReader {
		return ""
	}
	return fmt.Sprintf("%s 00 %02X", reader, slot)
}

// DialSlot connects to the card's side of a slot: the caller serves a card on the connection, and
// closing it takes the card away. pcscd notices either within half a second. The connection comes
// from within the daemon's network namespace and belongs to the caller alone.
//
// Serve the card at once: vpcd asks it for its ATR and waits for the answer however long that
// takes, and pcscd with all its clients waits with it.
//
// Errors wrap [ErrReaderTaken], [ErrNoSlot], [ErrStopped] or the context's cause.
func (d *Daemon) DialSlot(ctx context.Context, slot int) (net.Conn, error) {
	return DialSlotAt(ctx, d.SlotSocket(), slot)
}

// Done returns a channel that is closed when the daemon has ended, by [Daemon.Stop] or by itself.
func (d *Daemon) Done() <-chan struct{} { return d.warden.done }

// Wait waits for the daemon's end. It returns nil after [Daemon.Stop], otherwise an error that
// wraps [ErrStopped] and says why.
func (d *Daemon) Wait() error {
	<-d.warden.done
	return d.warden.err
}

// Stop ends the daemon and everything it started, and removes its folder. It may be called again
// and then returns the same. Connections to slots stay the callers' to close.
func (d *Daemon) Stop() error {
	d.once.Do(func() {
		if d.warden != nil {
			d.warden.end()
		}
		// The warden has removed it, unless it was killed.
		d.stop = os.RemoveAll(d.folder)
	})
	return d.stop
}
