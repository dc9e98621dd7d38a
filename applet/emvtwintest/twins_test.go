package emvtwintest_test

import (
	"testing"

	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvtwintest"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// machine starts a machine whose cards draw from recorded sources.
func machine(t *testing.T) *jcardsim.Machine {
	t.Helper()
	return machineOf(t, jcardsimtest.Folder(t))
}

// machineOf starts one with the classes of a folder.
func machineOf(t *testing.T, folder string) *jcardsim.Machine {
	t.Helper()
	cfg, err := jcardsim.Recorded(folder)
	if err != nil {
		t.Fatal(err)
	}
	return jcardsimtest.Start(t, cfg)
}

// values are what a terminal says, by tag: 12.50 EUR at home.
func values() map[tlv.Tag][]byte {
	return map[tlv.Tag][]byte{
		0x9F02: {0, 0, 0, 0, 0x12, 0x50}, 0x9F03: make([]byte, 6), 0x9F1A: {0x02, 0x76},
		0x95: {0, 0, 0, 0, 0}, 0x5F2A: {0x09, 0x78}, 0x9A: {0x26, 0x11, 0x21}, 0x9C: {0},
		0x9F37: {1, 2, 3, 4}, 0x9F35: {0x22}, 0x9F34: {0x1F, 0, 2},
	}
}

// fill returns what a list asks for.
func fill(t *testing.T, list []byte, values map[tlv.Tag][]byte) []byte {
	t.Helper()
	entries, err := tlv.ParseDOL(list)
	if err != nil {
		t.Fatal(err)
	}
	return tlv.Fill(nil, entries, func(tag tlv.Tag) ([]byte, bool) {
		value, ok := values[tag]
		return value, ok
	})
}

// command puts data between a header and Le 00.
func command(header [4]byte, data []byte) []byte {
	out := header[:]
	if len(data) > 0 {
		out = append(append(out, byte(len(data))), data...)
	}
	return append(out, 0)
}

// initiate selects the application and begins a transaction.
func initiate(t *testing.T, w *emvtwintest.Twins, a *image.Application, said map[tlv.Tag][]byte) {
	t.Helper()
	w.Must(t, emvcardtest.SelectName(a.AID))
	w.Must(t, command([4]byte{0x80, 0xA8}, tlv.Append(nil, 0x83, fill(t, a.PDOL, said))))
}

// TestPersonalisations has both refuse and take what a blank card is sent.
func TestPersonalisations(t *testing.T) {
	t.Parallel()
	m := machine(t)
	keyed, err := emvtwintest.New(m, emvcardtest.AID())
	if err != nil {
		t.Fatal(err)
	}
	keyed.Must(t, emvcardtest.SelectName(emvcardtest.AID()))
	keyed.Must(t, emvcardtest.GenerateKey())
	for _, d := range emvcardtest.New(t, emvcardtest.Contactless).Personalisations(t) {
		twins, err := keyed.Again()
		if d.Keyless {
			twins, err = emvtwintest.New(m, emvcardtest.AID())
		}
		if err != nil {
			t.Fatal(err)
		}
		var last []byte
		for _, c := range d.Commands {
			if last, err = twins.Do(c); err != nil {
				t.Fatalf("%s: %v", d.Name, err)
			}
		}
		if got, err := apdu.ParseResponse(last); err != nil || got.SW != d.Want {
			t.Errorf("%s: got %X, want %s", d.Name, last, d.Want)
		}
		if err := twins.Drop(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTransactions runs whole transactions until the limits are exceeded, then some that fail.
func TestTransactions(t *testing.T) {
	t.Parallel()
	twins, err := emvtwintest.New(machine(t), emvcardtest.AID())
	if err != nil {
		t.Fatal(err)
	}
	fixture := emvcardtest.New(t, emvcardtest.Contactless, func(a *image.Application) {
		a.Relay, a.AIP[1] = &image.Relay{Min: 1, Max: 0x0203, Transmission: 4}, 1
	})
	a := fixture.App()
	twins.Personalise(t, fixture)
	twins.Must(t, emvcardtest.SelectName([]byte(wire.AIDPPSE)))
	said := values()
	for i := range 24 {
		switch i { // limits are exceeded from the fourth on
		case 12:
			said[0x95] = []byte{0x44, 0, 0, 0, 0}
		case 18:
			said[0x5F2A] = []byte{0x08, 0x40}
		}
		initiate(t, twins, a, said)
		for _, r := range a.Records {
			twins.Must(t, []byte{0x00, 0xB2, r.Number, r.SFI<<3 | 4, 0})
		}
		if i%3 == 0 {
			twins.Must(t, command([4]byte{0x00, 0x88}, []byte{5, 6, 7, byte(i)}))
		}
		for try := range byte(i % 4) {
			twins.Must(t, []byte{0x80, 0xEA, 0, 0, 4, 9, 8, try, byte(i), 0})
		}
		p1 := [...]byte{0x40, 0x50, 0x80, 0x90, 0x00, 0x10}[i%6]
		twins.Must(t, command([4]byte{0x80, 0xAE, p1}, fill(t, a.CDOL1, said)))
		twins.Must(t, []byte{0x80, 0xCA, 0x9F, 0x36, 0})
	}
}
