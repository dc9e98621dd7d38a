package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"tapbench/backend/money"
)

// maxReason is the longest reason in bytes.
const maxReason = 32

// TransferID is a transfer's identity and idempotency key: 32 bytes, by custom a SHA-256 value
// over what asked for the transfer. All zero is no ID.
type TransferID [sha256.Size]byte

// NewTransferID returns SHA-256 over the parts, each behind its length in 8 bytes, big-endian: no
// two lists of parts give the same input.
func NewTransferID(parts ...[]byte) TransferID {
	h := sha256.New()
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	return TransferID(h.Sum(nil))
}

// String returns 64 hexadecimal digits.
func (id TransferID) String() string { return hex.EncodeToString(id[:]) }

// Transfer moves an amount: it debits one account and credits another.
type Transfer struct {
	ID     TransferID
	Debit  AccountID
	Credit AccountID
	Amount money.Amount
	// Pending reserves the amount until [Post] or [Void].
	Pending bool
	// Reason says in a word or two what happened: 1 to 32 characters, as in an [AccountID].
	Reason string
}

// check makes the checks that need no book: [ErrMalformed], [ErrSameAccount], [ErrZeroAmount].
func (t Transfer) check() error {
	if t.ID == (TransferID{}) {
		return fmt.Errorf("%w: transfer without an ID", ErrMalformed)
	}
	for _, id := range []AccountID{t.Debit, t.Credit} {
		if err := id.Check(); err != nil {
			return err
		}
	}
	if err := AccountID(t.Reason).Check(); err != nil || len(t.Reason) > maxReason {
		return fmt.Errorf("%w: reason %.40q", ErrMalformed, t.Reason)
	}
	if !t.Amount.Currency().Known() {
		return fmt.Errorf("%w: amount without a currency", ErrMalformed)
	}
	if t.Debit == t.Credit {
		return fmt.Errorf("%w: %s", ErrSameAccount, t.Debit)
	}
	if t.Amount.IsZero() {
		return ErrZeroAmount
	}
	return nil
}

// State says how far a transfer has come.
type State uint8

// The states of a transfer; see the package's drawing.
const (
	// Pending: the amount is reserved.
	Pending State = iota + 1
	// Posted: the amount has moved. Final.
	Posted
	// Voided: the amount is free again. Final.
	Voided
)

// ParseState is the inverse of [State.String]. Any other text is [ErrMalformed].
func ParseState(text string) (State, error) {
	for _, s := range []State{Pending, Posted, Voided} {
		if s.String() == text {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%w: transfer state %.32q", ErrMalformed, text)
}

// String returns the state in lower case, or "unknown".
func (s State) String() string {
	switch s {
	case Pending:
		return "pending"
	case Posted:
		return "posted"
	case Voided:
		return "voided"
	default:
		return "unknown"
	}
}

// Record is a transfer and how far it has come.
type Record struct {
	Transfer
	State State
}

// Side is one of the two sides of an account.
type Side uint8

// The sides.
const (
	// Debit is the left side.
	Debit Side = iota + 1
	// Credit is the right side.
	Credit
)

// String returns "debit", "credit" or "unknown".
func (s Side) String() string {
	switch s {
	case Debit:
		return "debit"
	case Credit:
		return "credit"
	default:
		return "unknown"
	}
}

// Posting is one line of the journal: one side of one posted transfer.
type Posting struct {
	Transfer TransferID
	Account  AccountID
	Side     Side
	Minor    int64 // in minor units of the account's currency
}
