package jcardsim_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/applet/saved"
	"tapbench/applet/statefile/bound"
	"tapbench/applet/wire"
	"tapbench/pcsc"
)

// twins open a card of either kind on a store.
type twins struct{ machine *jcardsim.Machine }

func (w twins) emulator(t testing.TB, store saved.Store) *pcsc.Direct {
	t.Helper()
	card, err := emulator.New(emulator.Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	return connect(t, card)
}

// applet also wants the card to hold what the store does.
func (w twins) applet(t testing.TB, store saved.Store) *pcsc.Direct {
	t.Helper()
	card, err := w.machine.Open(jcardsim.CardConfig{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	want, err := store.Load()
	if err != nil {
		t.Fatal(err)
	}
	got, err := card.State()
	if err != nil || want != nil && !bytes.Equal(got, want) {
		t.Fatalf("loaded another state: %v", err)
	}
	return connect(t, card)
}

func connect(t testing.TB, card pcsc.Processor) *pcsc.Direct {
	t.Helper()
	connection := pcsc.NewDirect(card)
	t.Cleanup(func() { disconnect(t, connection) })
	return connection
}

func disconnect(t testing.TB, connection *pcsc.Direct) {
	t.Helper()
	if err := connection.Close(); err != nil {
		t.Error(err)
	}
	<-connection.Done()
}

// opener opens one of the twins.
type opener = func(testing.TB, saved.Store) *pcsc.Direct

// TestStateGoesOnInTheOtherTwin moves a card at each stage of its life, and has it go on to a
// payment there and back again.
func TestStateGoesOnInTheOtherTwin(t *testing.T) {
	t.Parallel()
	w := twins{jcardsimtest.Machine(t)}
	for name, order := range map[string][2]opener{
		"emulator first": {w.emulator, w.applet}, "applet first": {w.applet, w.emulator},
	} {
		for stage := conformance.Personalised; stage <= conformance.Armed; stage++ {
			t.Run(fmt.Sprintf("%s, stage %d", name, stage), func(t *testing.T) {
				store := &saved.Memory{}
				first := order[0](t, store)
				h := conformance.NewHost(t, first).Advance(stage)
				disconnect(t, first)
				second := order[1](t, store)
				h.Reconnect(second)
				h.Advance(conformance.Armed).Tap()
				disconnect(t, second)
				h.Reconnect(order[0](t, store))
				h.Disarm()
			})
		}
	}
}

// TestTokensGoOnInTheOtherTwin moves tokens, new and used, from one twin to the other and back, and
// pays with them each time.
func TestTokensGoOnInTheOtherTwin(t *testing.T) {
	t.Parallel()
	w := twins{jcardsimtest.Machine(t)}
	for name, order := range map[string][2]opener{
		"emulator first": {w.emulator, w.applet}, "applet first": {w.applet, w.emulator},
	} {
		t.Run(name, func(t *testing.T) {
			store := &saved.Memory{}
			first := order[0](t, store)
			h := conformance.NewHost(t, first).Advance(conformance.CardReady)
			h.NewToken(0, 5, 250)
			h.NewToken(7, 50, 100)
			h.Arm()
			h.PayOffline(1000, false)
			h.ArmFor(wire.ArmReuse)
			for _, open := range []opener{order[1], order[0]} {
				disconnect(t, first)
				first = open(t, store)
				h.Reconnect(first)
				h.PayOffline(50, false)
				h.ArmFor(wire.ArmReuse)
			}
			h.Tap()
			h.ClosedAt(7)
		})
	}
}

// shortKeys makes private keys that begin with zeros, which jCardSim's own keys never do.
type shortKeys struct{ made byte }

func (k *shortKeys) PrivateKey() (key [32]byte, err error) {
	k.made++
	key[2], key[31] = 0x80, k.made
	return key, nil
}

// TestShortKeysGoOn moves a card to the applet whose private keys begin with zeros.
func TestShortKeysGoOn(t *testing.T) {
	t.Parallel()
	w := twins{jcardsimtest.Machine(t)}
	store := &saved.Memory{}
	card, err := emulator.New(emulator.Config{Store: store, Keys: &shortKeys{}})
	if err != nil {
		t.Fatal(err)
	}
	first := connect(t, card)
	h := conformance.NewHost(t, first).Advance(conformance.CardReady)
	disconnect(t, first)
	h.Reconnect(w.applet(t, store)) // which wants the same state
	h.Advance(conformance.Armed).Tap()
	h.NewToken(0, 5, 250) // sealed to and by keys that were moved
}

// TestForeignState gives the applet what isn't its state.
func TestForeignState(t *testing.T) {
	t.Parallel()
	machine := jcardsimtest.Machine(t)
	card, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	good, err := card.State()
	if err != nil {
		t.Fatal(err)
	}
	change := func(at int) []byte {
		raw := bytes.Clone(good)
		raw[at] ^= 1
		return raw
	}
	const boundOverhead = "TBBOUND\x01"
	for name, row := range map[string]struct {
		raw  []byte
		want error
	}{
		"empty":              {[]byte{}, saved.ErrForeign},
		"text":               {[]byte("a shopping list\n"), saved.ErrForeign},
		"cut off":            {good[:len(good)-1], saved.ErrForeign},
		"a byte too many":    {append(bytes.Clone(good), 0), saved.ErrForeign},
		"another version":    {change(7), saved.ErrForeign},
		"a bit of the state": {change(100), saved.ErrForeign},
		"a bit of the sum":   {change(len(good) - 1), saved.ErrForeign},
		"bound":              {append([]byte(boundOverhead), good...), bound.ErrBound},
		"not damaged":        {good, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := machine.Open(jcardsim.CardConfig{Store: fixed(row.raw)})
			if !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	if err := machine.Err(); err != nil {
		t.Errorf("the machine is gone: %v", err)
	}
}

// fixed is a store that holds something, and can't be written.
type fixed []byte

var errFixed = errors.New("the disk is full")

func (f fixed) Load() ([]byte, error) { return f, nil }
func (fixed) Commit([]byte) error     { return errFixed }

// TestCommitFails has the applet take back what can't be stored, as the emulator does.
func TestCommitFails(t *testing.T) {
	t.Parallel()
	w := twins{jcardsimtest.Machine(t)}
	for name, open := range map[string]opener{"emulator": w.emulator, "applet": w.applet} {
		t.Run(name, func(t *testing.T) {
			connection := open(t, fixed(nil))
			for range 2 {
				conformance.NewHost(t, connection) // selects
				generate := []byte{0x80, byte(wire.InsGenerateSEKey), 0, 0, 0}
				got, err := connection.Transmit(t.Context(), generate)
				if err != nil || !bytes.Equal(got, []byte{0x6F, 0x00}) {
					t.Errorf("GENERATE SE KEY: got %x, %v, want 6F00", got, err)
				}
			}
		})
	}
}
