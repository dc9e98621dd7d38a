package tsm

import (
	"context"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/dispute/doublespend"
	"tapbench/backend/store"
)

// CloseToken gives a token up on its element's word, signed by the token's key: units above At will
// never be given out, and come back at once. Those up to At may have been given out, and stay
// payable until the token's grace is over. Said again, it changes nothing and gets the same answer.
//
// A close at another index than before, or below a unit that was paid, can't be an honest
// element's: it is refused by name, nothing comes back by it, and it is kept. With a unit that was
// paid behind it, it proves double spending, and the account is frozen.
func (t *TSM) CloseToken(
	ctx context.Context, q api.TokenCloseRequest,
) (api.TokenCloseResponse, error) {
	if len(q.Run) != wire.NonceLen || len(q.Token) != wire.HashLen ||
		len(q.Signature) != wire.SignatureLen {
		return api.TokenCloseResponse{}, api.Refuse(api.CodeMalformed,
			"run, token or signature has another length")
	}
	var answer api.TokenCloseResponse
	var refusal error // of evidence, which must stay
	err := t.DB.Tx(ctx, func(tx store.Tx) error {
		answer, refusal = api.TokenCloseResponse{}, nil
		row, err := t.openTokenClose(ctx, tx, q)
		if err != nil {
			return err
		}
		if refusal = contradicts(row, q.At); refusal != nil {
			return t.contradicted(ctx, tx, row, closeOf(q))
		}
		if row.state == TokenReclaimed && !row.closed {
			return api.Refuse(api.CodeReclaimed, "the token was reclaimed, and all of it has come back")
		}
		back := row.token.Fields.Length - q.At // none of them is paid
		answer.Back = uint64(row.minor(back))  //nolint:gosec // above 0
		if row.closed {
			return nil
		}
		if _, err := t.bringBack(ctx, tx, row, back, "close"); err != nil {
			return err
		}
		return markClosed(ctx, tx, row.id, q.At, back, closeOf(q).Encode())
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return api.TokenCloseResponse{}, err
	}
	return answer, nil
}

// openTokenClose returns the token that a close is of: one of the account's, whose key has signed.
func (t *TSM) openTokenClose(
	ctx context.Context, tx store.Tx, q api.TokenCloseRequest,
) (tokenRow, error) {
	r, err := getRun(ctx, tx, message.Nonce(q.Run), StateActive, StateClosed, StateFrozen,
		StateReturning, StateReturned)
	if err != nil {
		return tokenRow{}, err
	}
	row, ok, err := getToken(ctx, tx, message.Hash(q.Token))
	if err != nil {
		return tokenRow{}, err
	}
	if !ok || row.tid != r.tid {
		return tokenRow{}, api.Refuse(api.CodeUnknown, "the account has no such token")
	}
	if n := row.token.Fields.Length; q.At > n {
		return tokenRow{}, api.Refuse(api.CodeMalformed, "close at %d of %d units", q.At, n)
	}
	c := closeOf(q)
	if err := message.Verify(row.token.Fields.Key, c.Digest(), c.Signature); err != nil {
		return tokenRow{}, refused("token-close", err)
	}
	return row, nil
}

// contradicts refuses a close that no honest element gives.
func contradicts(row tokenRow, at uint8) error {
	switch {
	case row.closed && row.at != at:
		return api.Refuse(api.CodeDoubleSpent, "the token was closed at %d before", row.at)
	case row.reach > at:
		return api.Refuse(api.CodeDoubleSpent, "unit %d of the token was paid, and it is closed at %d",
			row.reach, at)
	default:
		return nil
	}
}

// closeOf is the statement that a close brings.
func closeOf(q api.TokenCloseRequest) doublespend.Close {
	return doublespend.Close{
		TokenClose: message.TokenClose{Token: message.Hash(q.Token), At: q.At},
		Signature:  message.Signature(q.Signature),
	}
}

// contradicted keeps a close that contradicts what was paid, or another close. What was paid behind
// it is evidence of double spending together with it, and the account is frozen; two closes alone
// spend nothing twice.
func (t *TSM) contradicted(
	ctx context.Context, tx store.Tx, row tokenRow, c doublespend.Close,
) error {
	if err := putContradiction(ctx, tx, row.id, c.At, c.Encode()); err != nil {
		return err
	}
	paid, err := paidBehind(ctx, tx, row.id, c.At)
	if err != nil || paid == nil {
		return err
	}
	first, err := doublespend.DecodeStatement(paid)
	if err != nil {
		return fmt.Errorf("reading a claim's statement: %w", err)
	}
	evidence := doublespend.New(row.token, first, c)
	if _, err := evidence.Check(t.Sign.Key); err != nil {
		return fmt.Errorf("checking the evidence of a close: %w", err)
	}
	return Freeze(ctx, tx, row.tid, evidence.Encode())
}
