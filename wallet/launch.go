package wallet

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/tpm/quote"
	"tapbench/wallet/starter"
)

// Why an element stays locked.
var (
	// ErrOtherProgram means that the program that was started isn't the one that is installed.
	// Nothing was changed. Start the installed one, or install this one if it was released.
	ErrOtherProgram = errors.New("this program isn't the one that is installed")
	// ErrStartedSince means that another program was started on this TPM after this wallet was.
	// Nothing was changed; start this one again.
	ErrStartedSince = errors.New("another program was started on this TPM meanwhile")
	// ErrNoAttester means that the element wants a proof and the wallet was opened without a TPM.
	ErrNoAttester = errors.New("the secure element is locked, and no TPM was named")
	// ErrNoConsent means that the bank has to agree to this launch and isn't known.
	ErrNoConsent = errors.New("the secure element is locked, and its bank isn't known")
)

// enter unlocks the element for whatever needs more than looking: host's proof, then launch.
func (w *Wallet) enter(ctx context.Context) error {
	if err := w.unlock(ctx); err != nil {
		return err
	}
	return w.launch(ctx)
}

// launch proves to the element which program was started, if it wants to know.
func (w *Wallet) launch(ctx context.Context) error {
	l, err := w.config.SE.Launch(ctx)
	if err != nil || !l.Locked() {
		return err
	}
	if w.config.Attester == nil {
		return ErrNoAttester
	}
	se, err := w.config.SE.Certificate(ctx)
	if err != nil {
		return err
	}
	if l.Policy == wire.LaunchBank {
		return w.launchByConsent(ctx, l, se.Key)
	}
	return w.launchByQuote(ctx, l, se.Key)
}

func (w *Wallet) launchByQuote(
	ctx context.Context, l applet.Launch, se message.PublicKey,
) error {
	nonce, err := w.config.SE.Challenge(ctx)
	if err != nil {
		return err
	}
	attest, sig, err := w.config.Attester.LaunchQuote(ctx, quote.Binding{
		Purpose: quote.PurposeLaunch, Nonce: nonce[:], SoftwareID: l.Software, SE: se[:],
	})
	if err != nil {
		return fmt.Errorf("quoting: %w", err)
	}
	err = w.config.SE.LaunchByQuote(ctx, attest, sig)
	if errors.Is(err, applet.ErrRefused) {
		return w.explain(ctx, l, err)
	}
	if err == nil {
		w.step("launch", "TPM", "SE", len(attest)+len(sig))
	}
	return err
}

// explain says why an element has refused a quote.
func (w *Wallet) explain(ctx context.Context, l applet.Launch, refused error) error {
	value, err := w.config.Attester.LaunchPCR(ctx)
	if err != nil {
		return errors.Join(refused, err)
	}
	switch {
	case value == starter.Started(l.Program):
		return refused // another attestation key: the element belongs to another phone
	case w.config.Started != [32]byte{} && value != starter.Started(w.config.Started):
		return ErrStartedSince
	default:
		return fmt.Errorf("%w: sha256 %x is, as %s", ErrOtherProgram, l.Program, l.Software)
	}
}

func (w *Wallet) launchByConsent(
	ctx context.Context, l applet.Launch, se message.PublicKey,
) error {
	if w.config.Consent == nil {
		return fmt.Errorf("%w: %s", ErrNoConsent, l.Bank)
	}
	bank, err := w.config.Consent(l.Bank)
	if err != nil {
		return err
	}
	p, err := w.prove(ctx, bank, api.PurposeLaunch, quote.PurposeLaunch, l.Software, se)
	if err != nil {
		return err
	}
	var consent api.ConsentResponse
	err = bank.Post(ctx, api.PathConsent, api.ConsentRequest{
		UserCertificate: w.state.UserCertificate, Nonce: p.nonce, Challenge: p.challenge[:],
		Evidence: p.evidence,
	}, &consent)
	if err != nil {
		return fmt.Errorf("asking %s for its consent: %w", l.Bank, err)
	}
	sig, err := signature(consent.Signature)
	if err != nil {
		return err
	}
	w.step("launch-consent", "bank", "SE", len(sig))
	return w.config.SE.LaunchByConsent(ctx, sig)
}

// proof is what a phone shows a bank: a quote over the bank's nonce and the element's challenge.
type proof struct {
	nonce     []byte
	challenge message.Nonce
	evidence  []byte
}

// prove asks the bank for a nonce and the element for a challenge, and quotes over both. The
// element forgets its challenge with the next command that doesn't answer it.
func (w *Wallet) prove(
	ctx context.Context, bank Caller, asked string, purpose quote.Purpose, software string,
	se message.PublicKey,
) (proof, error) {
	var fresh api.PhoneNonceResponse
	err := bank.Post(ctx, api.PathPhoneNonce, api.PhoneNonceRequest{
		UserCertificate: w.state.UserCertificate, Purpose: asked,
	}, &fresh)
	if err != nil {
		return proof{}, err
	}
	p := proof{nonce: fresh.Nonce}
	if p.challenge, err = w.config.SE.Challenge(ctx); err != nil {
		return proof{}, err
	}
	p.evidence, err = w.config.Attester.Evidence(ctx, quote.Binding{
		Purpose: purpose, Nonce: p.nonce, SID: p.challenge, SoftwareID: software, SE: se[:],
	})
	if err != nil {
		return proof{}, fmt.Errorf("quoting: %w", err)
	}
	w.step("evidence", "TPM", "bank", len(p.evidence))
	return p, nil
}

func signature(raw []byte) (message.Signature, error) {
	if len(raw) != wire.SignatureLen {
		return message.Signature{}, fmt.Errorf("%w: signature of %d bytes", ErrServer, len(raw))
	}
	return message.Signature(raw), nil
}
