package corpus_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"tapbench/pcsc/apdu"
)

// refusals are what a card says no to.
func refusals() []scenario {
	return []scenario{
		{
			name: freshCard,
			comment: "what a new card refuses, with each status word that needs no key: commands out " +
				"of order, unknown, malformed, and to applications that it doesn't have",
			before: another,
			play:   ask(freshRows()),
		},
		{
			name: "refusals-payment",
			comment: "what an armed card refuses a terminal that asks out of order: nothing of it " +
				"spends the card, and the tap after it is approved",
			before: ready(1, "20.00"),
			play: func(t *testing.T, s *stand, r *recording) {
				ask(paymentRows())(t, s, r)
				r.away()
				approved(t, s.till(t, r, shop), "0.50")
			},
		},
		{
			name:    "refusals-management",
			comment: "what a personalised card refuses a host that hasn't proven itself, or wrongly",
			before:  ready(1, ""),
			play:    ask(managementRows()),
		},
	}
}

// freshCard is the recording that any new card answers alike.
const freshCard = "refusals-fresh-card"

// row is a command and the status word of its answer, both in hexadecimal.
type row struct{ command, status string }

// Selections, by the names of the applications.
const (
	selectManagement = "00A404000A F054415042454E434801 00"
	selectPayment    = "00A404000A F054415042454E434802 00"
	selectPPSE       = "00A404000E 325041592E5359532E4444463031 00"
)

func freshRows() []row {
	return []row{
		{"00B0000004", "6D00"},                   // nothing is selected
		{"00A4040007 A0000000041010 00", "6A82"}, // somebody else's application
		{"00A4040007 A0000000031010 00", "6A82"},
		{"00A404000B F054415042454E43480299 00", "6A82"},
		{"00A40000023F00", "6A86"}, // by file identifier
		{selectManagement, "9000"},
		{"00CADF0200", "9000"}, // the life cycle: selectable
		{"00CADF0800", "6A88"},
		{"00CADF0300", "6985"}, // no certificate yet
		{"80CADF0200", "6D00"},
		{"FFCA000000", "6E00"}, // the reader's command for the UID, which no card knows
		{"A0A40000023F00", "6E00"},
		{"80760000080000000020000978", "6985"}, // ARM
		{"80780000", "6985"},                   // DISARM
		{"8072000000", "6985"},
		{"8012000001FF", "6700"},
		{"9016010001FF", "9000"}, // the first link of a chain
		{"80100000", "6883"},     // which isn't the next one
		{"0082000010 00000000000000000000000000000000", "6985"},
		{selectPPSE, "9000"},
		{"00CADF0200", "6D00"},
		{selectPayment, "9000"},
		{"80A8000021 831F 000000001250 0978 261121 00 1A2B3C4D " + merchantHex + "00", "6985"},
		{"00B2010C00", "6985"},
		{"00B2040C00", "6A83"},
		{"80AE00000100", "6700"},
		{"00A4040005F054415042 02", "6A82"}, // a second occurrence that isn't there
	}
}

// merchantHex is a merchant's identifier, 9F16.
const merchantHex = "4D5243303030303153484F50303120"

func paymentRows() []row {
	const options = " 000000001250 0978 261121 00 1A2B3C4D " + merchantHex + "00"
	return []row{
		{selectPPSE, "9000"},
		{"80A8000021 831F" + options, "6D00"}, // the PPSE pays nothing
		{selectPayment, "9000"},
		{"00B2010C00", "6985"}, // a record before GET PROCESSING OPTIONS
		{"80AE80002D" + strings.Repeat("00", 45) + "00", "6985"},
		{"80A800000283 00 00", "6700"},        // without the data that the PDOL asks for
		{"80A8000021 851F" + options, "6A80"}, // under another tag
		{"80A8010021 831F" + options, "6A86"},
		{"80A8000021 831F 000000002001" + options[len(" 000000001250"):], "6985"}, // 20.01 EUR
		{"80A8000021 831F" + strings.Replace(options, "0978", "0840", 1), "6985"}, // US dollars
		{"80A8000021 831F" + options, "9000"},
		{"00B2020C00", "9000"}, // a record that spends nothing
		{"00B2040C00", "6A83"},
		{"00B2011400", "6A82"},                                   // another file
		{"80AE80002D" + strings.Repeat("00", 45) + "00", "6985"}, // before the records
		{"80CA9F3600", "6D00"},                                   // GET DATA: not here
		{"0020008008 241234FFFFFFFFFF", "6D00"},
		{"80760000080000000020000978", "6D00"}, // ARM is the other application's
	}
}

func managementRows() []row {
	return []row{
		{selectManagement, "9000"},
		{"00CADF0200", "9000"},
		{"00CADF0400", "6982"}, // the status
		{"80760000080000000020000978", "6982"},
		{"80780000", "6982"},
		{"8070020000", "6A86"},
		{"80100000", "6982"},                                    // GENERATE SE KEY
		{"0082000010 00000000000000000000000000000000", "6985"}, // without a challenge
		{"0084000010", "9000"},
		{"0082000010 00000000000000000000000000000000", "6982"}, // a wrong proof
		{"0082000010 00000000000000000000000000000000", "6985"}, // the challenge is gone
		{"0082000008 0000000000000000", "6700"},
	}
}

// ask sends the commands as they are.
func ask(rows []row) func(*testing.T, *stand, *recording) {
	return func(t *testing.T, _ *stand, r *recording) {
		for _, row := range rows {
			command, err := hex.DecodeString(strings.ReplaceAll(row.command, " ", ""))
			check(t, err)
			answer, err := r.Transmit(t.Context(), command)
			check(t, err)
			response, err := apdu.ParseResponse(answer)
			check(t, err)
			if got := strings.ToUpper(hex.EncodeToString(answer[len(answer)-2:])); got != row.status {
				t.Errorf("%s: got %v, want %s", row.command, response.SW, row.status)
			}
		}
	}
}
