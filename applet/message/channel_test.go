package message_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

func channelKeys(t testing.TB, first byte) message.Keys {
	t.Helper()
	keys, err := message.NewKeys(filled(first, 32))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestOpen(t *testing.T) {
	keys, ad, plain := channelKeys(t, 1), filled(0xA0, 32), filled(0, 40)
	good := keys.Seal(5, ad, plain)
	for _, row := range []struct {
		name    string
		keys    message.Keys
		counter uint32
		ad      []byte
		sealed  []byte
	}{
		{"nothing", keys, 5, ad, nil},
		{"the MAC alone", keys, 5, ad, good[len(good)-16:]},
		{"not whole blocks", keys, 5, ad, good[1:]},
		{"a block is missing", keys, 5, ad, good[16:]},
		{"other keys", channelKeys(t, 2), 5, ad, good},
		{"another counter", keys, 6, ad, good},
		{"other associated data", keys, 5, filled(0xA1, 32), good},
		{"shorter associated data", keys, 5, ad[:31], good},
	} {
		t.Run(row.name, func(t *testing.T) {
			plain, err := row.keys.Open(row.counter, row.ad, row.sealed)
			if !errors.Is(err, message.ErrSealed) || plain != nil {
				t.Errorf("got %x, %v, want ErrSealed", plain, err)
			}
		})
	}
	for i := range good {
		changed := bytes.Clone(good)
		changed[i] ^= 0x01
		if _, err := keys.Open(5, ad, changed); !errors.Is(err, message.ErrSealed) {
			t.Errorf("bit of byte %d flipped: got %v, want ErrSealed", i, err)
		}
	}
	if got, err := keys.Open(5, ad, good); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("got %x, %v", got, err)
	}
}

// The padding is checked behind a right MAC too: made here with the keys, block by block.
func TestOpenPadding(t *testing.T) {
	raw, ad := filled(1, 32), []byte{}
	keys := channelKeys(t, 1)
	for name, plain := range map[string][]byte{
		"zeros only":          make([]byte, 16),
		"no 80":               filled(1, 16),
		"80 a block too soon": join([]byte{0x80}, make([]byte, 31)),
		"80 before a one":     join([]byte{0x80}, make([]byte, 14), []byte{1}),
	} {
		t.Run(name, func(t *testing.T) {
			sealed := sealByHand(t, raw, plain)
			if _, err := keys.Open(0, ad, sealed); !errors.Is(err, message.ErrSealed) {
				t.Errorf("got %v, want ErrSealed", err)
			}
		})
	}
	got, err := keys.Open(0, ad, sealByHand(t, raw, join([]byte{1, 2, 0x80}, make([]byte, 13))))
	if err != nil || !bytes.Equal(got, []byte{1, 2}) {
		t.Errorf("got %x, %v", got, err)
	}
}

// sealByHand seals padded blocks with counter 0 and no associated data.
func sealByHand(t *testing.T, keys, padded []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(keys[:16])
	if err != nil {
		t.Fatal(err)
	}
	iv, out := make([]byte, 16), make([]byte, len(padded))
	block.Encrypt(iv, iv)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, padded)
	mac := message.CMAC([16]byte(keys[16:]), join(make([]byte, 2+16), out))
	return append(out, mac[:]...)
}

func TestOpenCounted(t *testing.T) {
	keys, ad, plain := channelKeys(t, 1), filled(0xA0, 32), filled(0, 40)
	good := keys.SealCounted(7, ad, plain)
	for _, row := range []struct {
		name   string
		next   uint32
		sealed []byte
	}{
		{"three bytes", 0, good[:3]},
		{"the counter alone", 0, good[:4]},
		{"a counter that was used", 8, good},
		{"the last counter, after which none is left", 0, keys.SealCounted(1<<32-1, ad, plain)},
		{"another counter in front", 0, join([]byte{0, 0, 0, 8}, good[4:])},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, _, err := keys.OpenCounted(row.next, ad, row.sealed); !errors.Is(err, message.ErrSealed) {
				t.Errorf("got %v, want ErrSealed", err)
			}
		})
	}
	for _, next := range []uint32{0, 7} {
		counter, got, err := keys.OpenCounted(next, ad, good)
		if err != nil || counter != 7 || !bytes.Equal(got, plain) {
			t.Errorf("next %d: got %d, %x, %v", next, counter, got, err)
		}
	}
}

func TestKeyLengths(t *testing.T) {
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := message.NewKeys(make([]byte, n)); !errors.Is(err, message.ErrLayout) {
			t.Errorf("channel keys of %d bytes: got %v, want ErrLayout", n, err)
		}
		if _, err := message.NewSharedKey(make([]byte, n)); !errors.Is(err, message.ErrLayout) {
			t.Errorf("K_B,U of %d bytes: got %v, want ErrLayout", n, err)
		}
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	shared, err := message.NewSharedKey(filled(1, 32))
	if err != nil {
		t.Fatal(err)
	}
	keys := channelKeys(t, 1)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
		for _, secret := range []any{keys, shared, &keys, []message.Keys{keys}} {
			text := strings.ToLower(fmt.Sprintf(verb, secret))
			if !strings.Contains(text, "hidden") || strings.Contains(text, "0203") {
				t.Errorf("%s prints %s", verb, text)
			}
		}
	}
	for _, secret := range []interface{ MarshalJSON() ([]byte, error) }{keys, shared} {
		if raw, err := secret.MarshalJSON(); err != nil || string(raw) != `"hidden"` {
			t.Errorf("JSON: %s, %v", raw, err)
		}
	}
	want := filled(1, 2*wire.KeyLen)
	if !bytes.Equal(keys.Reveal(), want) || !bytes.Equal(shared.Reveal(), want) {
		t.Error("Reveal returns other bytes")
	}
}
