package tsm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/service"
	"tapbench/backend/store"
)

// Token issues one offline token for an active account: it checks roll by SK_TID and pop by the
// token's key, that a class of that unit is offered, that no token has this key or root, that
// claims for the token end with the account or before, and that the balance covers all of it. The
// money leaves the account, the token is written down, and both are in one step with the answer.
// Another request for the same key, root and unit gets the same token, sealed anew.
func (t *TSM) Token(ctx context.Context, q api.TokenRequest) (api.TokenResponse, error) {
	if len(q.Run) != wire.NonceLen {
		return api.TokenResponse{}, api.Refuse(api.CodeMalformed, "run of %d bytes", len(q.Run))
	}
	return service.Repeat(ctx, t.DB, api.PathToken, q, func(tx store.Tx) (api.TokenResponse, error) {
		r, err := getRun(ctx, tx, message.Nonce(q.Run), StateActive)
		if err != nil {
			return api.TokenResponse{}, err
		}
		if r.expiry < t.epoch() {
			return api.TokenResponse{}, api.Refuse(api.CodeExpired, "the account has expired")
		}
		th := t.transcript(4)
		m, body, err := t.openTokenRequest(&r, th, q.Request)
		if err != nil {
			return api.TokenResponse{}, err
		}
		token, err := t.tokenFor(ctx, tx, r, m, body)
		if err != nil {
			return api.TokenResponse{}, err
		}
		th = th.Next(q.Request)
		put := message.Encode(wire.MsgTokenPut, message.TokenPut{Token: token})
		sealed := r.toSE.SealCounted(r.sent, th[:], put)
		r.sent++
		return api.TokenResponse{Token: sealed}, saveRun(ctx, tx, r)
	})
}

func (t *TSM) openTokenRequest(r *run, th message.Transcript, sealed []byte) (
	message.TokenRequest, []byte, error,
) {
	m, body, err := openCounted[message.TokenRequest](r, th, wire.MsgTokenRequest, "token-req", sealed)
	if err != nil {
		return m, nil, err
	}
	key := message.TokenKey{TSM: t.ID, TID: r.tid, Key: m.Key, Root: m.Root, Unit: m.Unit}
	if err := message.Verify(r.sign, key.Digest(wire.MsgTokenRoll, th), m.Roll); err != nil {
		return m, nil, refused("token-roll", err)
	}
	if err := message.Verify(m.Key, key.Digest(wire.MsgTokenPop, th), m.Pop); err != nil {
		return m, nil, refused("token-pop", err)
	}
	return m, body, nil
}

// tokenFor returns the token that a request has got before, or issues it.
func (t *TSM) tokenFor(
	ctx context.Context, tx store.Tx, r run, m message.TokenRequest, body []byte,
) (message.Token, error) {
	before, ok, err := getTokenOf(ctx, tx, m.Key)
	if err != nil {
		return message.Token{}, err
	}
	if ok {
		return before.token, before.again(r.tid, m)
	}
	switch taken, err := rootTaken(ctx, tx, m.Root); {
	case err != nil:
		return message.Token{}, err
	case taken:
		return message.Token{}, api.Refuse(api.CodeMismatch, "another token has a chain of this root")
	}
	row := tokenRow{tid: r.tid, request: body}
	if row.token, err = t.issueToken(r, m); err != nil {
		return message.Token{}, err
	}
	row.id = row.token.ID()
	if err := t.withdraw(ctx, tx, row); err != nil {
		return message.Token{}, err
	}
	return row.token, putToken(ctx, tx, row)
}

// again refuses a request for a key that has a token, unless it asks for that very token and the
// token is open.
func (r tokenRow) again(tid message.TID, m message.TokenRequest) error {
	f := r.token.Fields
	switch {
	case r.tid != tid, f.Root != m.Root, f.Unit != m.Unit:
		return api.Refuse(api.CodeMismatch, "another token has this key")
	case r.state == TokenReclaimed:
		return api.Refuse(api.CodeReclaimed, "the token was reclaimed")
	case r.state != TokenOpen:
		return api.Refuse(api.CodeState, "the token is %s", r.state)
	default:
		return nil
	}
}

// issueToken makes the token that a request asks for. All tokens of an epoch and a class are equal
// but for key, root and signature.
func (t *TSM) issueToken(r run, m message.TokenRequest) (message.Token, error) {
	i := slices.IndexFunc(t.Tokens, func(o TokenOffer) bool { return o.Unit == m.Unit })
	if i < 0 {
		return message.Token{}, api.Refuse(api.CodePolicy, "no tokens of %d minor units are issued",
			m.Unit)
	}
	token := message.Token{Fields: message.TokenFields{
		Version: message.TokenVersion, Issuer: t.ID, Epoch: t.epoch() + 1, Unit: m.Unit,
		Length: t.Tokens[i].Length, Key: m.Key, Root: m.Root, Policy: t.policy(t.Tokens[i]),
	}}
	if last := claimsTo(token.Fields); last > r.expiry {
		return message.Token{}, api.Refuse(api.CodeExpired, "the account ends with epoch %d, claims "+
			"for a token with %d; withdraw from the next account", r.expiry, last)
	}
	var err error
	token.Signature, err = t.sign(token.ID())
	return token, err
}

// withdraw moves what a token is worth out of its account.
func (t *TSM) withdraw(ctx context.Context, tx store.Tx, row tokenRow) error {
	f := row.token.Fields
	amount, err := money.New(row.minor(f.Length), t.currency())
	if err != nil {
		return fmt.Errorf("withdrawing a token: %w", err)
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("withdraw"), row.id[:]),
		Debit: prepaid(row.tid), Credit: tokens, Amount: amount, Reason: "withdraw",
	})
	if errors.Is(err, ledger.ErrInsufficient) {
		return api.Refuse(api.CodeLimit, "the account's balance doesn't cover a token of %d x %d",
			f.Length, f.Unit)
	}
	return err
}

// bringBack moves units of a token back into its account. One token gives back once by an element's
// close and once by reclaim; why is which.
func (t *TSM) bringBack(
	ctx context.Context, tx store.Tx, row tokenRow, units uint8, why string,
) (money.Amount, error) {
	amount, err := money.New(row.minor(units), t.currency())
	if err != nil || amount.IsZero() {
		return amount, err
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte(why), row.id[:]),
		Debit: tokens, Credit: prepaid(row.tid), Amount: amount, Reason: why,
	})
	if err != nil {
		return amount, fmt.Errorf("bringing units of a token back: %w", err)
	}
	return amount, nil
}
