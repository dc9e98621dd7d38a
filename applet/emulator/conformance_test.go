package emulator_test

import (
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/emulator"
	"tapbench/applet/wire"
	"tapbench/pcsc"
)

// connection is a direct connection that remembers its card, for cutting the power.
type connection struct {
	*pcsc.Direct
	card *emulator.Card
}

func newCard(t testing.TB, cfg emulator.Config) *emulator.Card {
	t.Helper()
	card, err := emulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

func connect(card *emulator.Card) connection { return connection{pcsc.NewDirect(card), card} }

func tear(card *emulator.Card, n int, after bool) {
	if after {
		card.TearAfter(n)
		return
	}
	card.Tear(n)
}

func TestConformance(t *testing.T) {
	applettest.Run(t, applettest.Backend{
		Name: "emulator",
		Open: func(t testing.TB) pcsc.Card { return connect(newCard(t, emulator.Config{})) },
		Tear: func(card pcsc.Card, n int, after bool) { tear(card.(connection).card, n, after) },
		Again: func(t testing.TB, card pcsc.Card) pcsc.Card {
			t.Helper()
			old := card.(connection)
			if err := old.Close(); err != nil {
				t.Fatal(err)
			}
			<-old.Done()
			return connect(old.card)
		},
	})
}

func TestLacking(t *testing.T) {
	applettest.RunLacking(t, func(t testing.TB, lacks wire.Algorithm) pcsc.Card {
		t.Helper()
		return connect(newCard(t, emulator.Config{Lacks: lacks}))
	}, applettest.Caps{})
}
