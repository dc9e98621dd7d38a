package storedata_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/storedata"
)

// TestOfRefuses has images that no contactless card holds.
func TestOfRefuses(t *testing.T) {
	t.Parallel()
	large := uint64(1_000_000_000_000)
	for name, change := range map[string]func(*image.Application){
		"another scheme":    func(a *image.Application) { a.Scheme = cryptogram.VersionCVN10 },
		"a CDOL2":           func(a *image.Application) { a.CDOL2 = []byte{0x8A, 2} },
		"a PIN":             func(a *image.Application) { a.PIN = &image.PIN{Digits: "1234", Tries: 3} },
		"a log":             func(a *image.Application) { a.Log = &image.Log{} },
		"an object":         func(a *image.Application) { a.Objects = make([]image.Object, 1) },
		"blocked":           func(a *image.Application) { a.Blocked = true },
		"format 1":          func(a *image.Application) { a.Format1 = true },
		"fast DDA":          func(a *image.Application) { a.FastDDA = true },
		"no CDOL1":          func(a *image.Application) { a.CDOL1 = nil },
		"a limit too high":  func(a *image.Application) { a.Risk.LowerAmount = &large },
		"no FCI":            func(a *image.Application) { a.FCI = nil },
		"another's FCI":     func(a *image.Application) { a.AID = []byte("other") },
		"an FCI that lies":  func(a *image.Application) { a.FCI = append(a.FCI, 0) },
		"a PDOL too long":   func(a *image.Application) { a.PDOL = []byte{0x9F, 0x66, 65} },
		"a record too long": func(a *image.Application) { a.Records[0].Data = make([]byte, 255) },
		"too many records": func(a *image.Application) {
			for n := range byte(8) {
				a.Records = append(a.Records, image.Record{SFI: 9, Number: 1 + n, Data: make([]byte, 250)})
			}
		},
	} {
		f := emvcardtest.New(t, emvcardtest.Contactless)
		change(f.App())
		if _, err := storedata.Of(f.App()); !errors.Is(err, storedata.ErrImage) {
			t.Errorf("%s: got %v, want %v", name, err, storedata.ErrImage)
		}
	}
}

// TestApplication takes an image apart and puts it together again.
func TestApplication(t *testing.T) {
	t.Parallel()
	f := emvcardtest.New(t, emvcardtest.Contactless, func(a *image.Application) {
		a.Relay, a.Risk.OnlineNew = &image.Relay{Min: 1, Max: 2, Transmission: 3}, true
		a.Risk.LowerAmount, a.Risk.Upper = nil, nil
	})
	want := *f.App()
	groups, err := storedata.Of(&want)
	if err != nil {
		t.Fatal(err)
	}
	got := storedata.Application(want.AID, groups)
	got.ODA, got.PAN, got.Sequence = want.ODA, want.PAN, want.Sequence // in no grouping
	got.Keys.MAC, got.Keys.Encipher = want.Keys.MAC, want.Keys.Encipher
	if got.Keys != want.Keys {
		t.Error("another master key")
	}
	got.ODA, want.ODA = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-image +from its groupings):\n%s", diff)
	}
}

func TestGroupsHideTheirValues(t *testing.T) {
	t.Parallel()
	g := storedata.Group{ID: storedata.MasterKey, Value: []byte("secret")}
	for _, text := range []string{fmt.Sprint(g), fmt.Sprintf("%+v", []storedata.Group{g})} {
		if text != "DGI 8000" && text != "[DGI 8000]" {
			t.Errorf("got %q", text)
		}
	}
}

// FuzzDraft stores a stream in blocks of a length. Whatever is accepted is what [storedata.Rules]
// take, and comes out alike when it is stored again by the commands that carry it.
func FuzzDraft(f *testing.F) {
	fixture := emvcardtest.New(f, emvcardtest.Contactless)
	var stream []byte
	for _, c := range storedata.Commands(fixture.Groups(f)) {
		stream = append(stream, c.Data...)
	}
	f.Add(stream, byte(255), false)
	f.Add([]byte{0x91, 0x02, 0xFF, 0, 2, 0xA5, 0}, byte(7), true)
	f.Add([]byte{0x91, 0x02, 2, 0xA5, 0}, byte(1), true)
	f.Fuzz(func(t *testing.T, stream []byte, size byte, isDirectory bool) {
		rules := storedata.Payment
		if isDirectory {
			rules = storedata.Directory
		}
		var blocks [][]byte
		for n := max(1, int(size)); len(stream) > 0 && len(blocks) < 256; {
			n = min(n, len(stream))
			blocks, stream = append(blocks, stream[:n]), stream[n:]
		}
		groups := store(rules, blocks)
		if groups == nil {
			return
		}
		if err := rules.Check(groups); err != nil {
			t.Fatal(err)
		}
		blocks = nil
		for i, c := range storedata.Commands(groups) {
			if last := c.P1 == storedata.LastBlock; int(c.P2) != i || len(c.Data) > 255 {
				t.Fatalf("block %d: number %d, %d bytes, last %v", i, c.P2, len(c.Data), last)
			}
			blocks = append(blocks, c.Data)
		}
		again := store(rules, blocks)
		if len(again) != len(groups) {
			t.Fatalf("%v became %v", groups, again)
		}
		for i, g := range groups {
			if again[i].ID != g.ID || !bytes.Equal(again[i].Value, g.Value) {
				t.Errorf("%v became %v", g, again[i])
			}
		}
	})
}

// store returns what all blocks make, or nothing.
func store(rules storedata.Rules, blocks [][]byte) []storedata.Group {
	var d storedata.Draft
	for i, block := range blocks {
		p1 := byte(0)
		if i == len(blocks)-1 {
			p1 = storedata.LastBlock
		}
		groups, err := d.Store(rules, p1, byte(i&0xFF), block)
		if err != nil || groups != nil {
			return groups
		}
	}
	return nil
}
