package wallet

import (
	"context"
	"fmt"
	"time"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/wallet/plan"
)

// Outlook asks the element for the state of its slots, brings the books up to date, and returns
// what the wallet plans by. No server is asked.
func (w *Wallet) Outlook(ctx context.Context) (plan.Outlook, error) {
	if err := w.unlock(ctx); err != nil {
		return plan.Outlook{}, err
	}
	return w.look(ctx)
}

// look is Outlook where the element is unlocked already.
func (w *Wallet) look(ctx context.Context) (plan.Outlook, error) {
	status, err := w.config.SE.Status(ctx)
	if err != nil {
		return plan.Outlook{}, err
	}
	if w.state.Books.lasting() {
		cards, err := w.config.SE.Cards(ctx)
		if err != nil {
			return plan.Outlook{}, err
		}
		if err := w.noteTotals(status.Cards, cards); err != nil {
			return plan.Outlook{}, err
		}
	}
	if err := w.noteTaps(status.Cards, status.Arm); err != nil {
		return plan.Outlook{}, err
	}
	if w.state.Books.Stock == 0 && len(w.state.Books.Tokens) == 0 {
		return w.outlook(status), nil
	}
	tokens, err := w.config.SE.Tokens(ctx)
	if err != nil {
		return plan.Outlook{}, err
	}
	if err := w.noteTokens(tokens, message.EpochAt(w.config.Now())); err != nil {
		return plan.Outlook{}, err
	}
	outlook := w.outlook(status)
	for _, t := range tokens {
		outlook.Tokens = append(outlook.Tokens, plan.Token{
			State: t.State, Unit: t.Unit, Left: t.Left(), Epoch: t.Epoch, Account: t.TID,
		})
	}
	outlook.Stock, outlook.Classes = w.state.Books.Stock, w.covered(outlook)
	return outlook, nil
}

// outlook puts the element's word and the books together.
func (w *Wallet) outlook(status applet.Status) plan.Outlook {
	o := plan.Outlook{Now: w.config.Now(), Arm: status.Arm, Kind: w.state.Books.kind()}
	if at, ok := w.state.Books.armedAt(); ok {
		o.ArmedAt = time.Unix(at, 0)
	}
	for slot, state := range status.Cards {
		card, _ := w.state.Books.card(byte(slot))
		o.Cards = append(o.Cards, plan.Card{
			State: state, Expiry: message.Epoch(card.Expiry), Account: card.Account,
			Kind: card.Kind, Limit: card.Limit, Shown: card.Shown,
		})
	}
	for _, a := range w.state.TIDs {
		o.Accounts = append(o.Accounts, plan.Account{
			Slot: a.Slot, Bank: a.Bank, Active: a.Active, Expiry: message.Epoch(a.Expiry),
			Limit: a.Limit, Spent: a.Spent, Closing: a.Closing,
		})
	}
	for _, b := range w.state.Banks {
		o.Banks = append(o.Banks, plan.Bank{
			Bank: b.Bank, Granted: b.Granted, Expiry: message.Epoch(b.Expiry), Closing: b.Closing,
			Renewing: b.Renewing,
		})
	}
	return o
}

// Schedule returns the wallet's instants.
func (w *Wallet) Schedule() (plan.Schedule, error) {
	seed, err := w.seed()
	return plan.Schedule{Seed: seed}, err
}

// Servers are the servers that a wallet asks by itself.
type Servers struct {
	TSM Caller
	// Bank returns the bank of a name.
	Bank func(name string) (Caller, error)
}

// Carry does one step of a plan and says in words what came of it.
func (w *Wallet) Carry(
	ctx context.Context, s Servers, step plan.Step, policy plan.Policy,
) (string, error) {
	switch step.Act {
	case plan.Free:
		if err := w.enter(ctx); err != nil {
			return "", err
		}
		return "the slot is free", w.free(ctx)
	case plan.Close:
		return "closed", w.closeAgain(ctx, s)
	case plan.Renew:
		bank, err := s.Bank(step.Bank)
		if err != nil {
			return "", err
		}
		return "a new bank account ID from " + step.Bank, w.Renew(ctx, bank, step.Bank)
	case plan.Disarm:
		if err := w.Disarm(ctx); err != nil {
			return "", err
		}
		return "disarmed", nil
	case plan.Resume, plan.Register:
		err := w.Register(ctx, RegisterOptions{TSM: s.TSM, Bank: step.Bank})
		return "registered, paid from " + step.Bank, err
	case plan.Refill:
		n, err := w.refill(ctx, s.TSM, wire.CardSlots, step, policy.Floor)
		if err != nil || w.state.Books.Stock == 0 {
			return fmt.Sprintf("%d cards ready", n), err
		}
		tokens, err := w.RefillTokens(ctx, s.TSM)
		return fmt.Sprintf("%d cards and %d tokens ready", n, tokens), err
	case plan.Tell:
		return step.Why, nil
	default:
		return "", fmt.Errorf("unknown act %q", step.Act)
	}
}
