package quotetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"github.com/google/go-tpm/tpm2"

	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
)

// Attester is a TPM's attestation key that a test owns: it signs whatever it is told to.
type Attester struct {
	Public []byte // TPMT_PUBLIC
	key    *ecdsa.PrivateKey
	signer tpm2.TPM2BName
}

// NewInsecureAttester makes an attestation key. Each edit may change its public area before it is
// marshalled, for keys that no verifier may accept.
func NewInsecureAttester(tb testing.TB, edits ...func(*tpm2.TPMTPublic)) *Attester {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		tb.Fatal(err)
	}
	public := tpm2.TPMTPublic{
		Type:    tpm2.TPMAlgECC,
		NameAlg: tpm2.TPMAlgSHA256,
		ObjectAttributes: tpm2.TPMAObject{
			FixedTPM: true, FixedParent: true, SensitiveDataOrigin: true, UserWithAuth: true,
			NoDA: true, Restricted: true, SignEncrypt: true,
		},
		Parameters: tpm2.NewTPMUPublicParms(tpm2.TPMAlgECC, &tpm2.TPMSECCParms{
			Scheme: tpm2.TPMTECCScheme{
				Scheme: tpm2.TPMAlgECDSA,
				Details: tpm2.NewTPMUAsymScheme(tpm2.TPMAlgECDSA,
					&tpm2.TPMSSigSchemeECDSA{HashAlg: tpm2.TPMAlgSHA256}),
			},
			CurveID: tpm2.TPMECCNistP256,
		}),
		Unique: tpm2.NewTPMUPublicID(tpm2.TPMAlgECC, &tpm2.TPMSECCPoint{
			X: tpm2.TPM2BECCParameter{Buffer: point[1:33]},
			Y: tpm2.TPM2BECCParameter{Buffer: point[33:]},
		}),
	}
	for _, edit := range edits {
		edit(&public)
	}
	name, err := tpm2.ObjectName(&public)
	if err != nil {
		tb.Fatal(err)
	}
	qualified := sha256.Sum256(append(tpm2.PrimaryHandleName(tpm2.TPMRHEndorsement), name.Buffer...))
	return &Attester{
		Public: tpm2.Marshal(public),
		key:    key,
		signer: tpm2.TPM2BName{Buffer: append([]byte{0x00, 0x0B}, qualified[:]...)},
	}
}

// Attest returns the statement that a TPM with this list's PCRs would sign: a quote over the PCRs
// of the SHA-256 bank.
func (a *Attester) Attest(
	tb testing.TB, qualifying [32]byte, list *measure.List, pcrs ...uint,
) tpm2.TPMSAttest {
	tb.Helper()
	digest := sha256.New()
	for _, pcr := range pcrs {
		value := list.Replay(int(pcr))
		digest.Write(value[:])
	}
	return tpm2.TPMSAttest{
		Magic:           tpm2.TPMGeneratedValue,
		Type:            tpm2.TPMSTAttestQuote,
		QualifiedSigner: a.signer,
		ExtraData:       tpm2.TPM2BData{Buffer: qualifying[:]},
		ClockInfo:       tpm2.TPMSClockInfo{Clock: 1000, ResetCount: 7, RestartCount: 1, Safe: true},
		FirmwareVersion: 0x2019102300163636,
		Attested: tpm2.NewTPMUAttest(tpm2.TPMSTAttestQuote, &tpm2.TPMSQuoteInfo{
			PCRSelect: tpm2.TPMLPCRSelection{PCRSelections: []tpm2.TPMSPCRSelection{{
				Hash: tpm2.TPMAlgSHA256, PCRSelect: tpm2.PCClientCompatible.PCRs(pcrs...),
			}}},
			PCRDigest: tpm2.TPM2BDigest{Buffer: digest.Sum(nil)},
		}),
	}
}

// Sign returns evidence whose attestation is these bytes, whatever they are.
func (a *Attester) Sign(tb testing.TB, attest []byte, list *measure.List) quote.Evidence {
	tb.Helper()
	digest := sha256.Sum256(attest)
	r, s, err := ecdsa.Sign(rand.Reader, a.key, digest[:])
	if err != nil {
		tb.Fatal(err)
	}
	signature := tpm2.TPMTSignature{
		SigAlg: tpm2.TPMAlgECDSA,
		Signature: tpm2.NewTPMUSignature(tpm2.TPMAlgECDSA, &tpm2.TPMSSignatureECC{
			Hash:       tpm2.TPMAlgSHA256,
			SignatureR: tpm2.TPM2BECCParameter{Buffer: r.FillBytes(make([]byte, 32))},
			SignatureS: tpm2.TPM2BECCParameter{Buffer: s.FillBytes(make([]byte, 32))},
		}),
	}
	return quote.Evidence{
		Attest: attest, Signature: tpm2.Marshal(signature), AKPublic: a.Public, List: list.Encode(),
	}
}

// Quote returns good evidence: a quote over the PCRs, bound to the qualifying data.
func (a *Attester) Quote(
	tb testing.TB, qualifying [32]byte, list *measure.List, pcrs ...uint,
) quote.Evidence {
	tb.Helper()
	return a.Sign(tb, tpm2.Marshal(a.Attest(tb, qualifying, list, pcrs...)), list)
}
