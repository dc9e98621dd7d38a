package dispute

import "errors"

// What is wrong with evidence, an outcome or a log, in the order in which it is looked for.
var (
	// ErrFormat means that a file isn't evidence, an outcome or a log of this version.
	ErrFormat = errors.New("not a dispute's file")
	// ErrCard means that the TSM didn't sign the card, or with a key that wasn't this epoch's.
	ErrCard = errors.New("the TSM didn't issue this card")
	// ErrPayment means that the card's key didn't sign this payment.
	ErrPayment = errors.New("the card didn't sign this payment")
	// ErrOpening means that an opening isn't its party's, or is of another payment or another opening.
	ErrOpening = errors.New("the opening doesn't belong to this payment")
	// ErrRoll means that the TSM account didn't ask for this card.
	ErrRoll = errors.New("the TSM account didn't sign this card's key")
	// ErrCommitment means that the bank's account didn't fund this TSM account.
	ErrCommitment = errors.New("the commitment doesn't open to this TSM account")
	// ErrBINFO means that the bank account ID didn't ask for this funding.
	ErrBINFO = errors.New("the bank account ID didn't sign this funding")
	// ErrAccount means that user or element didn't make this bank account ID.
	ErrAccount = errors.New("the user didn't sign for this bank account ID")
	// ErrUser means that the CA doesn't name this user.
	ErrUser = errors.New("the CA didn't certify this user")
	// ErrLog means that a log is incomplete, out of order, or not one party's.
	ErrLog = errors.New("the log of openings isn't whole")
)
