// Package quote judges a TPM's quote: whether a phone runs what it should, as far as its TPM can
// tell.
//
// In the words of RFC 9334 the phone is the Attester, whoever calls [Verify] is the Verifier, and
// an [Evidence] is what travels: the TPMS_ATTEST that the TPM made, its signature, the public area
// of the attestation key (AK) and the measurement list that explains the quoted PCRs. The
// reference values are the digests of released software; a PCR value never is one.
//
// The verifier needs no device and nothing but the standard library: a bank without a TPM makes
// its own nonce, keeps the AK that it enrolled ([tapbench/tpm/ek], [tapbench/tpm/credential]), and
// calls
//
//	verdict, err := quote.Verify(evidence, quote.Expect{
//		AK:       enrolledAK,
//		Binding:  quote.Binding{Purpose: quote.PurposeAID, Nonce: nonce, SID: sid, …},
//		PCRs:     []int{measure.DefaultPCR},
//		Released: released,
//	})
//
// PCRs that the list doesn't explain, such as those of a machine's firmware, are explained by
// Expect.Explained: [tapbench/tpm/firmware] replays the log that does.
//
// A quote is worth as much as the question: the qualifying data ties it to the purpose, the
// verifier's nonce, the session, the software and the keys that it speaks for (see [Binding]), so
// that no quote answers two questions.
//
// What a quote doesn't say: that the host's kernel is honest about what it measures, and, for a PCR
// that any local program resets (16 and 23), more than that somebody with access to the TPM
// extended that digest.
//
// All functions are pure and may be called from any goroutine. Nothing that comes from outside
// makes them panic or allocate more than a few times its size.
//
// Sources: TPM 2.0 Library, revision 1.59, Part 1 clauses 16 (names), 17 (PCR), 31 (attestation)
// and 36 (clock), Part 2 clauses 10.12 (TPMS_ATTEST), 11.3 (TPMT_SIGNATURE), 12.2 (TPMT_PUBLIC);
// RFC 9334.
package quote
