package emvtwintest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/jcardsim"
	"tapbench/applet/saved"
	"tapbench/applet/twintest"
	"tapbench/applet/wire"
)

// Twins are both cards in the same state.
type Twins struct {
	Machine *jcardsim.Machine
	Go      *emvcard.Card
	Java    *jcardsim.Card

	name   []byte
	stores [2]saved.Store // the Go card's, the Java Card's
	draws  twintest.Draws
	drawn  uint32
}

// atr is the Go card's; jCardSim has no contacts.
func atr() []byte { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }

// New makes cards that wait for their personalisation. The machine is one of jcardsim.Recorded or
// jcardsim.Torn.
func New(machine *jcardsim.Machine, name []byte) (*Twins, error) {
	return open(machine, name, &saved.Memory{}, &saved.Memory{})
}

func open(machine *jcardsim.Machine, name []byte, goes, java saved.Store) (*Twins, error) {
	w := &Twins{Machine: machine, name: name, stores: [2]saved.Store{goes, java}}
	var err error
	if w.Java, err = machine.Open(jcardsim.CardConfig{Contactless: name, Store: java}); err != nil {
		return nil, err
	}
	w.Go, err = emvcard.NewBlank(emvcard.BlankConfig{
		Name: name, ATR: atr(), Store: goes, Rand: &w.draws, Key: w.key,
	})
	if err != nil {
		return nil, err
	}
	w.Go.PowerOn()
	return w, nil
}

// Again makes other cards with the same states.
func (w *Twins) Again() (*Twins, error) {
	var stores [2]saved.Store
	for i, from := range w.stores {
		raw, err := from.Load()
		if err != nil {
			return nil, err
		}
		stores[i] = &saved.Memory{}
		if raw == nil {
			continue
		}
		if err := stores[i].Commit(raw); err != nil {
			return nil, err
		}
	}
	return open(w.Machine, w.name, stores[0], stores[1])
}

// Drop takes the Java Card from its machine.
func (w *Twins) Drop() error { return w.Java.Drop() }

// key returns the key that the Java Card has made.
func (w *Twins) key(io.Reader) (*oda.PrivateKey, error) {
	raw, err := w.Java.State()
	if err != nil {
		return nil, err
	}
	s, err := readApplet(raw)
	if err != nil {
		return nil, err
	}
	return s.key()
}

// DifferenceError says how the cards' answers to a command, or what they count after it, differ.
type DifferenceError struct {
	Command  []byte
	Go, Java []byte // the answers
	Counted  string // how the counters differ; empty: they don't
}

func (d *DifferenceError) Error() string {
	return fmt.Sprintf("%.80X: the Go card answers %.200X, the Java Card %.200X%s", d.Command, d.Go,
		d.Java, d.Counted)
}

// Do has both answer a command, nil for a reset. A difference is a [*DifferenceError].
func (w *Twins) Do(command []byte) ([]byte, error) {
	if command == nil {
		w.Go.Reset()
		w.Java.Reset()
		return nil, w.Machine.Err()
	}
	w.drawn++
	seed := sha256.Sum256(binary.BigEndian.AppendUint32([]byte("contactless "), w.drawn))
	if err := w.Machine.Record(seed[:]); err != nil {
		return nil, err
	}
	w.draws.Begin(seed[:])
	java := w.Java.Process(command) // first: the Go card takes its key
	if err := w.Machine.Err(); err != nil {
		return nil, fmt.Errorf("%X: %w", command, err)
	}
	answer := w.Go.Process(command)
	counted, err := w.compare()
	if err != nil {
		return nil, err
	}
	if counted != "" || !bytes.Equal(answer, java) {
		return answer, &DifferenceError{command, answer, java, counted}
	}
	return answer, nil
}

// Personalise gives both an application and a PPSE. The application's own key is of no use: both
// have made another one.
func (w *Twins) Personalise(tb testing.TB, f *emvcardtest.Fixture) {
	tb.Helper()
	w.Must(tb, emvcardtest.SelectName(w.name))
	w.Must(tb, emvcardtest.GenerateKey())
	for _, c := range emvcardtest.StoreAll(tb, f.Groups(tb)) {
		w.Must(tb, c)
	}
	directory, err := Directory(f)
	if err != nil {
		tb.Fatal(err)
	}
	w.Must(tb, emvcardtest.SelectName([]byte(wire.AIDPPSE)))
	for _, c := range emvcardtest.StoreAll(tb, directory) {
		w.Must(tb, c)
	}
}

// Must has both answer a command alike and by 9000.
func (w *Twins) Must(tb testing.TB, command []byte) []byte {
	tb.Helper()
	answer, err := w.Do(command)
	if err != nil {
		tb.Fatal(err)
	}
	if !bytes.HasSuffix(answer, []byte{0x90, 0x00}) {
		tb.Fatalf("%X: got %X", command, answer)
	}
	return answer[:len(answer)-2]
}
