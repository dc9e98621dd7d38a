package issue

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/personalise"
	"tapbench/applet/emvcard/profile"
	"tapbench/applet/emvcard/storedata"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// The failures.
var (
	// ErrIssued means that the card is somebody's already. Take a blank one.
	ErrIssued = errors.New("the card is personalised already")
	// ErrProfile means that a profile asks for what a contactless card hasn't: more than one
	// application, a PSE, a PIN. The text says what.
	ErrProfile = errors.New("no contactless card can be of this profile")
)

// Card personalises the blank card behind a session: it must have been installed under the name of
// the profile's application. The configuration's CardKey is this function's to say. Errors are
// [ErrIssued], [ErrProfile], package personalise's, a *apdu.StatusError of the card, or the
// transport's. After an error the card is blank still, unless the PPSE alone was refused.
func Card(ctx context.Context, session *pcsc.Session, cfg personalise.Config) (image.Card, error) {
	if err := Check(cfg.Profile); err != nil {
		return image.Card{}, err
	}
	s := sender{ctx, session}
	if err := s.choose(cfg.Profile.Applications[0].AID); err != nil {
		return image.Card{}, err
	}
	cfg.CardKey = func(string, int, int) (oda.PublicKey, error) { return s.makeKey() }
	card, err := personalise.Card(cfg)
	if err != nil {
		return image.Card{}, err
	}
	groups, err := storedata.Of(&card.Applications[0])
	if err != nil {
		return image.Card{}, fmt.Errorf("%w: %w", ErrProfile, err)
	}
	selection, err := storedata.SelectionOf([]byte(wire.AIDPPSE), card.PPSE.FCI)
	if err != nil {
		return image.Card{}, fmt.Errorf("%w: %w", ErrProfile, err)
	}
	if err := s.store(groups); err != nil {
		return image.Card{}, err
	}
	if err := s.choose([]byte(wire.AIDPPSE)); err != nil {
		return image.Card{}, err
	}
	return card, s.store([]storedata.Group{{ID: storedata.Selection, Value: selection}})
}

// Check says by [ErrProfile] what of a profile no contactless card can have, as far as that shows
// before the card is made.
func Check(p profile.Profile) error {
	for _, row := range []struct {
		is   bool
		what string
	}{
		{p.Kind != profile.EMV, "it is no EMV card's"},
		{len(p.Applications) != 1, "it has other than one application"},
		{!slices.Equal(p.Directories, []string{"ppse"}), "its directories are other than a PPSE"},
		{p.Protocol == profile.T0, "it speaks T=0"},
		{p.Blocked, "its card is blocked"},
	} {
		if row.is {
			return fmt.Errorf("%w: %s", ErrProfile, row.what)
		}
	}
	return nil
}

// sender sends commands to one card.
type sender struct {
	ctx     context.Context //nolint:containedctx // of one call of Card
	session *pcsc.Session
}

// send wants 9000.
func (s sender) send(c apdu.Command) ([]byte, error) {
	answer, err := s.session.Exchange(s.ctx, c)
	if err != nil {
		return nil, err
	}
	if answer.SW != apdu.SWNormal {
		return nil, c.Refused(answer.SW)
	}
	return answer.Data, nil
}

// choose selects a blank application.
func (s sender) choose(name []byte) error {
	answer, err := s.send(apdu.Command{
		INS: byte(wire.InsSelect), P1: wire.P1SelectByAID,
		Data: name, Ne: apdu.MaxShortNe,
	})
	if err != nil {
		return fmt.Errorf("selecting the application %X: %w", name, err)
	}
	if string(answer) != string(storedata.FCI(name, nil)) {
		return fmt.Errorf("%w: %X answers as one does", ErrIssued, name)
	}
	return nil
}

// makeKey has the card make its key.
func (s sender) makeKey() (oda.PublicKey, error) {
	answer, err := s.send(apdu.Command{INS: 0x47, P1: 0x80, Ne: apdu.MaxShortNe})
	if err != nil {
		return oda.PublicKey{}, err
	}
	const pair, modulus, exponent tlv.Tag = 0x7F49, 0x81, 0x82
	var key oda.PublicKey
	if key.Modulus, err = tlv.Find(answer, pair, modulus); err != nil {
		return oda.PublicKey{}, fmt.Errorf("reading the card's key: %w", err)
	}
	if key.Exponent, err = tlv.Find(answer, pair, exponent); err != nil {
		return oda.PublicKey{}, fmt.Errorf("reading the card's key: %w", err)
	}
	return key, key.Check()
}

// store sends groupings.
func (s sender) store(groups []storedata.Group) error {
	for i, c := range storedata.Commands(groups) {
		if _, err := s.send(c); err != nil {
			return fmt.Errorf("storing block %d: %w", i, err)
		}
	}
	return nil
}
