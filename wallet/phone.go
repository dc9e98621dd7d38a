package wallet

import (
	"context"

	"tapbench/applet/message"
	"tapbench/tpm"
	"tapbench/tpm/credential"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/wallet/starter"
)

// MeasuredPCR is the PCR whose list says what was started: IMA's, which no program can reset.
const MeasuredPCR = measure.DefaultPCR

// Phone is an [Attester] over a TPM and the measurement list of whoever started the wallet.
type Phone struct {
	starter.Machine
	ak tpm.AK
}

var _ Attester = (*Phone)(nil)

// NewPhone makes the attestation key of a seed. list is the path of the measurement list, in IMA's
// binary format.
func NewPhone(
	ctx context.Context, device *tpm.TPM, seed [tpm.SeedSize]byte, list string,
) (*Phone, error) {
	ak, err := device.AK(ctx, seed)
	if err != nil {
		return nil, err
	}
	return &Phone{Machine: starter.Machine{TPM: device, List: list}, ak: ak}, nil
}

// EKCertificate returns the endorsement key's certificate.
func (p *Phone) EKCertificate(ctx context.Context) ([]byte, error) {
	key, err := p.TPM.EK(ctx)
	return key.Certificate, err
}

// AK returns the attestation key.
func (p *Phone) AK(context.Context) ([]byte, message.PublicKey, error) {
	return p.ak.Public(), p.ak.Point(), nil
}

// ActivateCredential opens a credential.
func (p *Phone) ActivateCredential(ctx context.Context, blob, secret []byte) ([]byte, error) {
	return p.TPM.ActivateCredential(ctx, p.ak, credential.Challenge{IDObject: blob, Seed: secret})
}

// Evidence quotes [MeasuredPCR] and adds the list that explains it.
func (p *Phone) Evidence(ctx context.Context, question quote.Binding) ([]byte, error) {
	list, err := p.ReadList()
	if err != nil {
		return nil, err
	}
	evidence, err := p.TPM.Evidence(ctx, p.ak, question, []int{MeasuredPCR}, list)
	if err != nil {
		return nil, err
	}
	return evidence.Encode()
}

// LaunchQuote quotes PCR 23 alone, while nobody starts a program, and brings the signature into the
// form that elements take.
func (p *Phone) LaunchQuote(
	ctx context.Context, question quote.Binding,
) (attest []byte, sig message.Signature, err error) {
	point := p.ak.Point()
	question.AK = point[:]
	qualifying, err := quote.QualifyingData(question)
	if err != nil {
		return nil, sig, err
	}
	var signature []byte
	err = p.Quoting(func() error {
		attest, signature, err = p.TPM.Quote(ctx, p.ak, []int{measure.LaunchPCR}, qualifying[:])
		return err
	})
	if err != nil {
		return nil, sig, err
	}
	r, s, err := quote.ParseSignature(signature)
	if err != nil {
		return nil, sig, err
	}
	return attest, message.NewSignature(r, s), nil
}

// LaunchPCR returns PCR 23's value, to say why an element stays locked.
func (p *Phone) LaunchPCR(ctx context.Context) (value [32]byte, err error) {
	err = p.Quoting(func() error {
		value, err = p.TPM.ReadPCR(ctx, measure.LaunchPCR)
		return err
	})
	return value, err
}
