package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"tapbench/applet"
	"tapbench/pcsc"
	"tapbench/pcsc/pcscd"
)

// Card looks whether a card lies on a reader.
type Card struct{}

// Name is the check's name.
func (Card) Name() string { return "card" }

// Look asks the service.
func (Card) Look(ctx context.Context, m *Machine) Finding {
	readers, err := m.Readers(ctx)
	if err != nil || len(readers) == 0 {
		return note("can't be looked for without a reader")
	}
	var mute []string
	for _, r := range readers {
		if r.Present && len(r.ATR) > 0 && !r.Mute {
			return ok("%X on %s", r.ATR, r.Name)
		}
		if r.Present {
			mute = append(mute, r.Name)
		}
	}
	if len(mute) > 0 {
		return problem("the card on "+strings.Join(mute, ", ")+" doesn't answer",
			"# take it off and lay it on again, flat and in the middle")
	}
	return note("no card on the reader", "# lay one on, flat and in the middle")
}

// OurCard looks whether a card is one of ours: by its ATR if that tells already, else by selecting
// our application.
type OurCard struct{}

// Name is the check's name.
func (OurCard) Name() string { return "application" }

// storageCard is what PC/SC Part 3, 3.1.3.2.3, has in the historical bytes of a storage card, such
// as a MIFARE Classic: 4F, a length and the RID of the PC/SC workgroup.
func storageCard() []byte { return []byte{0xA0, 0x00, 0x00, 0x03, 0x06} }

// Look tries each card until one is ours.
func (OurCard) Look(ctx context.Context, m *Machine) Finding {
	readers, err := m.Readers(ctx)
	if err != nil {
		return note("can't be looked for without a reader")
	}
	var found Finding
	for _, r := range readers {
		if !r.Present || len(r.ATR) == 0 || r.Mute {
			continue
		}
		if found = lookAt(ctx, m, r); found.Level == OK {
			return found
		}
	}
	if found.Text == "" {
		return note("can't be looked for without a card")
	}
	return found
}

// lookAt looks whether the card on a reader is ours.
func lookAt(ctx context.Context, m *Machine, r pcscd.Reader) Finding {
	const mend = "# lay a card with the tapbench applet on the reader, or: tapbench up -- CMD"
	if bytes.Contains(r.ATR, storageCard()) {
		return problem(fmt.Sprintf("the card on %s only stores data and runs no application"+
			" (ATR %X)", r.Name, r.ATR), mend)
	}
	err := m.Select(ctx, r.Name)
	switch {
	case err == nil:
		return ok("the card on %s has it", r.Name)
	case errors.Is(err, applet.ErrNotOurCard):
		return problem(fmt.Sprintf("the card on %s isn't ours: it has no tapbench application"+
			" (ATR %X)", r.Name, r.ATR), mend)
	case errors.Is(err, pcsc.ErrSharing), errors.Is(err, context.DeadlineExceeded):
		return problem(fmt.Sprintf("the card on %s is in use by another program", r.Name),
			"# end that program; gpg-agent's scdaemon: gpgconf --kill scdaemon")
	default:
		return problem(fmt.Sprintf("the card on %s: %v", r.Name, err), mend)
	}
}
