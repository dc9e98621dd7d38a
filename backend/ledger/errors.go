package ledger

import "errors"

// Why a decision was refused, in the order in which the checks are made. Nothing has changed when
// one of these comes back.
var (
	// ErrMalformed means that an ID, a kind, a reason or an overdraft is outside of its form.
	ErrMalformed = errors.New("malformed ledger entry")
	// ErrSameAccount means that a transfer debits the account that it credits.
	ErrSameAccount = errors.New("transfer between one account and itself")
	// ErrZeroAmount means that a transfer moves nothing.
	ErrZeroAmount = errors.New("transfer of nothing")
	// ErrIDReused means that the ID belongs to a transfer with other fields. Whoever sent it has a
	// fault, or replays: don't retry.
	ErrIDReused = errors.New("transfer ID belongs to another transfer")
	// ErrNoAccount means that an account doesn't exist. Open it first.
	ErrNoAccount = errors.New("no such account")
	// ErrAccountDiffers means that an account exists with another kind, currency or overdraft.
	ErrAccountDiffers = errors.New("account exists and differs")
	// ErrCurrency means that an account is kept in another currency than the amount's.
	ErrCurrency = errors.New("account is kept in another currency")
	// ErrOverflow means that the sum of one side of an account would exceed [MaxTotal].
	ErrOverflow = errors.New("account total too large")
	// ErrInsufficient means that less is available than the transfer takes. The same transfer may
	// succeed later.
	ErrInsufficient = errors.New("insufficient available balance")
	// ErrNoTransfer means that there is no transfer of that ID.
	ErrNoTransfer = errors.New("no such transfer")
	// ErrPosted means that the transfer is posted already and can't be voided. Reverse it by a
	// transfer the other way.
	ErrPosted = errors.New("transfer is posted already")
	// ErrVoided means that the transfer is voided already and can't be posted.
	ErrVoided = errors.New("transfer is voided already")
)

// ErrInvariant means that a book contradicts itself. The book isn't to be used until a person has
// found out why.
var ErrInvariant = errors.New("the books contradict themselves")
