package doublespend

import "errors"

// Why something is no evidence, in the order in which it is looked for.
var (
	// ErrFormat means that bytes aren't evidence: another type or length, or statements that aren't in
	// their order.
	ErrFormat = errors.New("not evidence of double spending")
	// ErrToken means that the token's length, class or version is none that there is.
	ErrToken = errors.New("not a token of this version")
	// ErrIssuer means that the TSM's key didn't sign the token.
	ErrIssuer = errors.New("the TSM didn't issue this token")
	// ErrOtherToken means that a statement is about another token.
	ErrOtherToken = errors.New("a statement is about another token")
	// ErrInterval means that a statement's indices are reversed, empty or past the token's end.
	ErrInterval = errors.New("a statement's indices lie outside of the token")
	// ErrValue means that amount, unit or currency isn't what the token's units are worth.
	ErrValue = errors.New("a statement's value isn't that of its units")
	// ErrSignature means that the token's key didn't sign a statement.
	ErrSignature = errors.New("the token's key didn't sign a statement")
	// ErrChain means that the value shown for a tick isn't the token's.
	ErrChain = errors.New("the value shown isn't of the token's chain")
	// ErrSame means that both statements have the same signed fields: a retry, or a second signature.
	ErrSame = errors.New("both are one statement, signed or sent again")
	// ErrTwoCloses means that both are closes, by which no unit is spent.
	ErrTwoCloses = errors.New("two closes spend no unit twice")
	// ErrDisjoint means that the statements share no unit.
	ErrDisjoint = errors.New("the statements share no unit")
)
