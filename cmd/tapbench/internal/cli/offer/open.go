package offer

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet/emulator"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/kept"
	"tapbench/applet/emvcard/personalise"
	"tapbench/applet/emvcard/profile"
	"tapbench/applet/emvcard/seed"
	"tapbench/applet/saved"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
)

// openCard opens what card serve lays on the reader: the EMV card that the store holds or the
// profile makes, or an anonymous one. End is to be called after it.
func openCard(ctx context.Context, a *shell.App, o Options, store saved.Store) (
	card pcsc.Processor, end func() error, err error,
) {
	var p profile.Profile
	if o.Profile != "" {
		if p, err = device.ReadProfile(o.Profile); err != nil {
			return nil, nil, err
		}
	}
	raw, err := store.Load()
	if err != nil {
		return nil, nil, err
	}
	if o.Blank || emvcard.IsBlank(raw) {
		return openBlank(ctx, a, o, p, store)
	}
	if o.SE != device.SEEmulator && p.Kind == profile.EMV && !kept.IsCard(raw) {
		return openContactless(ctx, a, o, p, store)
	}
	if kept.IsCard(raw) || p.Kind == profile.EMV {
		card, err := openEMVCard(a, o, p, store)
		return card, func() error { return nil }, err
	}
	cfg := bench.ElementConfig{
		Applet: device.AppletOf(o.SE, o.Applet), Store: store, Meter: o.Model.Meter, Log: a.Log,
	}
	if p.Kind == profile.Anonymous {
		if o.Seed != "" {
			return nil, nil, shell.Usagef("--seed: profile %s isn't of an EMV card", o.Profile)
		}
		named := p.Applications[0]
		cfg.ATR = p.ATR
		cfg.Naming = emulator.Naming{AID: named.AID, Label: named.Label, Priority: named.Priority}
		if cfg.Applet != "" {
			return nil, nil, shell.Usagef(
				"--profile %s: the Java Card applet has its own names; leave --se out", o.Profile)
		}
	}
	element, err := bench.OpenElement(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	return element, element.Close, nil
}

// openEMVCard opens the card that the store holds, or makes one there.
func openEMVCard(a *shell.App, o Options, p profile.Profile, store saved.Store) (
	pcsc.Processor, error,
) {
	if err := errors.Join(o.emulated(), o.Model.Uncounted()); err != nil {
		return nil, err
	}
	card, err := kept.Open(store)
	if err != nil {
		return nil, err
	}
	if card.Card() == nil {
		if err := makeCard(a, o, p, card); err != nil {
			return nil, err
		}
	} else if is := card.Card().Profile; o.Profile != "" && is != p.Name {
		return nil, fmt.Errorf("%w: %s has one of profile %s, not %s", shell.ErrOtherCard, o.State, is,
			p.Name)
	}
	return emvcard.New(emvcard.Config{Image: card.Card().Image, Store: card, Log: a.Log})
}

// emulated refuses another secure element for a file that holds the emulator's card.
func (o Options) emulated() error {
	if o.SE != device.SEEmulator {
		return shell.Usagef("--se %s: %s holds the emulator's card", o.SE, o.State)
	}
	return nil
}

// makeCard personalises a card and keeps it.
func makeCard(a *shell.App, o Options, p profile.Profile, into *kept.Store) error {
	if _, err := o.reader(); err != nil {
		return err // before anything is drawn
	}
	keys, err := parties.OpenEMVKeysFrom(a, o.Keys, o.Seed)
	if err != nil {
		return err
	}
	cfg := personalise.Config{Profile: p, Authority: keys.Authority, Issuer: keys.Issuer}
	if o.Seed != "" {
		cfg.Rand = seed.Reader(o.Seed, seed.Card)
	}
	made, err := personalise.Card(cfg)
	if err != nil {
		return fmt.Errorf("personalising profile %s: %w", o.Profile, err)
	}
	a.Say("personalised a new card of profile %s", p.Name)
	return into.Begin(p.Name, made)
}
