package issue_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/issue"
	"tapbench/applet/emvcard/personalise"
	"tapbench/applet/emvcard/personalise/personalisetest"
	"tapbench/applet/emvcard/profile"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// config is that of a built-in profile.
func config(t *testing.T, name string) personalise.Config {
	t.Helper()
	p, err := profile.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	return personalise.Config{
		Profile: p, Authority: personalisetest.Authority(t), Issuer: personalisetest.Issuer(),
		Rand: rand.NewChaCha8([32]byte{}), Draw: personalisetest.Draw,
	}
}

// blank is a card under the name of the profile's application, with a key that is kept.
func blank(t *testing.T, cfg personalise.Config) *pcsc.Session {
	t.Helper()
	card, err := emvcard.NewBlank(emvcard.BlankConfig{
		Name: cfg.Profile.Applications[0].AID, ATR: []byte{0x3B, 0x80, 0x80, 0x01, 0x01},
		Key: func(io.Reader) (*oda.PrivateKey, error) {
			return personalisetest.Draw("applications[0].card_key", 128, 3)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return pcsc.NewSession(pcsc.NewDirect(card))
}

func TestCardRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(*personalise.Config)
		want   error
	}{
		"anonymous": {
			func(c *personalise.Config) { c.Profile.Kind = profile.Anonymous }, issue.ErrProfile,
		},
		"another name than the card's": {
			func(c *personalise.Config) { c.Profile.Applications[0].AID[5] ^= 1 }, apdu.SWFileNotFound,
		},
		"a PSE": {
			func(c *personalise.Config) { c.Profile.Directories = []string{"pse"} }, issue.ErrProfile,
		},
		"a PIN": {func(c *personalise.Config) {
			c.Profile.Applications[0].PIN = &profile.PIN{Digits: "1234", Tries: 3}
		}, issue.ErrProfile},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, "contactless")
			session := blank(t, cfg)
			row.change(&cfg)
			if _, err := issue.Card(t.Context(), session, cfg); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

// TestCard issues a card, which then answers as its image says, and is no blank one any more.
func TestCard(t *testing.T) {
	t.Parallel()
	cfg := config(t, "contactless")
	session := blank(t, cfg)
	card, err := issue.Card(t.Context(), session, cfg)
	if err != nil {
		t.Fatal(err)
	}
	app := card.Applications[0]
	if app.ODA != nil {
		t.Error("the card's key is known outside")
	}
	ask := func(c apdu.Command, want []byte) {
		t.Helper()
		c.Ne = apdu.MaxShortNe
		answer, err := session.Exchange(t.Context(), c)
		if err != nil || answer.SW != apdu.SWNormal || !bytes.Equal(answer.Data, want) {
			t.Errorf("%02X: got %X %v, %v", c.INS, answer.Data, answer.SW, err)
		}
	}
	ask(apdu.Command{INS: 0xA4, P1: 4, Data: []byte("2PAY.SYS.DDF01")}, card.PPSE.FCI)
	ask(apdu.Command{INS: 0xA4, P1: 4, Data: app.AID}, app.FCI)
	for _, r := range app.Records {
		ask(apdu.Command{INS: 0xB2, P1: r.Number, P2: r.SFI<<3 | 4}, r.Data)
	}
	if _, err := issue.Card(t.Context(), session, cfg); !errors.Is(err, issue.ErrIssued) {
		t.Errorf("again: got %v, want %v", err, issue.ErrIssued)
	}
}
