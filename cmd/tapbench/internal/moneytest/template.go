package moneytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/statefile"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/pki"
	"tapbench/backend/tsm"
	"tapbench/terminal/kernel"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

const (
	users   = 2
	tills   = 2
	deposit = 20000          // of a user at his bank, in minor units
	limit   = 10000          // of a TSM account
	cards   = wire.CardSlots // that each user begins with: fewer would leave expired ones in slots
)

// Template is a bench at rest whose users have an account and cards: making one takes the TPM, and
// each run begins with a copy of it. Runs of one template aren't for several goroutines.
type Template struct {
	systems []*wallettest.System
	states  [][]byte // of the users' elements
	shops   []shop
	ca      *pki.Party
	caKey   message.PublicKey
	began   time.Time
}

// shop is a merchant.
type shop struct {
	id  [wire.MerchantLen]byte
	key *kernel.MerchantKey
}

// New makes a template.
func New(t testing.TB) *Template {
	t.Helper()
	base := wallettest.New(t)
	base.TSM.Tokens = []tsm.TokenOffer{
		{Unit: 1, Length: 20}, {Unit: 5, Length: 40}, {Unit: 50, Length: 10},
	}
	p := &Template{systems: []*wallettest.System{base}, began: time.Now()}
	base.Now = func() time.Time { return p.began }
	for len(p.systems) < users {
		p.systems = append(p.systems, base.Another(t))
	}
	for i, s := range p.systems {
		w := s.NewWallet(t)
		must(t, w.Open(t.Context(), wallet.OpenOptions{
			Release: s.Release(), Bank: s.BankFor(message.PartyID{}),
			User: message.NewUserID([]string{"alice", "bob"}[i]), Deposit: deposit, Limit: limit,
		}))
		must(t, w.Register(t.Context(), wallet.RegisterOptions{TSM: s.TSMServer()}))
		_, err := w.Refill(t.Context(), s.TSMServer(), cards)
		must(t, err)
		must(t, w.UseTokens(1))
		_, err = w.RefillTokens(t.Context(), s.TSMServer())
		must(t, err)
		p.states = append(p.states, s.Element.State)
	}
	must(t, base.BankDB.Close())
	must(t, base.TSMDB.Close())
	p.openShops(t, filepath.Join(base.Home, "pki"))
	return p
}

// openShops makes the merchants: the bench's own one, and others that its CA certifies.
func (p *Template) openShops(t testing.TB, keys string) {
	t.Helper()
	var err error
	p.ca, err = pki.OpenParty(filepath.Join(keys, "ca"), nil)
	must(t, err)
	p.caKey, err = message.NewPublicKey(&p.ca.Sign.Reveal().PublicKey)
	must(t, err)
	for _, name := range []string{"MRC00001-SHOP", "MRC00002-SHOP"}[:tills] {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(t, err)
		public, err := message.NewPublicKey(&key.PublicKey)
		must(t, err)
		merchant, err := acquirer.NewMerchant(name)
		must(t, err)
		certificate, err := message.IssueCertificate(p.ca.Sign.Reveal(), message.Certificate{
			Type: wire.CertMerchant, Issuer: p.ca.ID,
			Subject: message.MerchantSubject(merchant), Key: public,
			Expiry: message.EpochAt(p.began) + 50,
		})
		must(t, err)
		p.shops = append(p.shops, shop{
			id:  [wire.MerchantLen]byte(merchant),
			key: &kernel.MerchantKey{Key: key, Certificate: certificate},
		})
	}
}

// epochs are the CA's words for the epochs of a run until now.
func (p *Template) epochs(now time.Time) (all []message.EpochCertificate, err error) {
	for e := message.EpochAt(p.began); e <= message.EpochAt(now); e++ {
		c := message.EpochCertificate{Issuer: p.ca.ID, Epoch: e}
		if c.Signature, err = message.Sign(p.ca.Sign.Reveal(), c.Digest()); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// copyTo copies what lies on disks.
func (p *Template) copyTo(dir string) error {
	for _, name := range []string{"bank.db", "tsm.db"} {
		from := filepath.Join(p.systems[0].Home, name)
		raw, err := os.ReadFile(filepath.Clean(from))
		if err == nil {
			err = statefile.Replace(filepath.Join(dir, name), raw)
		}
		if err != nil {
			return err
		}
	}
	for i, s := range p.systems {
		err := os.CopyFS(filepath.Join(walletHome(dir, i), "wallet"),
			os.DirFS(filepath.Join(s.Dir, "wallet")))
		if err != nil {
			return err
		}
	}
	return nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
