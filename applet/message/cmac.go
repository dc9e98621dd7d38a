package message

import (
	"crypto/aes"
	"crypto/subtle"

	"tapbench/applet/wire"
)

// CMAC returns AES-CMAC (RFC 4493) over msg.
func CMAC(key [wire.KeyLen]byte, msg []byte) [wire.MACLen]byte {
	block := newAES(key)
	var k1, x [aes.BlockSize]byte
	block.Encrypt(k1[:], k1[:])
	double(&k1)
	full := len(msg) > 0 && len(msg)%aes.BlockSize == 0
	last := len(msg) / aes.BlockSize * aes.BlockSize
	if full {
		last -= aes.BlockSize
	}
	for i := 0; i < last; i += aes.BlockSize {
		subtle.XORBytes(x[:], x[:], msg[i:i+aes.BlockSize])
		block.Encrypt(x[:], x[:])
	}
	var final [aes.BlockSize]byte
	n := copy(final[:], msg[last:])
	if !full {
		final[n] = 0x80
		double(&k1) // now K2
	}
	subtle.XORBytes(x[:], x[:], final[:])
	subtle.XORBytes(x[:], x[:], k1[:])
	block.Encrypt(x[:], x[:])
	return x
}

// double multiplies by x in GF(2^128), without a branch on the key.
func double(b *[aes.BlockSize]byte) {
	carry := b[0] >> 7
	for i := 0; i < aes.BlockSize-1; i++ {
		b[i] = b[i]<<1 | b[i+1]>>7
	}
	b[aes.BlockSize-1] = b[aes.BlockSize-1]<<1 ^ carry*0x87
}
