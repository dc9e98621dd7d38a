package emulator

import (
	"crypto/sha256"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// launch is what unlocks the element: the attestation key of its phone, and the reference.
type launch struct {
	ak       message.PublicKey // zero: none is bound
	software message.Software  // zero: no reference is stored
	program  message.Hash
	policy   wire.LaunchPolicy
	bank     message.PartyID   // who signed the reference
	sign     message.PublicKey // and its key
}

// stored says whether a reference is stored.
func (l *launch) stored() bool { return l.software[0] != 0 }

// bind takes a phone's attestation key. While a reference is stored another one is refused.
func (l *launch) bind(ak message.PublicKey) error {
	if l.stored() && l.ak != ak {
		return wire.SWWrongData
	}
	l.ak = ak
	return nil
}

const putReferenceLen = wire.SoftwareLen + wire.HashLen + 1 + wire.SignatureLen

// putReference is PUT REFERENCE: software id || digest || policy || signature.
func (c *Card) putReference(r request, next *state) ([]byte, error) {
	nonce, held := c.takeChallenge()
	bank := &next.banks[r.p1]
	if bank.state == wire.AccountEmpty || next.launch.ak[0] == 0 || !held {
		return nil, wire.SWConditionsNotSatisfied
	}
	l := launch{ak: next.launch.ak, bank: bank.id, sign: bank.sign}
	rest := r.data[copy(l.software[:], r.data):]
	rest = rest[copy(l.program[:], rest):]
	l.policy = wire.LaunchPolicy(rest[0])
	if l.software.Check() != nil || l.policy > wire.LaunchBank {
		return nil, wire.SWWrongData
	}
	m := message.Reference{
		Bank: l.bank, SE: next.se.public, AK: l.ak, Nonce: nonce, Software: l.software,
		Program: l.program, Policy: l.policy,
	}
	if err := c.verify(l.sign, wire.MsgReference, m.Digest(), message.Signature(rest[1:])); err != nil {
		return nil, err
	}
	next.launch = l
	c.session.launched = false
	return nil, nil
}

const launchQuoteLen = wire.AttestLen + wire.SignatureLen

// launchParams wants a policy.
func launchParams(p1, p2 byte) error { return within(p1, byte(wire.LaunchBank)+1, p2, 1) }

// launchLengths are the data of LAUNCH by its P1: a quote, or a consent.
func launchLengths(p1 byte) []int {
	if wire.LaunchPolicy(p1) == wire.LaunchBank {
		return []int{wire.SignatureLen}
	}
	return []int{launchQuoteLen}
}

// unlock is LAUNCH: TPMS_ATTEST || signature by the attestation key, or the bank's consent.
func (c *Card) unlock(r request, next *state) ([]byte, error) {
	nonce, held := c.takeChallenge()
	l := &next.launch
	if !l.stored() || l.policy != wire.LaunchPolicy(r.p1) || !held {
		return nil, wire.SWConditionsNotSatisfied
	}
	var err error
	if l.policy == wire.LaunchBank {
		err = c.consented(l, next.se.public, nonce, message.Signature(r.data))
	} else {
		err = c.quoted(l, next.se.public, nonce, r.data)
	}
	c.session.launched = err == nil
	return nil, err
}

// consented checks the bank's consent.
func (c *Card) consented(
	l *launch, se message.PublicKey, nonce message.Nonce, sig message.Signature,
) error {
	m := message.LaunchConsent{
		Bank: l.bank, SE: se, AK: l.ak, Nonce: nonce, Software: l.software, Program: l.program,
	}
	return c.verify(l.sign, wire.MsgLaunchConsent, m.Digest(), sig)
}

// quoted checks a quote.
func (c *Card) quoted(l *launch, se message.PublicKey, nonce message.Nonce, data []byte) error {
	attest, sig := data[:wire.AttestLen], message.Signature(data[wire.AttestLen:])
	qualifying, pcrs, err := message.ParseLaunchAttest(attest)
	if err != nil || pcrs != message.LaunchPCRs(l.program) {
		return wire.SWWrongData
	}
	question := message.LaunchQuestion{Nonce: nonce, Software: l.software, AK: l.ak, SE: se}
	if qualifying != question.Qualifying() {
		return wire.SWWrongData
	}
	c.meter.hash(2*wire.HashLen, wire.HashLen, questionLen(l.software), len(attest))
	return c.verifyDigest(l.ak, sha256.Sum256(attest), sig)
}

// takeChallenge returns the challenge that is held, and drops it.
func (c *Card) takeChallenge() (nonce message.Nonce, held bool) {
	held, nonce = c.session.challenge.held, c.session.challenge.bytes
	c.session.challenge = challenge{}
	return nonce, held
}

// data is data object DF05.
func (l *launch) data(launched bool) []byte {
	out := []byte{flag(l.stored()), flag(launched), byte(l.policy)}
	out = append(out, l.software[:]...)
	out = append(out, l.program[:]...)
	return append(out, l.bank[:]...)
}

func flag(on bool) byte {
	if on {
		return 1
	}
	return 0
}
