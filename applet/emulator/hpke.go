package emulator

import (
	"crypto/sha256"
	"errors"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// This file is HPKE's base mode with the export-only AEAD (RFC 9180, 4.1, 5.1.1 and 5.3) for
// DHKEM(P-256, HKDF-SHA256) and HKDF-SHA256, as a card has to build it: from SHA-256 and plain
// ECDH, with at most one block of output per expansion.

const (
	blockLen  = 64 // of SHA-256, for HMAC
	versionID = "HPKE-v1"
	kemSuite  = "KEM\x00\x10"                  // DHKEM(P-256, HKDF-SHA256)
	hpkeSuite = "HPKE\x00\x10\x00\x01\xFF\xFF" // that KEM, HKDF-SHA256, export-only
)

// errExport means that more was asked for than one block of HKDF.
var errExport = errors.New("export is longer than 32 bytes")

// hmac is HMAC-SHA-256 (RFC 2104) over the concatenated parts. Keys here have at most 32 bytes.
func hmac(key []byte, parts ...[]byte) [sha256.Size]byte {
	var inner, outer [blockLen]byte
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range blockLen {
		inner[i] ^= 0x36
		outer[i] ^= 0x5C
	}
	h := sha256.New()
	h.Write(inner[:])
	for _, part := range parts {
		h.Write(part)
	}
	return sha256.Sum256(h.Sum(outer[:]))
}

// labeledExtract is LabeledExtract (RFC 9180, 4): HMAC(salt, "HPKE-v1" || suite || label || ikm).
func labeledExtract(suite string, salt []byte, label string, ikm []byte) [sha256.Size]byte {
	return hmac(salt, []byte(versionID), []byte(suite), []byte(label), ikm)
}

// labeledExpand is LabeledExpand (RFC 9180, 4) for n up to 32: the first bytes of
// HMAC(prk, n || "HPKE-v1" || suite || label || info || 01).
func labeledExpand(suite string, prk []byte, label string, n byte, info ...[]byte) []byte {
	parts := append([][]byte{{0, n}, []byte(versionID), []byte(suite), []byte(label)}, info...)
	out := hmac(prk, append(parts, []byte{0x01})...)
	return out[:n]
}

// exporter is an HPKE context that only exports.
type exporter struct {
	secret []byte
	meter  *Meter
}

var _ message.Exporter = exporter{}

// Export returns up to 32 bytes for a context (RFC 9180, 5.3).
func (e exporter) Export(context string, length int) ([]byte, error) {
	if length < 0 || length > sha256.Size {
		return nil, errExport
	}
	e.meter.hmac(2 + len(versionID) + len(hpkeSuite) + len("sec") + len(context) + 1)
	return labeledExpand(hpkeSuite, e.secret, "sec", byte(length), []byte(context)), nil
}

// schedule is ExtractAndExpand and the key schedule (RFC 9180, 4.1 and 5.1): dh is the agreement,
// enc the ephemeral key, recipient the KEM key, info type || label.
func (c *Card) schedule(dh []byte, enc, recipient message.PublicKey, t wire.MessageType) exporter {
	eaePRK := labeledExtract(kemSuite, nil, "eae_prk", dh)
	shared := labeledExpand(kemSuite, eaePRK[:], "shared_secret", sha256.Size, enc[:], recipient[:])
	pskID := labeledExtract(hpkeSuite, nil, "psk_id_hash", nil)
	info := labeledExtract(hpkeSuite, nil, "info_hash", message.Prefix(t))
	secret := labeledExtract(hpkeSuite, shared, "secret", nil)
	const modeBase = 0x00
	c.meter.hpke()
	return exporter{labeledExpand(hpkeSuite, secret[:], "exp", sha256.Size,
		[]byte{modeBase}, pskID[:], info[:]), c.meter}
}

// encap is the sender's side with a new ephemeral key. It returns enc.
func (c *Card) encap(to message.PublicKey, t wire.MessageType) (
	message.PublicKey, exporter, error,
) {
	ephemeral, err := c.newPair()
	if err != nil {
		return message.PublicKey{}, exporter{}, err
	}
	dh, err := c.agree(ephemeral, to)
	if err != nil {
		return message.PublicKey{}, exporter{}, err
	}
	return ephemeral.public, c.schedule(dh, ephemeral.public, to, t), nil
}

// seal encapsulates to a key and seals one body under counter 0: enc || ciphertext || MAC.
func (c *Card) seal(to message.PublicKey, t wire.MessageType, ad, body []byte) ([]byte, error) {
	enc, e, err := c.encap(to, t)
	if err != nil {
		return nil, err
	}
	sealed, err := message.SealWith(enc, e, t, ad, body)
	c.meter.channel(len(ad), len(sealed)-len(enc))
	return sealed, err
}

// open is the inverse of seal with the recipient's key pair. The exporter gives further keys. What
// doesn't open is refused as wrong data.
func (c *Card) open(k keyPair, t wire.MessageType, ad, sealed []byte) ([]byte, exporter, error) {
	enc := message.PublicKey(sealed[:wire.PointLen])
	dh, err := c.agree(k, enc)
	if err != nil {
		return nil, exporter{}, err
	}
	e := c.schedule(dh, enc, k.public, t)
	keys, err := message.ExportKeys(e, t)
	if err != nil {
		return nil, exporter{}, err
	}
	c.meter.channel(len(ad), len(sealed)-wire.PointLen)
	body, err := keys.Open(0, ad, sealed[wire.PointLen:])
	if err != nil {
		return nil, exporter{}, wire.SWWrongData
	}
	return body, e, nil
}

// exportKeys stores the keys of one direction.
func (e exporter) exportKeys(dst *[2 * wire.KeyLen]byte, t wire.MessageType) error {
	keys, err := message.ExportKeys(e, t)
	if err != nil {
		return err
	}
	copy(dst[:], keys.Reveal())
	return nil
}
