package wallet

import (
	"context"
	"errors"
	"fmt"
	"os"

	"tapbench/applet/message"
	"tapbench/tpm"
	"tapbench/tpm/credential"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
)

// MeasuredPCR is the PCR whose list says what was started: IMA's, which no program can reset.
const MeasuredPCR = 10

// ErrList means that the measurement list can't be read. Nothing was quoted; name the file that
// the bench wrote.
var ErrList = errors.New("no measurement list")

// maxListFile bounds what is read of a measurement list.
const maxListFile = 1 << 20

// Phone is an [Attester] over a TPM and the measurement list of whoever started the wallet.
type Phone struct {
	device *tpm.TPM
	ak     tpm.AK
	list   string
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
	return &Phone{device: device, ak: ak, list: list}, nil
}

// EKCertificate returns the endorsement key's certificate.
func (p *Phone) EKCertificate(ctx context.Context) ([]byte, error) {
	key, err := p.device.EK(ctx)
	return key.Certificate, err
}

// AK returns the attestation key.
func (p *Phone) AK(context.Context) ([]byte, message.PublicKey, error) {
	return p.ak.Public(), p.ak.Point(), nil
}

// ActivateCredential opens a credential.
func (p *Phone) ActivateCredential(ctx context.Context, blob, secret []byte) ([]byte, error) {
	return p.device.ActivateCredential(ctx, p.ak, credential.Challenge{IDObject: blob, Seed: secret})
}

// Evidence quotes [MeasuredPCR] and adds the list that explains it.
func (p *Phone) Evidence(ctx context.Context, question quote.Binding) ([]byte, error) {
	info, err := os.Stat(p.list)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	if info.Size() > maxListFile {
		return nil, fmt.Errorf("%w: %s has %d bytes", ErrList, p.list, info.Size())
	}
	raw, err := os.ReadFile(p.list)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	list, err := measure.ParseList(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrList, p.list, err)
	}
	evidence, err := p.device.Evidence(ctx, p.ak, question, []int{MeasuredPCR}, list)
	if err != nil {
		return nil, err
	}
	return evidence.Encode()
}
