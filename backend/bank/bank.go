package bank

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/store"
	"tapbench/tpm/ek"
)

// NonceLifetime is how long a nonce for a registration lives.
const NonceLifetime = 5 * time.Minute

// AccountEpochs is how many whole epochs a bank account ID lives beyond the one it was granted in.
const AccountEpochs = 4

// Config is what a bank is made of.
type Config struct {
	ID        message.PartyID
	SignKey   *ecdsa.PrivateKey
	KEMKey    *ecdh.PrivateKey
	Sign, KEM message.Certificate // its compact certificates
	CA        message.PartyID
	CAKey     message.PublicKey
	TSMs      map[message.PartyID]message.PublicKey // signing keys of the TSMs it works with
	EKRoots   *ek.Roots                             // TPM makers that it trusts
	Released  func(digest [32]byte) bool            // reference values, signed by the SP
	Revoked   func(digest [32]byte) bool            // released once, no longer; nil: none
	Software  string                                // software id that quotes must name
	PCRs      []int                                 // PCRs that quotes must cover
	Limits    []money.Amount                        // the published limits
	DB        store.Store
	Now       func() time.Time
}

// Bank is one bank.
type Bank struct{ Config }

// New opens the bank's own accounts in its book and returns the bank.
func New(ctx context.Context, c Config) (*Bank, error) {
	b := &Bank{c}
	err := c.DB.Tx(ctx, func(tx store.Tx) error {
		accounts := []ledger.Account{{ID: cash, Kind: ledger.Asset, Currency: b.currency()}}
		for id := range c.TSMs {
			accounts = append(accounts, ledger.Account{
				ID: escrow(id), Kind: ledger.Liability, Currency: b.currency(),
			})
		}
		for _, account := range accounts {
			if err := ledger.Open(ctx, tx, account); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("opening the bank's books: %w", err)
	}
	return b, nil
}

const cash ledger.AccountID = "cash"

// customer is what the bank owes to a user.
func customer(user message.UserID) ledger.AccountID {
	return ledger.AccountID("customer/" + user.String())
}

// escrow is the pool that the bank holds for a TSM.
func escrow(tsm message.PartyID) ledger.AccountID {
	return ledger.AccountID("escrow/" + tsm.String())
}

func (b *Bank) currency() money.Currency { return b.Limits[0].Currency() }

func (b *Bank) amount(limit message.Limit) (money.Amount, error) {
	a, err := money.FromUint64(uint64(limit), b.currency())
	if err != nil {
		return money.Amount{}, api.Refuse(api.CodeLimit, "the amount is out of range")
	}
	return a, nil
}

// Info is the bank's public face.
func (b *Bank) Info(context.Context, struct{}) (api.Info, error) {
	limits := make([]uint64, len(b.Limits))
	for i, limit := range b.Limits {
		limits[i] = limit.Uint64()
	}
	return api.Info{
		ID: b.ID.String(), Sign: b.Sign.Encode(), KEM: b.KEM.Encode(), Limits: limits,
	}, nil
}

func (b *Bank) published(limit uint64) bool {
	return slices.ContainsFunc(b.Limits, func(a money.Amount) bool {
		return a.Uint64() == limit
	})
}

func (b *Bank) epoch() message.Epoch { return message.EpochAt(b.Now()) }

func (b *Bank) sign(digest message.Hash) (message.Signature, error) {
	return message.Sign(b.SignKey, digest)
}

// fresh fills a value with random bytes.
func fresh(parts ...[]byte) error {
	for _, part := range parts {
		if _, err := rand.Read(part); err != nil {
			return fmt.Errorf("drawing random bytes: %w", err)
		}
	}
	return nil
}

// transcript is th_0 of user and bank in a phase.
func (b *Bank) transcript(phase byte) message.Transcript {
	return message.NewTranscript(phase, wire.RoleUser, wire.RoleBank, b.ID)
}

func refused(what string, err error) error {
	return api.Refuse(api.CodeSignature, "%s: %v", what, err)
}

// tsmKey returns the signing key of a TSM that the bank works with, and refuses any other.
func (b *Bank) tsmKey(tsm message.PartyID) (message.PublicKey, error) {
	key, ok := b.TSMs[tsm]
	if !ok {
		return key, api.Refuse(api.CodeForbidden, "not a TSM of this bank")
	}
	return key, nil
}

// verifyTSM refuses what isn't signed by a TSM that the bank works with.
func (b *Bank) verifyTSM(
	tsm message.PartyID, what string, digest message.Hash, signature message.Signature,
) error {
	key, err := b.tsmKey(tsm)
	if err != nil {
		return err
	}
	if err := message.Verify(key, digest, signature); err != nil {
		return refused(what, err)
	}
	return nil
}
