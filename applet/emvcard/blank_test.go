package emvcard_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/storedata"
	"tapbench/applet/saved"
	"tapbench/pcsc/apdu"
)

// newBlank returns a blank card with power, whose key is that of the fixture.
func newBlank(t *testing.T, f *emvcardtest.Fixture, store saved.Store) *emvcard.Card {
	t.Helper()
	card, err := emvcard.NewBlank(emvcard.BlankConfig{
		Name: emvcardtest.AID(), ATR: f.Image.ATR, Store: store,
		Key: func(io.Reader) (*oda.PrivateKey, error) { return f.App().ODA, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	card.PowerOn()
	return card
}

// answerTo has a card answer commands and returns the last answer.
func answerTo(t *testing.T, card *emvcard.Card, commands [][]byte) (last apdu.Response) {
	t.Helper()
	for _, c := range commands {
		if c == nil {
			card.Reset()
			continue
		}
		var err error
		if last, err = apdu.ParseResponse(card.Process(c)); err != nil {
			t.Fatal(err)
		}
	}
	return last
}

func TestPersonalisation(t *testing.T) {
	t.Parallel()
	f := emvcardtest.New(t, emvcardtest.Contactless)
	for _, d := range f.Personalisations(t) {
		card := newBlank(t, f, nil)
		if !d.Keyless {
			answerTo(t, card, [][]byte{
				emvcardtest.SelectName(emvcardtest.AID()), emvcardtest.GenerateKey(), nil,
			})
		}
		if got := answerTo(t, card, d.Commands); got.SW != d.Want {
			t.Errorf("%s: got %s, want %s", d.Name, got.SW, d.Want)
		}
	}
}

// TestPersonalisedAlike holds a card that commands made to the one that the image makes.
func TestPersonalisedAlike(t *testing.T) {
	t.Parallel()
	f := emvcardtest.New(t, emvcardtest.Contactless)
	blank := newBlank(t, f, nil)
	select1 := emvcardtest.SelectName(emvcardtest.AID())
	commands := append([][]byte{select1, emvcardtest.GenerateKey()},
		emvcardtest.StoreAll(t, f.Groups(t))...)
	if got := answerTo(t, blank, commands); got.SW != apdu.SWNormal {
		t.Fatal(got.SW)
	}
	card, err := emvcard.New(emvcard.Config{Image: f.Image})
	if err != nil {
		t.Fatal(err)
	}
	card.PowerOn()
	asked := [][]byte{select1, append([]byte{0x80, 0xA8, 0, 0, 25, 0x83, 23},
		make([]byte, 23)...)}
	for _, r := range f.App().Records {
		asked = append(asked, []byte{0x00, 0xB2, r.Number, r.SFI<<3 | 4, 0})
	}
	for _, c := range asked {
		if want, got := card.Process(c), blank.Process(c); !bytes.Equal(want, got) {
			t.Errorf("%X: got %X, want %X", c, got, want)
		}
	}
}

// TestBlankState opens a card again after each command.
func TestBlankState(t *testing.T) {
	t.Parallel()
	f := emvcardtest.New(t, emvcardtest.Contactless)
	store := &saved.Memory{}
	name := emvcardtest.SelectName(emvcardtest.AID())
	answerTo(t, newBlank(t, f, store), [][]byte{name, emvcardtest.GenerateKey()})
	stored := emvcardtest.StoreAll(t, f.Groups(t))
	got := answerTo(t, newBlank(t, f, store), append([][]byte{name}, stored...))
	if got.SW != apdu.SWNormal {
		t.Fatalf("with the key that was made before: %s", got.SW)
	}
	gpo := append([]byte{0x80, 0xA8, 0, 0, 25, 0x83, 23}, make([]byte, 23)...)
	for want := byte(1); want < 4; want++ {
		answerTo(t, newBlank(t, f, store), [][]byte{name, gpo})
		got := answerTo(t, newBlank(t, f, store), [][]byte{name, {0x80, 0xCA, 0x9F, 0x36, 0}})
		if !bytes.Equal(got.Data, []byte{0x9F, 0x36, 2, 0, want}) {
			t.Errorf("transaction %d: got %X", want, got.Data)
		}
	}
	raw, err := store.Load()
	if err != nil || !emvcard.IsBlank(raw) || emvcard.IsBlank(raw[:8]) || emvcard.IsBlank(nil) {
		t.Errorf("a state isn't known for what it is: %v", err)
	}
	again, err := emvcard.NewBlank(emvcard.BlankConfig{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	again.PowerOn()
	if !bytes.Equal(again.ATR(), f.Image.ATR) {
		t.Errorf("the store's card answers to reset by %X", again.ATR())
	}
	if got := answerTo(t, again, [][]byte{name, append(gpo, 0)}); got.SW != apdu.SWNormal {
		t.Errorf("the store's card, without its name: %s", got.SW)
	}
}

func TestNewBlankRefuses(t *testing.T) {
	t.Parallel()
	f := emvcardtest.New(t, emvcardtest.Contactless)
	store := &saved.Memory{}
	answerTo(t, newBlank(t, f, store), [][]byte{
		emvcardtest.SelectName(emvcardtest.AID()), emvcardtest.GenerateKey(),
	})
	junk := &saved.Memory{}
	if err := junk.Commit(saved.Encode([]byte("{}"))); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		cfg  emvcard.BlankConfig
		want error
	}{
		"no name at all":  {emvcard.BlankConfig{ATR: make([]byte, 2)}, emvcard.ErrImage},
		"name of 4 bytes": {emvcard.BlankConfig{Name: make([]byte, 4)}, emvcard.ErrImage},
		"another name":    {emvcard.BlankConfig{Name: make([]byte, 5), Store: store}, saved.ErrForeign},
		"something else":  {emvcard.BlankConfig{Name: make([]byte, 5), Store: junk}, saved.ErrForeign},
		"no ATR":          {emvcard.BlankConfig{Name: make([]byte, 5)}, emvcard.ErrImage},
	} {
		if _, err := emvcard.NewBlank(row.cfg); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", name, err, row.want)
		}
	}
}

// TestTornPersonalisation cuts the power at each write: the card is blank, or all of what it is.
func TestTornPersonalisation(t *testing.T) {
	t.Parallel()
	f := emvcardtest.New(t, emvcardtest.Contactless)
	name := emvcardtest.SelectName(emvcardtest.AID())
	stored := emvcardtest.StoreAll(t, f.Groups(t))
	for _, after := range []bool{false, true} {
		card := newBlank(t, f, nil)
		answerTo(t, card, append([][]byte{name, emvcardtest.GenerateKey()},
			stored[:len(stored)-1]...))
		want := storedata.FCI(emvcardtest.AID(), nil)
		if after {
			card.TearAfter(1)
			want = f.App().FCI
		} else {
			card.Tear(1)
		}
		if answer := card.Process(stored[len(stored)-1]); answer != nil {
			t.Fatalf("got %X", answer)
		}
		card.Reset()
		if got := answerTo(t, card, [][]byte{name}); !bytes.Equal(got.Data, want) {
			t.Errorf("after %v: got %X, want %X", after, got.Data, want)
		}
	}
}
