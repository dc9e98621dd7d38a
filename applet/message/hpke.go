package message

import (
	"crypto/ecdh"
	"crypto/hpke"
	"fmt"

	"tapbench/applet/wire"
)

// Exporter is an HPKE context's secret export (RFC 9180, 5.3). *hpke.Sender and *hpke.Recipient
// are exporters; the emulator brings its own, built as a card has to build it.
type Exporter interface {
	Export(context string, length int) ([]byte, error)
}

// ExportKeys returns one direction's channel keys: two exports of 16 bytes whose contexts are
// type || label || "E" and type || label || "M".
func ExportKeys(e Exporter, t wire.MessageType) (Keys, error) {
	var keys Keys
	for _, part := range []struct {
		dst  []byte
		name byte
	}{{keys.enc[:], 'E'}, {keys.mac[:], 'M'}} {
		raw, err := e.Export(string(append(Prefix(t), part.name)), len(part.dst))
		if err != nil {
			return Keys{}, fmt.Errorf("exporting keys of type %02x: %w", byte(t), err)
		}
		copy(part.dst, raw)
	}
	return keys, nil
}

// Encap is the sending end of HPKE towards a key, with info = type || label and the export-only
// AEAD. It returns enc, the encapsulated key.
func Encap(to PublicKey, t wire.MessageType) (PublicKey, Exporter, error) {
	point, err := to.ECDH()
	if err != nil {
		return PublicKey{}, nil, err
	}
	key, err := hpke.NewDHKEMPublicKey(point)
	if err != nil {
		return PublicKey{}, nil, fmt.Errorf("encapsulating: %w", err)
	}
	enc, sender, err := hpke.NewSender(key, hpke.HKDFSHA256(), hpke.ExportOnly(), Prefix(t))
	if err != nil {
		return PublicKey{}, nil, fmt.Errorf("encapsulating: %w", err)
	}
	return PublicKey(enc), sender, nil
}

// Decap is the receiving end of [Encap].
func Decap(key *ecdh.PrivateKey, enc PublicKey, t wire.MessageType) (Exporter, error) {
	private, err := hpke.NewDHKEMPrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("decapsulating: %w", err)
	}
	e, err := hpke.NewRecipient(enc[:], private, hpke.HKDFSHA256(), hpke.ExportOnly(), Prefix(t))
	if err != nil {
		return nil, fmt.Errorf("%w: decapsulating: %w", ErrSealed, err)
	}
	return e, nil
}

// SealWith seals a body under an exporter's keys with counter 0 and returns enc || ciphertext ||
// MAC. It is for one message per encapsulation.
func SealWith(enc PublicKey, e Exporter, t wire.MessageType, ad, body []byte) ([]byte, error) {
	keys, err := ExportKeys(e, t)
	if err != nil {
		return nil, err
	}
	return append(enc[:], keys.Seal(0, ad, body)...), nil
}

// OpenFrom opens enc || ciphertext || MAC with a KEM key, and returns the body and the exporter,
// from which further keys can be had. It returns [ErrSealed] for whatever is wrong.
func OpenFrom(key *ecdh.PrivateKey, t wire.MessageType, ad, sealed []byte) (
	[]byte, Exporter, error,
) {
	if len(sealed) < wire.PointLen {
		return nil, nil, fmt.Errorf("%w: %d bytes", ErrSealed, len(sealed))
	}
	e, err := Decap(key, PublicKey(sealed[:wire.PointLen]), t)
	if err != nil {
		return nil, nil, err
	}
	keys, err := ExportKeys(e, t)
	if err != nil {
		return nil, nil, err
	}
	body, err := keys.Open(0, ad, sealed[wire.PointLen:])
	return body, e, err
}

// SealTo encapsulates to a key and seals one body.
func SealTo(to PublicKey, t wire.MessageType, ad, body []byte) ([]byte, Exporter, error) {
	enc, e, err := Encap(to, t)
	if err != nil {
		return nil, nil, err
	}
	sealed, err := SealWith(enc, e, t, ad, body)
	return sealed, e, err
}

// SealedLen returns the length of [SealTo]'s result for a body of n bytes.
func SealedLen(n int) int { return wire.PointLen + channelLen(n) }

func channelLen(n int) int { return n/16*16 + 16 + wire.MACLen }
