// Package credential makes the challenge by which a TPM proves that two keys live in it: the
// endorsement key that its maker certified and the attestation key that it wants enrolled.
//
// The verifier encrypts a fresh secret to the EK and binds it to the AK's Name. The TPM decrypts
// with the one and releases the secret only if it has the other loaded; the Name covers all of the
// AK's public area, its attributes too. No TPM is needed to make the challenge:
//
//	challenge, err := credential.Make(rand.Reader, certificate.Key, ak.Name(), secret)
//
// The verifier has checked the EK's certificate ([tapbench/tpm/ek]) and the AK's attributes
// ([tapbench/tpm/quote.ParseAK]) before, and afterwards compares the secret that comes back in
// constant time, once.
//
// The package is pure and safe for use by several goroutines.
//
// Sources: TPM 2.0 Library, revision 1.59, Part 1, clause 24 (credential protection) and annex
// B (secret exchange by RSA-OAEP), Part 3, clauses 12.5 and 12.6; TCG EK Credential Profile
// for TPM Family 2.0, version 2.3, annex B.3.3 (template L-1).
package credential
