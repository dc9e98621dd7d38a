package main_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
	"tapbench/backend/dispute"
	"tapbench/backend/dispute/doublespend"
	"tapbench/backend/pki"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
)

// tokenEvidence KEYS writes what could come of a token of 20 units of 0.05 that the TSM with these
// keys has signed: spend.json and meter.json, a payment each; twice.json, two merchants and one
// unit; closed.json, a spend behind a close; and retry.json and stopped.json, which an honest
// element leaves too. tsm.db is the store of a TSM that has twice.json.
func tokenEvidence(ts *testscript.TestScript, _ bool, args []string) {
	party, err := pki.OpenParty(ts.MkAbs(args[0]), nil)
	ts.Check(err)
	p := newPurse(ts, party)
	spend, meter := p.spend(ts, 2, 7, "CAFE"), p.meter(ts, 6, 20, 9, "LAUNDRY")
	for name, s := range map[string]dispute.Subject{
		"spend.json":   dispute.OfflinePayment{Token: p.token, Taken: spend},
		"meter.json":   dispute.OfflinePayment{Token: p.token, Taken: meter},
		"twice.json":   p.evidence(spend, meter),
		"closed.json":  p.evidence(spend, p.close(ts, 4)),
		"retry.json":   p.evidence(spend, p.spend(ts, 2, 7, "CAFE")),
		"stopped.json": p.evidence(meter, p.close(ts, 9)),
	} {
		out, err := os.Create(ts.MkAbs(filepath.Clean(name)))
		ts.Check(err)
		ts.Check(dispute.File{Subject: s}.Write(out))
		ts.Check(out.Close())
	}
	keepProof(ts, party, p.evidence(spend, meter).Encode())
}

// keepProof makes a TSM's store that has found evidence.
func keepProof(ts *testscript.TestScript, party *pki.Party, evidence []byte) {
	db, err := store.Open(context.Background(), store.Config{
		Path: ts.MkAbs("tsm.db"), Role: "tsm", Party: party.ID.String(),
		Migrations: tsm.Migrations(),
	})
	ts.Check(err)
	ts.Check(db.Tx(context.Background(), func(tx store.Tx) error {
		account := message.TID{7}
		_, err := tx.ExecContext(context.Background(),
			`INSERT INTO frozen (tid, evidence) VALUES ($1, $2)`, account[:], evidence)
		return err
	}))
	ts.Check(db.Close())
}

// purse is a token, with its key outside of any element.
type purse struct {
	key   *ecdsa.PrivateKey
	chain token.Chain
	token message.Token
}

func newPurse(ts *testscript.TestScript, issuer *pki.Party) (p purse) {
	var err error
	p.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	public, err := message.NewPublicKey(&p.key.PublicKey)
	ts.Check(err)
	p.chain, err = token.NewChain([]byte("an element's own key"), token.Seed{1}, public, 20)
	ts.Check(err)
	p.token.Fields = message.TokenFields{
		Version: message.TokenVersion, Issuer: issuer.ID, Epoch: 3000, Unit: 5, Length: 20, Key: public,
		Root: p.chain.Root(), Policy: message.TokenPolicy{Currency: [2]byte{0x09, 0x78}},
	}
	p.token.Signature, err = message.Sign(issuer.Sign.Reveal(), p.token.ID())
	ts.Check(err)
	return p
}

func (p purse) evidence(a, b doublespend.Statement) dispute.DoubleSpend {
	return dispute.DoubleSpend{Evidence: doublespend.New(p.token, a, b)}
}

func (p purse) sign(ts *testscript.TestScript, digest message.Hash) message.Signature {
	sig, err := message.Sign(p.key, digest)
	ts.Check(err)
	return sig
}

const paidAt = 1_790_000_000 // 2026-09-21

func (p purse) spend(
	ts *testscript.TestScript, from, to uint8, merchant string,
) doublespend.Spend {
	amount, err := emv.N12(uint64(to-from) * uint64(p.token.Fields.Unit))
	ts.Check(err)
	s := doublespend.Spend{Spend: message.Spend{
		Token: p.token.ID(), From: from, To: to, Amount: amount, Merchant: merchantID(merchant),
		Currency: p.token.Fields.Policy.Currency, Time: paidAt, UN: [wire.UNLen]byte{1, 2, 3, 4},
	}}
	s.Signature = p.sign(ts, s.Digest())
	return s
}

func (p purse) meter(
	ts *testscript.TestScript, from, most, to uint8, merchant string,
) doublespend.Meter {
	m := doublespend.Meter{To: to, Meter: message.Meter{
		Token: p.token.ID(), From: from, Max: most, Unit: p.token.Fields.Unit, Time: paidAt,
		Currency: p.token.Fields.Policy.Currency, Merchant: merchantID(merchant),
	}}
	var err error
	m.Value, _, err = p.chain.Value(int(to))
	ts.Check(err)
	m.Signature = p.sign(ts, m.Digest())
	return m
}

func (p purse) close(ts *testscript.TestScript, at uint8) doublespend.Close {
	c := doublespend.Close{TokenClose: message.TokenClose{Token: p.token.ID(), At: at}}
	c.Signature = p.sign(ts, c.Digest())
	return c
}

// merchantID is a name, filled up with spaces.
func merchantID(name string) (id [wire.MerchantLen]byte) {
	for i := range id {
		id[i] = ' '
	}
	copy(id[:], name)
	return id
}
