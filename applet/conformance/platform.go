package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// Refusal stands for each status word that refuses: neither 9000 nor 61xx.
const Refusal apdu.SW = 0xFFFF //nolint:errname // not returned as an error

// Platform says how a Java Card's platform answers what PROTOCOL.md leaves to it ("What a platform
// answers by itself"). The zero value: there is none, the element answers everything. A status word
// may be [Refusal], where it isn't known beforehand.
type Platform struct {
	// Unselected is the status word to a command before the first selection.
	Unselected apdu.SW
	// Unknown is the status word to SELECT of an AID that nothing has, before the first selection.
	Unknown apdu.SW
	// Selects says that SELECT is the platform's: the beginning of an AID selects, and so does an AID
	// with another P2 than 00. What was selected before is lost. SELECT in extended length isn't the
	// platform's, and selects nothing.
	Selects bool
	// Channel is the status word to a class with the number of another logical channel, and to
	// MANAGE CHANNEL.
	Channel apdu.SW
}

// Element returns a connection to the element behind a platform: where the platform has answered
// by itself, and as [Platform] says, the answer becomes the one that PROTOCOL.md has for an element
// without a platform. An answer that PROTOCOL.md doesn't leave to the platform stays as it is.
// What was selected is selected again if only the platform has taken it away; the host's proof and
// the tap's stage are lost then. The connection owns the card.
func (p Platform) Element(card pcsc.Card) pcsc.Card {
	if p == (Platform{}) {
		return card
	}
	return &element{Card: card, platform: p}
}

// element is the element behind a platform.
type element struct {
	pcsc.Card
	platform Platform
	selected wire.AID // empty: none
}

// bare returns the connection below the platform's.
func bare(card pcsc.Card) pcsc.Card {
	if e, ok := card.(*element); ok {
		return e.Card
	}
	return card
}

// Reset resets the card, which selects nothing.
func (e *element) Reset(ctx context.Context) error {
	e.selected = ""
	return e.Card.Reset(ctx)
}

// Transmit sends a command and returns the element's answer.
func (e *element) Transmit(ctx context.Context, raw []byte) ([]byte, error) {
	answer, err := e.Card.Transmit(ctx, raw)
	if err != nil {
		return nil, err
	}
	r, err := apdu.ParseResponse(answer)
	if err != nil {
		return answer, nil //nolint:nilerr // who asked sees it too
	}
	c, err := apdu.ParseCommand(raw)
	if err != nil {
		return answer, nil //nolint:nilerr // bytes that are no command have one answer: 6700
	}
	switch {
	case c.CLA == byte(wire.CLAInterindustry) && c.INS == byte(wire.InsSelect):
		if e.platform.Selects && !r.SW.IsNormal() && len(raw) > apdu.MinCommand+1 && raw[4] == 0 {
			return e.selectShort(ctx, c)
		}
		return e.selection(ctx, c, answer, r.SW)
	case e.selected == "" && allows(e.platform.Unselected, r.SW),
		e.platform.channels(c, r.SW):
		return unknownCommand(c).Encode(), nil
	default:
		return answer, nil
	}
}

// selectShort sends a SELECT that came in extended length as a short command.
func (e *element) selectShort(ctx context.Context, c apdu.Command) ([]byte, error) {
	c.Ne = min(c.Ne, apdu.MaxShortNe)
	raw, err := c.Encode()
	if err != nil || len(raw) <= apdu.MinCommand+1 || raw[4] == 0 {
		return apdu.Response{SW: wire.SWFileNotFound}.Encode(), err // its AID has 256 bytes or more
	}
	return e.Transmit(ctx, raw)
}

// selection looks at an answer to SELECT.
func (e *element) selection(
	ctx context.Context, c apdu.Command, answer []byte, got apdu.SW,
) ([]byte, error) {
	refusal := wire.SWFileNotFound
	byName := c.P1 == wire.P1SelectByAID
	switch {
	case !byName || c.P2 != 0:
		refusal = wire.SWIncorrectP1P2
	case slices.Contains(applications(), wire.AID(c.Data)):
		if got.IsNormal() {
			e.selected = wire.AID(c.Data)
		}
		return answer, nil
	}
	if e.platform.Selects && byName && begins(c.Data) &&
		(got.IsNormal() || got == wire.SWFileNotFound) {
		if err := e.selectAgain(ctx); err != nil {
			return nil, err
		}
	} else if !e.refuses(byName, got) {
		return answer, nil
	}
	return apdu.Response{SW: refusal}.Encode(), nil
}

// refuses says whether a SELECT is the platform's to refuse so.
func (e *element) refuses(byName bool, got apdu.SW) bool {
	if e.selected != "" {
		return byName && e.platform.Selects && got == wire.SWFileNotFound
	}
	return allows(e.platform.Unselected, got) || byName && allows(e.platform.Unknown, got)
}

// selectAgain selects what was selected before, or nothing.
func (e *element) selectAgain(ctx context.Context) error {
	if e.selected == "" {
		return e.Reset(ctx)
	}
	raw, err := selectCommand(e.selected).Encode()
	if err != nil {
		return err
	}
	answer, err := e.Card.Transmit(ctx, raw)
	if err != nil {
		return err
	}
	if r, err := apdu.ParseResponse(answer); err != nil || !r.SW.IsNormal() {
		return fmt.Errorf("%w: SELECT of what was selected before: % X", pcsc.ErrBadAnswer, answer)
	}
	return nil
}

// manageChannel is MANAGE CHANNEL (ISO/IEC 7816-4:2005, 7.1.2).
const manageChannel = 0x70

// channels says whether a platform answers a command because of logical channels.
func (p Platform) channels(c apdu.Command, got apdu.SW) bool {
	if c.CLA == byte(wire.CLAInterindustry) && c.INS == manageChannel {
		return p.Channel != 0 // it may even open one
	}
	class := apdu.Class(c.CLA)
	return class.Coded() && class.Channel() != 0 && allows(p.Channel, got)
}

// allows says whether a status word is the one that a platform gives.
func allows(platform, got apdu.SW) bool {
	refuses := got >= 0x6400 && got < 0x7000
	return refuses && (platform == got || platform == Refusal)
}

// unknownCommand is the element's answer to a command that no application has.
func unknownCommand(c apdu.Command) apdu.Response {
	class := wire.CLA(c.CLA)
	if class != wire.CLAInterindustry && class != wire.CLAProprietary {
		return apdu.Response{SW: wire.SWClassNotSupported} // bit 10 too: it doesn't chain
	}
	return apdu.Response{SW: wire.SWInstructionNotSupported}
}

// begins says whether an application's AID begins so.
func begins(name []byte) bool {
	return slices.ContainsFunc(applications(), func(aid wire.AID) bool {
		return strings.HasPrefix(string(aid), string(name))
	})
}

// applications are the AIDs of all applications.
func applications() []wire.AID {
	return []wire.AID{wire.AIDManagement, wire.AIDPayment, wire.AIDOffline, wire.AIDPPSE}
}
