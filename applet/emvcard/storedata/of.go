package storedata

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/tlv"
)

// ErrImage means that an image holds something that a contactless card has no grouping for, or no
// room. The text says what.
var ErrImage = errors.New("not the image of a contactless card")

// The bits of what limits there are.
const (
	hasLower = 1 << iota
	hasUpper
	hasLowerAmount
	hasUpperAmount
	onlineNew
	mandatoryAuth
)

// Of returns the groupings of an application, the records last. An error wraps [ErrImage].
func Of(a *image.Application) ([]Group, error) {
	if what := beyond(a); what != "" {
		return nil, fmt.Errorf("%w: %s", ErrImage, what)
	}
	selection, err := SelectionOf(a.AID, a.FCI)
	if err != nil {
		return nil, err
	}
	limits, err := limitsOf(a)
	if err != nil {
		return nil, err
	}
	master := a.Keys.AC.Reveal()
	options := tlv.Append(tlv.Append(nil, emv.TagAIP, a.AIP[:]), emv.TagAFL, a.AFL)
	groups := []Group{
		{Selection, selection},
		{Options, options},
		{MasterKey, master[:]},
		{Limits, limits},
		{CDOL1, a.CDOL1},
	}
	if a.PDOL != nil {
		groups = append(groups, Group{PDOL, a.PDOL})
	}
	if a.DDOL != nil {
		groups = append(groups, Group{DDOL, a.DDOL})
	}
	if a.Relay != nil {
		groups = append(groups, Group{Relay, relayOf(*a.Relay)})
	}
	for _, r := range a.Records {
		groups = append(groups, Group{Record(r.SFI, r.Number), r.Data})
	}
	return groups, Payment.Check(groups)
}

// beyond names what a contactless card has not, or nothing.
func beyond(a *image.Application) string {
	for _, row := range []struct {
		is   bool
		what string
	}{
		{a.Scheme != image.CVN18, "cryptograms of another version than 18"},
		{a.CDOL2 != nil, "a CDOL2"},
		{a.PIN != nil || a.PINKey != nil, "a PIN"},
		{a.Log != nil, "a transaction log"},
		{len(a.Objects) > 0, "data objects beside the counters"},
		{a.Blocked, "an application that is blocked"},
		{a.Format1, "answers in format 1"},
		{a.FastDDA, "fast DDA"},
	} {
		if row.is {
			return row.what
		}
	}
	return ""
}

// SelectionOf returns what of an answer to SELECT follows the name. The answer must be 6F with the
// name first; an error wraps [ErrImage].
func SelectionOf(name, fci []byte) ([]byte, error) {
	inner, err := tlv.Find(fci, emv.TagFCI)
	if err != nil {
		return nil, fmt.Errorf("%w: answer to SELECT: %w", ErrImage, err)
	}
	rest, ok := bytes.CutPrefix(inner, tlv.Append(nil, emv.TagDFName, name))
	if !ok || !bytes.Equal(FCI(name, rest), fci) {
		return nil, fmt.Errorf("%w: answer to SELECT that isn't 6F with the name first", ErrImage)
	}
	return rest, nil
}

// FCI returns what SELECT answers: 6F { 84 name, selection }.
func FCI(name, selection []byte) []byte {
	return tlv.Append(nil, emv.TagFCI, tlv.Append(nil, emv.TagDFName, name), selection)
}

// limitsOf returns flags [1] || lower [1] || upper [1] || lower amount n12 [6] || upper amount n12
// [6] || currency [2] || key index [1], zeros for limits that aren't there.
func limitsOf(a *image.Application) ([]byte, error) {
	r := a.Risk
	out := make([]byte, 3, limitsLen)
	for i, limit := range []*byte{r.Lower, r.Upper} {
		if limit != nil {
			out[0] |= hasLower << i
			out[1+i] = *limit
		}
	}
	for i, limit := range []*uint64{r.LowerAmount, r.UpperAmount} {
		var amount [6]byte
		if limit != nil {
			var err error
			if amount, err = emv.N12(*limit); err != nil {
				return nil, fmt.Errorf("%w: limit: %w", ErrImage, err)
			}
			out[0] |= hasLowerAmount << i
		}
		out = append(out, amount[:]...)
	}
	if r.OnlineNew {
		out[0] |= onlineNew
	}
	if r.MandatoryAuth {
		out[0] |= mandatoryAuth
	}
	return append(append(out, r.Currency[:]...), a.KeyIndex), nil
}

func relayOf(r image.Relay) []byte {
	out := binary.BigEndian.AppendUint16(nil, r.Min)
	out = binary.BigEndian.AppendUint16(out, r.Max)
	return binary.BigEndian.AppendUint16(out, r.Transmission)
}

// Check says by [ErrImage] what of groupings an application wouldn't take.
func (r Rules) Check(groups []Group) error {
	used := 0
	for _, g := range groups {
		if err := r.check(g.ID, len(g.Value)); err != nil || !r.isValue(g) {
			return fmt.Errorf("%w: %v of %d bytes: not one that the card works with", ErrImage, g,
				len(g.Value))
		}
		used += headLen + len(g.Value)
	}
	if used > r.room() {
		return fmt.Errorf("%w: groupings of %d bytes, expected at most %d", ErrImage, used, r.room())
	}
	if !r.areAll(groups) {
		return fmt.Errorf("%w: a data object list or a limit is missing", ErrImage)
	}
	return nil
}
