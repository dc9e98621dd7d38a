package ledgertest

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"tapbench/backend/ledger"
)

// Memory is a set of books in memory. Update works on a copy and keeps it only on success.
type Memory struct {
	mu   sync.Mutex
	book memoryBook
}

var _ Books = (*Memory)(nil)

// NewMemory returns empty books.
func NewMemory() *Memory {
	return &Memory{book: memoryBook{
		accounts:  make(map[ledger.AccountID]ledger.Account),
		transfers: make(map[ledger.TransferID]ledger.Record),
	}}
}

// Update runs one step, which remains whole or not at all.
func (m *Memory) Update(_ context.Context, step func(ledger.Book) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	trial := memoryBook{
		accounts:  maps.Clone(m.book.accounts),
		transfers: maps.Clone(m.book.transfers),
		order:     slices.Clone(m.book.order),
		postings:  slices.Clone(m.book.postings),
	}
	if err := step(&trial); err != nil {
		return err
	}
	m.book = trial
	return nil
}

// memoryBook is the state of one step.
type memoryBook struct {
	accounts  map[ledger.AccountID]ledger.Account
	transfers map[ledger.TransferID]ledger.Record
	order     []ledger.TransferID
	postings  []ledger.Posting
}

var _ ledger.Book = (*memoryBook)(nil)

// Account implements [ledger.Book].
func (b *memoryBook) Account(
	_ context.Context, id ledger.AccountID,
) (ledger.Account, error) {
	a, found := b.accounts[id]
	if !found {
		return ledger.Account{}, ledger.ErrNoAccount
	}
	return a, nil
}

// Prior implements [ledger.Book].
func (b *memoryBook) Prior(
	ctx context.Context, id ledger.TransferID, debit, credit ledger.AccountID,
) (p ledger.Prior, err error) {
	_, p.Known = b.transfers[id]
	if p.Debit, err = b.Account(ctx, debit); err != nil {
		return p, err
	}
	p.Credit, err = b.Account(ctx, credit)
	return p, err
}

// Accounts implements [ledger.Book].
func (b *memoryBook) Accounts(context.Context) ([]ledger.Account, error) {
	return slices.SortedFunc(maps.Values(b.accounts), func(x, y ledger.Account) int {
		return strings.Compare(string(x.ID), string(y.ID))
	}), nil
}

// InsertAccount implements [ledger.Book].
func (b *memoryBook) InsertAccount(_ context.Context, a ledger.Account) error {
	b.accounts[a.ID] = a
	return nil
}

// SetBalances implements [ledger.Book].
func (b *memoryBook) SetBalances(
	_ context.Context, id ledger.AccountID, balances ledger.Balances,
) error {
	a := b.accounts[id]
	a.Balances = balances
	b.accounts[id] = a
	return nil
}

// Transfer implements [ledger.Book].
func (b *memoryBook) Transfer(
	_ context.Context, id ledger.TransferID,
) (ledger.Record, error) {
	r, found := b.transfers[id]
	if !found {
		return ledger.Record{}, ledger.ErrNoTransfer
	}
	return r, nil
}

// Transfers implements [ledger.Book].
func (b *memoryBook) Transfers(context.Context) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) {
		for _, id := range b.order {
			if !yield(b.transfers[id], nil) {
				return
			}
		}
	}
}

// InsertTransfer implements [ledger.Book].
func (b *memoryBook) InsertTransfer(_ context.Context, t ledger.Transfer) error {
	state := ledger.Posted
	if t.Pending {
		state = ledger.Pending
	}
	b.transfers[t.ID] = ledger.Record{Transfer: t, State: state}
	b.order = append(b.order, t.ID)
	return nil
}

// Resolve implements [ledger.Book].
func (b *memoryBook) Resolve(_ context.Context, id ledger.TransferID, s ledger.State) error {
	r := b.transfers[id]
	r.State = s
	b.transfers[id] = r
	return nil
}

// Postings implements [ledger.Book].
func (b *memoryBook) Postings(context.Context) iter.Seq2[ledger.Posting, error] {
	return func(yield func(ledger.Posting, error) bool) {
		for _, p := range b.postings {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// InsertPostings implements [ledger.Book].
func (b *memoryBook) InsertPostings(_ context.Context, lines ...ledger.Posting) error {
	b.postings = append(b.postings, lines...)
	return nil
}
