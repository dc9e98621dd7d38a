package offer

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/issue"
	"tapbench/applet/emvcard/kept"
	"tapbench/applet/emvcard/personalise"
	"tapbench/applet/emvcard/profile"
	"tapbench/applet/saved"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
)

// openBlank opens the contactless card that the store holds, or a blank one.
func openBlank(
	ctx context.Context, a *shell.App, o Options, p profile.Profile, store saved.Store,
) (card pcsc.Processor, end func() error, err error) {
	raw, err := store.Load()
	if err := errors.Join(err, o.Model.Uncounted()); err != nil {
		return nil, nil, err
	}
	if kept.IsCard(raw) {
		return nil, nil, fmt.Errorf("%w: %s has one that isn't blank", shell.ErrOtherCard, o.State)
	}
	var name []byte // the one that the file holds
	switch {
	case o.Profile != "":
		if err := SuitsContactless(o.Profile, p); err != nil {
			return nil, nil, err
		}
		name = p.Applications[0].AID
	case emvcard.IsBlank(raw):
		if err := o.emulated(); err != nil {
			return nil, nil, err
		}
	default:
		return nil, nil, shell.Usagef("--blank: name what it may become with --profile")
	}
	if o.SE != device.SEEmulator {
		element, err := bench.OpenElement(ctx, bench.ElementConfig{
			Applet: o.Applet, Store: store, Contactless: name, Log: a.Log,
		})
		if err != nil {
			return nil, nil, err
		}
		return element, element.Close, nil
	}
	card, err = emvcard.NewBlank(emvcard.BlankConfig{
		Name: name, ATR: p.ATR, Store: store, Log: a.Log,
	})
	return card, func() error { return nil }, err
}

// openContactless opens the contactless Java Card that the store holds, or has a new one made
// somebody's: it is kept once that is done. End is to be called after it.
func openContactless(
	ctx context.Context, a *shell.App, o Options, p profile.Profile, store saved.Store,
) (card pcsc.Processor, end func() error, err error) {
	if err := errors.Join(o.Model.Uncounted(), SuitsContactless(o.Profile, p)); err != nil {
		return nil, nil, err
	}
	raw, err := store.Load()
	if err != nil {
		return nil, nil, err
	}
	draft := &draftStore{Store: store, isDraft: raw == nil}
	element, err := bench.OpenElement(ctx, bench.ElementConfig{
		Applet: o.Applet, Store: draft, Contactless: p.Applications[0].AID, Log: a.Log,
	})
	if err != nil {
		return nil, nil, err
	}
	if raw == nil {
		if err := issueCard(ctx, a, o, p, element); err != nil {
			return nil, nil, errors.Join(err, element.Close())
		}
		if err := draft.keep(); err != nil {
			return nil, nil, errors.Join(err, element.Close())
		}
	}
	return element, element.Close, nil
}

// SuitsContactless refuses a profile that no contactless card can be of.
func SuitsContactless(name string, p profile.Profile) error {
	if err := issue.Check(p); err != nil {
		return fmt.Errorf("reading profile %s: %w", name, err)
	}
	return nil
}

// issueCard personalises a blank card over its commands.
func issueCard(
	ctx context.Context, a *shell.App, o Options, p profile.Profile, blank pcsc.Processor,
) error {
	keys, err := parties.OpenEMVKeys(a, o.Keys)
	if err != nil {
		return err
	}
	_, err = issue.Card(ctx, pcsc.NewSession(pcsc.NewDirect(blank)), personalise.Config{
		Profile: p, Authority: keys.Authority, Issuer: keys.Issuer,
	})
	if err != nil {
		return fmt.Errorf("personalising profile %s: %w", o.Profile, err)
	}
	a.Say("personalised a new card of profile %s", p.Name)
	return nil
}

// draftStore keeps a card's states to itself until it is told to keep them, so that no half
// personalised card is left in a file.
type draftStore struct {
	saved.Store

	isDraft bool
	state   []byte
}

// Commit keeps a state.
func (s *draftStore) Commit(state []byte) error {
	if !s.isDraft {
		return s.Store.Commit(state)
	}
	s.state = append(s.state[:0], state...)
	return nil
}

// keep writes the latest state, and from now on each.
func (s *draftStore) keep() error {
	s.isDraft = false
	return s.Store.Commit(s.state)
}
