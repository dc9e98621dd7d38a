package wallet

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/tpm"
	"tapbench/tpm/quote"
)

// ErrUnreleased means that a program isn't one of the release that it should be installed by.
// Nothing was measured, asked for or changed.
var ErrUnreleased = errors.New("the release doesn't name this program")

// Release is a program with the release that names it. Whoever reads the release's manifest has
// checked the software provider's signature on it.
type Release struct {
	Software string // software id
	Version  string
	// Released reports whether a digest is one of the release's.
	Released func(digest [32]byte) bool
	Program  string // path of the executable
	// Policy says what unlocks the element once the program is installed.
	Policy wire.LaunchPolicy
}

// Installed is what the wallet remembers of the release that it has installed last.
type Installed struct {
	Software string `json:"software"`
	Version  string `json:"version"`
	Program  []byte `json:"program_sha256"`
}

// InstallOptions says what to install, and who signs.
type InstallOptions struct {
	Bank    Caller // an account is open there
	Release Release
}

// Install installs a release (phase 1, download): it measures the program into the TPM, the bank
// verifies the evidence and signs the reference, and only then does the element learn of it. From
// then on the element unlocks for that program only. What is refused changes nothing. The file
// stays where it is.
func (w *Wallet) Install(ctx context.Context, o InstallOptions) error {
	if err := w.unlock(ctx); err != nil {
		return err
	}
	bank, err := w.meet(ctx, o.Bank, wire.CertBankSign, wire.CertBankKEM)
	if err != nil {
		return err
	}
	account, ok := w.state.bank(bank.id.String())
	if !ok || !account.Opened {
		return fmt.Errorf("%w: %s", ErrNotOpen, bank.id)
	}
	se, err := w.config.SE.Certificate(ctx)
	if err != nil {
		return err
	}
	if err := w.install(ctx, o, bank, account.Slot, se.Key); err != nil {
		return fmt.Errorf("installing %s %s: %w", o.Release.Software, o.Release.Version, err)
	}
	return nil
}

// install is Install where the element knows the host. It does nothing if the same program is
// installed already under the same policy.
func (w *Wallet) install(
	ctx context.Context, o InstallOptions, bank face, slot byte, se message.PublicKey,
) error {
	r := o.Release
	software, err := message.NewSoftware(r.Software)
	if err != nil {
		return err
	}
	program, err := tpm.MeasureFile(r.Program)
	if err != nil {
		return err
	}
	if !r.Released(program.Digest) {
		return fmt.Errorf("%w: %s, sha256 %x", ErrUnreleased, r.Program, program.Digest)
	}
	l, err := w.config.SE.Launch(ctx)
	if err != nil {
		return err
	}
	if !l.Stored || l.Program != program.Digest || l.Policy != r.Policy || l.Software != r.Software {
		if err := w.config.Attester.Record(ctx, program); err != nil {
			return err
		}
		m := message.Reference{
			Bank: bank.id, SE: se, Software: software, Program: program.Digest, Policy: r.Policy,
		}
		if err := w.putReference(ctx, o.Bank, slot, m); err != nil {
			return err
		}
	}
	w.state.Installed = Installed{r.Software, r.Version, program.Digest[:]}
	return w.config.Folder.Save(w.state)
}

// putReference has the bank sign a reference on the phone's evidence and stores it in the element.
func (w *Wallet) putReference(
	ctx context.Context, bank Caller, slot byte, m message.Reference,
) error {
	p, err := w.prove(ctx, bank, api.PurposeDownload, quote.PurposeDownload, m.Software.String(),
		m.SE)
	if err != nil {
		return err
	}
	policy := api.PolicyLocal
	if m.Policy == wire.LaunchBank {
		policy = api.PolicyBank
	}
	var signed api.ReferenceResponse
	err = bank.Post(ctx, api.PathReference, api.ReferenceRequest{
		UserCertificate: w.state.UserCertificate, Nonce: p.nonce, Challenge: p.challenge[:],
		Software: m.Software.String(), Program: m.Program[:], Policy: policy, Evidence: p.evidence,
	}, &signed)
	if err != nil {
		return err
	}
	sig, err := signature(signed.Signature)
	if err != nil {
		return err
	}
	w.step("reference", "bank", "SE", len(sig))
	return w.config.SE.PutReference(ctx, slot, m, sig)
}
