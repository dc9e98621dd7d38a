package personalisetest

import (
	"crypto/rand"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"
	"time"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/authority"
	"tapbench/applet/emvcard/profile"
)

var update = flag.Bool("update", false, "draw the kept keys that are missing")

// TestKept proves that a key is kept for each that a built-in profile asks for.
func TestKept(t *testing.T) {
	t.Parallel()
	var kept []key
	if err := json.Unmarshal(keyFile, &kept); err != nil {
		t.Fatal(err)
	}
	before := len(kept)
	for _, want := range asked(t) {
		if slices.ContainsFunc(kept, func(k key) bool {
			return k.Use == want.Use && k.Bits == want.Bits && k.Exponent == want.Exponent
		}) {
			continue
		}
		if !*update {
			t.Errorf("no %s of %d bits, exponent %d: run with -update", want.Use, want.Bits,
				want.Exponent)
			continue
		}
		private, err := oda.GenerateKey(rand.Reader, want.Bits/8, want.Exponent)
		if err != nil {
			t.Fatal(err)
		}
		want.Modulus, want.Private = private.Public().Modulus, private.Reveal()
		kept = append(kept, want)
	}
	if len(kept) > before {
		write(t, "keys.json", kept)
	}
	checkAuthority(t)
}

func checkAuthority(t *testing.T) {
	t.Helper()
	_, err := authority.Parse(caFile)
	switch {
	case err == nil:
		return
	case !*update:
		t.Fatalf("%v: run with -update", err)
	}
	a, err := authority.Draw(nil, time.Date(2049, time.December, 31, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("ca.json", raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// asked returns the keys that built-in profiles ask for.
func asked(t *testing.T) []key {
	t.Helper()
	var list []key
	for _, name := range profile.Names() {
		p, err := profile.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range p.Applications {
			uses := map[string]*profile.Key{"issuer_key": a.IssuerKey, "card_key": a.CardKey}
			if a.PIN != nil {
				uses["pin.key"] = a.PIN.Key
			}
			for _, use := range []string{"issuer_key", "card_key", "pin.key"} {
				k := uses[use]
				if k != nil {
					list = append(list, key{Use: use, Bits: int(k.Bits), Exponent: int(k.Exponent)})
				}
			}
		}
	}
	return list
}

func write(t *testing.T, name string, value any) {
	t.Helper()
	raw, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append(raw, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
}
