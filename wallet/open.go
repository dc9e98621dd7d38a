package wallet

import (
	"context"
	"fmt"
	"slices"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
)

// OpenOptions says which account to open.
type OpenOptions struct {
	Bank    Caller
	User    message.UserID
	Deposit uint64        // cash over the counter, minor units
	Limit   message.Limit // of the bank account ID, one of the bank's published limits
	Release Release       // the program that runs
}

// Open opens an account in person (phase 0), enrols the phone and installs the release (phase 1),
// and asks for a bank account ID (phase 2). It takes up again where an earlier call was broken off:
// a new element is personalised, a user key made, only if that hasn't happened.
func (w *Wallet) Open(ctx context.Context, o OpenOptions) error {
	se, err := w.prepareElement(ctx)
	if err != nil {
		return err
	}
	bank, err := w.meet(ctx, o.Bank, wire.CertBankSign, wire.CertBankKEM)
	if err != nil {
		return err
	}
	if !slices.Contains(bank.limits, uint64(o.Limit)) {
		return fmt.Errorf("%w: %d, the bank's: %d", ErrLimit, o.Limit, bank.limits)
	}
	slot, err := w.bankSlot(bank.id.String())
	if err != nil {
		return err
	}
	user, err := w.prepareUser(ctx, se, o.User)
	if err != nil {
		return err
	}
	if account, _ := w.state.bank(bank.id.String()); !account.Opened {
		if err := w.openAccount(ctx, o, bank, slot, se, user); err != nil {
			return fmt.Errorf("opening an account at %s: %w", bank.id, err)
		}
	}
	err = w.install(ctx, InstallOptions{Bank: o.Bank, Release: o.Release}, bank, slot, se.Key)
	if err != nil {
		return fmt.Errorf("installing %s %s: %w", o.Release.Software, o.Release.Version, err)
	}
	if err := w.launch(ctx); err != nil {
		return err
	}
	if err := w.openAID(ctx, o, bank, slot, se.Key); err != nil {
		return fmt.Errorf("getting a bank account ID from %s: %w", bank.id, err)
	}
	return nil
}

// prepareElement personalises a new element at the CA's desk, and returns its certificate.
func (w *Wallet) prepareElement(ctx context.Context) (message.Certificate, error) {
	se := w.config.SE
	if err := se.Select(ctx); err != nil {
		return message.Certificate{}, err
	}
	state, err := se.LifeCycle(ctx)
	if err != nil {
		return message.Certificate{}, err
	}
	if state == wire.LifeCyclePersonalized {
		if len(w.state.Pairing) == 0 {
			return message.Certificate{}, fmt.Errorf("%w: it was personalised by another one",
				applet.ErrNotAuthenticated)
		}
		if err := w.enter(ctx); err != nil {
			return message.Certificate{}, err
		}
		return se.Certificate(ctx)
	}
	key, err := se.GenerateSEKey(ctx)
	if err != nil {
		return message.Certificate{}, err
	}
	w.step("pk-se", "SE", "CA", len(key))
	cert, err := w.config.Desk.CertifySE(ctx, key)
	if err != nil {
		return message.Certificate{}, fmt.Errorf("certifying the element: %w", err)
	}
	pairing, err := newPairing()
	if err != nil {
		return message.Certificate{}, err
	}
	// The key is kept before the element gets it: a wallet that forgot it could never come back.
	w.state.Pairing = pairing.Reveal()
	if err := w.config.Folder.Save(w.state); err != nil {
		return message.Certificate{}, err
	}
	ca, caKey := w.config.Desk.CA()
	if err := se.Personalise(ctx, ca, caKey, cert, pairing); err != nil {
		return message.Certificate{}, err
	}
	w.step("cert-se", "CA", "SE", wire.CertificateLen)
	return cert, w.unlock(ctx)
}

// userCertificate is PK_U's certificate and the element's signature that it rests on.
type userCertificate struct {
	cert message.Certificate
	sig  message.Signature
}

// prepareUser has PK_U made and certified, or takes the certificate from the wallet's state.
func (w *Wallet) prepareUser(
	ctx context.Context, se message.Certificate, user message.UserID,
) (userCertificate, error) {
	if u, ok, err := w.savedUser(user); ok || err != nil {
		return u, err
	}
	key, sig, err := w.config.SE.CreateUser(ctx, user)
	if err != nil {
		return userCertificate{}, err
	}
	w.step("user-key", "SE", "CA", len(key)+len(sig))
	ca, _ := w.config.Desk.CA()
	cert, err := w.config.Desk.CertifyUser(ctx, se,
		message.UserKey{CA: ca, User: user, SE: se.Key, Key: key}, sig)
	if err != nil {
		return userCertificate{}, fmt.Errorf("certifying the user: %w", err)
	}
	w.step("cert-user", "CA", "wallet", wire.CertificateLen)
	w.state.User, w.state.UserCertificate, w.state.UserKey = user.String(), cert.Encode(), sig[:]
	return userCertificate{cert, sig}, w.config.Folder.Save(w.state)
}

func (w *Wallet) savedUser(user message.UserID) (userCertificate, bool, error) {
	if len(w.state.UserCertificate) == 0 || len(w.state.UserKey) != wire.SignatureLen {
		return userCertificate{}, false, nil
	}
	cert, err := message.ParseCertificate(w.state.UserCertificate)
	if err != nil {
		return userCertificate{}, false, fmt.Errorf("%w: %w", ErrForeignWallet, err)
	}
	if cert.Subject != user {
		return userCertificate{}, false, fmt.Errorf("%w: it belongs to %s, not to %s",
			ErrOtherUser, cert.Subject, user)
	}
	return userCertificate{cert, message.Signature(w.state.UserKey)}, true, nil
}

// openAccount is the rest of phase 0 and phase 1: K_B,U, the attestation key, the credential. What
// was broken off goes on with the same request.
func (w *Wallet) openAccount(
	ctx context.Context, o OpenOptions, bank face, slot byte, se message.Certificate,
	user userCertificate,
) error {
	account, _ := w.state.bank(bank.id.String())
	if account.Open == nil {
		request, err := w.openRequest(ctx, o, bank, slot, se, user)
		if err != nil {
			return err
		}
		account = BankAccount{
			Slot: slot, Bank: bank.id.String(), KEM: bank.kemKey[:], Open: &request,
		}
		w.state.putBank(account)
		if err := w.config.Folder.Save(w.state); err != nil {
			return err
		}
	}
	if err := w.activate(ctx, o.Bank, *account.Open); err != nil {
		return err
	}
	account.Open, account.Opened = nil, true
	w.state.putBank(account)
	return w.config.Folder.Save(w.state)
}

// openRequest has the element agree K_B,U and bind the attestation key.
func (w *Wallet) openRequest(
	ctx context.Context, o OpenOptions, bank face, slot byte, se message.Certificate,
	user userCertificate,
) (api.OpenRequest, error) {
	enc, err := w.config.SE.OpenAccount(ctx, slot, bank.sign, bank.kem)
	if err != nil {
		return api.OpenRequest{}, err
	}
	ek, err := w.config.Attester.EKCertificate(ctx)
	if err != nil {
		return api.OpenRequest{}, fmt.Errorf("reading the EK certificate: %w", err)
	}
	akPublic, ak, err := w.config.Attester.AK(ctx)
	if err != nil {
		return api.OpenRequest{}, fmt.Errorf("making the attestation key: %w", err)
	}
	bind, err := w.config.SE.BindAK(ctx, slot, ak)
	if err != nil {
		return api.OpenRequest{}, err
	}
	w.step("account-open", "wallet", "bank", len(enc)+len(ek)+len(akPublic)+len(bind)+
		2*wire.CertificateLen+wire.SignatureLen)
	return api.OpenRequest{
		UserCertificate: user.cert.Encode(), SECertificate: se.Encode(), UserKey: user.sig[:],
		Enc: enc[:], EKCertificate: ek, AKPublic: akPublic, AKBind: bind[:],
		DepositMinor: o.Deposit,
	}, nil
}

// activate sends the request and has the TPM open the bank's credential. Both requests are
// repeatable.
func (w *Wallet) activate(ctx context.Context, bank Caller, request api.OpenRequest) error {
	var credential api.OpenResponse
	if err := bank.Post(ctx, api.PathOpen, request, &credential); err != nil {
		return err
	}
	w.step("make-credential", "bank", "TPM",
		len(credential.CredentialBlob)+len(credential.EncryptedSecret))
	secret, err := w.config.Attester.ActivateCredential(ctx, credential.CredentialBlob,
		credential.EncryptedSecret)
	if err != nil {
		return fmt.Errorf("activating the credential: %w", err)
	}
	var opened api.ActivateResponse
	err = bank.Post(ctx, api.PathActivate,
		api.ActivateRequest{UserCertificate: request.UserCertificate, Secret: secret}, &opened)
	if err != nil {
		return err
	}
	w.step("activate-credential", "TPM", "bank", len(secret))
	return nil
}
