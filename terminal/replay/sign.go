package replay

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
	"tapbench/pcsc/trace"
)

func panHash(pan emv.PAN) message.Hash { return sha256.Sum256(pan[:]) }

// signer makes signatures for keys of one run.
type signer struct {
	epoch, card *ecdsa.PrivateKey
	cardKey     message.PublicKey
	ca          message.PublicKey
	caKey       *ecdsa.PrivateKey
}

func newSigner() (*signer, error) {
	s := &signer{}
	for _, key := range []**ecdsa.PrivateKey{&s.epoch, &s.card, &s.caKey} {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("making keys for the replay: %w", err)
		}
		*key = k
	}
	var err error
	if s.cardKey, err = message.NewPublicKey(&s.card.PublicKey); err != nil {
		return nil, fmt.Errorf("making keys for the replay: %w", err)
	}
	if s.ca, err = message.NewPublicKey(&s.caKey.PublicKey); err != nil {
		return nil, fmt.Errorf("making keys for the replay: %w", err)
	}
	return s, nil
}

// certificate certifies the epoch key until the end of an epoch.
func (s *signer) certificate(expiry message.Epoch) (message.Certificate, error) {
	key, err := message.NewPublicKey(&s.epoch.PublicKey)
	if err != nil {
		return message.Certificate{}, fmt.Errorf("making keys for the replay: %w", err)
	}
	return message.IssueCertificate(s.caKey, message.Certificate{
		Type: wire.CertTSMEpoch, Issuer: message.NewPartyID("REPLAYCA"),
		Subject: message.PartySubject(message.NewPartyID("REPLAYTS")), Key: key, Expiry: expiry,
	})
}

// sign puts card key and signatures of this run into the answers of a tap, as far as the recorded
// terminal believed them: the TSM's if an ARQC was asked for, the card's if the payment went on.
func (s *signer) sign(steps []trace.Step, r *recorded, t terminal) ([]trace.Step, error) {
	pan, class, readable := r.signed()
	if !readable || !r.believed {
		return steps, nil
	}
	digest := message.VCard{PAN: pan.Bytes(), Key: s.cardKey, Class: class}.Digest()
	issued, err := message.Sign(s.epoch, digest)
	if err != nil {
		return nil, fmt.Errorf("signing the recorded card: %w", err)
	}
	patched := append([]trace.Step(nil), steps...)
	r.patch(patched, wire.TagCardKey, s.cardKey[:])
	r.patch(patched, wire.TagCardSignature, issued[:])
	payment, whole := r.tapMessage(t, pan)
	if !whole || !r.second {
		return patched, nil
	}
	tapped, err := message.Sign(s.card, payment.Digest())
	if err != nil {
		return nil, fmt.Errorf("signing the recorded tap: %w", err)
	}
	r.patch(patched, wire.TagTapSignature, tapped[:])
	return patched, nil
}

// signed returns what the TSM signs of a card beside its key, if the tap has it.
func (r *recorded) signed() (pan emv.PAN, class message.Class, readable bool) {
	pan, err := emv.ParsePAN(r.card[emv.TagPAN].value)
	if err != nil {
		return pan, class, false
	}
	class, err = emv.ParseClass(r.card[wire.TagCardClass].value)
	return pan, class, err == nil
}

// patch replaces a value in the answer that holds it, if that is as long.
func (r *recorded) patch(steps []trace.Step, tag tlv.Tag, value []byte) {
	at, known := r.card[tag]
	if !known || len(at.value) != len(value) {
		return
	}
	steps[at.step].Answer = splice(steps[at.step].Answer, at.off, value)
}

// splice returns the message with other bytes from off on.
func splice(m trace.Message, off int, value []byte) trace.Message {
	head, rest := cut(m, off)
	_, tail := cut(rest, len(value))
	return trace.Join(head, trace.Literal(value), tail)
}

// cut divides a message behind n bytes.
func cut(m trace.Message, n int) (head, tail trace.Message) {
	for i, p := range m {
		size := len(p.Bytes) + p.Len
		if n >= size {
			head = append(head, p)
			n -= size
			continue
		}
		if n == 0 {
			return head, m[i:]
		}
		first, second := p, p
		if p.Mark == trace.Absent {
			first.Len, second.Len = n, p.Len-n
		} else {
			first.Bytes, second.Bytes = p.Bytes[:n], p.Bytes[n:]
		}
		return append(head, first), append(trace.Message{second}, m[i+1:]...)
	}
	return head, nil
}
