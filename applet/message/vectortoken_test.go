package message_test

import (
	"fmt"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

// vectorToken is a token of the longest chain, and the key of its element's chains.
func vectorToken(t *testing.T) (m message.Token, secret []byte, seed token.Seed, c token.Chain) {
	t.Helper()
	secret, seed = filled(0xA0, wire.HashLen), token.Seed(filled(0x30, wire.HashLen))
	key := public(t, "token")
	c, err := token.NewChain(secret, seed, key, wire.TokenUnits)
	if err != nil {
		t.Fatal(err)
	}
	m.Fields = message.TokenFields{
		Version: message.TokenVersion, Issuer: party(tsmName), Epoch: 2941, Unit: 5,
		Length: wire.TokenUnits, Key: key, Root: c.Root(),
		Policy: message.TokenPolicy{
			Currency: [2]byte{0x09, 0x78}, PerTap: 5000, PerToken: 1250, Offline: 20000, Taps: 250,
			Grace: 1,
		},
	}
	m.Signature = sign(t, "tsm sign", m.ID())
	return m, secret, seed, c
}

// tokenChainVector is a chain from its seed to its root, with a value of each distance from a
// checkpoint, and those at which a slice ends.
func tokenChainVector(t *testing.T) fields {
	m, secret, seed, c := vectorToken(t)
	last := token.Last(secret, seed)
	out := fields{
		"secret": secret, "seed": seed[:], "public": m.Fields.Key[:], "n": {m.Fields.Length},
		"last": last[:], "root": m.Fields.Root[:],
	}
	for _, j := range []int{250, 249, 248, 247, 246, 245, 244, 243, 242, 241, 187, 124, 61, 7, 1} {
		value, _, err := c.Value(j)
		if err != nil {
			t.Fatal(err)
		}
		out[fmt.Sprintf("w_%d", j)] = value[:]
	}
	return out
}

// tokenVector is a token as the TSM signs it, and how its element closes it.
func tokenVector(t *testing.T) fields {
	m, _, _, _ := vectorToken(t)
	id, key := m.ID(), public(t, "tsm sign")
	closed := message.TokenClose{Token: id, At: 128}
	sig := sign(t, "token", closed.Digest())
	return fields{
		"public": m.Fields.Key[:], "private": scalar("token"), "tsm_public": key[:],
		"signed": message.Encode(wire.SigToken, m.Fields), "signature": m.Signature[:], "id": id[:],
		"at": {closed.At}, "close_signed": message.Encode(wire.SigTokenClose, closed),
		"close_signature": sig[:],
	}
}
