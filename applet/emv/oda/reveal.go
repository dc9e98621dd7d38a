package oda

import (
	"bytes"
	"fmt"
	"math/big"
)

// NewPrivateKey puts a key together that was kept: its public half and the private exponent, as
// [PrivateKey.Reveal] gave it. It wraps [ErrKey] for a public half that EMV doesn't allow and for
// parts that don't belong together.
func NewPrivateKey(public PublicKey, private []byte) (*PrivateKey, error) {
	if err := public.Check(); err != nil {
		return nil, err
	}
	if len(private) > len(public.Modulus) {
		return nil, fmt.Errorf("%w: private exponent of %d bytes", ErrKey, len(private))
	}
	k := &PrivateKey{
		public: PublicKey{
			Modulus: bytes.Clone(public.Modulus), Exponent: bytes.Clone(public.Exponent),
		},
		private: new(big.Int).SetBytes(private),
	}
	probe := bytes.Repeat([]byte{header}, len(public.Modulus))
	if !bytes.Equal(public.recover(k.sign(probe)), probe) {
		return nil, fmt.Errorf("%w: the private exponent isn't the modulus' own", ErrKey)
	}
	return k, nil
}

// Reveal returns the private exponent, as long as the modulus. Whoever keeps a key calls it, so
// that every place that does can be found.
func (k *PrivateKey) Reveal() []byte {
	return k.private.FillBytes(make([]byte, len(k.public.Modulus)))
}
