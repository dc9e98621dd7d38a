package redact

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
)

// stream yields bytes that are determined by a key, a purpose and a secret, and look random to
// whoever hasn't the key.
//
// The seed is the CBC-MAC of purpose and length in one block, then the secret, padded with zeros:
// no such input is the beginning of another, so that the MAC is a pseudo-random function (Bellare,
// Kilian, Rogaway: The Security of the Cipher Block Chaining Message Authentication Code, 2000,
// and Petrank, Rackoff: CBC MAC for Real-Time Data Sources, 2000). The bytes are the seed's counter
// blocks under a second key.
type stream struct {
	seeding, spreading cipher.Block
	seed, block        [aes.BlockSize]byte
	counter            uint32
	left               int // bytes of block that weren't taken
}

// purpose keeps the streams of one secret apart.
type purpose byte

const (
	forBytes purpose = iota + 1
	forDigits
	forLetters
	forPAN
	forTrack
	forPIN
)

// newStream takes both keys from one.
func newStream(key [32]byte) stream {
	return stream{seeding: newAES(key[:aes.BlockSize]), spreading: newAES(key[aes.BlockSize:])}
}

// newAES takes a key of 16 bytes.
func newAES(key []byte) cipher.Block {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // 16 bytes are a key
	}
	return block
}

// begin starts the stream of a secret.
func (s *stream) begin(p purpose, secret []byte) {
	s.seed = [aes.BlockSize]byte{byte(p)}
	binary.BigEndian.PutUint64(s.seed[8:], uint64(len(secret)))
	s.seeding.Encrypt(s.seed[:], s.seed[:])
	for len(secret) > 0 {
		n := subtle.XORBytes(s.seed[:], s.seed[:], secret)
		secret = secret[n:]
		s.seeding.Encrypt(s.seed[:], s.seed[:])
	}
	s.counter, s.left = 0, 0
}

// refill computes the next block.
func (s *stream) refill() {
	const low = aes.BlockSize - 4
	block := s.seed
	binary.BigEndian.PutUint32(block[low:], binary.BigEndian.Uint32(block[low:])^s.counter)
	s.block = block
	s.spreading.Encrypt(s.block[:], s.block[:])
	s.counter++
	s.left = aes.BlockSize
}

// next returns the next byte.
func (s *stream) next() byte {
	if s.left == 0 {
		s.refill()
	}
	b := s.block[aes.BlockSize-s.left]
	s.left--
	return b
}

// below returns a number from 0 to n-1. Small numbers are a little likelier, which is of no use to
// anybody: what a stand-in stands for isn't in it.
func (s *stream) below(n byte) byte { return s.next() % n }

// read fills b.
func (s *stream) read(b []byte) {
	for len(b) > 0 {
		if s.left == 0 {
			s.refill()
		}
		n := copy(b, s.block[aes.BlockSize-s.left:])
		b, s.left = b[n:], s.left-n
	}
}
