package search_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"tapbench/cmd/tapbench/internal/audit/search"
)

func TestNewSetRefuses(t *testing.T) {
	for name, length := range map[string]int{"no byte": 0, "seven bytes": 7, "257 bytes": 257} {
		t.Run(name, func(t *testing.T) {
			_, err := search.NewSet([][]byte{make([]byte, length)})
			if !errors.Is(err, search.ErrPattern) {
				t.Errorf("got %v, want %v", err, search.ErrPattern)
			}
		})
	}
}

// hits searches text for patterns.
func hits(t *testing.T, text string, patterns ...[]byte) []search.Hit {
	t.Helper()
	set, err := search.NewSet(patterns)
	if err != nil {
		t.Fatal(err)
	}
	var found []search.Hit
	s := search.NewScanner(set)
	for _, r := range []io.Reader{
		strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)),
	} {
		found = nil
		if err := s.Scan(r, func(h search.Hit) { found = append(found, h) }); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func TestScanner(t *testing.T) {
	secret := []byte{0xFB, 0xEF, 0xBE, 0x00, 0x13, 0x37, 0xCA, 0xFE, 0xFF}
	digits := hex.EncodeToString(secret)
	spaced := strings.TrimSpace(strings.ToUpper(fmt.Sprintf("% x", secret)))
	std, url := base64.StdEncoding, base64.URLEncoding
	for name, c := range map[string]struct {
		text string
		want []search.Hit
	}{
		"nothing":                 {"", nil},
		"all but its last byte":   {string(secret[:8]), nil},
		"its halves":              {string(secret[:4]) + "." + string(secret[4:]), nil},
		"hex with a letter in it": {digits[:8] + "x" + digits[8:], nil},
		"as it is":                {"ab" + string(secret), []search.Hit{{0, 2, ""}}},
		"twice": {
			string(secret) + string(secret), []search.Hit{{0, 0, ""}, {0, 9, ""}},
		},
		"hex":                     {"=" + digits, []search.Hit{{0, 1, "hex"}}},
		"hex behind an odd digit": {"7" + digits, []search.Hit{{0, 1, "hex"}}},
		"hex, capital letters":    {strings.ToUpper(digits), []search.Hit{{0, 0, "hex"}}},
		"hex, spaced":             {spaced, []search.Hit{{0, 0, "hex"}}},
		"hex with colons":         {strings.ReplaceAll(spaced, " ", ":"), []search.Hit{{0, 0, "hex"}}},
		"base64":                  {`"` + std.EncodeToString(secret), []search.Hit{{0, 1, "base64"}}},
		"base64 for URLs":         {`"` + url.EncodeToString(secret), []search.Hit{{0, 1, "base64"}}},
		"base64, one byte before": {
			std.EncodeToString(append([]byte("a"), secret...)), []search.Hit{{0, 1, "base64"}},
		},
		"base64, two bytes before": {
			std.EncodeToString(append([]byte("ab"), secret...)), []search.Hit{{0, 2, "base64"}},
		},
		"base64 behind a letter": {"x" + std.EncodeToString(secret), []search.Hit{{0, 1, "base64"}}},
		"base64 in lines": {
			"\n++++\r\n" + std.EncodeToString(secret)[:7] + "\n" + std.EncodeToString(secret)[7:],
			[]search.Hit{{0, 7, "base64"}},
		},
		"hex in base64": {
			std.EncodeToString([]byte(`{"` + digits)), []search.Hit{{0, 2, "base64 > hex"}},
		},
		"base64 in hex": {
			hex.EncodeToString([]byte("(" + std.EncodeToString(secret))),
			[]search.Hit{{0, 2, "hex > base64"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, hits(t, c.text, secret)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestScannerTellsPatternsApart(t *testing.T) {
	got := hits(t, "0123456789", []byte("123456789"), []byte("23456789"), []byte("x23456789"),
		[]byte("12345678"), []byte("23456789"))
	want := []search.Hit{{3, 1, ""}, {4, 2, ""}, {1, 2, ""}, {0, 1, ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// FuzzScanner compares the pass with one search for each pattern and each encoding.
func FuzzScanner(f *testing.F) {
	f.Add([]byte("abcdefgh"), []byte("--abcdefgh"), []byte{})
	f.Add([]byte("abcdefghi"), []byte("61 62"), []byte("YWJjZGVmZ2hp"))
	f.Fuzz(func(t *testing.T, secret, before, behind []byte) {
		if len(secret) < search.MinPattern || len(secret) > search.MaxPattern {
			return
		}
		for _, encode := range []func([]byte) string{
			func(b []byte) string { return string(b) },
			hex.EncodeToString,
			base64.StdEncoding.EncodeToString,
		} {
			written := encode(secret)
			text := string(before) + "\x00" + written + "\x00" + string(behind)
			found := false
			for _, h := range hits(t, text, secret) {
				found = found || h.Offset == int64(len(before)+1)
				if h.Offset < 0 || h.Offset >= int64(len(text)) {
					t.Fatalf("%+v lies outside of %d bytes", h, len(text))
				}
				if h.View == "" && !bytes.HasPrefix([]byte(text)[h.Offset:], secret) {
					t.Fatalf("%+v isn't there", h)
				}
			}
			if !found {
				t.Fatalf("%q isn't found in %q", secret, text)
			}
		}
	})
}

func BenchmarkScan(b *testing.B) {
	random := rand.NewChaCha8([32]byte{1})
	data := make([]byte, 1<<20)
	_, _ = random.Read(data)
	for name, text := range map[string][]byte{
		"binary": data, "base64": []byte(base64.StdEncoding.EncodeToString(data))[:1<<20],
	} {
		for _, n := range []int{100, 100_000} {
			patterns := make([][]byte, n)
			for i := range patterns {
				patterns[i] = make([]byte, 8)
				_, _ = random.Read(patterns[i])
			}
			set, err := search.NewSet(patterns)
			if err != nil {
				b.Fatal(err)
			}
			s := search.NewScanner(set)
			b.Run(fmt.Sprintf("%s/%d patterns", name, n), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					_ = s.Scan(bytes.NewReader(text), func(search.Hit) {})
				}
			})
		}
	}
}
