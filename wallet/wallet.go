package wallet

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
)

// What a wallet refuses by itself.
var (
	// ErrNoSlot means that every slot of that kind is taken.
	ErrNoSlot = errors.New("the secure element has no free slot")
	// ErrNotOpen means that no account at that bank is there. Run "wallet open".
	ErrNotOpen = errors.New("no account at this bank")
	// ErrNotRegistered means that there is no TSM account. Run "wallet register".
	ErrNotRegistered = errors.New("not registered with the TSM")
	// ErrServer means that a server's public face isn't what it must be.
	ErrServer = errors.New("server's certificates don't fit")
)

// Caller is a server of the backend: *client.Client is one.
type Caller interface {
	// Post calls a path with a request and decodes the answer into answer.
	Post(ctx context.Context, path string, request, answer any) error
}

// Attester is the phone's TPM, as far as the wallet needs it.
type Attester interface {
	// EKCertificate returns the endorsement key's X.509 certificate, DER.
	EKCertificate(ctx context.Context) ([]byte, error)
	// AK returns the attestation key's TPMT_PUBLIC and its point.
	AK(ctx context.Context) (public []byte, point message.PublicKey, err error)
	// ActivateCredential opens a credential made for this EK and AK.
	ActivateCredential(ctx context.Context, blob, secret []byte) ([]byte, error)
	// Evidence answers a judge's question and returns the encoded evidence. The question's AK is
	// filled in.
	Evidence(ctx context.Context, question quote.Binding) ([]byte, error)
	// LaunchQuote answers an element's question by a quote of PCR 23 alone: TPMS_ATTEST and its
	// signature. The question's AK is filled in.
	LaunchQuote(ctx context.Context, question quote.Binding) ([]byte, message.Signature, error)
	// LaunchPCR returns PCR 23's value, unproven: to explain a refusal.
	LaunchPCR(ctx context.Context) ([32]byte, error)
	// Record measures a program that is about to be installed into PCR 10 and its list.
	Record(ctx context.Context, program measure.Entry) error
}

// Desk is the CA's desk, which a user visits in person.
type Desk interface {
	// CA returns the CA's name and key.
	CA() (message.PartyID, message.PublicKey)
	// CertifySE certifies a new element's key.
	CertifySE(ctx context.Context, key message.PublicKey) (message.Certificate, error)
	// CertifyUser certifies PK_U after having seen the user, on the element's signature.
	CertifyUser(ctx context.Context, se message.Certificate, key message.UserKey,
		sig message.Signature) (message.Certificate, error)
}

// Step is one message of the protocol, for a timeline.
type Step struct {
	Name     string // such as "aid-req"
	From, To string // roles: "SE", "wallet", "TPM", "bank", "TSM", "CA"
	Bytes    int
}

// Config is all that a wallet needs.
type Config struct {
	Folder Store
	SE     *applet.Client
	// Attester may be nil where nothing has to be proved: for looking and for disarming.
	Attester Attester
	// Started is the digest of the program that this wallet was started as, if what started it has
	// said so. Nothing rests on it; it tells errors apart.
	Started [32]byte
	// Consent returns the bank that has to agree to each launch, where that is the policy.
	Consent func(bank message.PartyID) (Caller, error)
	Desk    Desk // only for Open
	// Epochs returns the CA's epoch certificates in their order, the current one last; nil where
	// no tokens are wanted.
	Epochs   func() ([]message.EpochCertificate, error)
	Software string
	// Now is the clock; nil: the system's.
	Now func() time.Time
	// Observe, if set, is told of each message after it was handled.
	Observe func(Step)
}

// Wallet is a phone's payment app with one secure element.
type Wallet struct {
	config Config
	state  State
}

// New opens the wallet of a folder, or starts an empty one where none is.
func New(config Config) (*Wallet, error) {
	state, err := config.Folder.Load()
	if err != nil && !errors.Is(err, ErrNoWallet) {
		return nil, err
	}
	if config.Observe == nil {
		config.Observe = func(Step) {}
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Wallet{config: config, state: state}, nil
}

// State returns what the wallet remembers.
func (w *Wallet) State() State { return w.state }

func (w *Wallet) step(name, from, to string, n int) {
	w.config.Observe(Step{Name: name, From: from, To: to, Bytes: n})
}

// unlock selects the management application and proves the pairing key.
func (w *Wallet) unlock(ctx context.Context) error {
	if len(w.state.Pairing) == 0 {
		return fmt.Errorf("%w: %s", ErrNoWallet, w.config.Folder)
	}
	key, err := applet.NewPairingKey(w.state.Pairing)
	if err != nil {
		return err
	}
	if err := w.config.SE.Select(ctx); err != nil {
		return err
	}
	return w.config.SE.Authenticate(ctx, key)
}

// face is a server's public face, checked.
type face struct {
	id        message.PartyID
	sign, kem message.Certificate
	kemKey    message.PublicKey
	limits    []uint64
	cards     []string // the kinds of card that a TSM issues
	epoch     []byte
}

// meet asks a server for its certificates and checks that both are of one subject and of the
// types that its role has. The element checks the CA's signatures.
func (w *Wallet) meet(
	ctx context.Context, server Caller, sign, kem wire.MessageType,
) (face, error) {
	var info api.Info
	if err := server.Post(ctx, api.PathInfo, struct{}{}, &info); err != nil {
		return face{}, err
	}
	f := face{limits: info.Limits, epoch: info.Epoch}
	if f.cards = info.Cards; len(f.cards) == 0 {
		f.cards = []string{wire.CardOneShow.String()}
	}
	var err error
	if f.sign, err = message.ParseCertificate(info.Sign); err != nil {
		return face{}, fmt.Errorf("%w: %w", ErrServer, err)
	}
	if f.kem, err = message.ParseCertificate(info.KEM); err != nil {
		return face{}, fmt.Errorf("%w: %w", ErrServer, err)
	}
	if f.sign.Type != sign || f.kem.Type != kem || f.sign.Subject != f.kem.Subject {
		return face{}, fmt.Errorf("%w: %s", ErrServer, info.ID)
	}
	f.id, f.kemKey = message.PartyID(f.sign.Subject[:wire.PartyIDLen]), f.kem.Key
	return f, nil
}

func newPairing() (applet.PairingKey, error) {
	raw := make([]byte, wire.KeyLen)
	if _, err := rand.Read(raw); err != nil {
		return applet.PairingKey{}, fmt.Errorf("making the pairing key: %w", err)
	}
	return applet.NewPairingKey(raw)
}
