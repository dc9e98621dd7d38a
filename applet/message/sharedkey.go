package message

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"tapbench/applet/wire"
)

// SharedKey is K_B,U, 32 bytes: agreed in phase 0, never used itself but through keys derived per
// run. It prints as "SharedKey(hidden)".
type SharedKey struct{ raw [wire.SharedKeyLen]byte }

// NewSharedKey takes K_B,U from storage, or returns [ErrLayout].
func NewSharedKey(raw []byte) (SharedKey, error) {
	if len(raw) != wire.SharedKeyLen {
		return SharedKey{}, fmt.Errorf("%w: %d bytes of K_B,U", ErrLayout, len(raw))
	}
	return SharedKey{[wire.SharedKeyLen]byte(raw)}, nil
}

// ExportSharedKey takes K_B,U from the HPKE context of phase 0: the export with the context
// type || label || "K".
func ExportSharedKey(e Exporter) (SharedKey, error) {
	raw, err := e.Export(string(append(Prefix(wire.MsgOpenAccount), 'K')), wire.SharedKeyLen)
	if err != nil {
		return SharedKey{}, fmt.Errorf("exporting K_B,U: %w", err)
	}
	return NewSharedKey(raw)
}

// Reveal returns the key's bytes, for storage by its owner.
func (k SharedKey) Reveal() []byte { return append([]byte(nil), k.raw[:]...) }

// String hides the key.
func (k SharedKey) String() string { return "SharedKey(hidden)" }

// GoString hides the key.
func (k SharedKey) GoString() string { return k.String() }

// Format hides the key, whatever the verb.
func (k SharedKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// MarshalJSON hides the key.
func (k SharedKey) MarshalJSON() ([]byte, error) { return []byte(`"hidden"`), nil }

// RequestMAC returns the MAC of phase 2 message 1: AES-CMAC with the key
// HKDF-Expand(K_B,U, type || label || "M", 16) over type || label || ID_U || n_S.
func (k SharedKey) RequestMAC(user UserID, nonce Nonce) [wire.MACLen]byte {
	key := k.expand(append(Prefix(wire.MsgAIDRequest), 'M'), wire.KeyLen)
	type fields struct {
		User  UserID
		Nonce Nonce
	}
	return CMAC([wire.KeyLen]byte(key), Encode(wire.MsgAIDRequest, fields{user, nonce}))
}

// ReplyKeys returns the channel keys of phase 2 message 2:
// HKDF-Expand(K_B,U, type || label || th_1, 32) = enc || mac.
func (k SharedKey) ReplyKeys(th Transcript) Keys {
	raw := k.expand(append(Prefix(wire.MsgAIDReply), th[:]...), 2*wire.KeyLen)
	return Keys{enc: [wire.KeyLen]byte(raw[:wire.KeyLen]), mac: [wire.KeyLen]byte(raw[wire.KeyLen:])}
}

func (k SharedKey) expand(info []byte, n int) []byte {
	raw, err := hkdf.Expand(sha256.New, k.raw[:], string(info), n)
	if err != nil {
		panic("message: HKDF of 32 bytes refused") // can't happen: the lengths are fixed
	}
	return raw
}
