package repairs

import (
	"bytes"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// TestRepair01: the TSM gets the bank account ID (A 2.5, table 2; C fig. 2 step 2), and so links
// all accounts of a user. Ours: the bank account ID stands inside BINFO alone, which only the bank
// opens, and the TSM keeps a random handle.
func TestRepair01(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		aid := []byte("AID of alice")
		var table [][]byte // A's table 2, column AID
		for range 2 {
			tid, kTID := newPair(t), newKey(t) // a fresh TID each time
			info := tid.sign(t, kTID.encrypt(t, join("SID", string(aid), "TSM", "B", "Nonce2",
				"ExpTime", "Limit").encode(t)))
			if !info.verify(tid.public(t)) {
				t.Fatal("TSMINFO isn't signed")
			}
			table = append(table, decodeFields(t, kTID.decrypt(t, info.body))[1])
		}
		if !bytes.Equal(table[0], table[1]) {
			t.Error("the TSM can't link two registrations")
		}
	})
	t.Run("ours", func(t *testing.T) {
		p := newPhone(t, "alice")
		check(t, p.open(t))
		check(t, p.register(t, 5000))
		first := p.tsmAccount(t)
		check(t, p.register(t, 5000))
		second := p.tsmAccount(t)
		x, user := p.accountKeys(t), message.NewUserID(p.name)
		p.wantHidden(t, map[string][]byte{
			"bank account ID": x.Account[:], "PK_AID": x.Sign[:], "KEM key of the AID": x.KEM[:],
			"PK_U's hash": x.User[:], "ID_U": user[:],
		})
		for _, m := range []message.TIDRegister{first, second} {
			tid := message.NewTID(m.Sign, m.KEM)
			if !p.remembers(t, "tsm", tid[:]) {
				t.Error("the search is no use: the TSM's own account ID isn't found")
			}
		}
		if !p.remembers(t, "bank", x.Account[:]) {
			t.Error("the search is no use: the bank's account ID isn't found")
		}
		if first.Sign == second.Sign || first.KEM == second.KEM {
			t.Error("two TSM accounts share a key")
		}
	})
}

// wantHidden: the TSM has none of it in its store, nor in what it was sent, nor in what it can
// open.
func (p *phone) wantHidden(t *testing.T, secrets map[string][]byte) {
	t.Helper()
	opened := p.openedByTSM(t)
	for name, secret := range secrets {
		if p.remembers(t, "tsm", secret) {
			t.Errorf("the TSM's store holds the %s", name)
		}
		for _, s := range p.said {
			if s.line != toBank && bytes.Contains(s.raw, secret) {
				t.Errorf("%s %s shows the %s", s.path, s.field, name)
			}
		}
		if bytes.Contains(opened, secret) {
			t.Errorf("the TSM can open the %s", name)
		}
	}
}

// openedByTSM is the plaintext of all that the TSM can open: what it keeps as evidence, and the
// first messages.
func (p *phone) openedByTSM(t *testing.T) []byte {
	t.Helper()
	var all []byte
	th := p.userToTSM(3)
	for _, s := range p.said {
		if s.line == toTSM && s.field == "message_1" {
			body, _, err := message.OpenFrom(p.TSM.KEMKey, wire.MsgTIDRegister, th[:], s.raw)
			check(t, err)
			all = append(all, body...)
		}
	}
	if len(all) == 0 {
		t.Fatal("nothing to open")
	}
	return all
}

// TestRepair02: BINFO is signed outside of its encryption (A 2.5, C fig. 2 step 2), and from an
// ECDSA signature its public key can be computed. So even without an AID in it the TSM links.
// Ours: the signature is inside of what only the bank opens, and BINFO has one length.
func TestRepair02(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		alice, bob := newPair(t), newPair(t) // SK_AID
		binfo := func(aid pair) signed {
			return aid.sign(t, newKey(t).encrypt(t, join("SID", "AID", "TSM", "B").encode(t)))
		}
		shared := func(a, b signed) bool {
			for _, x := range recoverKeys(t, a) {
				for _, y := range recoverKeys(t, b) {
					if bytes.Equal(x, y) {
						return true
					}
				}
			}
			return false
		}
		if !shared(binfo(alice), binfo(alice)) {
			t.Error("two BINFOs of one account aren't linked")
		}
		if shared(binfo(alice), binfo(bob)) {
			t.Error("two BINFOs of two accounts are linked")
		}
	})
	t.Run("ours", func(t *testing.T) {
		p := newPhone(t, "alice")
		check(t, p.open(t))
		lengths := make(map[int]bool)
		for range 2 {
			check(t, p.register(t, 5000))
			raw := p.latest(t, toTSM, "/v1/tid/fund", "binfo")
			lengths[len(raw)] = true
			m := p.openBINFO(t, raw)
			p.wantHidden(t, map[string][]byte{
				"signature of BINFO": m.Signature[:], "certificate's signature": m.Certificate[:],
				"account in BINFO": m.Account[:],
			})
			if !p.remembers(t, "bank", m.Signature[:]) {
				t.Error("the search is no use: the bank doesn't keep the signature either")
			}
		}
		if len(lengths) != 1 || !lengths[message.BINFOLen] {
			t.Errorf("BINFO has the lengths %v, want %d", lengths, message.BINFOLen)
		}
	})
}

// openBINFO opens BINFO as the bank does.
func (p *phone) openBINFO(t *testing.T, raw []byte) message.BINFO {
	t.Helper()
	inner, _, err := message.OpenBINFO(p.Bank.KEMKey, raw)
	check(t, err)
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleBank, p.Bank.ID)
	body, _, err := message.OpenFrom(p.Bank.KEMKey, wire.MsgBINFO, th[:], inner)
	check(t, err)
	m, err := message.Decode[message.BINFO](wire.MsgBINFO, body)
	check(t, err)
	return m
}

// TestRepair12: the user signs ID_SE for the TSM when a card is issued (C section 3,
// non-repudiation): a name that no new TID ever changes. Ours: neither certificate nor key of the
// element goes to the TSM; AUTH vouches that the keys live in an element.
func TestRepair12(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		seen := make(map[string]int)
		for range 2 {
			tid := newPair(t)
			request := tid.sign(t, join("TID", "ID_SE of alice's phone").encode(t))
			seen[string(decodeFields(t, request.body)[1])]++
		}
		if len(seen) != 1 {
			t.Error("the TSM can't link two accounts of one element")
		}
	})
	t.Run("ours", func(t *testing.T) {
		p := newPhone(t, "alice")
		p.ready(t, 2)
		cert := p.latest(t, toBank, "/v1/account/open", "se_certificate")
		se, err := message.ParseCertificate(cert)
		check(t, err)
		p.wantHidden(t, map[string][]byte{
			"element's certificate": cert, "element's key": se.Key[:],
			"AK":       p.latest(t, toBank, "/v1/account/open", "ak_public"),
			"user-key": p.latest(t, toBank, "/v1/account/open", "user_key"),
		})
		if !p.remembers(t, "bank", se.Key[:]) {
			t.Error("the search is no use: the bank doesn't know the element either")
		}
	})
}
