package pki_test

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/pki"
)

// decoded returns a file's content and what its PEM block holds.
func decoded(content string) string {
	if at := strings.Index(content, "-----BEGIN"); at >= 0 {
		if block, _ := pem.Decode([]byte(content[at:])); block != nil {
			return content + string(block.Bytes)
		}
	}
	return content
}

// TestOpenPartyRefuses damages a bank's folder in one way per row. Another bench's folder beside it
// provides what is in order, but not this bank's.
func TestOpenPartyRefuses(t *testing.T) {
	write := func(file, content string) func(*testing.T, string, string) {
		return func(t *testing.T, dir, _ string) {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(file string) func(*testing.T, string, string) {
		return func(t *testing.T, dir, _ string) {
			if err := os.RemoveAll(filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
		}
	}
	// from copies a file of the bench root, or of the other bench, into the bank's folder.
	from := func(other bool, source, file string) func(*testing.T, string, string) {
		return func(t *testing.T, dir, stranger string) {
			root := filepath.Dir(dir)
			if other {
				root = stranger
			}
			raw, err := os.ReadFile(filepath.Join(root, source))
			if err != nil {
				t.Fatal(err)
			}
			write(file, string(raw))(t, dir, stranger)
		}
	}
	key := "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
	tests := []struct {
		name   string
		damage func(t *testing.T, dir, stranger string)
		want   error
	}{
		{"no party.json", remove("party.json"), pki.ErrNotPKI},
		{"party.json isn't JSON", write("party.json", "bank"), pki.ErrDamaged},
		{"unknown field", write("party.json", `{"formats":1}`), pki.ErrDamaged},
		{"other format", write("party.json",
			`{"format":"v2","role":"bank","id":"BKAAAAAA","name":"bank-a"}`), pki.ErrDamaged},
		{"unknown role", write("party.json",
			`{"format":"tapbench-pki v1","role":"king","id":"BKAAAAAA","name":"k"}`), pki.ErrDamaged},
		{"short ID", write("party.json",
			`{"format":"tapbench-pki v1","role":"bank","id":"BKA","name":"b"}`), pki.ErrDamaged},
		{"another's party.json", from(false, "bank-b/party.json", "party.json"), pki.ErrWrongPeer},
		{"no root", remove("ca.crt"), pki.ErrDamaged},
		{"no key", remove("kem.key"), pki.ErrDamaged},
		{"a folder for a key", func(t *testing.T, dir, other string) {
			remove("sign.key")(t, dir, other)
			if err := os.Mkdir(filepath.Join(dir, "sign.key"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, pki.ErrDamaged},
		{"empty key", write("sign.key", ""), pki.ErrDamaged},
		{"a key that is none", write("sign.key", key), pki.ErrDamaged},
		{"a certificate for a key", from(false, "bank-a/sign.crt", "sign.key"), pki.ErrDamaged},
		{"huge key", write("sign.key", strings.Repeat("a", 1<<20)), pki.ErrDamaged},
		{"bytes behind a certificate", func(t *testing.T, dir, other string) {
			raw, err := os.ReadFile(filepath.Join(dir, "sign.crt"))
			if err != nil {
				t.Fatal(err)
			}
			write("sign.crt", string(raw)+string(raw))(t, dir, other)
		}, pki.ErrDamaged},
		{"key of another use", from(false, "bank-a/kem.key", "sign.key"), pki.ErrDamaged},
		{"certificate of another use", from(false, "bank-a/kem.crt", "sign.crt"), pki.ErrUsage},
		{"TLS certificate for signatures", from(false, "bank-a/tls.crt", "sign.crt"), pki.ErrUsage},
		{"the root as a certificate", from(false, "public/ca.crt", "sign.crt"), pki.ErrUsage},
		{"another bank's certificate", from(false, "bank-b/sign.crt", "sign.crt"), pki.ErrWrongPeer},
		{"certificate of another CA", from(true, "bank-a/sign.crt", "sign.crt"), pki.ErrUnknownCA},
		{"peer of another CA", from(true, "tsm/sign.crt", "peers/tsm.sign.crt"), pki.ErrUnknownCA},
		{
			"peer's certificate of another use", from(false, "tsm/kem.crt", "peers/tsm.sign.crt"),
			pki.ErrUsage,
		},
		{"two peers of one name", from(false, "bank-b/kem.crt", "peers/tsm.kem.crt"), pki.ErrWrongPeer},
		{"stray file", write("peers/readme", ""), pki.ErrDamaged},
		{"no peers", remove("peers"), pki.ErrDamaged},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := bench(t)
			dir := filepath.Join(b.Dir, "bank-a")
			test.damage(t, dir, stranger(t, test.name))
			if _, err := pki.OpenParty(dir, at(start)); !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
		})
	}
}

func TestOpenPartyRefusesAnotherTime(t *testing.T) {
	dir := filepath.Join(bench(t).Dir, "bank-a")
	for _, now := range []time.Time{start.Add(-2 * time.Hour), start.Add(pki.Lifetime + time.Second)} {
		if _, err := pki.OpenParty(dir, at(now)); !errors.Is(err, pki.ErrExpired) {
			t.Errorf("at %s: got error %v, want %v", now, err, pki.ErrExpired)
		}
	}
}

// stranger makes another bench where a row needs one.
func stranger(t *testing.T, row string) string {
	t.Helper()
	if !strings.Contains(row, "another CA") && !strings.Contains(row, "other CA") {
		return ""
	}
	return bench(t).Dir
}

func TestOpenParty(t *testing.T) {
	b := bench(t)
	parties := make(map[string]*pki.Party)
	for _, m := range b.Members {
		p := openParty(t, b, m.Name, start)
		if p.Member != m {
			t.Errorf("got %+v, want %+v", p.Member, m)
		}
		parties[m.Name] = p
	}
	for name, p := range parties {
		for _, peer := range p.Peers {
			self, err := parties[peer.Name].Self()
			if err != nil || self != peer {
				t.Errorf("%s knows %+v, which says %+v, %v", name, peer, self, err)
			}
			if got, err := p.Peer(peer.Role, peer.ID); err != nil || got != peer {
				t.Errorf("%s, Peer(%s, %s): got %+v, %v", name, peer.Role, peer.ID, got, err)
			}
		}
		if _, err := p.Peer(pki.RoleTSM, message.PartyID{}); !errors.Is(err, pki.ErrNoPeer) {
			t.Errorf("%s, Peer of nobody: got error %v", name, err)
		}
	}
	checkKeysDiffer(t, parties)
	if banks := parties["tsm"].PeersOf(pki.RoleBank); len(banks) != 2 || banks[0].Name != "bank-a" {
		t.Errorf("the TSM knows these banks: %+v", banks)
	}
	wallet := parties["wallet"]
	if wallet.Sign.Reveal() != nil || wallet.KEM.Reveal() != nil {
		t.Error("the wallet has keys")
	}
}

// checkKeysDiffer reports keys that serve two parties or two uses.
func checkKeysDiffer(t *testing.T, parties map[string]*pki.Party) {
	t.Helper()
	seen := make(map[message.PublicKey]string)
	for name, p := range parties {
		self, err := p.Self()
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []message.PublicKey{self.Sign, self.KEM} {
			if other, found := seen[key]; found && key != (message.PublicKey{}) {
				t.Errorf("%s and %s share a key", name, other)
			}
			seen[key] = name
		}
	}
}

func TestOpenCA(t *testing.T) {
	b := bench(t)
	dir := filepath.Join(b.Dir, "ca")
	ca, err := pki.OpenCA(dir, at(start))
	if err != nil || ca.ID != b.Members[0].ID {
		t.Fatalf("got %+v, %v", ca, err)
	}
	if _, err := pki.OpenCA(filepath.Join(b.Dir, "tsm"), at(start)); !errors.Is(err, pki.ErrNotPKI) {
		t.Errorf("the TSM as a CA: got error %v, want %v", err, pki.ErrNotPKI)
	}
	for name, replace := range map[string]func() error{
		"another root key": func() error {
			raw, err := os.ReadFile(filepath.Join(dir, "sign.key"))
			return errors.Join(err, os.WriteFile(filepath.Join(dir, "ca.key"), raw, 0o600))
		},
		"no root key": func() error { return os.Remove(filepath.Join(dir, "ca.key")) },
	} {
		if err := replace(); err != nil {
			t.Fatal(err)
		}
		if _, err := pki.OpenCA(dir, at(start)); !errors.Is(err, pki.ErrDamaged) {
			t.Errorf("%s: got error %v, want %v", name, err, pki.ErrDamaged)
		}
	}
}

// TestPrivateKeysDontPrint tries every way of printing a party and looks for its keys.
func TestPrivateKeysDontPrint(t *testing.T) {
	b := bench(t)
	p := openParty(t, b, "bank-a", start)
	ca, err := pki.OpenCA(filepath.Join(b.Dir, "ca"), at(start))
	if err != nil {
		t.Fatal(err)
	}
	sign := p.Sign.Reveal()
	scalar, err := sign.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var forbidden []string
	for _, raw := range [][]byte{scalar, p.KEM.Reveal().Bytes()} {
		for _, verb := range []string{"%x", "%X", "%d", "%#v"} {
			forbidden = append(forbidden, fmt.Sprintf(verb, raw))
		}
	}

	var out strings.Builder
	for _, v := range []any{p, *p, ca, *ca, p.Sign, p.KEM, &p.Sign, pki.NewPrivate("secret")} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		raw, err := json.Marshal(v)
		if err != nil {
			t.Errorf("Marshal(%T): %v", v, err)
		}
		out.Write(raw)
	}
	out.WriteString(p.Sign.String() + p.KEM.GoString())
	for _, secret := range append(forbidden, `"secret"`, " secret", "736563726574") {
		if strings.Contains(out.String(), secret) {
			t.Errorf("a private key was printed: %.40s…", secret)
		}
	}
	if !strings.Contains(out.String(), "[private key]") {
		t.Error("no mask was printed either")
	}
}
