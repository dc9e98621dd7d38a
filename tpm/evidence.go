package tpm

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
)

// Quote lets the TPM state the PCRs of the SHA-256 bank, together with the qualifying data of at
// most 64 bytes, and sign that with the attestation key. It returns the TPMS_ATTEST and the
// TPMT_SIGNATURE as the TPM made them.
func (t *TPM) Quote(
	ctx context.Context, ak AK, pcrs []int, qualifying []byte,
) (attest, signature []byte, err error) {
	selection, err := selectPCRs(pcrs...)
	if err != nil {
		return nil, nil, err
	}
	err = t.do(ctx, func(bus transport.TPM) error {
		return withAK(bus, ak, func(handle tpm2.AuthHandle) error {
			rsp, err := tpm2.Quote{
				SignHandle:     handle,
				QualifyingData: tpm2.TPM2BData{Buffer: qualifying},
				InScheme:       tpm2.TPMTSigScheme{Scheme: tpm2.TPMAlgNull}, // the key's own
				PCRSelect:      selection,
			}.Execute(bus)
			if err != nil {
				return err
			}
			if _, err := rsp.Signature.Signature.ECDSA(); err != nil {
				return fmt.Errorf("%w: %w", ErrAnswer, err)
			}
			attest, signature = bytes.Clone(rsp.Quoted.Bytes()), tpm2.Marshal(rsp.Signature)
			return nil
		})
	})
	if err != nil {
		return nil, nil, fmt.Errorf("quoting: %w", err)
	}
	return attest, signature, nil
}

// Evidence answers a verifier's question: a quote over the PCRs, bound to the question, with the
// list that explains them. The question's AK is filled in. Evidence that would be longer than
// [quote.MaxEvidence] is refused ([quote.ErrTooLarge]); the TPM isn't asked for it.
func (t *TPM) Evidence(
	ctx context.Context, ak AK, question quote.Binding, pcrs []int, list *measure.List,
) (quote.Evidence, error) {
	point := ak.Point()
	question.AK = point[:]
	qualifying, err := quote.QualifyingData(question)
	if err != nil {
		return quote.Evidence{}, err
	}
	return t.Answer(ctx, ak, qualifying[:], pcrs, list)
}

// Answer is Evidence for a question that isn't the bench's: the qualifying data is somebody else's.
func (t *TPM) Answer(
	ctx context.Context, ak AK, qualifying []byte, pcrs []int, list *measure.List,
) (_ quote.Evidence, err error) {
	evidence := quote.Evidence{AKPublic: ak.Public(), List: list.Encode()}
	if len(evidence.List) > quote.MaxList {
		return quote.Evidence{}, fmt.Errorf("%w: list of %d bytes, %d fit", quote.ErrTooLarge,
			len(evidence.List), quote.MaxList)
	}
	evidence.Attest, evidence.Signature, err = t.Quote(ctx, ak, pcrs, qualifying)
	if err != nil {
		return quote.Evidence{}, err
	}
	return evidence, nil
}
