package general_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
)

func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(*general.Config){
		"no clock":       func(c *general.Config) { c.Now = nil },
		"no randomness":  func(c *general.Config) { c.Rand = nil },
		"no application": func(c *general.Config) { c.Applications = nil },
		"an AID of 4 bytes": func(c *general.Config) {
			c.Applications[0].AID = []byte{1, 2, 3, 4}
		},
		"a percentage of 100": func(c *general.Config) { c.Applications[0].Limits.Most = 100 },
		"a target above its maximum": func(c *general.Config) {
			c.Applications[0].Limits.Percent = 1
		},
		"a terminal of no type": func(c *general.Config) { c.Terminal.Type = 0x17 },
	} {
		c := config(emvcardtest.New(t, emvcardtest.Contact))
		change(&c)
		if _, err := general.New(c); !errors.Is(err, general.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPayRefuses(t *testing.T) {
	f := emvcardtest.New(t, emvcardtest.Contact)
	for name, p := range map[string]general.Purchase{
		"13 digits": {Amount: 1e12}, "13 digits together": {Amount: 1e12 - 1, Cashback: 1},
	} {
		if _, err := pay(t, config(f), f.Card(t, nil), nil, p); !errors.Is(err, general.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stuck := errors.New("no randomness")
	for name, r := range map[string]io.Reader{
		"unpredictable number": iotest.ErrReader(stuck),
		"random selection":     io.MultiReader(strings.NewReader("1234"), iotest.ErrReader(stuck)),
	} {
		c := config(f)
		c.Rand = r
		out, err := pay(t, c, f.Card(t, nil), nil, general.Purchase{Amount: 1})
		if !errors.Is(err, stuck) || out.Result != outcome.Unfinished {
			t.Errorf("%s: %v, %v", name, out.Result, err)
		}
	}
}

func TestObserverIsToldEachPhase(t *testing.T) {
	f := emvcardtest.New(t, emvcardtest.Contact)
	c := config(f)
	c.Way = entry.Contact
	var names []string
	apdus := 0
	_, err := pay(t, c, deviate(t, f.Card(t, nil), "80AE #2: sw 6985"), host{bank(f), t},
		general.Purchase{Amount: 6000, Observe: func(s general.Step) {
			names = append(names, s.Name)
			apdus += s.APDUs
			if (s.Err != nil) != (s.Name == general.PhaseSecond) {
				t.Errorf("%s: %v", s.Name, s.Err)
			}
		}})
	want := []string{
		general.PhaseSelect, general.PhaseRelay, general.PhaseRecords, general.PhaseAuthenticate,
		general.PhaseRestrictions, general.PhaseCardholder, general.PhaseRisk, general.PhaseAction,
		general.PhaseFirst, general.PhaseOnline, general.PhaseIssuer, general.PhaseBefore,
		general.PhaseSecond,
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
	// PSE, record, end; SELECT, GPO, 4 records, 9F17, challenge, VERIFY, both cryptograms, proof.
	if apdus < 14 || !strings.Contains(fmt.Sprint(err), general.PhaseSecond) {
		t.Errorf("%d exchanges, %v", apdus, err)
	}
}

// A card may ask for anything in its lists; what nobody knows is zeros (EMV 4.3 Book 3, 5.4).
func TestListsOfAnyContent(t *testing.T) {
	list := "\x9F\x01\x06\x9F\x06\x09\x9F\x09\x02\x9F\x15\x02\x9F\x16\x0F\x9F\x1B\x04\x9F\x1C\x08" +
		"\x9F\x1E\x08\x9F\x21\x03\x9F\x33\x03\x9F\x35\x01\x9F\x39\x01\x9F\x40\x05\x9F\x41\x04\x9F\x4E\x04" +
		"\x5F\x36\x01\x9C\x01\x9A\x03\x81\x04\x9F\x04\x04\x9F\x02\x06\x9F\x03\x05\x9B\x02\x9F\x22\x01" +
		"\x8A\x02\x91\x03\x98\x02\xDF\x01\x02\x5A\x0A\x9F\x66\x04\x9F\x1A\x03\x70\x02\x9F\x37\x05"
	want := "000000012345" + hexOf([]byte("\xF0TAPBENCH")) + "0096" + "5999" +
		hexOf([]byte("MERCHANT       ")) + "00001388" + hexOf([]byte("TERM0001")) +
		hexOf([]byte("SERIAL01")) + "123456" + "E0F8C8" + "22" + "05" + "6000F0A001" + "00000042" +
		hexOf([]byte("Shop")) + "02" + "09" + "261121" + "00001964" + "000001F4" + "000000006500" +
		"0000000500" + "0000" + "00" + "0000" + "000000" + "0000" + "0000" +
		"00000000000000000000" + "00000000" + "000276" + "0000" + "0000000000"
	f := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) { a.PDOL = []byte(list) })
	c := config(f)
	c.Way, c.Rand = entry.Contact, zeros{}
	c.Terminal.Acquirer = [6]byte{0, 0, 0, 1, 0x23, 0x45}
	c.Terminal.Merchant = [15]byte([]byte("MERCHANT       "))
	c.Terminal.ID, c.Terminal.Serial = [8]byte([]byte("TERM0001")), [8]byte([]byte("SERIAL01"))
	c.Terminal.Name, c.Terminal.Exponent = "Shop around the corner", 2
	c.Applications[0].Versions = [][2]byte{{0, 0x96}}
	k, err := general.New(c)
	if err != nil {
		t.Fatal(err)
	}
	card := &recorder{Card: pcsc.NewDirect(f.Card(t, nil))}
	out, err := k.Pay(t.Context(), card, nil, general.Purchase{
		Amount: 6000, Cashback: 500, Type: general.WithCashback, Number: 1_0000_0042,
	})
	if err != nil {
		t.Fatalf("%v: %v", err, out.Notes)
	}
	got := ""
	for _, e := range card.exchanges {
		if e.command[1] == 0xA8 {
			got = hexOf(e.command[5 : len(e.command)-1])
		}
	}
	if _, values, ok := strings.Cut(got, "8381"); ok {
		got = values[2:]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if want := time.Date(2026, 11, 21, 12, 34, 56, 0, time.UTC); !out.Time.Equal(want) {
		t.Errorf("at %s", out.Time)
	}
}
