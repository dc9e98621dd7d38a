package journal

import (
	"errors"
	"fmt"
	"slices"

	"tapbench/backend/acquirer"
	"tapbench/backend/money"
)

// What can be wrong with a journal.
var (
	// ErrForeign means that the state isn't a journal's. It was left as it was. Name another file.
	ErrForeign = errors.New("not a terminal's journal")
	// ErrUnknownEntry means that an entry to be ended isn't there. Nothing was changed.
	ErrUnknownEntry = errors.New("no such payment in the journal")
	// ErrDayFull means that the day has no numbers left for payments, or that too many advices wait
	// to be heard. Close the day.
	ErrDayFull = errors.New("the terminal's day is full")
	// ErrUnfinished means that something else has to end first. Nothing was changed.
	ErrUnfinished = errors.New("the terminal has something to finish first")
	// ErrCurrency means that an amount isn't in the currency of the day. Nothing was changed.
	ErrCurrency = errors.New("the day has another currency")
	// ErrNothingToVoid means that the day's last payment isn't there, or was taken or given back.
	// Refund a payment that is older.
	ErrNothingToVoid = errors.New("there is no last payment to take back")
)

// MaxPending is how many payments may wait for their reversal, and how many advices to be heard. A
// terminal that reverses before it pays has one payment at most; that bound is for files that
// somebody else wrote.
const MaxPending = 1000

// reserved is how many of a day's numbers are kept for what ends payments and the day.
const reserved = 2000

// Disk is where the state lies: a [File], or a test's.
type Disk interface {
	// Load returns the state, or nil when there is none yet.
	Load() ([]byte, error)
	// Commit replaces the state. When it returns nil the new one is on the disk; when it fails, or
	// power does, the old one or the new one is, whole.
	Commit(state []byte) error
}

// Entry is one payment that the issuer is asked for, or that is to be reversed.
type Entry struct {
	Key    acquirer.Key // without Party, which the certificate says
	Amount money.Amount
	// Completed says that the payment was approved and counted, and that the merchant voids it.
	Completed bool
}

// Payment is an approved payment.
type Payment struct {
	Key    acquirer.Key // the authorisation's, without Party
	Amount money.Amount
	RRN    string
}

// Advice is an approved payment of whose TC the TSM hasn't heard yet.
type Advice struct {
	Payment
	Completion acquirer.Completion
}

// Refund is a refund that the TSM is asked for.
type Refund struct {
	Key     acquirer.Key // its own, without Party
	Payment Payment      // of what
	Amount  money.Amount
}

// Closing is a day that is being closed.
type Closing struct {
	Key      acquirer.Key // without Party
	Date     string       // MMDD
	Currency money.Currency
	Totals   acquirer.Totals
}

// Journal is a terminal's memory.
type Journal struct {
	disk  Disk
	state state
}

type state struct {
	stan     uint32 // the last number given, 0: none
	first    uint32 // the day's first one, 0: none yet
	currency money.Currency
	totals   acquirer.Totals
	pending  []Entry
	last     *Payment
	advices  []Advice
	refund   *Refund
	closing  *Closing
}

// Open reads the state of a disk, or begins one. It returns [ErrForeign] for anything that isn't a
// journal to the last byte.
func Open(disk Disk) (*Journal, error) {
	raw, err := disk.Load()
	if err != nil {
		return nil, fmt.Errorf("reading the journal: %w", err)
	}
	j := &Journal{disk: disk}
	if raw == nil {
		return j, nil
	}
	if j.state, err = parse(raw); err != nil {
		return nil, fmt.Errorf("reading the journal: %w: %w", ErrForeign, err)
	}
	return j, nil
}

// STAN returns the last number that was given, 0 for none.
func (j *Journal) STAN() uint32 { return j.state.stan }

// Pending returns the payments that haven't ended, in the order in which they began.
func (j *Journal) Pending() []Entry { return slices.Clone(j.state.pending) }

// Totals returns what the open day has come to. Payments that haven't ended aren't in it.
func (j *Journal) Totals() acquirer.Totals { return j.state.totals }

// Last returns the day's last payment, if it can still be voided.
func (j *Journal) Last() *Payment { return clone(j.state.last) }

// Advices returns the payments of whose TC the TSM hasn't heard, the oldest first.
func (j *Journal) Advices() []Advice { return slices.Clone(j.state.advices) }

// Refund returns the refund that has no answer yet, or nil.
func (j *Journal) Refund() *Refund { return clone(j.state.refund) }

// Closing returns the close of the day that has no answer yet, or nil.
func (j *Journal) Closing() *Closing { return clone(j.state.closing) }

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// NextSTAN returns the number of the next message, 1 to acquirer.MaxSTAN and then 1 again, once it
// is on the disk. A number that was given isn't given again on the same day: then it is
// [ErrDayFull].
func (j *Journal) NextSTAN() (uint32, error) {
	next, err := j.state.number(0)
	if err != nil {
		return 0, err
	}
	if err := j.commit(next); err != nil {
		return 0, err
	}
	return next.stan, nil
}

// number returns the state with the next number given, if more than keep are left after it.
func (s state) number(keep uint32) (state, error) {
	s.stan = s.stan%acquirer.MaxSTAN + 1
	if s.first == 0 {
		s.first = s.stan
		return s, nil
	}
	if left := (s.first + acquirer.MaxSTAN - s.stan) % acquirer.MaxSTAN; left <= keep {
		return s, fmt.Errorf("%w: no number is left", ErrDayFull)
	}
	return s, nil
}

// Begin keeps a payment before the issuer is asked for it, under the number of its message. When it
// fails the payment mustn't be asked for.
func (j *Journal) Begin(entry func(stan uint32) Entry) (Entry, error) {
	if j.state.refund != nil || j.state.closing != nil {
		return Entry{}, ErrUnfinished
	}
	if len(j.state.advices) >= MaxPending {
		return Entry{}, fmt.Errorf("%w: too many advices wait", ErrDayFull)
	}
	next, err := j.state.number(reserved)
	if err != nil {
		return Entry{}, err
	}
	e := entry(next.stan)
	if c := next.currency; c != 0 && c != e.Amount.Currency() {
		return Entry{}, fmt.Errorf("%w: %s", ErrCurrency, c)
	}
	next.pending = append(slices.Clone(next.pending), e)
	if err := j.commit(next); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// commit brings a state to the disk and then into memory.
func (j *Journal) commit(next state) error {
	raw, err := next.encode()
	if err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	if err := j.disk.Commit(raw); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	j.state = next
	return nil
}
