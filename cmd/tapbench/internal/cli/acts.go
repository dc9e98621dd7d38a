package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/wallet"
)

// serverFlags name one server and where it listens.
type serverFlags struct{ name, address string }

type walletOpenOptions struct {
	bank    serverFlags
	user    string
	deposit string
	limit   string
	release *releaseFlags
	keys    string // the bench's folder of keys
}

// walletOpen is what "wallet open" and the demo do.
func walletOpen(ctx context.Context, p *phone, o walletOpenOptions) error {
	user, err := userID(o.user)
	if err != nil {
		return err
	}
	deposit, err := shell.ParseAmount("--deposit", o.deposit)
	if err != nil {
		return err
	}
	limit, err := shell.ParseAmount("--limit", o.limit)
	if err != nil {
		return err
	}
	bank, err := p.server(pki.RoleBank, o.bank.name, o.bank.address)
	if err != nil {
		return err
	}
	defer bank.Close()
	release, err := o.release.read(p, o.keys, "")
	if err != nil {
		return err
	}
	return p.Open(ctx, wallet.OpenOptions{
		Bank: bank, User: user, Deposit: deposit.Uint64(), Limit: message.Limit(limit.Uint64()),
		Release: release,
	})
}

// userID returns ID_U of a name: 1 to 16 letters, digits, "-", "_" or ".".
func userID(name string) (message.UserID, error) {
	ok := len(name) >= 1 && len(name) <= 16
	for _, c := range name {
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			strings.ContainsRune("-_.", c))
	}
	if !ok {
		return message.UserID{}, shell.Usagef(
			"--user %q isn't 1 to 16 letters, digits, dots, dashes or underscores", name)
	}
	return message.NewUserID(name), nil
}

type walletRegisterOptions struct {
	tsm   serverFlags
	bank  string
	limit string
}

// walletRegister is what "wallet register" and the demo do.
func walletRegister(ctx context.Context, p *phone, o walletRegisterOptions) error {
	options := wallet.RegisterOptions{}
	if o.limit != "" {
		limit, err := shell.ParseAmount("--limit", o.limit)
		if err != nil {
			return err
		}
		options.Limit = message.Limit(limit.Uint64())
	}
	if o.bank != "" {
		bank, err := peerByName(p.party, pki.RoleBank, o.bank)
		if err != nil {
			return err
		}
		options.Bank = bank.ID.String()
	}
	tsm, err := p.server(pki.RoleTSM, o.tsm.name, o.tsm.address)
	if err != nil {
		return err
	}
	defer tsm.Close()
	options.TSM = tsm
	return p.Register(ctx, options)
}

type walletRefillOptions struct {
	tsm   serverFlags
	cards int
	// tokens is how many offline tokens of each class to keep ready.
	tokens int
	card   string // its kind; empty: as before
}

// walletRefill is what "wallet refill" and the demo do.
func walletRefill(
	ctx context.Context, p *phone, o walletRefillOptions,
) (cards, tokens int, err error) {
	if o.cards < 1 || o.cards > wire.CardSlots {
		return 0, 0, shell.Usagef("--cards %d isn't 1 to %d", o.cards, wire.CardSlots)
	}
	if o.tokens < 0 || o.tokens > wire.TokenSlots {
		return 0, 0, shell.Usagef("--tokens %d isn't 0 to %d", o.tokens, wire.TokenSlots)
	}
	before := p.State().Books.Kind
	if err := p.useCards(o.card); err != nil {
		return 0, 0, err
	}
	if err := p.UseTokens(o.tokens); err != nil {
		return 0, 0, err
	}
	tsm, err := p.server(pki.RoleTSM, o.tsm.name, o.tsm.address)
	if err != nil {
		return 0, 0, err
	}
	defer tsm.Close()
	cards, err = p.Refill(ctx, tsm, o.cards)
	if errors.Is(err, wallet.ErrCardKind) { // what can't be had isn't used from now on
		kind, _ := wire.ParseCardKind(before)
		err = errors.Join(err, p.UseCards(kind))
	}
	if err == nil {
		tokens, err = p.RefillTokens(ctx, tsm)
	}
	return cards, tokens, err
}

// armOptions are what a consent is for.
type armOptions struct {
	amount        string
	mutual, reuse bool
}

func (o armOptions) flags() (flags wire.ArmFlags) {
	if o.mutual {
		flags |= wire.ArmMutual
	}
	if o.reuse {
		flags |= wire.ArmReuse
	}
	return flags
}

// walletArm is what "wallet arm" and the demo do.
func walletArm(ctx context.Context, p *phone, o armOptions) error {
	amount, err := shell.ParseAmount("--amount", o.amount)
	if err != nil {
		return err
	}
	n12 := [wire.AmountLen]byte(amount.AppendN12(nil))
	err = p.Arm(ctx, n12, amount.Currency().N3(), o.flags())
	if errors.Is(err, applet.ErrState) {
		return fmt.Errorf("%w: no card or token is ready; run \"tapbench wallet refill\"", err)
	}
	return err
}
