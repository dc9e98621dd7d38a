package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// SystemReader is the virtual reader of the machine's own pcscd, held by this process.
type SystemReader struct {
	undo []func() error // in the order of doing
	once sync.Once
	err  error
}

// Start takes the machine's virtual reader, after making it if there is none, and returns when it
// waits for a card. ctx bounds the start only.
//
// Errors wrap [ErrReaderTaken] (another bench has it), [ErrNoConsent] (with the plan in its text),
// [ErrNoDriver], [ErrNoPCSCD], [ErrNotReady] or the context's cause. Everything is undone then.
func (s System) Start(ctx context.Context) (*SystemReader, error) {
	r := &SystemReader{}
	if err := s.start(ctx, r); err != nil {
		err = errors.Join(err, r.Stop())
		return nil, fmt.Errorf("using the machine's own pcscd: %w", err)
	}
	return r, nil
}

func (s System) start(ctx context.Context, r *SystemReader) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	held, err := takeLock(filepath.Join(os.TempDir(), systemLock))
	if err != nil {
		return err
	}
	r.undo = append(r.undo, held.release)
	found, err := s.look()
	if err != nil || found == readerThere {
		return err
	}
	if !s.Consent {
		return fmt.Errorf("%w:\n%s", ErrNoConsent, planFor(found))
	}
	if s.Driver, err = checkDriver(s.Driver); err != nil {
		return err
	}
	if s.PCSCD, err = findPCSCD(s.PCSCD); err != nil {
		return err
	}
	if found == serviceAbsent {
		return s.launch(ctx, r)
	}
	return s.add(ctx, r)
}

// add gives the machine's pcscd the reader.
func (s System) add(ctx context.Context, r *SystemReader) error {
	entry := filepath.Join(systemConf, systemEntry)
	if err := writeConf(entry, s.Driver); err != nil {
		return err
	}
	// Undone in reverse: pcscd is restarted when the entry is gone.
	r.undo = append(r.undo, restartService, func() error { return os.Remove(entry) })
	if err := restartService(); err != nil {
		return err
	}
	return awaitSlots(ctx, nil)
}

// restartService has pcscd read its configuration again.
func restartService() error {
	ctx, cancel := context.WithTimeout(context.Background(), readyLimit)
	defer cancel()
	words := restartCommand()
	out, err := exec.CommandContext(ctx, words[0], words[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pcscd goes by its old configuration until it is restarted: %s: %w %s",
			strings.Join(words, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// launch starts pcscd on a configuration of ours; it dies with this process.
func (s System) launch(ctx context.Context, r *SystemReader) error {
	conf, err := os.MkdirTemp("", "pcscd-")
	if err != nil {
		return err
	}
	r.undo = append(r.undo, func() error { return os.RemoveAll(conf) })
	if err := writeConf(filepath.Join(conf, systemEntry), s.Driver); err != nil {
		return err
	}
	traits, err := askTraits(ctx, s.PCSCD)
	if err != nil {
		return err
	}
	args := []string{"--foreground", "--config", conf}
	if !systemBus() {
		// A pcscd that can't ask polkit lets nobody in. Its reader is open to everybody anyway.
		args = append(args, traits.arguments()...)
	}
	service, err := launchPCSCD(s.PCSCD, args, s.Log)
	if err != nil {
		return err
	}
	r.undo = append(r.undo, service.stop)
	if err := awaitSlots(ctx, service.done); err != nil {
		if said := service.log.last(); said != "" {
			err = fmt.Errorf("%w; it said: %s", err, said)
		}
		return err
	}
	return nil
}

// writeConf writes a reader configuration with one virtual reader, over no other file.
func writeConf(path, driver string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(confEntry(DefaultReader, driver, firstPort))
	if err := errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// awaitSlots returns when both slots wait for a card, and waits for that as long as pcscd, whose
// end closes ended, lives. It talks to pcscd's socket so that systemd starts pcscd.
func awaitSlots(ctx context.Context, ended <-chan struct{}) error {
	limit := time.NewTimer(readyLimit)
	defer limit.Stop()
	ask := time.NewTicker(askEvery)
	defer ask.Stop()
	var dialer net.Dialer
	for {
		if conn, err := dialer.DialContext(ctx, "unix", filepath.Join(systemRun, socketName)); err == nil {
			closeQuietly(conn)
		}
		sockets, err := tcpSockets()
		if err != nil {
			return err
		}
		if holds(sockets, firstPort, tcpListen) && holds(sockets, firstPort+1, tcpListen) {
			return nil
		}
		select {
		case <-ask.C:
		case <-ended:
			return fmt.Errorf("%w: it ended", ErrNotReady)
		case <-limit.C:
			return fmt.Errorf("%w: no virtual reader within %v", ErrNotReady, readyLimit)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Socket returns "": clients find the machine's own service by themselves.
func (*SystemReader) Socket() string { return "" }

// Slots returns how many slots the reader has.
func (*SystemReader) Slots() int { return SlotsPerReader }

// ReaderName returns the name under which PC/SC clients see a slot of a reader that Start has made,
// or "" if there is no such slot.
func (*SystemReader) ReaderName(slot int) string { return slotName(DefaultReader, slot) }

// DialSlot connects to the card's side of a slot, as [Daemon.DialSlot] does. Errors wrap
// [ErrReaderTaken] (a card of somebody else's), [ErrNoSlot] or the context's cause.
func (*SystemReader) DialSlot(ctx context.Context, slot int) (net.Conn, error) {
	if slot < 0 || slot >= SlotsPerReader {
		return nil, fmt.Errorf("laying a card on slot %d: %w", slot, ErrNoSlot)
	}
	conn, err := dialFree(ctx, []uint16{firstPort, firstPort + 1}[slot])
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, fmt.Errorf("laying a card on slot %d: %w", slot, err)
	}
	return conn, nil
}

// Stop undoes what Start has changed, the last change first, and gives the reader to others. What
// it can't undo is in the error. It may be called again and then returns the same.
func (r *SystemReader) Stop() error {
	r.once.Do(func() {
		var errs []error
		for i := len(r.undo) - 1; i >= 0; i-- {
			errs = append(errs, r.undo[i]())
		}
		r.err = errors.Join(errs...)
	})
	return r.err
}
