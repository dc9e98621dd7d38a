package general_test

import (
	"errors"
	"strings"
	"testing"

	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
)

func TestTerminates(t *testing.T) {
	for name, tt := range map[string]struct {
		deviates []string
		methods  byte // of offline data authentication that the terminal has; 0: all
		way      entry.Way
		text     string
		clause   string
		fallback outcome.Fallback
	}{
		"nothing that the terminal takes": {
			deviates: []string{"00A4: sw 6A82"}, text: "no application is left", clause: "Book 1, 12.4",
			fallback: outcome.MagneticStripe,
		},
		"nothing that the terminal takes, contactless": {
			deviates: []string{"00A4: sw 6A82"}, way: entry.Contactless, text: "no application is left",
			clause: "Book 1, 12.4", fallback: outcome.ContactChip,
		},
		"card is blocked": {
			deviates: []string{"00A4: sw 6A81"}, text: "blocked", clause: "Book 1, 12.3",
		},
		"no application wants it": {
			deviates: []string{"80A8: sw 6985"}, text: "no application is left", clause: "Book 1, 12.4",
		},
		"PDOL asks for more than a command carries": {
			deviates: []string{"00A4: set A5 9F38089F02FF9F03FF95FF"}, way: entry.Listed,
			text: "asks for 765 bytes", clause: "Book 3, 5.4",
		},
		"options refused": {
			deviates: []string{"80A8: sw 6A80"}, text: "was refused", clause: "6.3.5",
		},
		"options malformed": {
			deviates: []string{"80A8: answer 80FF9000"}, text: "malformed", clause: "6.5.8",
		},
		"options of no format": {
			deviates: []string{"80A8: answer 700239009000"}, text: "template 70", clause: "6.5.8",
		},
		"options without AFL": {
			deviates: []string{"80A8: answer 80027D009000"}, text: "locator", clause: "7.5",
		},
		"options of one byte": {
			deviates: []string{"80A8: answer 80017D9000"}, text: "1 bytes", clause: "6.5.8",
		},
		"AIP of three bytes": {
			deviates: []string{"80A8: answer 770582037D00009000"}, text: "AIP of 3", clause: "6.5.8",
		},
		"AFL names file 31": {
			deviates: []string{"80A8: answer 80067D00F80101009000"}, text: "locator", clause: "7.5",
		},
		"AFL begins at 0": {
			deviates: []string{"80A8: answer 80067D00080001009000"}, text: "locator", clause: "7.5",
		},
		"AFL covers too many": {
			deviates: []string{"80A8: answer 80067D00080101029000"}, text: "locator", clause: "7.5",
		},
		"AFL of 255 records": {
			deviates: []string{"80A8: answer 80067D000801FF009000"}, text: "255 records",
			clause: "10.2",
		},
		"record refused": {
			deviates: []string{"00B2 #1: sw 6A83"}, way: entry.Listed, text: "READ RECORD",
			clause: "10.2",
		},
		"record isn't one": {
			deviates: []string{"00B20214: answer 61009000"}, way: entry.Listed, text: "isn't one",
			clause: "7.5",
		},
		"object is there twice": {
			deviates: []string{"00B2: repeat 5F24"}, text: "there twice", clause: "10.2",
		},
		"no account number":    {deviates: []string{"00B2: drop 5A"}, text: "5A", clause: "7.2"},
		"empty account number": {deviates: []string{"00B2: set 5A"}, text: "5A", clause: "7.2"},
		"account number of letters": {
			deviates: []string{"00B2: set 5A 99A9"}, text: "isn't one", clause: "7.5",
		},
		"no expiration date": {deviates: []string{"00B2: drop 5F24"}, text: "5F24", clause: "7.2"},
		"expires on no day": {
			deviates: []string{"00B2: set 5F24 351332"}, text: "no day", clause: "7.5",
		},
		"effective on no day": {
			deviates: []string{"00B2: set 5F25 250230"}, text: "no day", clause: "7.5",
		},
		"no CDOL1": {deviates: []string{"00B2: drop 8C"}, text: "8C", clause: "7.2"},
		"no CDOL2": {deviates: []string{"00B2: drop 8D"}, text: "8D", clause: "7.2"},
		"CDOL1 isn't one": {
			deviates: []string{"00B2: set 8C 9F02"}, text: "isn't a data object", clause: "7.5",
		},
		"odd CVM list": {
			deviates: []string{"00B2: set 8E 000000000000000001"}, text: "8E", clause: "7.5",
		},
		"short action code": {
			deviates: []string{"00B2: set 9F0D 00000000"}, text: "9F0D", clause: "7.5",
		},
		"cryptogram refused": {
			deviates: []string{"80AE: sw 6985"}, text: "GENERATE AC", clause: "6.5.5",
		},
		"cryptogram higher than asked for": {
			deviates: []string{"80AE90: answer 800B40000101020304050607089000"},
			text:     "card answered TC to a request for ARQC", clause: "9.3",
		},
		"cryptogram too short": {
			deviates: []string{"80AE: answer 800A800001010203040506079000"}, text: "10 bytes", clause: "6.5.5",
		},
		"cryptogram without a counter": {
			deviates: []string{"80AE: drop 9F36"}, text: "lacks", clause: "6.5.5",
		},
		"second cryptogram of another transaction": {
			deviates: []string{"80AE #2: answer 800B40999901020304050607089000"}, text: "of transaction 39321",
			clause: "10.11",
		},
		"VERIFY answered by a status word of its own": {
			deviates: []string{"0020: sw 6F00"}, text: "VERIFY", clause: "6.3.5",
		},
		"INTERNAL AUTHENTICATE refused": {
			deviates: []string{"0088: sw 6985"}, methods: 0x40, text: "INTERNAL", clause: "6.3.5",
		},
		"INTERNAL AUTHENTICATE answered without a signature": {
			deviates: []string{"0088: answer 770382013C9000"}, methods: 0x40, text: "no signature",
			clause: "6.5.9",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := emvcardtest.New(t, emvcardtest.Contact)
			c := config(f)
			if tt.methods != 0 {
				c.Terminal.Capabilities[2] = tt.methods
			}
			c.Way = tt.way
			if c.Way == entry.Anyhow {
				c.Way = entry.Contact
			}
			with := deviate(t, f.Card(t, nil), tt.deviates...)
			out, err := pay(t, c, with, host{bank(f), t}, general.Purchase{Amount: 6000})
			ended := new(outcome.TerminatedError)
			if !errors.As(err, &ended) {
				t.Fatalf("%v, %v: %+v", out.Result, err, out.Notes)
			}
			if text := ended.Error(); !strings.Contains(text, tt.text) ||
				!strings.Contains(ended.Reason.Clause, tt.clause) {
				t.Errorf("%s; want %q by %q", text, tt.text, tt.clause)
			}
			if out.Result != outcome.Unfinished || out.Why != ended.Reason || out.Fallback != tt.fallback {
				t.Errorf("%v because of %v, fallback %v", out.Result, out.Why, out.Fallback)
			}
		})
	}
}
