package emulator

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"fmt"
	"io"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// KeySource makes the card's private keys, ephemeral ones too. A recorded source, fed to two
// implementations, makes their dialogues comparable.
type KeySource interface {
	// PrivateKey returns a P-256 private key, big-endian, 1 to n-1.
	PrivateKey() ([scalarLen]byte, error)
}

const scalarLen = 32

// errKey means that a source of keys doesn't give any.
var errKey = errors.New("no private key can be made")

// randomKeys takes private keys from a random source.
type randomKeys struct{ rand io.Reader }

var _ KeySource = randomKeys{}

// PrivateKey draws until the number lies in range, which it misses once in 2^32 times.
func (r randomKeys) PrivateKey() ([scalarLen]byte, error) {
	var key [scalarLen]byte
	for range 8 {
		if _, err := io.ReadFull(r.rand, key[:]); err != nil {
			return [scalarLen]byte{}, fmt.Errorf("drawing a private key: %w", err)
		}
		if _, err := ecdh.P256().NewPrivateKey(key[:]); err == nil {
			return key, nil
		}
	}
	return [scalarLen]byte{}, errKey
}

// keyPair is a P-256 key pair as a card keeps it.
type keyPair struct {
	private [scalarLen]byte
	public  message.PublicKey
}

// Format hides the private key, whatever the verb.
func (keyPair) Format(f fmt.State, _ rune) { hide(f, "keyPair") }

// newPair makes a key pair.
func (c *Card) newPair() (keyPair, error) {
	c.meter.pair()
	private, err := c.keys.PrivateKey()
	if err != nil {
		return keyPair{}, err
	}
	key, err := ecdh.P256().NewPrivateKey(private[:])
	if err != nil {
		return keyPair{}, fmt.Errorf("%w: %w", errKey, err)
	}
	return keyPair{private, message.PublicKey(key.PublicKey().Bytes())}, nil
}

// exists says whether the pair was made.
func (k keyPair) exists() bool { return k.public[0] != 0 }

// sign signs the digest of a structure of a type.
func (c *Card) sign(
	k keyPair, t wire.MessageType, digest message.Hash,
) (message.Signature, error) {
	c.meter.sign()
	c.meter.hashFor(t)
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), k.private[:])
	if err != nil {
		return message.Signature{}, fmt.Errorf("%w: %w", errKey, err)
	}
	if c.sure {
		return message.SignRecorded(key, digest)
	}
	return message.Sign(key, digest)
}

// agree returns the X coordinate of the agreement with a peer's key, which is plain ECDH as a card
// has it. A peer's key that isn't on the curve is refused as wrong data.
func (c *Card) agree(k keyPair, peer message.PublicKey) ([]byte, error) {
	c.meter.agree()
	key, err := ecdh.P256().NewPrivateKey(k.private[:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKey, err)
	}
	point, err := peer.ECDH()
	if err != nil {
		return nil, wire.SWWrongData
	}
	return key.ECDH(point)
}

// isPoint says whether bytes from outside look like a public key. Whether it lies on the curve
// shows where it is used.
func isPoint(key message.PublicKey) bool { return key[0] == 0x04 }

// verify checks a signature over a structure of a type, and refuses a wrong one as wrong data.
func (c *Card) verify(
	key message.PublicKey, t wire.MessageType, digest message.Hash, sig message.Signature,
) error {
	c.meter.hashFor(t)
	return c.verifyDigest(key, digest, sig)
}

// verifyDigest checks a signature over a digest whose making was counted.
func (c *Card) verifyDigest(
	key message.PublicKey, digest message.Hash, sig message.Signature,
) error {
	c.meter.verify()
	if message.Verify(key, digest, sig) != nil {
		return wire.SWWrongData
	}
	return nil
}
