package general_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
)

func TestCardholder(t *testing.T) {
	list := func(rules string) string { return "00B2: set 8E 0000000000000000" + rules }
	for name, tt := range map[string]struct {
		deviates  []string
		pins      []string
		noPad     bool
		change    func(*image.Application)
		cvm, tvr  string
		left      []int
		signature bool
		tsi       string
	}{
		"card doesn't ask": {
			change: func(a *image.Application) { a.AIP[0] &^= 0x10 }, cvm: "3F0000", tvr: "8000008000",
		},
		"no list":          {deviates: []string{"00B2: drop 8E"}, cvm: "3F0000", tvr: "A000008000"},
		"list of no rules": {deviates: []string{list("")}, cvm: "3F0000", tvr: "A000008000"},
		"plain PIN, right": {
			deviates: []string{list("0100")}, pins: []string{emvcardtest.PIN}, cvm: "010002",
			tvr: "8000008000", left: []int{3},
		},
		"plain PIN, right at the third": {
			deviates: []string{list("0100")}, pins: []string{"9999", "8888", emvcardtest.PIN},
			cvm: "010002", tvr: "8000008000", left: []int{3, 2, 1},
		},
		"plain PIN, wrong until no try is left": {
			deviates: []string{list("0100")}, pins: []string{"9999", "8888", "7777", "6666"},
			cvm: "010001", tvr: "8000A08000", left: []int{3, 2, 1},
		},
		"plain PIN, not entered": {
			deviates: []string{list("0100")}, cvm: "010001", tvr: "8000888000", left: []int{3},
		},
		"plain PIN, no pad": {
			deviates: []string{list("0100")}, noPad: true, cvm: "010001", tvr: "8000908000",
		},
		"plain PIN, letters": {
			deviates: []string{list("0100")}, pins: []string{"abcd"}, cvm: "010001", tvr: "8000908000",
			left: []int{3},
		},
		"plain PIN, no tries from the start": {
			deviates: []string{list("0100"), "80CA9F17: set 9F17 00"}, pins: []string{"1234"},
			cvm: "010001", tvr: "8000A08000",
		},
		"plain PIN, counter not told, blocked": {
			deviates: []string{list("0100"), "80CA9F17: sw 6A88", "0020: sw 6983"},
			pins:     []string{"1234"}, cvm: "010001", tvr: "8000A08000", left: []int{-1},
		},
		"plain PIN, a counter that never falls": {
			deviates: []string{list("0100"), "0020: sw 63C3"},
			pins:     []string{"1234", "1234", "1234"}, cvm: "010001", tvr: "8000808000",
			left: []int{3, 3},
		},
		"enciphered PIN, right": {
			pins: []string{emvcardtest.PIN}, cvm: "440302", tvr: "8000008000", left: []int{3},
		},
		"enciphered PIN, wrong until no try is left, then a signature": {
			pins: []string{"9999", "8888", "7777"}, cvm: "5E0300", tvr: "8000208000",
			left: []int{3, 2, 1}, signature: true,
		},
		"enciphered PIN, no challenge, then a plain one": {
			deviates: []string{"0084: sw 6985"}, pins: []string{"1234", emvcardtest.PIN},
			cvm: "410302", tvr: "8000008000", left: []int{3, 3},
		},
		"enciphered PIN, key isn't the issuer's, then a plain one": {
			deviates: []string{"00B2: xor 9F46@9 01"}, pins: []string{"1234", emvcardtest.PIN},
			cvm: "410302", tvr: "8000008000", left: []int{3, 3},
		},
		"plain PIN and signature": {
			deviates: []string{list("0300")}, pins: []string{emvcardtest.PIN}, cvm: "030000",
			tvr: "8000008000", left: []int{3}, signature: true,
		},
		"signature": {
			deviates: []string{list("1E00")}, cvm: "1E0000", tvr: "8000008000", signature: true,
		},
		"online PIN": {
			deviates: []string{list("0200")}, pins: []string{emvcardtest.PIN}, cvm: "020000",
			tvr: "8000048000",
		},
		"online PIN, not entered": {
			deviates: []string{list("0200")}, cvm: "020001", tvr: "8000888000",
		},
		"unknown method, then none": {
			deviates: []string{list("6000 1F00")}, cvm: "1F0002", tvr: "8000408000",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range tt.deviates {
				tt.deviates[i] = compact(tt.deviates[i])
			}
			f := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
				if tt.change != nil {
					tt.change(a)
				}
			})
			c := config(f)
			c.Way, c.PINPad = entry.Contact, nil
			entered := &pad{pins: tt.pins}
			if !tt.noPad {
				c.PINPad = entered
			}
			// The records' signature isn't what this is about: changed lists break it.
			c.Terminal.Capabilities[2] = 0
			out, err := pay(t, c, deviate(t, f.Card(t, nil), tt.deviates...), host{bank(f), t},
				general.Purchase{Amount: 6000})
			if err != nil {
				t.Fatalf("%v: %+v", err, out.Notes)
			}
			if got := hexOf(out.CVM[:]); got != tt.cvm || out.TVR.String() != tt.tvr {
				t.Errorf("CVM %s, TVR %s; want %s, %s: %v", got, out.TVR, tt.cvm, tt.tvr, out.Notes)
			}
			if diff := cmp.Diff(tt.left, entered.left); diff != "" {
				t.Errorf("tries left (-want +got):\n%s", diff)
			}
			if out.Signature != tt.signature {
				t.Errorf("signature %v", out.Signature)
			}
		})
	}
}

// compact takes the blanks out of the digits of a list of rules.
func compact(line string) string {
	if len(line) > 12 && line[:12] == "00B2: set 8E" {
		out := []byte(line[:13])
		for _, c := range []byte(line[13:]) {
			if c != ' ' {
				out = append(out, c)
			}
		}
		return string(out)
	}
	return line
}
