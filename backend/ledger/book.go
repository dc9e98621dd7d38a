package ledger

import (
	"context"
	"iter"
)

// Book is the state that decisions are made on and written to. An implementation makes all calls
// between two commits one atomic, isolated step: when any call returns an error, none of them must
// remain. It belongs to one goroutine at a time.
//
// Reads see the writes that came before them. Implementations enforce no rule of bookkeeping, but
// may refuse what contradicts one; they never change or delete a transfer or a posting.
type Book interface {
	// Account returns an account, or [ErrNoAccount].
	Account(ctx context.Context, id AccountID) (Account, error)
	// Prior returns what a transfer with an ID, between two accounts, is decided on. It returns
	// [ErrNoAccount] for an account that isn't there, of two the debited one; whether the transfer
	// is known holds even then.
	Prior(ctx context.Context, id TransferID, debit, credit AccountID) (Prior, error)
	// Accounts returns all accounts in the order of their IDs.
	Accounts(ctx context.Context) ([]Account, error)
	// InsertAccount adds an account, which isn't there.
	InsertAccount(ctx context.Context, a Account) error
	// SetBalances replaces the balances of an account, which is there.
	SetBalances(ctx context.Context, id AccountID, b Balances) error

	// Transfer returns a transfer's record, or [ErrNoTransfer].
	Transfer(ctx context.Context, id TransferID) (Record, error)
	// Transfers yields all transfers' records in the order of their insertion. After an error it
	// yields no more.
	Transfers(ctx context.Context) iter.Seq2[Record, error]
	// InsertTransfer adds a transfer, which isn't there, as pending or posted as it says.
	InsertTransfer(ctx context.Context, t Transfer) error
	// Resolve writes down that a pending transfer is posted or voided.
	Resolve(ctx context.Context, id TransferID, s State) error

	// Postings yields the journal in the order of its lines. After an error it yields no more.
	Postings(ctx context.Context) iter.Seq2[Posting, error]
	// InsertPostings adds lines to the journal, in their order.
	InsertPostings(ctx context.Context, lines ...Posting) error
}

// Prior is what a decision on a transfer rests on: what was there before it.
type Prior struct {
	Known         bool // there is a transfer with its ID
	Debit, Credit Account
}
