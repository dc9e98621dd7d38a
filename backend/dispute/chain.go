package dispute

import (
	"crypto/sha256"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// TSMChain leads from a card or a token to a commitment. Only the judge sees it.
type TSMChain struct {
	Roll message.Signature // SK_TID, over the card's or the token's key
	Sign message.PublicKey // PK_TID,sig
	KEM  message.PublicKey // PK_TID,kem
	Rho  message.Hash      // opens c_T
}

// Sum is what the TSM's head names.
func (c TSMChain) Sum() message.Hash { return message.SumHash(wire.MsgTSMChain, c) }

// Commitment is c_T of this TSM account.
func (c TSMChain) Commitment() message.Hash { return message.Commit(c.Sign, c.KEM, c.Rho) }

// tid is the TSM account.
func (c TSMChain) tid() message.TID { return message.NewTID(c.Sign, c.KEM) }

// verify checks the roll.
func (c TSMChain) verify(rolled message.Hash) error {
	if err := message.Verify(c.Sign, rolled, c.Roll); err != nil {
		return fmt.Errorf("%w: %w", ErrRoll, err)
	}
	return nil
}

// rollTranscript is th_0 of phase 4, under which cards and tokens are asked for.
func rollTranscript(tsm message.PartyID) message.Transcript {
	return message.NewTranscript(4, wire.RoleUser, wire.RoleTSM, tsm)
}

// BankChain leads from a commitment to a person. Only the judge sees it.
type BankChain struct {
	BINFO message.BINFO
	// Keys is X with aid-pop, aid-key and aid-bind, Transcript th_2, under which they were made.
	Keys       message.AIDKeys
	Transcript message.Transcript
	User       [wire.CertificateLen]byte // CERT_U
}

// Sum is what the bank's head names.
func (c BankChain) Sum() message.Hash { return message.SumHash(wire.MsgBankChain, c) }

// verify checks the chain from the TSM account's commitment to the user, whose certificate it
// returns.
func (c BankChain) verify(
	tsm message.PartyID, commitment message.Hash, day message.Epoch, ca message.PublicKey,
) (message.Certificate, error) {
	f, x := c.BINFO.Funding, c.Keys.X
	if f.Commitment != commitment {
		return message.Certificate{}, ErrCommitment
	}
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleBank, x.Bank)
	if err := message.Verify(x.Sign, c.BINFO.Digest(th), c.BINFO.Signature); err != nil {
		return message.Certificate{}, fmt.Errorf("%w: %w", ErrBINFO, err)
	}
	if f.Bank != x.Bank || f.TSM != tsm || c.BINFO.Account != x.Account || f.Limit > x.Limit ||
		f.Expiry > x.Expiry || f.Expiry < day {
		return message.Certificate{}, fmt.Errorf("%w: it is of another bank, TSM or time", ErrBINFO)
	}
	user, err := c.verifyAccount(ca)
	if err != nil {
		return user, err
	}
	if err := user.Check(wire.CertUser, ca, 0); err != nil {
		return user, fmt.Errorf("%w: %w", ErrUser, err)
	}
	return user, nil
}

// verifyAccount checks that an element of the CA and the user have signed for the account's keys.
func (c BankChain) verifyAccount(ca message.PublicKey) (message.Certificate, error) {
	x := c.Keys.X
	user, err := message.ParseCertificate(c.User[:])
	if err != nil {
		return user, fmt.Errorf("%w: %w", ErrUser, err)
	}
	se, err := message.ParseCertificate(c.Keys.Certificate[:])
	if err != nil {
		return user, fmt.Errorf("%w: %w", ErrAccount, err)
	}
	if err := se.Check(wire.CertSE, ca, 0); err != nil {
		return user, fmt.Errorf("%w: its element: %w", ErrAccount, err)
	}
	if x.SE != se.Key || x.User != sha256.Sum256(user.Key[:]) {
		return user, fmt.Errorf("%w: it is another element's or another user's", ErrAccount)
	}
	for _, link := range []struct {
		name string
		t    wire.MessageType
		key  message.PublicKey
		sig  message.Signature
	}{
		{"aid-key", wire.MsgAIDKey, se.Key, c.Keys.Key},
		{"aid-bind", wire.MsgAIDBind, user.Key, c.Keys.Bind},
	} {
		err := message.Verify(link.key, x.Digest(link.t, c.Transcript), link.sig)
		if err != nil {
			return user, fmt.Errorf("%w: %s: %w", ErrAccount, link.name, err)
		}
	}
	return user, nil
}
