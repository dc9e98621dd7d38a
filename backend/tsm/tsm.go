package tsm

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"
	"runtime"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/store"
)

// Caller posts a request to a bank: *client.Client is one.
type Caller interface {
	Post(ctx context.Context, path string, request, answer any) error
}

// Bank is a bank that the TSM works with.
type Bank struct {
	Key    message.PublicKey // its signing key
	Caller Caller
}

// Config is what a TSM is made of.
type Config struct {
	ID        message.PartyID
	SignKey   *ecdsa.PrivateKey
	KEMKey    *ecdh.PrivateKey
	EpochKey  *ecdsa.PrivateKey   // signs this epoch's cards
	Sign, KEM message.Certificate // its compact certificates
	Epoch     message.Certificate // EpochKey's
	CAKey     message.PublicKey   // what cards and epoch keys are judged by
	Banks     map[message.PartyID]Bank
	Limits    []money.Amount  // the published limits of accounts
	CardLimit money.Amount    // limit of every card of the class
	Cards     []wire.CardKind // the published kinds of card; none means one-show
	// Tokens are the published classes of offline tokens; none means [DefaultTokens]. TokenPolicy is
	// what is allowed with them; the zero value means [DefaultTokenPolicy].
	Tokens      []TokenOffer
	TokenPolicy message.TokenPolicy
	DB          store.Store
	Now         func() time.Time
}

// MaxEpochs is how many whole epochs an account may live beyond the one that it is registered in.
const MaxEpochs = 8

// TSM is the trusted service manager.
type TSM struct {
	Config
	deny     *denier
	checking gate
	booking  gate
}

// New opens the TSM's own accounts in its book and returns the TSM.
func New(ctx context.Context, c Config) (*TSM, error) {
	if len(c.Cards) == 0 {
		c.Cards = []wire.CardKind{wire.CardOneShow}
	}
	if len(c.Tokens) == 0 {
		c.Tokens = DefaultTokens()
	}
	if c.TokenPolicy == (message.TokenPolicy{}) {
		c.TokenPolicy = DefaultTokenPolicy()
	}
	if err := checkOffers(c.Tokens); err != nil {
		return nil, err
	}
	t := &TSM{
		Config: c, deny: new(denier), checking: make(gate, runtime.GOMAXPROCS(0)),
		booking: make(gate, atTheBooks),
	}
	if err := c.DB.Tx(ctx, func(tx store.Tx) error { return t.openBooks(ctx, tx) }); err != nil {
		return nil, fmt.Errorf("opening the TSM's books: %w", err)
	}
	return t, nil
}

func (t *TSM) openBooks(ctx context.Context, tx store.Tx) error {
	own := []ledger.Account{
		{ID: cash, Kind: ledger.Asset},
		{ID: tokens, Kind: ledger.Liability},
		{ID: loss, Kind: ledger.Expense},
	}
	for id := range t.Banks {
		own = append(own, ledger.Account{ID: escrow(id), Kind: ledger.Asset})
	}
	for _, account := range own {
		account.Currency = t.currency()
		if err := ledger.Open(ctx, tx, account); err != nil {
			return err
		}
	}
	return nil
}

// cash is what the TSM has drawn from its escrows and not paid out.
const cash ledger.AccountID = "cash"

// tokens is what the TSM owes for offline tokens: units that are neither paid nor back.
const tokens ledger.AccountID = "tokens"

// loss is what the TSM has paid for units that were spent twice.
const loss ledger.AccountID = "loss"

// escrow is the TSM's claim on the pool that a bank holds for it.
func escrow(bank message.PartyID) ledger.AccountID {
	return ledger.AccountID("escrow/" + bank.String())
}

// prepaid is what the TSM owes to the holder of a TSM account.
func prepaid(id message.TID) ledger.AccountID { return ledger.AccountID("account/" + id.String()) }

// merchant is what the TSM owes to a merchant.
func merchant(id message.PartyID) ledger.AccountID {
	return ledger.AccountID(merchants + id.String())
}

// merchants begins the accounts of merchants.
const merchants = "merchant/"

func (t *TSM) currency() money.Currency { return t.CardLimit.Currency() }

func (t *TSM) epoch() message.Epoch { return message.EpochAt(t.Now()) }

// Info is the TSM's public face.
func (t *TSM) Info(context.Context, struct{}) (api.Info, error) {
	limits := make([]uint64, len(t.Limits))
	for i, limit := range t.Limits {
		limits[i] = limit.Uint64()
	}
	kinds := make([]string, len(t.Cards))
	for i, kind := range t.Cards {
		kinds[i] = kind.String()
	}
	offers, rules := t.offers()
	return api.Info{
		ID: t.ID.String(), Sign: t.Sign.Encode(), KEM: t.KEM.Encode(), Epoch: t.Epoch.Encode(),
		Limits: limits, Cards: kinds, Tokens: offers, TokenRules: rules,
	}, nil
}

func (t *TSM) sign(digest message.Hash) (message.Signature, error) {
	return message.Sign(t.SignKey, digest)
}

// transcript is th_0 of user and TSM in a phase.
func (t *TSM) transcript(phase byte) message.Transcript {
	return message.NewTranscript(phase, wire.RoleUser, wire.RoleTSM, t.ID)
}

// fresh fills values with random bytes.
func fresh(parts ...[]byte) error {
	for _, part := range parts {
		if _, err := rand.Read(part); err != nil {
			return fmt.Errorf("drawing random bytes: %w", err)
		}
	}
	return nil
}

func refused(what string, err error) error {
	return api.Refuse(api.CodeSignature, "%s: %v", what, err)
}
