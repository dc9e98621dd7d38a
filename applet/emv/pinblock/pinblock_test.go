package pinblock_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/pinblock"
	"tapbench/pcsc/daemon/daemontest"
)

const pan = "9999990000000003"

func key(t testing.TB, format int, digits string) pinblock.Key {
	t.Helper()
	k, err := pinblock.ReadKey(format, digits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func pin(t testing.TB, digits string) pinblock.PIN {
	t.Helper()
	p, err := pinblock.ParsePIN(digits)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What psec and paysec-pinblock print for these in their tests, with FF.. for what is drawn.
func TestPublishedBlocks(t *testing.T) {
	k := key(t, 4, "00112233445566778899AABBCCDDEEFF")
	block, err := k.Seal(bytes.NewReader(bytes.Repeat([]byte{0xFF}, 8)), pin(t, "1234"),
		"1234567890123456789")
	const want = "28B41FDDD29B743E93124BD8E32D921E"
	if got := fmt.Sprintf("%X", []byte(block)); err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
	for _, row := range []struct{ pin, pan, block string }{
		{"1234", "1234567890123456", "52DB178C6EDCE52E3A70F7FBC8E9C758"},
		{"123456", "123456789012345678", "847A0209C659E4C4A79CA6A2A2217D31"},
	} {
		raw, err := hex.DecodeString(row.block)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := k.Open(raw, row.pan); err != nil || !got.Is(pin(t, row.pin)) {
			t.Errorf("%s doesn't open: %v", row.block, err)
		}
	}
}

func TestBlocksRefuse(t *testing.T) {
	for _, format := range []int{0, 4} {
		k := key(t, format, "000102030405060708090A0B0C0D0E0F")
		random := rand.NewChaCha8([32]byte{})
		if _, err := k.Seal(random, pinblock.PIN{}, pan); !errors.Is(err, cryptogram.ErrPIN) {
			t.Errorf("format %d, no PIN: %v", format, err)
		}
		for _, wrong := range []string{"", "12345678901", "12345678901234567890", "99999900000000x3"} {
			if _, err := k.Seal(random, pin(t, "1234"), wrong); !errors.Is(err, cryptogram.ErrPAN) {
				t.Errorf("format %d, %q: %v", format, wrong, err)
			}
			if _, err := k.Open(nil, wrong); !errors.Is(err, cryptogram.ErrPAN) {
				t.Errorf("format %d, %q opens: %v", format, wrong, err)
			}
		}
		block, err := k.Seal(random, pin(t, "1234"), pan)
		if err != nil {
			t.Fatal(err)
		}
		other := key(t, format, "F00102030405060708090A0B0C0D0E0F")
		for name, open := range map[string]func() (pinblock.PIN, error){
			"nothing":     func() (pinblock.PIN, error) { return k.Open(nil, pan) },
			"a byte less": func() (pinblock.PIN, error) { return k.Open(block[1:], pan) },
			"a byte more": func() (pinblock.PIN, error) { return k.Open(append(block, 0), pan) },
			"another key": func() (pinblock.PIN, error) { return other.Open(block, pan) },
			"another format": func() (pinblock.PIN, error) {
				return key(t, 4-format, "000102030405060708090A0B0C0D0E0F").Open(block, pan)
			},
			"another card": func() (pinblock.PIN, error) { return k.Open(block, "9999991111111113") },
		} {
			if got, err := open(); !errors.Is(err, pinblock.ErrBlock) {
				t.Errorf("format %d, %s: %v, %v", format, name, got, err)
			}
		}
	}
}

func TestKeysRefuse(t *testing.T) {
	for _, row := range []struct {
		format int
		digits string
	}{
		{1, strings.Repeat("00", 16)},
		{-1, strings.Repeat("00", 16)},
		{256, strings.Repeat("00", 16)},
		{4, strings.Repeat("00", 15)},
		{4, strings.Repeat("0g", 16)},
		{0, ""},
	} {
		if _, err := pinblock.ReadKey(row.format, row.digits); !errors.Is(err, pinblock.ErrKey) {
			t.Errorf("format %d, %d digits: %v", row.format, len(row.digits), err)
		}
	}
	if _, err := pinblock.GenerateKey(bytes.NewReader(nil)); err == nil {
		t.Error("a key of nothing")
	}
}

// Nothing prints a PIN, a key or a block.
func TestNothingIsPrinted(t *testing.T) {
	k := key(t, 0, "4142434445464748494A4B4C4D4E4F50")
	block, err := k.Seal(nil, pin(t, "567890"), pan)
	if err != nil {
		t.Fatal(err)
	}
	all := struct {
		P pinblock.PIN
		K pinblock.Key
		B pinblock.Block
	}{pin(t, "567890"), k, block}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
		text = fmt.Appendf(text, verb, all)
	}
	for _, secret := range []string{
		"567890", "353637383930", "4142", "ABCD", "AB", hex.EncodeToString(block[:3]),
		fmt.Sprintf("%d", []byte(block[:3])),
	} {
		if bytes.Contains(bytes.ToUpper(text), bytes.ToUpper([]byte(secret))) {
			t.Errorf("%q is printed in %s", secret, text)
		}
	}
}

// TestAgainstPSEC has PyPI's psec compute the same.
func TestAgainstPSEC(t *testing.T) {
	const python, cases = "../../../build/python/bin/python", 1000
	if _, err := os.Stat(python); err != nil {
		daemontest.Missing(t, "no build/python, run scripts/python.sh: "+err.Error())
	}
	source := rand.NewChaCha8([32]byte{7})
	random := rand.New(source)
	digits := func(n int) string {
		out := make([]byte, n)
		for i := range out {
			out[i] = byte('0' + random.IntN(10))
		}
		return string(out)
	}
	var asked bytes.Buffer
	var want []string
	for i := range 2 * cases {
		var raw [16]byte
		_, _ = source.Read(raw[:])
		q := map[string]any{
			"format": i % 2 * 4, "key": hex.EncodeToString(raw[:]),
			"pan": digits(13 + random.IntN(7)), "pin": digits(4 + random.IntN(9)),
		}
		k := key(t, i%2*4, q["key"].(string))
		block, err := k.Seal(source, pin(t, q["pin"].(string)), q["pan"].(string))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := k.Open(block, q["pan"].(string)); err != nil || !got.Is(pin(t, q["pin"].(string))) {
			t.Fatalf("%v comes back otherwise: %v", q, err)
		}
		if i%2 == 0 {
			want = append(want, hex.EncodeToString(block))
		} else {
			want = append(want, q["pin"].(string))
			delete(q, "pin")
			q["block"] = hex.EncodeToString(block)
		}
		if err := json.NewEncoder(&asked).Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), python, "testdata/blocks.py")
	command.Stdin, command.Stderr = &asked, os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(string(out))
	if len(got) != len(want) {
		t.Fatalf("%d answers to %d questions", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("case %d: ours %s, psec's %s", i+1, want[i], got[i])
		}
	}
}

// What opens is a PIN that seals to the same block again, where nothing is drawn.
func FuzzOpen(f *testing.F) {
	k := key(f, 0, "000102030405060708090A0B0C0D0E0F")
	block, err := k.Seal(nil, pin(f, "1234"), pan)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(block), false)
	f.Add(make([]byte, 16), true)
	f.Fuzz(func(t *testing.T, block []byte, aes bool) {
		k := k
		if aes {
			k = key(t, 4, "000102030405060708090A0B0C0D0E0F")
		}
		p, err := k.Open(block, pan)
		if err != nil {
			return
		}
		again, err := k.Seal(bytes.NewReader(make([]byte, 8)), p, pan)
		if err != nil || !aes && !bytes.Equal(again, block) {
			t.Errorf("% X opens and is sealed as % X, %v", block, []byte(again), err)
		}
	})
}
