package bank

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/service"
	"tapbench/backend/store"
	"tapbench/tpm/credential"
	"tapbench/tpm/ek"
	"tapbench/tpm/quote"
)

// newcomer is a user at the counter, checked.
type newcomer struct {
	user    message.Certificate
	se      message.Certificate
	kbu     message.SharedKey
	ak      quote.AK
	ek      *ek.Certificate
	deposit uint64
}

// Open takes a user who stands at the counter: it checks PK_U's certificate by the CA, the SE's,
// user-key and ak-bind, which covers enc, by that SE, the EK's certificate by a TPM maker and the
// AK's attributes, agrees K_B,U and makes a credential that only that TPM can open. The account is
// open once [Bank.Activate] has got the credential's secret back.
func (b *Bank) Open(ctx context.Context, q api.OpenRequest) (api.OpenResponse, error) {
	n, err := b.meet(q)
	if err != nil {
		return api.OpenResponse{}, err
	}
	return service.Repeat(ctx, b.DB, api.PathOpen, q, func(tx store.Tx) (api.OpenResponse, error) {
		var secret [credential.SecretSize]byte
		if err := fresh(secret[:]); err != nil {
			return api.OpenResponse{}, err
		}
		challenge, err := credential.Make(rand.Reader, n.ek.Key, n.ak.Name(), secret)
		if err != nil {
			return api.OpenResponse{}, refused("making the credential", err)
		}
		row := user{
			id: n.user.Subject, cert: n.user.Encode(), userKey: q.UserKey, se: n.se.Encode(),
			kbu: n.kbu.Reveal(), ak: q.AKPublic, akBind: q.AKBind, ekSerial: n.ek.Serial,
			secret: sha256.Sum256(secret[:]), deposit: n.deposit,
		}
		if err := putUser(ctx, tx, row); err != nil {
			return api.OpenResponse{}, err
		}
		return api.OpenResponse{
			CredentialBlob: challenge.IDObject, EncryptedSecret: challenge.Seed,
		}, nil
	})
}

// meet makes Open's checks.
func (b *Bank) meet(q api.OpenRequest) (newcomer, error) {
	var n newcomer
	var err error
	if len(q.UserKey) != wire.SignatureLen || len(q.AKBind) != wire.SignatureLen ||
		len(q.Enc) != wire.PointLen {
		return n, api.Refuse(api.CodeMalformed, "a field has another length than it must")
	}
	if n.user, err = b.certificate(q.UserCertificate, wire.CertUser); err != nil {
		return n, err
	}
	if n.se, err = b.certificate(q.SECertificate, wire.CertSE); err != nil {
		return n, err
	}
	userKey := message.UserKey{CA: b.CA, User: n.user.Subject, SE: n.se.Key, Key: n.user.Key}
	err = message.Verify(n.se.Key, userKey.Digest(), message.Signature(q.UserKey))
	if err != nil {
		return n, refused("user-key", err)
	}
	if n.ek, err = ek.Verify(q.EKCertificate, b.EKRoots, b.Now()); err != nil {
		return n, api.Refuse(api.CodeAttestation, "EK certificate: %v", err)
	}
	if n.ak, err = quote.ParseAK(q.AKPublic); err != nil {
		return n, api.Refuse(api.CodeAttestation, "attestation key: %v", err)
	}
	bind := message.AKBind{Bank: b.ID, SE: n.se.Key, AK: n.ak.Point()}
	th := message.AKBindTranscript(b.ID, message.PublicKey(q.Enc))
	if err = message.Verify(n.se.Key, bind.Digest(th), message.Signature(q.AKBind)); err != nil {
		return n, refused("ak-bind", err)
	}
	exporter, err := message.Decap(b.KEMKey, message.PublicKey(q.Enc), wire.MsgOpenAccount)
	if err != nil {
		return n, refused("agreeing K_B,U", err)
	}
	if n.kbu, err = message.ExportSharedKey(exporter); err != nil {
		return n, refused("agreeing K_B,U", err)
	}
	n.deposit = q.DepositMinor
	_, err = b.amount(message.Limit(n.deposit))
	return n, err
}

func (b *Bank) certificate(raw []byte, t wire.MessageType) (message.Certificate, error) {
	c, err := message.ParseCertificate(raw)
	if err != nil {
		return c, api.Refuse(api.CodeMalformed, "certificate: %v", err)
	}
	if c.Issuer != b.CA {
		return c, refused("certificate", fmt.Errorf("%w: issuer", message.ErrCertificate))
	}
	if err := c.Check(t, b.CAKey, b.epoch()); err != nil {
		return c, refused("certificate", err)
	}
	return c, nil
}

// Activate opens the account when the credential's secret has come back: TPM and attestation key
// are of one phone. The deposit is booked: cash in, owed to the user.
func (b *Bank) Activate(ctx context.Context, q api.ActivateRequest) (api.ActivateResponse, error) {
	cert, err := b.certificate(q.UserCertificate, wire.CertUser)
	if err != nil {
		return api.ActivateResponse{}, err
	}
	f := func(tx store.Tx) (api.ActivateResponse, error) {
		row, err := getUser(ctx, tx, cert.Subject)
		if err != nil {
			return api.ActivateResponse{}, err
		}
		sum := sha256.Sum256(q.Secret)
		if subtle.ConstantTimeCompare(sum[:], row.secret[:]) != 1 {
			return api.ActivateResponse{}, api.Refuse(api.CodeAttestation,
				"the credential was opened by another TPM, or not at all")
		}
		if err := b.bookDeposit(ctx, tx, row); err != nil {
			return api.ActivateResponse{}, err
		}
		if err := activateUser(ctx, tx, row.id); err != nil {
			return api.ActivateResponse{}, err
		}
		account, err := tx.Account(ctx, customer(row.id))
		if err != nil {
			return api.ActivateResponse{}, err
		}
		return api.ActivateResponse{BalanceMinor: uint64(max(0, account.Balance()))}, nil
	}
	return service.Repeat(ctx, b.DB, api.PathActivate, q, f)
}

func (b *Bank) bookDeposit(ctx context.Context, tx store.Tx, row user) error {
	err := ledger.Open(ctx, tx, ledger.Account{
		ID: customer(row.id), Kind: ledger.Liability, Currency: b.currency(),
	})
	if err != nil || row.deposit == 0 {
		return err
	}
	amount, err := b.amount(message.Limit(row.deposit))
	if err != nil {
		return err
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("deposit"), row.id[:], row.secret[:]),
		Debit: cash, Credit: customer(row.id), Amount: amount, Reason: "deposit",
	})
	return err
}
