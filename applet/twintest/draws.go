package twintest

import (
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/big"
	"math/bits"

	"tapbench/applet/emulator"
)

// Draws is the emulator's side of recorded sources: the streams that applet/javacard/tearing
// specifies, for nonces as an io.Reader and for private keys.
type Draws struct{ random, keys stream }

var _ emulator.KeySource = (*Draws)(nil)

// seedOf returns the seed of a step's draws.
func seedOf(draw uint32) []byte {
	seed := sha256.Sum256(binary.BigEndian.AppendUint32([]byte("tapbench draws "), draw))
	return seed[:]
}

// Begin begins both streams of a seed.
func (d *Draws) Begin(seed []byte) {
	d.random = stream{prefix: append(append([]byte(nil), seed...), "random"...)}
	d.keys = stream{prefix: append(append([]byte(nil), seed...), "keys"...)}
}

// Read takes from the stream of nonces. It never fails.
func (d *Draws) Read(p []byte) (int, error) {
	d.random.fill(p)
	return len(p), nil
}

// errNoKey means that 100 numbers in a row were none.
var errNoKey = errors.New("no private key in the stream")

// PrivateKey takes from the stream of keys what jCardSim would: of full length, in range, and with
// a non-adjacent form of at least 64 digits that aren't 0.
func (d *Draws) PrivateKey() (key [32]byte, err error) {
	for range 100 {
		d.keys.fill(key[:])
		if _, err := ecdh.P256().NewPrivateKey(key[:]); key[0] != 0 && err == nil && weight(key) >= 64 {
			return key, nil
		}
	}
	return key, errNoKey
}

// weight counts the digits of a number's non-adjacent form that aren't 0: the bits in which k and
// 3k differ.
func weight(key [32]byte) (n int) {
	k := new(big.Int).SetBytes(key[:])
	triple := new(big.Int).Mul(k, big.NewInt(3))
	for _, b := range triple.Xor(triple, k).Bytes() {
		n += bits.OnesCount8(b)
	}
	return n
}

// stream is SHA-256(prefix || 0), SHA-256(prefix || 1) and so on.
type stream struct {
	prefix []byte
	next   uint32
	block  []byte // what is left of the last one
}

func (s *stream) fill(p []byte) {
	for len(p) > 0 {
		if len(s.block) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint32(s.prefix[:len(s.prefix):len(s.prefix)], s.next))
			s.block, s.next = sum[:], s.next+1
		}
		n := copy(p, s.block)
		p, s.block = p[n:], s.block[n:]
	}
}
