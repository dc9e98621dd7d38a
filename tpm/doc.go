// Package tpm is the attester: what a phone does with its TPM 2.0.
//
//	t, err := tpm.Open(ctx, "unix:/run/bench/tpm/tpm.sock")
//	defer t.Close()
//	cert, err := t.EK(ctx)                      // its maker's certificate, for enrolment
//	ak, err := t.AK(ctx, seed)                  // its attestation key, the same for the same seed
//	secret, err := t.ActivateCredential(ctx, ak, challenge)
//	err = t.ExtendMeasurement(ctx, entry)       // something is about to be started
//	evidence, err := t.Evidence(ctx, ak, question, pcrs, list)
//
// The words are the TCG's: EK is the endorsement key that the TPM's maker certified, AK the
// restricted key that signs quotes, a PCR a register that can only be extended. What a verifier
// needs, which is no TPM, is in packages of its own: [tapbench/tpm/quote], [tapbench/tpm/measure],
// [tapbench/tpm/firmware], [tapbench/tpm/ek] and [tapbench/tpm/credential]. A TPM to try it on is
// in [tapbench/tpm/swtpm]; [tapbench/tpm/channel] carries commands, [tapbench/tpm/cursor] reads the
// TCG's structures, and [tapbench/tpm/tpm2tools] the files of tpm2-tools.
//
// A TPM has room for three transient objects only. Each operation loads what it needs and flushes
// it before it returns: between operations nothing of ours is in the TPM. What a client that died
// has left behind is flushed where the TPM serves one client at a time.
//
// The bus to the TPM isn't trusted to be free of errors: reading, extending and resetting PCRs runs
// under an HMAC session that is salted with the EK, so that a flipped bit in command or answer is
// an error. It doesn't keep out an attacker on the bus who puts his own key in the EK's place;
// quotes do, because the verifier knows the AK.
//
// An [Index] is what a state is bound to, so that no older copy of it is taken (package
// applet/statefile/bound has the rule). [OpenShared] leaves a TPM that serves one client at a time
// to others between operations.
//
// A [TPM] may be used by several goroutines: it does one operation after the other.
//
// Sources: TPM 2.0 Library, revision 1.59, Part 1 (clauses 17, 19, 24), Part 3 (clauses 12.5, 18.4,
// 22, 31); TCG EK Credential Profile for TPM Family 2.0, version 2.3, annex B (template L-1, NV
// index 01C00002); TCG TPM v2.0 Provisioning Guidance, version 1.0 (handle 81010001).
package tpm
