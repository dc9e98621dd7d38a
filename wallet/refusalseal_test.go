package wallet_test

import (
	"crypto/ecdh"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// These are a message's genuine content under another seal.

// variants returns such messages by what was done to them.
type variants func(t *testing.T, u *user, raw []byte) map[string][]byte

// underAnotherKey seals an answer to the same key anew, as anybody can who has its content: the
// signature within covers the encapsulated key.
func underAnotherKey(
	key func(t *testing.T, u *user) *ecdh.PrivateKey, kind wire.MessageType,
	ad func(u *user) message.Transcript,
) variants {
	return func(t *testing.T, u *user, raw []byte) map[string][]byte {
		t.Helper()
		th := ad(u)
		plain, _, err := message.OpenFrom(key(t, u), kind, th[:], raw)
		check(t, err)
		sealed, _, err := message.SealTo(kemOf(t, key(t, u)), kind, th[:], plain)
		check(t, err)
		return map[string][]byte{"under another encapsulated key": sealed}
	}
}

// onTheChannel seals a channel's message with the other direction's keys, for another transcript,
// and under counters that aren't next.
func onTheChannel(
	kind wire.MessageType, account func(u *user) *user, ad func(u *user) message.Transcript,
) variants {
	return func(t *testing.T, u *user, raw []byte) map[string][]byte {
		t.Helper()
		other := wire.KeyTIDToSE
		if kind == other {
			other = wire.KeyTIDToTSM
		}
		return otherSeals(t, account(u).channel(t, kind), account(u).channel(t, other), ad(u), raw)
	}
}

// otherSeals seals a message of a channel as onTheChannel says; back are the other direction's
// keys.
func otherSeals(
	t *testing.T, keys, back message.Keys, th message.Transcript, raw []byte,
) map[string][]byte {
	t.Helper()
	counter, plain, err := keys.OpenCounted(0, th[:], raw)
	check(t, err)
	next := th.Next(raw)
	out := map[string][]byte{
		"with the other direction's keys": back.SealCounted(counter, th[:], plain),
		"for another transcript":          keys.SealCounted(counter, next[:], plain),
		"for no transcript":               keys.SealCounted(counter, nil, plain),
		"under the last counter":          keys.SealCounted(1<<32-1, th[:], plain),
	}
	if counter > 0 {
		out["under a counter that was used"] = keys.SealCounted(counter-1, th[:], plain)
	}
	return out
}
