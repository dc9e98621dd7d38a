package phone

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/wallet"
)

// ServerFlags name one server and where it listens.
type ServerFlags struct{ Name, Address string }

// AccountOptions say which account is opened, for whom.
type AccountOptions struct {
	Bank    ServerFlags
	User    string
	Deposit string
	Limit   string
	Release *ReleaseFlags
	Keys    string // the bench's folder of keys
}

// OpenAccount is what "wallet open" and the demo do.
func OpenAccount(ctx context.Context, p *Phone, o AccountOptions) error {
	user, err := userID(o.User)
	if err != nil {
		return err
	}
	deposit, err := shell.ParseAmount("--deposit", o.Deposit)
	if err != nil {
		return err
	}
	limit, err := shell.ParseAmount("--limit", o.Limit)
	if err != nil {
		return err
	}
	bank, err := p.Server(pki.RoleBank, o.Bank.Name, o.Bank.Address)
	if err != nil {
		return err
	}
	defer bank.Close()
	release, err := o.Release.Read(p, o.Keys, "")
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

// RegisterOptions say with which TSM the phone registers, and out of which account.
type RegisterOptions struct {
	TSM   ServerFlags
	Bank  string
	Limit string
}

// Register is what "wallet register" and the demo do.
func Register(ctx context.Context, p *Phone, o RegisterOptions) error {
	options := wallet.RegisterOptions{}
	if o.Limit != "" {
		limit, err := shell.ParseAmount("--limit", o.Limit)
		if err != nil {
			return err
		}
		options.Limit = message.Limit(limit.Uint64())
	}
	if o.Bank != "" {
		bank, err := parties.Peer(p.Party, pki.RoleBank, o.Bank)
		if err != nil {
			return err
		}
		options.Bank = bank.ID.String()
	}
	tsm, err := p.Server(pki.RoleTSM, o.TSM.Name, o.TSM.Address)
	if err != nil {
		return err
	}
	defer tsm.Close()
	options.TSM = tsm
	return p.Register(ctx, options)
}

// RefillOptions say how many cards and tokens there are to be.
type RefillOptions struct {
	TSM   ServerFlags
	Cards int
	// Tokens is how many offline tokens of each class to keep ready.
	Tokens int
	Card   string // its kind; empty: as before
}

// Refill is what "wallet refill" and the demo do.
func Refill(
	ctx context.Context, p *Phone, o RefillOptions,
) (cards, tokens int, err error) {
	if o.Cards < 1 || o.Cards > wire.CardSlots {
		return 0, 0, shell.Usagef("--cards %d isn't 1 to %d", o.Cards, wire.CardSlots)
	}
	if o.Tokens < 0 || o.Tokens > wire.TokenSlots {
		return 0, 0, shell.Usagef("--tokens %d isn't 0 to %d", o.Tokens, wire.TokenSlots)
	}
	before := p.State().Books.Kind
	if err := p.UseKind(o.Card); err != nil {
		return 0, 0, err
	}
	if err := p.UseTokens(o.Tokens); err != nil {
		return 0, 0, err
	}
	tsm, err := p.Server(pki.RoleTSM, o.TSM.Name, o.TSM.Address)
	if err != nil {
		return 0, 0, err
	}
	defer tsm.Close()
	cards, err = p.Refill(ctx, tsm, o.Cards)
	if errors.Is(err, wallet.ErrCardKind) { // what can't be had isn't used from now on
		kind, _ := wire.ParseCardKind(before)
		err = errors.Join(err, p.UseCards(kind))
	}
	if err == nil {
		tokens, err = p.RefillTokens(ctx, tsm)
	}
	return cards, tokens, err
}

// ArmOptions are what a consent is for.
type ArmOptions struct {
	Amount        string
	Mutual, Reuse bool
}

func (o ArmOptions) flags() (flags wire.ArmFlags) {
	if o.Mutual {
		flags |= wire.ArmMutual
	}
	if o.Reuse {
		flags |= wire.ArmReuse
	}
	return flags
}

// Arm is what "wallet arm" and the demo do.
func Arm(ctx context.Context, p *Phone, o ArmOptions) error {
	amount, err := shell.ParseAmount("--amount", o.Amount)
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
