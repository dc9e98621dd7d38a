package bank

import (
	"context"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/store"
	"tapbench/tpm/quote"
)

// phoneNonce is a row of phone_nonces.
type phoneNonce struct {
	nonce   message.Nonce
	user    message.UserID
	purpose quote.Purpose
	expires time.Time
}

// putPhoneNonce adds a nonce, and removes what has expired.
func putPhoneNonce(ctx context.Context, tx store.Tx, n phoneNonce, now time.Time) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM phone_nonces WHERE expires < $1`, now.Unix())
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO phone_nonces (nonce, user_id, purpose, expires)
		VALUES ($1, $2, $3, $4)`, n.nonce[:], n.user.String(), int64(n.purpose), n.expires.Unix())
	return err
}

// takePhoneNonce removes a nonce and returns it: each serves once.
func takePhoneNonce(
	ctx context.Context, tx store.Tx, value message.Nonce,
) (phoneNonce, error) {
	n := phoneNonce{nonce: value}
	var id string
	var purpose, expires int64
	err := tx.QueryRowContext(ctx, `DELETE FROM phone_nonces WHERE nonce = $1
		RETURNING user_id, purpose, expires`, value[:]).Scan(&id, &purpose, &expires)
	if err := found(err, "the nonce is unknown or was used"); err != nil {
		return phoneNonce{}, err
	}
	n.user, n.expires = message.NewUserID(id), time.Unix(expires, 0)
	n.purpose = quote.Purpose(purpose)
	return n, nil
}

// reference is a row of phone_references: the program that unlocks a user's element.
type reference struct {
	user      message.UserID
	software  string
	program   message.Hash
	policy    wire.LaunchPolicy
	signature message.Signature
}

// putReference takes the place of the user's reference before.
func putReference(ctx context.Context, tx store.Tx, r reference) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO phone_references
		(user_id, software, program, policy, signature) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (user_id) DO UPDATE SET software = excluded.software,
		program = excluded.program, policy = excluded.policy, signature = excluded.signature`,
		r.user.String(), r.software, r.program[:], int64(r.policy), r.signature[:])
	return err
}

func getReference(ctx context.Context, tx store.Tx, id message.UserID) (reference, error) {
	r := reference{user: id}
	var program, sig []byte
	var policy int64
	err := tx.QueryRowContext(ctx, `SELECT software, program, policy, signature
		FROM phone_references WHERE user_id = $1`, id.String()).
		Scan(&r.software, &program, &policy, &sig)
	if err := found(err, "no reference of this user's was signed"); err != nil {
		return reference{}, err
	}
	copy(r.program[:], program)
	copy(r.signature[:], sig)
	r.policy = wire.LaunchPolicy(policy)
	return r, nil
}
