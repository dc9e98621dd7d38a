package settle

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/terminal/claims"
)

// ErrClaim means that what lies in the journal is no claim of this version.
var ErrClaim = errors.New("not a claim")

// Parse reads what lies in the journal, an encoded [message.SpendClaim] or [message.MeterClaim]:
// one of both is returned. Anything else is [ErrClaim]. It verifies nothing.
func Parse(payload []byte) (*message.SpendClaim, *message.MeterClaim, error) {
	if spend, err := message.Decode[message.SpendClaim](wire.MsgSpendClaim, payload); err == nil {
		return &spend, nil, nil
	}
	meter, err := message.Decode[message.MeterClaim](wire.MsgMeterClaim, payload)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %d bytes", ErrClaim, len(payload))
	}
	return nil, &meter, nil
}

// Record returns how a claim is kept in the journal: under which key (see [Key]), and its payload.
// One of both is set.
func Record(spend *message.SpendClaim, meter *message.MeterClaim) (claims.Key, []byte) {
	if spend != nil {
		payload := message.Encode(wire.MsgSpendClaim, *spend)
		return claim{account: spend.Spend.Digest()}.key(), payload
	}
	payload := message.Encode(wire.MsgMeterClaim, *meter)
	return claim{account: meter.Meter.Digest(), meter: true, to: meter.To}.key(), payload
}

// Key returns the key under which a claim is kept in the journal, and the account under which the
// TSM pays it: for a spend both are [message.Spend.Digest]. Each tick of a metering commitment is
// kept by itself, SHA-256([message.Meter.Digest] || To), and paid on the commitment's account.
// It returns [ErrClaim].
func Key(payload []byte) (kept claims.Key, account message.Hash, err error) {
	c, err := parse(payload)
	return c.key(), c.account, err
}

// claim is what settling needs to know of one.
type claim struct {
	payload []byte
	account message.Hash
	meter   bool
	to      uint8
}

func (c claim) key() claims.Key {
	if !c.meter {
		return claims.Key(c.account)
	}
	return sha256.Sum256(append(c.account[:], c.to))
}

func parse(payload []byte) (claim, error) {
	spend, meter, err := Parse(payload)
	switch {
	case err != nil:
		return claim{}, err
	case spend != nil:
		return claim{payload: payload, account: spend.Spend.Digest(), to: spend.Spend.To}, nil
	default:
		return claim{payload: payload, account: meter.Meter.Digest(), meter: true, to: meter.To}, nil
	}
}

// batch is some of the journal's claims, and those of them that are sent.
type batch struct {
	number uint64
	kept   map[message.Hash][]claims.Key // by account
	send   []claim                       // one for each account, in the order of the journal
}

// add takes a claim into the batch.
func (b *batch) add(c claim) {
	if b.kept == nil {
		b.kept = map[message.Hash][]claims.Key{}
	}
	before := len(b.kept[c.account]) > 0
	b.kept[c.account] = append(b.kept[c.account], c.key())
	if !before {
		b.send = append(b.send, c)
		return
	}
	for i := range b.send {
		if b.send[i].account == c.account && b.send[i].to < c.to {
			b.send[i] = c
		}
	}
}

// keys returns what the journal is to mark as sent.
func (b *batch) keys() []claims.Key {
	var keys []claims.Key
	for _, c := range b.send {
		keys = append(keys, b.kept[c.account]...)
	}
	return keys
}

// sign returns the batch's claims one behind the other and the signed payout request, encoded.
func (b *batch) sign(m message.Payout, key *ecdsa.PrivateKey) (all, request []byte, err error) {
	for _, c := range b.send {
		all = append(all, c.payload...)
	}
	m.Sequence, m.Count = uint32(b.number), uint32(len(b.send)) //nolint:gosec // far below
	m.Claims = sha256.Sum256(all)
	if m.Signature, err = message.Sign(key, m.Digest()); err != nil {
		return nil, nil, fmt.Errorf("signing a payout request: %w", err)
	}
	return all, message.Encode(wire.SigPayout, m), nil
}
