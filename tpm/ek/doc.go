// Package ek judges an endorsement key's certificate: the TPM maker's word that a key lives in a
// TPM of theirs.
//
// Whoever enrols a TPM checks the certificate's chain and purpose, takes the key out of the
// certificate and makes a credential for it ([tapbench/tpm/credential]); only that TPM can open it.
// No TPM is needed to do so.
//
//	roots, err := ek.ParseRoots(pem)
//	cert, err := ek.Verify(der, roots, time.Now())
//	challenge, err := credential.Make(rand.Reader, cert.Key, akName, secret)
//
// The package is pure and safe for use by several goroutines.
//
// Sources: TCG EK Credential Profile for TPM Family 2.0, version 2.3, clause 3.2 (EK certificate
// fields); RFC 5280, clause 4.2.1.
package ek
