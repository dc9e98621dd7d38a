package oda

import (
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
)

// PrivateKey signs. It prints as "PrivateKey(hidden)".
type PrivateKey struct {
	public  PublicKey
	private *big.Int
}

// Public returns the public half.
func (k *PrivateKey) Public() PublicKey { return k.public }

// String hides the key.
func (*PrivateKey) String() string { return "PrivateKey(hidden)" }

// GoString hides the key.
func (k *PrivateKey) GoString() string { return k.String() }

// Format hides the key, whatever the verb.
func (k *PrivateKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText hides the key.
func (k *PrivateKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// GenerateKey makes a key of a modulus length in bytes, 128 to 248, and an exponent of 3 or 65537.
// crypto/rsa makes none with 3, which is what most schemes use. The same bytes of random make the
// same key, but for those of crypto/rand. An error wraps [ErrKey], or is random's.
func GenerateKey(random io.Reader, length, exponent int) (*PrivateKey, error) {
	if length < MinModulus || length > MaxModulus || exponent != 3 && exponent != 65537 {
		return nil, fmt.Errorf("%w: modulus of %d bytes, exponent %d", ErrKey, length, exponent)
	}
	e, one := big.NewInt(int64(exponent)), big.NewInt(1)
	for {
		p, err := prime(random, 4*length, e)
		if err != nil {
			return nil, err
		}
		q, err := prime(random, 4*length, e)
		if err != nil {
			return nil, err
		}
		n := new(big.Int).Mul(p, q)
		if n.BitLen() != 8*length || p.Cmp(q) == 0 {
			continue
		}
		order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		return &PrivateKey{
			public:  PublicKey{Modulus: n.Bytes(), Exponent: e.Bytes()},
			private: new(big.Int).ModInverse(e, order),
		}, nil
	}
}

// prime returns one whose predecessor shares no factor with e.
func prime(random io.Reader, bits int, e *big.Int) (*big.Int, error) {
	one := big.NewInt(1)
	for {
		p, err := anyPrime(random, bits)
		if err != nil {
			return nil, fmt.Errorf("making an RSA prime: %w", err)
		}
		if new(big.Int).GCD(nil, nil, new(big.Int).Sub(p, one), e).Cmp(one) == 0 {
			return p, nil
		}
	}
}

// anyPrime returns one whose two highest bits are set. rand.Prime is faster, and since Go 1.26
// takes its bytes from nowhere but crypto/rand.
func anyPrime(random io.Reader, bits int) (*big.Int, error) {
	if random == rand.Reader {
		return rand.Prime(random, bits)
	}
	const (
		most   = 1 << 14 // candidates: a source that is stuck has no prime
		rounds = 20      // of Miller and Rabin's test, as rand.Prime has them
	)
	b := make([]byte, (bits+7)/8)
	for range most {
		if _, err := io.ReadFull(random, b); err != nil {
			return nil, err
		}
		p := new(big.Int).SetBytes(b)
		p.Rsh(p, uint(8*len(b)-bits))
		p.SetBit(p, bits-1, 1)
		p.SetBit(p, bits-2, 1)
		p.SetBit(p, 0, 1)
		if p.ProbablyPrime(rounds) {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%w: no prime in %d draws", ErrKey, most)
}

// sign is the signing function (Book 2, annex A2.1) over a whole block, which begins with 6A and so
// is below the modulus.
func (k *PrivateKey) sign(block []byte) []byte {
	n := new(big.Int).SetBytes(k.public.Modulus)
	signed := new(big.Int).Exp(new(big.Int).SetBytes(block), k.private, n)
	return signed.FillBytes(make([]byte, len(k.public.Modulus)))
}
