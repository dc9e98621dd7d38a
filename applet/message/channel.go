package message

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/wire"
)

// ErrSealed means that a sealed message is malformed, was changed, has other associated data or
// another counter, or was made with other keys.
var ErrSealed = errors.New("sealed message doesn't open")

// Keys are one direction's keys of a channel. They print as "Keys(hidden)".
type Keys struct {
	enc, mac [wire.KeyLen]byte
}

// NewKeys returns the channel keys enc || mac, 32 bytes, or [ErrLayout].
func NewKeys(raw []byte) (Keys, error) {
	if len(raw) != 2*wire.KeyLen {
		return Keys{}, fmt.Errorf("%w: %d bytes of channel keys", ErrLayout, len(raw))
	}
	return Keys{
		enc: [wire.KeyLen]byte(raw[:wire.KeyLen]),
		mac: [wire.KeyLen]byte(raw[wire.KeyLen:]),
	}, nil
}

// Reveal returns enc || mac, for storage by the party that owns the channel.
func (k Keys) Reveal() []byte { return append(k.enc[:], k.mac[:]...) }

// String hides the keys.
func (k Keys) String() string { return "Keys(hidden)" }

// GoString hides the keys.
func (k Keys) GoString() string { return k.String() }

// Format hides the keys, whatever the verb.
func (k Keys) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// MarshalJSON hides the keys.
func (k Keys) MarshalJSON() ([]byte, error) { return []byte(`"hidden"`), nil }

// Seal returns ciphertext || MAC: AES-128-CBC with IV = AES(enc, counter) over the plaintext,
// padded by ISO/IEC 9797-1 method 2, then AES-CMAC(mac, len(ad) || ad || counter || ciphertext),
// 16 bytes. len(ad) has 2 bytes, the counter is a 16-byte block. A counter is used once per key.
func (k Keys) Seal(counter uint32, ad, plaintext []byte) []byte {
	block := newAES(k.enc)
	n := len(plaintext)/aes.BlockSize*aes.BlockSize + aes.BlockSize
	out := make([]byte, n, n+wire.MACLen)
	copy(out, plaintext)
	out[len(plaintext)] = 0x80
	cipher.NewCBCEncrypter(block, k.iv(block, counter)).CryptBlocks(out, out)
	tag := k.tag(counter, ad, out)
	return append(out, tag[:]...)
}

// Open is the inverse of [Keys.Seal]. It checks the MAC before it decrypts and returns [ErrSealed]
// for whatever is wrong.
func (k Keys) Open(counter uint32, ad, sealed []byte) ([]byte, error) {
	n := len(sealed) - wire.MACLen
	if n < aes.BlockSize || n%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%w: %d bytes", ErrSealed, len(sealed))
	}
	tag := k.tag(counter, ad, sealed[:n])
	if subtle.ConstantTimeCompare(tag[:], sealed[n:]) != 1 {
		return nil, ErrSealed
	}
	block := newAES(k.enc)
	plain := make([]byte, n)
	cipher.NewCBCDecrypter(block, k.iv(block, counter)).CryptBlocks(plain, sealed[:n])
	return unpad(plain)
}

func unpad(plain []byte) ([]byte, error) {
	end := len(plain) - 1
	for end > len(plain)-aes.BlockSize && plain[end] == 0 {
		end--
	}
	if plain[end] != 0x80 {
		return nil, fmt.Errorf("%w: padding", ErrSealed)
	}
	return plain[:end], nil
}

func (k Keys) iv(block cipher.Block, counter uint32) []byte {
	iv := make([]byte, aes.BlockSize)
	binary.BigEndian.PutUint32(iv[aes.BlockSize-wire.CounterLen:], counter)
	block.Encrypt(iv, iv)
	return iv
}

func (k Keys) tag(counter uint32, ad, ciphertext []byte) [wire.MACLen]byte {
	in := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(ad)+aes.BlockSize+len(ciphertext)),
		uint16(len(ad))) //nolint:gosec // ad is a hash or a handful of fields
	in = append(in, ad...)
	in = append(in, make([]byte, aes.BlockSize-wire.CounterLen)...)
	in = binary.BigEndian.AppendUint32(in, counter)
	return CMAC(k.mac, append(in, ciphertext...))
}

func newAES(key [wire.KeyLen]byte) cipher.Block {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("message: AES key of 16 bytes refused") // can't happen: the length is fixed
	}
	return block
}
