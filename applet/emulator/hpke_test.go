package emulator

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// vectorFields reads one of the vectors that Go and Java share.
func vectorFields(t *testing.T, name string) map[string][]byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../testdata/vectors/message", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var vector struct{ Fields map[string]string }
	if err := json.Unmarshal(raw, &vector); err != nil {
		t.Fatal(err)
	}
	fields := map[string][]byte{}
	for key, value := range vector.Fields {
		if fields[key], err = hex.DecodeString(value); err != nil {
			t.Fatal(err)
		}
	}
	return fields
}

func pairOf(t *testing.T, private []byte) keyPair {
	t.Helper()
	key, err := ecdh.P256().NewPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{[scalarLen]byte(private), message.PublicKey(key.PublicKey().Bytes())}
}

func TestScheduleVectors(t *testing.T) {
	for _, name := range []string{"hpke-aid-request", "hpke-aid-grant", "hpke-tid-reply"} {
		t.Run(name, func(t *testing.T) {
			f, card := vectorFields(t, name), new(Card)
			recipient := pairOf(t, f["recipient_private"])
			ephemeral := pairOf(t, f["ephemeral_private"])
			received, err := card.agree(recipient, ephemeral.public)
			if err != nil || !bytes.Equal(received, f["dh"]) {
				t.Fatalf("agreement: got %x, %v, want %x", received, err, f["dh"])
			}
			sent, err := card.agree(ephemeral, recipient.public)
			if err != nil || !bytes.Equal(sent, f["dh"]) {
				t.Fatalf("the sender's agreement: got %x, %v", sent, err)
			}
			e := card.schedule(sent, ephemeral.public, recipient.public, wire.MessageType(f["info"][0]))
			if !bytes.Equal(e.secret, f["exporter_secret"]) {
				t.Errorf("exporter_secret: got %x, want %x", e.secret, f["exporter_secret"])
			}
			var keys [2 * wire.KeyLen]byte
			if err := e.exportKeys(&keys, wire.MessageType(f["info"][0])); err != nil {
				t.Fatal(err)
			}
			if want := append(f["enc_key"], f["mac_key"]...); !bytes.Equal(keys[:], want) {
				t.Errorf("keys: got %x, want %x", keys, want)
			}
		})
	}
}

func TestGrantVector(t *testing.T) {
	f := vectorFields(t, "aid-grant")
	pair := pairOf(t, f["kem_private"])
	body, e, err := new(Card).open(pair, wire.MsgAIDGrant, f["th_3"], f["sealed"])
	if err != nil || !bytes.Equal(body, f["body"]) {
		t.Fatalf("body: got %x, %v, want %x", body, err, f["body"])
	}
	for name, mt := range map[string]wire.MessageType{
		"keys_to_bank": wire.KeyAIDToBank, "keys_to_se": wire.KeyAIDToSE,
	} {
		var keys [2 * wire.KeyLen]byte
		if err := e.exportKeys(&keys, mt); err != nil || !bytes.Equal(keys[:], f[name]) {
			t.Errorf("%s: got %x, %v, want %x", name, keys, err, f[name])
		}
	}
}

// TestAgainstLibrary has the card and Go's own HPKE be sender and recipient in turn.
func TestAgainstLibrary(t *testing.T) {
	card := &Card{keys: randomKeys{rand.Reader}}
	pair, err := card.newPair()
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdh.P256().NewPrivateKey(pair.private[:])
	if err != nil {
		t.Fatal(err)
	}
	private, err := hpke.NewDHKEMPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	info := message.Prefix(wire.MsgTIDReply)
	suite := func() (hpke.KDF, hpke.AEAD) { return hpke.HKDFSHA256(), hpke.ExportOnly() }
	kdf, aead := suite()

	enc, own, err := card.encap(pair.public, wire.MsgTIDReply)
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := hpke.NewRecipient(enc[:], private, kdf, aead, info)
	if err != nil {
		t.Fatal(err)
	}
	compareExports(t, "the card sends", own, recipient)

	theirs, sender, err := hpke.NewSender(private.PublicKey(), kdf, aead, info)
	if err != nil {
		t.Fatal(err)
	}
	dh, err := new(Card).agree(pair, message.PublicKey(theirs))
	if err != nil {
		t.Fatal(err)
	}
	received := new(Card).schedule(dh, message.PublicKey(theirs), pair.public, wire.MsgTIDReply)
	compareExports(t, "the card receives", received, sender)

	sealed, err := card.seal(pair.public, wire.MsgTIDReply, []byte("ad"), []byte("body"))
	if err != nil {
		t.Fatal(err)
	}
	body, _, err := message.OpenFrom(key, wire.MsgTIDReply, []byte("ad"), sealed)
	if err != nil || string(body) != "body" {
		t.Errorf("a server opens %q, %v", body, err)
	}
}

func compareExports(t *testing.T, what string, got, want message.Exporter) {
	t.Helper()
	for _, n := range []int{1, 16, 32} {
		for _, context := range []string{"", "tapbench", string(make([]byte, 100))} {
			a, errA := got.Export(context, n)
			b, errB := want.Export(context, n)
			if errA != nil || errB != nil || !bytes.Equal(a, b) {
				t.Errorf("%s: export of %d bytes: %x, %v and %x, %v", what, n, a, errA, b, errB)
			}
		}
	}
	for _, n := range []int{-1, 33} {
		if _, err := got.Export("", n); !errors.Is(err, errExport) {
			t.Errorf("%s: export of %d bytes: %v, want errExport", what, n, err)
		}
	}
}

func TestAgreeRefuses(t *testing.T) {
	pair := pairOf(t, vectorFields(t, "aid-grant")["kem_private"])
	off := pair.public
	off[64] ^= 1
	for name, peer := range map[string]message.PublicKey{
		"not on the curve": off, "zero": {}, "the point at infinity, padded": {0: 0x04},
	} {
		if _, err := new(Card).agree(pair, peer); !errors.Is(err, wire.SWWrongData) {
			t.Errorf("%s: got %v, want 6A80", name, err)
		}
	}
}
