package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"

	"github.com/rs/zerolog"

	"tapbench/applet/emulator"
	"tapbench/applet/saved"
	"tapbench/applet/statefile/bound"
	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/tpm"
	"tapbench/tpm/swtpm"
	"tapbench/wallet/starter"
)

// BedConfig says which parts of a test bed to start.
type BedConfig struct {
	Dir    string // an existing folder
	Driver string // folder of libifdvpcd.so
	// SystemReader agrees to use, and to change, the machine's own pcscd where namespaces are
	// forbidden.
	SystemReader bool
	// Reader starts the private pcscd with its virtual readers, Card lays a secure element on the
	// first one's first slot, TPM starts a swtpm.
	Reader, Card, TPM bool
	// Applet is the folder of the applet that is the card, as in ElementConfig. Empty: the emulator.
	Applet string
	// Readers are the readers' friendly names, as in daemon.Config. None: one of daemon's own name.
	Readers []string
	// CardState is the file that holds the card's persistent state. Empty: card.state in Dir.
	CardState string
	// Renew offers a socket by which the card on the reader is made fresh, [Bed.RenewSocket]. There is
	// none for a card that is bound.
	Renew bool
	// Behind is what lies between the card and its reader, as in [LayCard].
	Behind func(pcsc.Processor) (pcsc.Processor, error)
	// Meter counts what the emulator does, as in ElementConfig.
	Meter *emulator.Meter
	// BindState binds the card's state to the TPM's first NV index, which both must be there for.
	BindState bool
	// Software is the executable that the bed measures into PCR 10 before anybody uses the TPM.
	Software string
	Log      zerolog.Logger
}

// Reader is a virtual reader: one of a private pcscd, or of the machine's own.
type Reader interface {
	// Socket is the value of PCSCLITE_CSOCK_NAME for clients; empty for the machine's own pcscd.
	Socket() string
	// ReaderName is the name under which PC/SC clients see a slot.
	ReaderName(slot int) string
	// DialSlot connects to the card's side of a slot.
	DialSlot(ctx context.Context, slot int) (net.Conn, error)
	// Stop takes the reader away.
	Stop() error
}

var (
	_ Reader = (*daemon.Daemon)(nil)
	_ Reader = (*daemon.SystemReader)(nil)
)

// Bed is a test bed: reader, card and TPM.
type Bed struct {
	dir     string
	Reader  Reader         // nil without a reader
	private *daemon.Daemon // nil without a reader of its own
	TPM     *swtpm.Process // nil without a TPM
	Card    *Element       // nil without a card
	Store   saved.Store    // the card's persistent state
	List    string         // path of the measurement list, empty without a TPM
	// RenewSocket is the path by which [Renew] makes the card fresh; empty: nobody can.
	RenewSocket string
	stack       stack
}

// StartBed starts a bed. When a part can't be started the others are ended again.
func StartBed(ctx context.Context, c BedConfig) (_ *Bed, err error) {
	b := &Bed{dir: c.Dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Stop())
		}
	}()
	if c.Reader {
		if err := b.startReader(ctx, c); err != nil {
			return nil, err
		}
	}
	// The reader needs a while to see its card, the TPM a while to start.
	parts := []func(context.Context, BedConfig) error{b.startCard, b.startTPM}
	if c.BindState {
		slices.Reverse(parts)
	}
	for _, start := range parts {
		if err := start(ctx, c); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Stop ends everything. It is idempotent.
func (b *Bed) Stop() error { return b.stack.unwind() }

func (b *Bed) startReader(ctx context.Context, c BedConfig) error {
	driver, err := daemon.FindDriver(c.Driver)
	if err != nil {
		return err
	}
	b.private, err = daemon.Start(ctx, daemon.Config{
		Dir: socketDir(c.Dir), Readers: c.Readers, Driver: driver, Log: c.Log,
	})
	switch {
	case err == nil:
		b.Reader = b.private
	case errors.Is(err, daemon.ErrNamespaces) && len(c.Readers) > 0:
		return fmt.Errorf("%w; the machine's own would have one reader"+
			" with a name of its own", err)
	case errors.Is(err, daemon.ErrNamespaces):
		system, systemErr := daemon.System{
			Consent: c.SystemReader, Driver: driver, Log: c.Log,
		}.Start(ctx)
		if systemErr != nil {
			return fmt.Errorf("%w: %w", err, systemErr)
		}
		b.Reader = system
	default:
		return err
	}
	b.stack.push(b.Reader.Stop)
	return nil
}

// socketDir returns the bench's folder for pcscd's sockets, or the system's folder for temporary
// files where the bench's path is too long for a socket (107 bytes in all).
func socketDir(dir string) string {
	const below = len("/pcscd-1234567890/run/pcscd.comm")
	if len(dir)+below > 107 {
		return ""
	}
	return dir
}

// startCard opens the card's state and lays the card on the reader, if there is one.
func (b *Bed) startCard(ctx context.Context, c BedConfig) error {
	if !c.Card {
		return nil
	}
	state := c.CardState
	if state == "" {
		state = filepath.Join(c.Dir, "card.state")
	}
	file, err := emulator.OpenFile(state)
	if err != nil {
		return err
	}
	b.stack.push(file.Close)
	b.Store = file
	if c.BindState {
		if err := b.bindState(ctx, file); err != nil {
			return err
		}
	}
	b.Card, err = OpenElement(ctx, ElementConfig{
		Applet: c.Applet, Dir: c.Dir, Store: b.Store, Meter: c.Meter, Log: c.Log,
	})
	if err != nil {
		return err
	}
	b.stack.push(b.Card.Close)
	if b.Reader == nil {
		return nil
	}
	dial := func(ctx context.Context) (net.Conn, error) { return b.Reader.DialSlot(ctx, 0) }
	card := new(pcsc.Exchangeable)
	card.Put(b.Card)
	remove, err := LayCard(ctx, dial, card, c.Behind)
	if err != nil {
		return err
	}
	b.stack.push(remove)
	if !c.Renew || c.BindState {
		return nil
	}
	return b.serveRenewals(ctx, c.Dir, card)
}

// bindState binds the card's state to the bed's TPM.
func (b *Bed) bindState(ctx context.Context, file bound.File) error {
	if b.TPM == nil {
		return errors.New("binding the card's state: there is no TPM")
	}
	device, err := tpm.OpenShared(ctx, "unix:"+b.TPM.Socket())
	if err != nil {
		return err
	}
	b.stack.push(device.Close)
	index, err := device.Index(0)
	if err != nil {
		return err
	}
	b.Store, err = bound.New(bound.Config{File: file, Anchor: index})
	return err
}

// startTPM starts the TPM and, as what starts the wallet would, measures the software that will
// use it.
func (b *Bed) startTPM(ctx context.Context, c BedConfig) error {
	if !c.TPM {
		return nil
	}
	var err error
	dir := filepath.Join(c.Dir, "tpm")
	if b.TPM, err = swtpm.Start(ctx, swtpm.Config{Dir: dir, Log: c.Log}); err != nil {
		return err
	}
	b.stack.push(func() error {
		if err := b.TPM.Stop(); !errors.Is(err, swtpm.ErrDied) {
			return err
		}
		return nil // whoever waited for the bed, or used the TPM, has said so
	})
	entry, err := tpm.MeasureFile(c.Software)
	if err != nil {
		return err
	}
	b.List = filepath.Join(c.Dir, "measurements")
	if err := os.Remove(b.List); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("beginning the measurement list: %w", err)
	}
	device, err := tpm.Open(ctx, "unix:"+b.TPM.Socket())
	if err != nil {
		return err
	}
	defer func() { _ = device.Close() }()
	return starter.Machine{TPM: device, List: b.List}.Start(ctx, entry)
}

// Wait waits until ctx is done, which is no error, or until a part of the bed has ended by itself.
func (b *Bed) Wait(ctx context.Context) error {
	var reader, device <-chan struct{}
	if b.private != nil {
		reader = b.private.Done()
	}
	if b.TPM != nil {
		device = b.TPM.Done()
	}
	select {
	case <-ctx.Done():
	case <-reader:
	case <-device:
	}
	select { // what has ended counts, even if ctx was done at the same time
	case <-reader:
		return b.private.Wait()
	case <-device:
		return b.TPM.Err()
	default:
		return nil
	}
}

// Readers returns the full names of the bed's readers: one for each slot of its own pcscd, or the
// one of the machine's.
func (b *Bed) Readers() []string {
	switch {
	case b.Reader == nil:
		return nil
	case b.private == nil:
		return []string{b.Reader.ReaderName(0)}
	}
	names := make([]string, b.private.Slots())
	for slot := range names {
		names[slot] = b.private.ReaderName(slot)
	}
	return names
}

// Question asks every part that the bed started.
func (b *Bed) Question() Question {
	q := Question{Readers: b.Readers()}
	if b.Reader != nil {
		q.Socket = b.Reader.Socket()
		if b.Card != nil {
			q.Card = q.Readers[0]
		}
	}
	if b.TPM != nil {
		q.TPM = "unix:" + b.TPM.Socket()
	}
	return q
}

// SlotSocket returns the path that cards in other shells need to reach the bed's slots, or "" where
// the reader isn't the bed's own.
func (b *Bed) SlotSocket() string {
	if b.private == nil {
		return ""
	}
	return b.private.SlotSocket()
}
