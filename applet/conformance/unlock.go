package conformance

import (
	"crypto/sha256"
	"encoding/binary"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// The release that the suite enrols.
const (
	releaseID   = "wallet-of-the-suite"
	releaseHash = "the wallet's executable"
)

// challenge asks for a challenge, which the next command may answer.
func (h *Host) challenge() message.Nonce {
	h.t.Helper()
	r, err := h.exchange(apdu.Command{INS: byte(wire.InsGetChallenge), Ne: wire.NonceLen})
	if err != nil || r.SW != wire.SWNormal || len(r.Data) != wire.NonceLen {
		h.t.Fatalf("GET CHALLENGE: %v, %v", r, err)
	}
	return message.Nonce(r.Data)
}

// reference is the suite's release for this element, over a nonce.
func (h *Host) reference(nonce message.Nonce, policy wire.LaunchPolicy) message.Reference {
	h.t.Helper()
	software, err := message.NewSoftware(releaseID)
	if err != nil {
		h.t.Fatal(err)
	}
	return message.Reference{
		Bank: h.p.bank.id, SE: h.seKey, AK: h.ak.public, Nonce: nonce, Software: software,
		Program: hashOf([]byte(releaseHash)), Policy: policy,
	}
}

// putReference is PUT REFERENCE of what a reference says, with any signature.
func putReference(m message.Reference, sig message.Signature) apdu.Command {
	return ownCommand(wire.InsPutReference, bankSlot, 0,
		concat(m.Software[:], m.Program[:], []byte{byte(m.Policy)}, sig[:]))
}

// storeReference has the bank sign the suite's release and stores it.
func (h *Host) storeReference(policy wire.LaunchPolicy) message.Reference {
	h.t.Helper()
	m := h.reference(h.challenge(), policy)
	wantSW(h.t, "PUT REFERENCE", h.call(putReference(m, h.p.bank.sign.sign(h.t, m.Digest()))),
		wire.SWNormal)
	return m
}

// quoted is a TPM's statement, as far as an element looks at it.
type quoted struct {
	magic      uint32
	kind       uint16
	qualifying message.Hash
	selection  []byte // TPML_PCR_SELECTION of one bank, 10 bytes
	pcrs       message.Hash
	signer     keyPair
}

// pcr23 selects PCR 23 of the SHA-256 bank.
func pcr23() []byte { return []byte{0, 0, 0, 1, 0x00, 0x0B, 3, 0, 0, 0x80} }

// question is what the element asks with a nonce.
func (h *Host) question(nonce message.Nonce) []byte {
	in := append([]byte("tapbench/1 quote\x03"), nonce[:]...)
	in = append(in, make([]byte, 16)...)
	in = append(in, byte(len(releaseID)))
	in = append(in, releaseID...)
	return concat(in, h.ak.public[:], h.seKey[:])
}

// quote is what the phone's TPM says after the start of the suite's release.
func (h *Host) quote(nonce message.Nonce) quoted {
	program := hashOf([]byte(releaseHash))
	value := sha256.Sum256(append(make([]byte, 32), program[:]...))
	return quoted{
		magic: 0xFF544347, kind: 0x8018, qualifying: hashOf(h.question(nonce)),
		selection: pcr23(), pcrs: hashOf(value[:]), signer: h.ak,
	}
}

// attest returns the TPMS_ATTEST.
func (q quoted) attest() []byte {
	out := binary.BigEndian.AppendUint32(nil, q.magic)
	out = binary.BigEndian.AppendUint16(out, q.kind)
	out = append(out, 0x00, 0x22, 0x00, 0x0B)
	out = append(out, make([]byte, 32)...) // the signer's name, which the signature makes needless
	out = concat(out, []byte{0x00, 0x20}, q.qualifying[:])
	out = append(out, 0, 0, 0, 0, 0, 1, 0x23, 0x45, 0, 0, 0, 7, 0, 0, 0, 0, 1) // clock
	out = append(out, 0x20, 0x24, 0x01, 0x25, 0, 0, 0, 0)                      // firmware
	out = append(out, q.selection...)
	return concat(out, []byte{0x00, 0x20}, q.pcrs[:])
}

// launch is LAUNCH with a quote.
func (h *Host) launch(q quoted) apdu.Command {
	h.t.Helper()
	attest := q.attest()
	sig := q.signer.sign(h.t, hashOf(attest))
	return ownCommand(wire.InsLaunch, byte(wire.LaunchLocal), 0, concat(attest, sig[:]))
}

// consent is LAUNCH with a bank's consent.
func (h *Host) consent(m message.LaunchConsent, signer keyPair) apdu.Command {
	h.t.Helper()
	sig := signer.sign(h.t, m.Digest())
	return ownCommand(wire.InsLaunch, byte(wire.LaunchBank), 0, sig[:])
}

// consentTo is the bank's consent to a reference's program, over a nonce.
func consentTo(m message.Reference, nonce message.Nonce) message.LaunchConsent {
	return message.LaunchConsent{
		Bank: m.Bank, SE: m.SE, AK: m.AK, Nonce: nonce, Software: m.Software, Program: m.Program,
	}
}
