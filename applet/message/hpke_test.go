package message_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"errors"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// RFC 9180, A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode. The KEM is the
// one in use here; the suite of the key schedule isn't, so only the KEM's secret is compared.
func TestByHandAgainstRFC9180(t *testing.T) {
	key, err := ecdh.P256().NewPrivateKey(unhex(t,
		"f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2"))
	if err != nil {
		t.Fatal(err)
	}
	enc := unhex(t, "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b6"+
		"1a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4")
	peer, err := ecdh.P256().NewPublicKey(enc)
	if err != nil {
		t.Fatal(err)
	}
	h := newByHand(t, agree(t, key, peer), enc, key.PublicKey().Bytes(), nil)
	want := unhex(t, "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8")
	if !bytes.Equal(h.sharedSecret, want) {
		t.Errorf("shared_secret: got %x, want %x", h.sharedSecret, want)
	}
}

func TestEncap(t *testing.T) {
	key := kemKey(t, "aid kem")
	enc, sender, err := message.Encap(public(t, "aid kem"), wire.MsgTIDReply)
	if err != nil {
		t.Fatal(err)
	}
	private, err := hpke.NewDHKEMPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	reference, err := hpke.NewRecipient(enc[:], private, hpke.HKDFSHA256(), hpke.ExportOnly(),
		[]byte("\x31tapbench/1"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := message.Decap(key, enc, wire.MsgTIDReply)
	if err != nil {
		t.Fatal(err)
	}
	peer, err := ecdh.P256().NewPublicKey(enc[:])
	if err != nil {
		t.Fatal(err)
	}
	hand := newByHand(t, agree(t, key, peer), enc[:], key.PublicKey().Bytes(),
		[]byte("\x31tapbench/1"))
	keys, err := message.ExportKeys(own, wire.KeyTIDToSE)
	if err != nil {
		t.Fatal(err)
	}
	want := join(hand.export(t, []byte("\x39tapbench/1E"), 16),
		hand.export(t, []byte("\x39tapbench/1M"), 16))
	for name, e := range map[string]message.Exporter{"sender": sender, "crypto/hpke": reference} {
		got, err := message.ExportKeys(e, wire.KeyTIDToSE)
		if err != nil || !bytes.Equal(got.Reveal(), want) {
			t.Errorf("%s exports other keys: %v", name, err)
		}
	}
	if !bytes.Equal(keys.Reveal(), want) {
		t.Error("the recipient exports other keys than RFC 9180 by hand")
	}
	back, err := message.ExportKeys(own, wire.KeyTIDToTSM)
	if err != nil || bytes.Equal(back.Reveal(), want) {
		t.Errorf("both directions have one key: %v", err)
	}
}

func TestOpenFrom(t *testing.T) {
	key, ad, body := kemKey(t, "aid kem"), filled(0xA0, 32), filled(0, 50)
	good, _, err := message.SealTo(public(t, "aid kem"), wire.MsgAIDGrant, ad, body)
	if err != nil {
		t.Fatal(err)
	}
	off := bytes.Clone(good)
	off[64] ^= 1
	compressed := bytes.Clone(good)
	compressed[0] = 0x03
	for _, row := range []struct {
		name   string
		key    *ecdh.PrivateKey
		mt     wire.MessageType
		ad     []byte
		sealed []byte
	}{
		{"nothing", key, wire.MsgAIDGrant, ad, nil},
		{"64 bytes", key, wire.MsgAIDGrant, ad, good[:64]},
		{"the encapsulated key alone", key, wire.MsgAIDGrant, ad, good[:65]},
		{"the encapsulated key isn't on the curve", key, wire.MsgAIDGrant, ad, off},
		{"the encapsulated key isn't uncompressed", key, wire.MsgAIDGrant, ad, compressed},
		{"a byte is missing", key, wire.MsgAIDGrant, ad, good[:len(good)-1]},
		{"another recipient", kemKey(t, "tid kem"), wire.MsgAIDGrant, ad, good},
		{"another type", key, wire.MsgTIDReply, ad, good},
		{"other associated data", key, wire.MsgAIDGrant, filled(0xA1, 32), good},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, _, err := message.OpenFrom(row.key, row.mt, row.ad, row.sealed)
			if !errors.Is(err, message.ErrSealed) || got != nil {
				t.Errorf("got %x, %v, want ErrSealed", got, err)
			}
		})
	}
	got, _, err := message.OpenFrom(key, wire.MsgAIDGrant, ad, good)
	if err != nil || !bytes.Equal(got, body) || len(good) != message.SealedLen(len(body)) {
		t.Errorf("got %x (%d bytes sealed), %v", got, len(good), err)
	}
	if _, _, err := message.SealTo(message.PublicKey{4}, wire.MsgAIDGrant, ad, body); !errors.Is(
		err, message.ErrKey) {
		t.Errorf("sealing to no key: got %v, want ErrKey", err)
	}
}

func TestEvidence(t *testing.T) {
	key, th := kemKey(t, "bank kem"), message.Transcript(filled(1, 32))
	short, err := message.SealEvidence(public(t, "bank kem"), th, []byte("evidence"))
	if err != nil {
		t.Fatal(err)
	}
	long, err := message.SealEvidence(public(t, "bank kem"), th, make([]byte, message.MaxEvidence))
	if err != nil || len(long) != len(short) {
		t.Fatalf("%d bytes for the longest, %d for a short one: %v", len(long), len(short), err)
	}
	_, err = message.SealEvidence(public(t, "bank kem"), th, make([]byte, message.MaxEvidence+1))
	if !errors.Is(err, message.ErrEvidenceSize) {
		t.Errorf("too long: got %v, want ErrEvidenceSize", err)
	}
	flipped := bytes.Clone(short)
	flipped[100] ^= 1
	for _, row := range []struct {
		name   string
		key    *ecdh.PrivateKey
		th     message.Transcript
		sealed []byte
		want   error
	}{
		{"a byte is missing", key, th, short[1:], message.ErrLayout},
		{"another recipient", kemKey(t, "se"), th, short, message.ErrSealed},
		{"another transcript", key, message.Transcript{}, short, message.ErrSealed},
		{"a bit is flipped", key, th, flipped, message.ErrSealed},
		{"right", key, th, short, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := message.OpenEvidence(row.key, row.th, row.sealed)
			if !errors.Is(err, row.want) || (err == nil) != (string(got) == "evidence") {
				t.Errorf("got %q, %v, want %v", got, err, row.want)
			}
		})
	}
}

func TestSealBINFO(t *testing.T) {
	key, inner := kemKey(t, "bank kem"), filled(0, 385)
	sealed, err := message.SealBINFO(public(t, "bank kem"), inner, []byte("evidence"))
	if err != nil || len(sealed) != message.BINFOLen {
		t.Fatalf("%d bytes, %v", len(sealed), err)
	}
	gotInner, gotEvidence, err := message.OpenBINFO(key, sealed)
	if err != nil || !bytes.Equal(gotInner, inner) || string(gotEvidence) != "evidence" {
		t.Errorf("got %x, %q, %v", gotInner, gotEvidence, err)
	}
	_, err = message.SealBINFO(public(t, "bank kem"), inner[1:], nil)
	if !errors.Is(err, message.ErrLayout) {
		t.Errorf("short inner part: got %v, want ErrLayout", err)
	}
	_, err = message.SealBINFO(public(t, "bank kem"), inner, make([]byte, message.MaxEvidence+1))
	if !errors.Is(err, message.ErrEvidenceSize) {
		t.Errorf("too much evidence: got %v, want ErrEvidenceSize", err)
	}
}
