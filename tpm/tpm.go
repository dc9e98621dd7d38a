package tpm

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"tapbench/tpm/channel"
)

// TPM is an open TPM 2.0.
type TPM struct {
	link *link
	info Info

	mu sync.Mutex      // held during an operation
	ek *endorsementKey // once it is known
}

// Info says what a TPM is.
type Info struct {
	Where        string // as given to Open
	Manufacturer string // four characters, such as "IBM"
	Model        string // the vendor's string, such as "SW   TPM"
	Firmware     uint64 // the vendor's version number
	Revision     uint32 // of the TPM 2.0 Library, times 100: 164 is 1.64
}

// Open connects to the TPM at a place and makes sure that it answers. Places:
//
//	unix:PATH      a unix socket, such as a swtpm's data socket
//	tcp:HOST:PORT  the same over TCP
//	/dev/tpmrm0    the kernel's device, with its resource manager
//	/PATH          a socket or a device, whichever it is
//
// A TPM behind a socket serves one client at a time: while another one is connected, Open waits
// until its context ends, or two minutes ([ErrBusy]). Other errors: [ErrNoTPM], [ErrNotTPM2],
// [channel.ErrWhere].
func Open(ctx context.Context, where string) (*TPM, error) {
	ch, err := channel.Dial(ctx, where)
	if err != nil {
		return nil, err
	}
	return openLink(ctx, &link{now: ch})
}

// OpenShared is Open for who wants to leave the TPM to others between operations: where it serves
// one client at a time each operation has a connection of its own. A process that keeps a TPM open
// while it waits for another process that needs the same TPM must open it so.
func OpenShared(ctx context.Context, where string) (*TPM, error) {
	ch, err := channel.Dial(ctx, where)
	if err != nil {
		return nil, err
	}
	l := &link{now: ch}
	if ch.Exclusive() {
		l.again = where
	}
	return openLink(ctx, l)
}

func openLink(ctx context.Context, l *link) (*TPM, error) {
	t, err := begin(ctx, l)
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return t, nil
}

// New is Open over a channel that is connected already. The TPM owns the channel, unless New fails.
func New(ctx context.Context, ch *channel.Channel) (*TPM, error) {
	return begin(ctx, &link{now: ch})
}

func begin(ctx context.Context, l *link) (*TPM, error) {
	t := &TPM{link: l}
	err := t.onLink(ctx, func(ch *channel.Channel) error {
		bus := ch.Bind(ctx)
		if err := startUp(ch, bus); err != nil {
			return err
		}
		t.info.Where = ch.Where()
		return t.readInfo(bus)
	})
	if err != nil {
		return nil, fmt.Errorf("opening the TPM: %w", err)
	}
	return t, nil
}

// startUp starts a TPM that nobody has started, as a machine's firmware does. One that is started
// already says so, which is what is wanted. Behind a device the firmware has done it.
func startUp(ch *channel.Channel, bus transport.TPM) error {
	if !ch.Exclusive() {
		return nil
	}
	_, err := tpm2.Startup{StartupType: tpm2.TPMSUClear}.Execute(bus)
	if errors.Is(err, tpm2.TPMRCInitialize) {
		return nil
	}
	return err
}

// fixedProperties is how many properties are asked for; the TPM gives those that it has.
const fixedProperties = 64

func (t *TPM) readInfo(bus transport.TPM) error {
	rsp, err := tpm2.GetCapability{
		Capability: tpm2.TPMCapTPMProperties, Property: uint32(tpm2.TPMPTFamilyIndicator),
		PropertyCount: fixedProperties,
	}.Execute(bus)
	if err != nil {
		return err
	}
	list, err := rsp.CapabilityData.Data.TPMProperties()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	values := make(map[tpm2.TPMPT]uint32)
	for _, p := range list.TPMProperty {
		values[p.Property] = p.Value
	}
	if family := text(values[tpm2.TPMPTFamilyIndicator]); family != "2.0" {
		return fmt.Errorf("%w: family %q", ErrNotTPM2, family)
	}
	t.info = Info{
		Where:        t.info.Where,
		Manufacturer: text(values[tpm2.TPMPTManufacturer]),
		Model: text(values[tpm2.TPMPTVendorString1], values[tpm2.TPMPTVendorString2],
			values[tpm2.TPMPTVendorString3], values[tpm2.TPMPTVendorString4]),
		Firmware: uint64(values[tpm2.TPMPTFirmwareVersion1])<<32 |
			uint64(values[tpm2.TPMPTFirmwareVersion2]),
		Revision: values[tpm2.TPMPTRevision],
	}
	return nil
}

// text reads properties that hold four characters each; what can't be printed is left out.
func text(words ...uint32) string {
	var out []byte
	for _, word := range words {
		for _, c := range binary.BigEndian.AppendUint32(nil, word) {
			if c >= ' ' && c < 0x7F {
				out = append(out, c)
			}
		}
	}
	return string(out)
}

// Info returns what the TPM said of itself when it was opened.
func (t *TPM) Info() Info { return t.info }

// Close ends the connection, and with it an operation that is under way. It is idempotent.
func (t *TPM) Close() error { return t.link.close() }

// do makes one operation. Where only one client is served, what a dead one has left behind may fill
// the TPM: then it is flushed and the operation tried once more. An operation that met that error
// has changed nothing.
func (t *TPM) do(ctx context.Context, operation func(bus transport.TPM) error) error {
	return t.onLink(ctx, func(ch *channel.Channel) error {
		bus := ch.Bind(ctx)
		err := operation(bus)
		full := errors.Is(err, tpm2.TPMRCObjectMemory) || errors.Is(err, tpm2.TPMRCSessionMemory)
		if !full || !ch.Exclusive() {
			return err
		}
		if flushed := flushAll(bus); flushed != nil {
			return errors.Join(err, flushed)
		}
		return operation(bus)
	})
}

// onLink runs one operation alone, with a connection.
func (t *TPM) onLink(ctx context.Context, operation func(*channel.Channel) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	ch, err := t.link.take(ctx)
	if err != nil {
		return err
	}
	defer t.link.leave(ch)
	return operation(ch)
}

// First handles of what can be left loaded (Part 2, clause 7.5), and how many are asked for.
const (
	firstTransient = 0x80000000
	firstSession   = 0x02000000
	handlesAtOnce  = 64
)

// flushAll flushes every transient object and every loaded session.
func flushAll(bus transport.TPM) error {
	for _, first := range []uint32{firstTransient, firstSession} {
		rsp, err := tpm2.GetCapability{
			Capability: tpm2.TPMCapHandles, Property: first, PropertyCount: handlesAtOnce,
		}.Execute(bus)
		if err != nil {
			return fmt.Errorf("looking for what was left behind: %w", err)
		}
		handles, err := rsp.CapabilityData.Data.Handles()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrAnswer, err)
		}
		for _, handle := range handles.Handle {
			if err := flush(bus, handle); err != nil {
				return err
			}
		}
	}
	return nil
}

func flush(bus transport.TPM, handle tpm2.TPMHandle) error {
	if _, err := (tpm2.FlushContext{FlushHandle: handle}).Execute(bus); err != nil {
		return fmt.Errorf("flushing %08X: %w", uint32(handle), err)
	}
	return nil
}
