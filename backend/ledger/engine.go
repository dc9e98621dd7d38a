package ledger

import (
	"context"
	"errors"
	"fmt"
)

// Open opens an account with nothing on it; the balances in a are ignored. An account that exists
// just so is left as it is. It returns [ErrMalformed] or [ErrAccountDiffers].
func Open(ctx context.Context, book Book, a Account) error {
	a.Balances = Balances{}
	if err := a.check(); err != nil {
		return err
	}
	old, err := book.Account(ctx, a.ID)
	if errors.Is(err, ErrNoAccount) {
		return book.InsertAccount(ctx, a)
	}
	if err != nil {
		return err
	}
	old.Balances = Balances{}
	if old != a {
		return fmt.Errorf("%w: %s", ErrAccountDiffers, a.ID)
	}
	return nil
}

// Execute carries a transfer out: it reserves the amount if the transfer is pending, else posts it.
// The same transfer again returns its record, in the state that it has reached since.
//
// The checks, in this order: [ErrMalformed], [ErrSameAccount], [ErrZeroAmount], [ErrIDReused],
// [ErrNoAccount], [ErrCurrency], [ErrOverflow], [ErrInsufficient]; of two accounts the debited one
// first.
func Execute(ctx context.Context, book Book, t Transfer) (Record, error) {
	if err := t.check(); err != nil {
		return Record{}, err
	}
	prior, err := book.Prior(ctx, t.ID, t.Debit, t.Credit)
	if prior.Known {
		return repeat(ctx, book, t)
	}
	if err != nil {
		return Record{}, err
	}
	pair := accountPair{prior.Debit, prior.Credit}
	if err := pair.check(t); err != nil {
		return Record{}, err
	}
	if err := pair.move(t); err != nil {
		return Record{}, err
	}
	if err := book.InsertTransfer(ctx, t); err != nil {
		return Record{}, err
	}
	if err := pair.save(ctx, book); err != nil {
		return Record{}, err
	}
	if t.Pending {
		return Record{t, Pending}, nil
	}
	return Record{t, Posted}, journal(ctx, book, t)
}

// repeat returns the record of a transfer that is there already, or [ErrIDReused].
func repeat(ctx context.Context, book Book, t Transfer) (Record, error) {
	old, err := book.Transfer(ctx, t.ID)
	switch {
	case err != nil:
		return Record{}, err
	case old.Transfer != t:
		return Record{}, fmt.Errorf("%w: %s", ErrIDReused, t.ID)
	default:
		return old, nil
	}
}

// Post posts a pending transfer. A transfer that is posted already, in whichever way, is returned
// as it is. It returns [ErrNoTransfer] or [ErrVoided]; limits were checked when the amount was
// reserved.
func Post(ctx context.Context, book Book, id TransferID) (Record, error) {
	record, err := book.Transfer(ctx, id)
	if err != nil {
		return Record{}, err
	}
	switch record.State {
	case Posted:
		return record, nil
	case Voided:
		return Record{}, fmt.Errorf("%w: %s", ErrVoided, id)
	default:
		return resolve(ctx, book, record, Posted)
	}
}

// Void frees what a pending transfer reserved. A transfer that is voided already is returned as it
// is. It returns [ErrNoTransfer] or [ErrPosted].
func Void(ctx context.Context, book Book, id TransferID) (Record, error) {
	record, err := book.Transfer(ctx, id)
	if err != nil {
		return Record{}, err
	}
	switch record.State {
	case Voided:
		return record, nil
	case Posted:
		return Record{}, fmt.Errorf("%w: %s", ErrPosted, id)
	default:
		return resolve(ctx, book, record, Voided)
	}
}

func resolve(ctx context.Context, book Book, record Record, s State) (Record, error) {
	prior, err := book.Prior(ctx, record.ID, record.Debit, record.Credit)
	if err != nil {
		return Record{}, err
	}
	pair := accountPair{prior.Debit, prior.Credit}
	if err := pair.check(record.Transfer); err != nil {
		return Record{}, err
	}
	minor := record.Amount.Minor()
	pair.debit.DebitsPending -= minor
	pair.credit.CreditsPending -= minor
	if s == Posted {
		pair.debit.DebitsPosted += minor
		pair.credit.CreditsPosted += minor
	}
	if err := book.Resolve(ctx, record.ID, s); err != nil {
		return Record{}, err
	}
	if err := pair.save(ctx, book); err != nil {
		return Record{}, err
	}
	record.State = s
	if s == Voided {
		return record, nil
	}
	return record, journal(ctx, book, record.Transfer)
}

// journal writes the two lines of a posted transfer.
func journal(ctx context.Context, book Book, t Transfer) error {
	minor := t.Amount.Minor()
	return book.InsertPostings(ctx,
		Posting{t.ID, t.Debit, Debit, minor}, Posting{t.ID, t.Credit, Credit, minor})
}

// accountPair is the two accounts of one transfer.
type accountPair struct{ debit, credit Account }

// check returns [ErrCurrency] unless both accounts are in the transfer's currency.
func (p *accountPair) check(t Transfer) error {
	for _, a := range []*Account{&p.debit, &p.credit} {
		if a.Currency != t.Amount.Currency() {
			return fmt.Errorf("%w: %s is in %s", ErrCurrency, a.ID, a.Currency)
		}
	}
	return nil
}

// move adds the transfer to both accounts, or returns [ErrOverflow] or [ErrInsufficient]. Totals
// are bounded together with what is pending, so that posting it can't overflow.
func (p *accountPair) move(t Transfer) error {
	minor := t.Amount.Minor()
	if p.debit.DebitsPosted+p.debit.DebitsPending > MaxTotal-minor {
		return fmt.Errorf("%w: %s", ErrOverflow, t.Debit)
	}
	if p.credit.CreditsPosted+p.credit.CreditsPending > MaxTotal-minor {
		return fmt.Errorf("%w: %s", ErrOverflow, t.Credit)
	}
	if !p.debit.Kind.DebitNormal() && p.debit.Available()+p.debit.Overdraft < minor {
		return fmt.Errorf("%w: %s", ErrInsufficient, t.Debit)
	}
	if p.credit.Kind.DebitNormal() && p.credit.Available()+p.credit.Overdraft < minor {
		return fmt.Errorf("%w: %s", ErrInsufficient, t.Credit)
	}
	if t.Pending {
		p.debit.DebitsPending += minor
		p.credit.CreditsPending += minor
		return nil
	}
	p.debit.DebitsPosted += minor
	p.credit.CreditsPosted += minor
	return nil
}

func (p *accountPair) save(ctx context.Context, book Book) error {
	if err := book.SetBalances(ctx, p.debit.ID, p.debit.Balances); err != nil {
		return err
	}
	return book.SetBalances(ctx, p.credit.ID, p.credit.Balances)
}
