package tsm

import (
	"context"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/store"
)

// PutCard issues a card past its messages.
func PutCard(
	ctx context.Context, tx store.Tx, id message.TID, key message.PublicKey, put message.CardPut,
	roll []byte,
) error {
	return putCard(ctx, tx, issuedCard{tid: id, key: key, put: put, roll: roll})
}

// Prepaid is the account of a TSM account's holder.
func Prepaid(id message.TID) ledger.AccountID { return prepaid(id) }

// MerchantAccount is what is owed to a merchant.
func MerchantAccount(id message.PartyID) ledger.AccountID { return merchant(id) }

// IssueToken issues a token past its messages.
func (t *TSM) IssueToken(
	ctx context.Context, tx store.Tx, id message.TID, token message.Token,
) error {
	row := tokenRow{id: token.ID(), tid: id, token: token, request: []byte{0}}
	if err := putToken(ctx, tx, row); err != nil {
		return err
	}
	return t.withdraw(ctx, tx, row)
}

// NewAccount is an account past its registration.
type NewAccount struct {
	Run         message.Nonce
	Bank        message.PartyID
	TID         message.TID
	Sign        message.PublicKey
	ToTSM, ToSE message.Keys
	Handle      message.Handle
	Limit       message.Limit
	Expiry      message.Epoch
}

// PutAccount puts an active account past its messages.
func (t *TSM) PutAccount(ctx context.Context, tx store.Tx, a NewAccount) error {
	r := run{id: a.Run, state: StateActive, bank: a.Bank}
	if err := putRun(ctx, tx, r); err != nil {
		return err
	}
	r.tid, r.sign, r.toTSM, r.toSE, r.handle, r.expiry = a.TID, a.Sign, a.ToTSM, a.ToSE, a.Handle,
		a.Expiry
	r.auth = message.Encode(wire.MsgAuth, message.Auth{
		Handle: a.Handle, Limit: a.Limit, Expiry: a.Expiry, OK: message.AuthOK,
	})
	r.tsmbinfo = message.Encode(wire.MsgTSMBINFO, message.TSMBINFO{
		Funding: message.Funding{Limit: a.Limit, Expiry: a.Expiry},
	})
	if err := saveRun(ctx, tx, r); err != nil {
		return err
	}
	err := ledger.Open(ctx, tx, ledger.Account{
		ID: prepaid(a.TID), Kind: ledger.Liability, Currency: t.currency(),
	})
	if err != nil {
		return err
	}
	amount, err := money.FromUint64(uint64(a.Limit), t.currency())
	if err != nil {
		return err
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("fund"), a.Handle[:]),
		Debit: escrow(a.Bank), Credit: prepaid(a.TID), Amount: amount, Reason: "fund",
	})
	return err
}

// PayOut pays merchants what is due, once in a slot.
func (t *TSM) PayOut(ctx context.Context) ([]Payout, error) { return t.payOut(ctx) }

// Over returns a TSM of the same configuration over another store, without opening its books.
func (t *TSM) Over(db store.Store) *TSM {
	again := *t
	again.DB = db
	return &again
}
