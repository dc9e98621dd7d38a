package dispute

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Outcome is what is disputed, with both openings.
type Outcome struct {
	Subject Subject
	TSM     TSMOpening
	Bank    BankOpening
}

// TSMOpening is the TSM's part.
type TSMOpening struct {
	Entry       Entry
	Certificate message.Certificate // of SK_TSM
	Chain       TSMChain
}

// BankOpening is the bank's part.
type BankOpening struct {
	Entry       Entry
	Certificate message.Certificate // of SK_B
	Chain       BankChain
}

// Verdict is what an outcome proves.
type Verdict struct {
	User    message.UserID  // who signed the payment, or spent twice
	Bank    message.PartyID // whose account paid
	TSM     message.PartyID
	Judge   message.PartyID // who asked both
	Account message.AccountID
	TID     message.TID
	Subject message.Hash // its Sum
}

// Verify follows the chain from the subject to the user with the CA's key alone. The checks are, in
// this order: the subject by itself; that both openings are their party's own, of this subject, for
// one judge, and say the same of handle, bank and commitment ([ErrOpening]); [ErrRoll];
// [ErrCommitment]; [ErrBINFO]; [ErrAccount]; [ErrUser]. Who is named has signed the payment,
// unless his element was broken; of a double spend it was.
func (o Outcome) Verify(ca message.PublicKey) (Verdict, error) {
	if o.Subject == nil {
		return Verdict{}, fmt.Errorf("%w: nothing is disputed", ErrFormat)
	}
	if err := o.Subject.VerifyIssued(ca, o.TSM.Certificate); err != nil {
		return Verdict{}, err
	}
	if err := o.verifyEntries(ca); err != nil {
		return Verdict{}, err
	}
	tsm, chain := o.Subject.Issuer(), o.TSM.Chain
	if err := o.Subject.rolled(chain); err != nil {
		return Verdict{}, err
	}
	until, err := o.Subject.until()
	if err != nil {
		return Verdict{}, err
	}
	user, err := o.Bank.Chain.verify(tsm, chain.Commitment(), until, ca)
	if err != nil {
		return Verdict{}, err
	}
	return Verdict{
		User: user.Subject, Bank: o.Bank.Chain.Keys.X.Bank, TSM: tsm, Judge: o.TSM.Entry.Judge,
		Account: o.Bank.Chain.Keys.X.Account, TID: chain.tid(), Subject: o.Subject.Sum(),
	}, nil
}

// verifyEntries checks that the openings belong to the subject and to each other.
func (o Outcome) verifyEntries(ca message.PublicKey) error {
	if err := VerifyTSMOpening(o.Subject, o.TSM, ca); err != nil {
		return err
	}
	tsm, bank := o.TSM.Entry, o.Bank.Entry
	if err := bank.verify(wire.CertBankSign, o.Bank.Certificate, ca); err != nil {
		return err
	}
	switch {
	case bank.Subject != tsm.Sum() || bank.Judge != tsm.Judge:
		return fmt.Errorf("%w: the bank opened something else", ErrOpening)
	case bank.Bank != tsm.Bank || bank.Party != tsm.Bank ||
		bank.Handle != tsm.Handle || bank.Commitment != tsm.Commitment:
		return fmt.Errorf("%w: TSM and bank name different fundings", ErrOpening)
	case bank.Chain != o.Bank.Chain.Sum():
		return fmt.Errorf("%w: the bank signed another chain", ErrOpening)
	}
	return nil
}

// VerifyTSMOpening checks that an opening is the TSM's own and of this subject.
func VerifyTSMOpening(s Subject, o TSMOpening, ca message.PublicKey) error {
	if err := o.Entry.verify(wire.CertTSMSign, o.Certificate, ca); err != nil {
		return err
	}
	switch {
	case o.Entry.Party != s.Issuer() || o.Entry.Subject != s.Sum():
		return fmt.Errorf("%w: the TSM opened something else", ErrOpening)
	case o.Entry.Chain != o.Chain.Sum() || o.Entry.Commitment != o.Chain.Commitment():
		return fmt.Errorf("%w: the TSM signed another chain", ErrOpening)
	}
	return nil
}
