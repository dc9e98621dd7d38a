package emulator_test

import (
	"testing"

	"tapbench/applet/emulator"
	"tapbench/applet/wire"
)

// TestOffers: a card until expiry is offered while its ATC leaves room for all tries of a payment,
// and its total for the amount.
func TestOffers(t *testing.T) {
	for _, row := range []struct {
		name          string
		atc           uint16
		total, amount [wire.AmountLen]byte
		want          bool
	}{
		{name: "ATC used up", atc: 0xFFFF},
		{name: "ATC leaves two tries", atc: 0xFFFD},
		{name: "ATC leaves three tries", atc: 0xFFFC, want: true},
		{
			name: "a cent too much", total: [6]byte{4: 0x30}, amount: [6]byte{4: 0x20, 5: 0x01},
		},
		{name: "all that is left", total: [6]byte{4: 0x30}, amount: [6]byte{4: 0x20}, want: true},
		{name: "the largest amount", total: [6]byte{4: 0x30}, amount: [6]byte{
			0x99, 0x99, 0x99, 0x99, 0x99, 0x99,
		}},
		{name: "a total that isn't BCD", total: [6]byte{5: 0x0A}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := emulator.OffersAt(row.atc, row.total, row.amount); got != row.want {
				t.Errorf("got %t, want %t", got, row.want)
			}
		})
	}
}
