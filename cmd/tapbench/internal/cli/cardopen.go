package cli

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet/emulator"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/kept"
	"tapbench/applet/emvcard/personalise"
	"tapbench/applet/emvcard/profile"
	"tapbench/applet/saved"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/pcsc"
)

// errOtherCard means that a file holds another card than the profile describes.
var errOtherCard = errors.New("the file holds another card")

// openCard opens what card serve lays on the reader: the EMV card that the store holds or the
// profile makes, or an anonymous one. End is to be called after it.
func (a *app) openCard(ctx context.Context, o cardServeOptions, store saved.Store) (
	card pcsc.Processor, end func() error, err error,
) {
	var p profile.Profile
	if o.profile != "" {
		if p, err = readProfile(o.profile); err != nil {
			return nil, nil, err
		}
	}
	raw, err := store.Load()
	if err != nil {
		return nil, nil, err
	}
	if o.blank || emvcard.IsBlank(raw) {
		return a.openBlank(ctx, o, p, store)
	}
	if o.se != seEmulator && p.Kind == profile.EMV && !kept.IsCard(raw) {
		return a.openContactless(ctx, o, p, store)
	}
	if kept.IsCard(raw) || p.Kind == profile.EMV {
		card, err := a.openEMVCard(o, p, store)
		return card, func() error { return nil }, err
	}
	cfg := bench.ElementConfig{
		Applet: appletOf(o.se, o.applet), Store: store, Meter: o.model.meter, Log: a.log,
	}
	if p.Kind == profile.Anonymous {
		named := p.Applications[0]
		cfg.ATR = p.ATR
		cfg.Naming = emulator.Naming{AID: named.AID, Label: named.Label, Priority: named.Priority}
		if cfg.Applet != "" {
			return nil, nil, &usageError{fmt.Errorf(
				"--profile %s: the Java Card applet has its own names; leave --se out", o.profile)}
		}
	}
	element, err := bench.OpenElement(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	return element, element.Close, nil
}

// openEMVCard opens the card that the store holds, or makes one there.
func (a *app) openEMVCard(o cardServeOptions, p profile.Profile, store saved.Store) (
	pcsc.Processor, error,
) {
	if err := errors.Join(o.emulated(), o.model.uncounted()); err != nil {
		return nil, err
	}
	card, err := kept.Open(store)
	if err != nil {
		return nil, err
	}
	if card.Card() == nil {
		if err := a.makeCard(o, p, card); err != nil {
			return nil, err
		}
	} else if is := card.Card().Profile; o.profile != "" && is != p.Name {
		return nil, fmt.Errorf("%w: %s has one of profile %s, not %s", errOtherCard, o.state, is,
			p.Name)
	}
	return emvcard.New(emvcard.Config{Image: card.Card().Image, Store: card, Log: a.log})
}

// emulated refuses another secure element for a file that holds the emulator's card.
func (o cardServeOptions) emulated() error {
	if o.se != seEmulator {
		return &usageError{fmt.Errorf("--se %s: %s holds the emulator's card", o.se, o.state)}
	}
	return nil
}

// makeCard personalises a card and keeps it.
func (a *app) makeCard(o cardServeOptions, p profile.Profile, into *kept.Store) error {
	if _, err := o.reader(); err != nil {
		return err // before anything is drawn
	}
	keys, err := a.openEMVKeys(o.keys)
	if err != nil {
		return err
	}
	made, err := personalise.Card(personalise.Config{
		Profile: p, Authority: keys.Authority, Issuer: keys.Issuer,
	})
	if err != nil {
		return fmt.Errorf("personalising profile %s: %w", o.profile, err)
	}
	a.say("personalised a new card of profile %s", p.Name)
	return into.Begin(p.Name, made)
}
