package emvcard_test

import (
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// Bits of the card verification results of versions 10 and 18, as bytes 1 to 3 of a number.
const (
	cvrAuthFailed     = 0x080000
	cvrUnable         = 0x010000
	cvrPending        = 0x008000
	cvrLimit          = 0x002000
	cvrNew            = 0x001000
	cvrAuthFailedLast = 0x000800
	cvrAuthAbsentLast = 0x000400
	cvrSDAFailedLast  = 0x000100
	cvrDDAFailedLast  = 0x000004
)

func cvr(answer map[tlv.Tag][]byte) int {
	iad := answer[emv.TagIAD]
	return int(iad[4])<<16 | int(iad[5])<<8 | int(iad[6])
}

// pay makes a transaction that asks for a type, and returns the first answer.
func (d *dialogue) pay(asked byte) map[tlv.Tag][]byte {
	d.t.Helper()
	d.open()
	answer := d.generate(asked, d.fixture.App().CDOL1)
	d.wantAC(answer)
	return answer
}

// complete asks for the second cryptogram.
func (d *dialogue) complete(asked byte) map[tlv.Tag][]byte {
	d.t.Helper()
	answer := d.generate(asked, d.fixture.App().CDOL2)
	d.wantAC(answer)
	delete(d.said, emv.TagARC)
	delete(d.said, emv.TagIssuerAuth)
	return answer
}

func wantType(t *testing.T, name string, answer map[tlv.Tag][]byte, want byte) {
	t.Helper()
	if got := answer[emv.TagCID][0]; got != want {
		t.Errorf("%s: type %02X, expected %02X", name, got, want)
	}
}

func wantBits(t *testing.T, name string, answer map[tlv.Tag][]byte, set, clear int) {
	t.Helper()
	if got := cvr(answer); got&set != set || got&clear != 0 {
		t.Errorf("%s: results %06X, expected %06X set and %06X clear", name, got, set, clear)
	}
}

func TestFirstCryptogram(t *testing.T) {
	limits := func(change func(r *image.Risk)) func(*image.Application) {
		return func(a *image.Application) {
			a.Risk = image.Risk{Currency: [2]byte{0x09, 0x78}}
			change(&a.Risk)
		}
	}
	none := limits(func(*image.Risk) {})
	one, amount := byte(1), uint64(2000)
	for name, row := range map[string]struct {
		change func(*image.Application)
		before func(d *dialogue)
		asked  byte
		want   byte
		bits   int
	}{
		"AAC asked":  {none, nil, emv.CIDAAC, emv.CIDAAC, cvrNew},
		"ARQC asked": {none, nil, emv.CIDARQC, emv.CIDARQC, cvrNew},
		"TC asked":   {none, nil, emv.CIDTC, emv.CIDTC, cvrNew},
		"new card": {
			limits(func(r *image.Risk) { r.OnlineNew = true }), nil, emv.CIDTC, emv.CIDARQC, cvrNew,
		},
		"count reached": {
			limits(func(r *image.Risk) { r.Lower = &one }), nil, emv.CIDTC, emv.CIDTC, 0,
		},
		"count exceeded": {
			limits(func(r *image.Risk) { r.Lower = &one }),
			func(d *dialogue) { d.pay(emv.CIDTC) }, emv.CIDTC, emv.CIDARQC, cvrLimit,
		},
		"upper count exceeded": {
			limits(func(r *image.Risk) { r.Upper = &one }),
			func(d *dialogue) { d.pay(emv.CIDTC) }, emv.CIDTC, emv.CIDARQC, cvrLimit,
		},
		"amount within": {
			limits(func(r *image.Risk) { r.LowerAmount = &amount }), nil, emv.CIDTC, emv.CIDTC, 0,
		},
		"amount exceeded": {
			limits(func(r *image.Risk) { r.LowerAmount = &amount }),
			func(d *dialogue) { d.pay(emv.CIDTC) }, emv.CIDTC, emv.CIDARQC, cvrLimit,
		},
		"amount exceeded, AAC asked": {
			limits(func(r *image.Risk) { r.UpperAmount = &amount }),
			func(d *dialogue) { d.pay(emv.CIDTC) }, emv.CIDAAC, emv.CIDAAC, cvrLimit,
		},
		"amount of another currency": {
			limits(func(r *image.Risk) { r.LowerAmount = &amount }), func(d *dialogue) {
				d.pay(emv.CIDTC)
				d.said[emv.TagCurrency] = []byte{0x08, 0x40}
			}, emv.CIDTC, emv.CIDTC, 0,
		},
		"last one not completed": {
			none, func(d *dialogue) { d.pay(emv.CIDARQC) }, emv.CIDTC, emv.CIDARQC, cvrPending,
		},
		"DDA failed and declined last time": {none, func(d *dialogue) {
			d.said[emv.TagTVR] = []byte{0x08, 0, 0, 0, 0}
			d.pay(emv.CIDAAC)
		}, emv.CIDTC, emv.CIDTC, cvrDDAFailedLast},
		"SDA failed and declined last time": {none, func(d *dialogue) {
			d.said[emv.TagTVR] = []byte{0x40, 0, 0, 0, 0}
			d.pay(emv.CIDAAC)
		}, emv.CIDTC, emv.CIDTC, cvrSDAFailedLast},
	} {
		t.Run(name, func(t *testing.T) {
			fixture := emvcardtest.New(t, emvcardtest.Contact, row.change)
			d := begin(t, fixture, fixture.Card(t, nil))
			if row.before != nil {
				row.before(d)
			}
			answer := d.pay(row.asked)
			wantType(t, "asked", answer, row.want)
			wantBits(t, "asked", answer, row.bits, (cvrLimit|cvrPending)&^row.bits)
		})
	}
}

func TestSecondCryptogram(t *testing.T) {
	approves, declines := []byte{0, 0x82, 0, 0}, []byte{0, 0x02, 0, 0}
	for name, row := range map[string]struct {
		scheme cryptogram.Scheme
		change func(r *image.Risk)
		issuer func(d *dialogue, first map[tlv.Tag][]byte)
		asked  byte
		want   byte
		bits   int
	}{
		"issuer approves": {
			cryptogram.VersionCVN18, nil,
			func(d *dialogue, first map[tlv.Tag][]byte) { d.online(first, "00", approves) },
			emv.CIDTC, emv.CIDTC, 0,
		},
		"issuer approves, terminal declines": {
			cryptogram.VersionCVN18, nil,
			func(d *dialogue, first map[tlv.Tag][]byte) { d.online(first, "00", approves) },
			emv.CIDAAC, emv.CIDAAC, 0,
		},
		"issuer declines, terminal approves": {
			cryptogram.VersionCVN18, nil,
			func(d *dialogue, first map[tlv.Tag][]byte) { d.online(first, "00", declines) },
			emv.CIDTC, emv.CIDAAC, 0,
		},
		"method 1 approves": {
			cryptogram.VersionCVN10, nil,
			func(d *dialogue, first map[tlv.Tag][]byte) { d.online(first, "00", []byte("00")) },
			emv.CIDTC, emv.CIDTC, 0,
		},
		"method 1 declines": {
			cryptogram.VersionCVN10, nil,
			func(d *dialogue, first map[tlv.Tag][]byte) { d.online(first, "00", []byte("05")) },
			emv.CIDTC, emv.CIDAAC, 0,
		},
		"ARPC wrong": {cryptogram.VersionCVN18, nil, func(d *dialogue, first map[tlv.Tag][]byte) {
			d.online(first, "00", approves)
			d.said[emv.TagIssuerAuth][0] ^= 1
		}, emv.CIDTC, emv.CIDAAC, cvrAuthFailed},
		"no ARPC": {cryptogram.VersionCVN18, nil, func(d *dialogue, _ map[tlv.Tag][]byte) {
			d.said[emv.TagARC] = []byte("00")
		}, emv.CIDTC, emv.CIDTC, 0},
		"no ARPC, which is mandatory": {
			cryptogram.VersionCVN18,
			func(r *image.Risk) { r.MandatoryAuth = true },
			func(d *dialogue, _ map[tlv.Tag][]byte) { d.said[emv.TagARC] = []byte("00") },
			emv.CIDTC, emv.CIDAAC, 0,
		},
		"unable": {cryptogram.VersionCVN18, nil, func(d *dialogue, _ map[tlv.Tag][]byte) {
			d.said[emv.TagARC] = []byte("Y3")
		}, emv.CIDTC, emv.CIDTC, cvrUnable},
		"unable, new card": {
			cryptogram.VersionCVN18, func(r *image.Risk) { r.OnlineNew = true },
			func(d *dialogue, _ map[tlv.Tag][]byte) { d.said[emv.TagARC] = []byte("Y3") },
			emv.CIDTC, emv.CIDAAC, cvrUnable,
		},
		"unable, upper limit": {
			cryptogram.VersionCVN18, func(r *image.Risk) { r.Upper = new(byte) },
			func(d *dialogue, _ map[tlv.Tag][]byte) { d.said[emv.TagARC] = []byte("Y3") },
			emv.CIDTC, emv.CIDAAC, cvrUnable | cvrLimit,
		},
		"unable, terminal declines": {
			cryptogram.VersionCVN18, nil,
			func(d *dialogue, _ map[tlv.Tag][]byte) { d.said[emv.TagARC] = []byte("Z3") },
			emv.CIDAAC, emv.CIDAAC, cvrUnable,
		},
	} {
		t.Run(name, func(t *testing.T) {
			fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
				a.Scheme = row.scheme
				if row.change != nil {
					row.change(&a.Risk)
				}
			})
			d := begin(t, fixture, fixture.Card(t, nil))
			row.issuer(d, d.pay(emv.CIDARQC))
			answer := d.complete(row.asked)
			wantType(t, "second", answer, row.want)
			wantBits(t, "second", answer, row.bits, (cvrAuthFailed|cvrUnable)&^row.bits)
			d.wantStatus("a third cryptogram", apdu.Command{
				CLA: 0x80, INS: 0xAE, Data: d.said.fill(t, fixture.App().CDOL1),
			}, apdu.SWConditionsNotSatisfied)
		})
	}
}

func TestWhatATransactionLeavesForTheNext(t *testing.T) {
	approves := []byte{0, 0x82, 0, 0}
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	d := begin(t, fixture, fixture.Card(t, nil))
	for range 3 {
		wantType(t, "below the limit", d.pay(emv.CIDTC), emv.CIDTC)
	}
	first := d.pay(emv.CIDTC)
	wantType(t, "above the limit", first, emv.CIDARQC)
	d.online(first, "00", approves)
	d.said[emv.TagIssuerAuth][0] ^= 1
	d.complete(emv.CIDTC)

	first = d.pay(emv.CIDTC)
	wantBits(t, "after a wrong ARPC", first, cvrAuthFailedLast|cvrLimit|cvrNew, cvrPending)
	d.said[emv.TagARC] = []byte("00")
	wantType(t, "without an ARPC", d.complete(emv.CIDTC), emv.CIDTC)
	if got := d.data(0x9F13); got != 0 {
		t.Errorf("last online ATC is %d without an ARPC", got)
	}

	first = d.pay(emv.CIDTC)
	wantBits(t, "after none", first, cvrAuthFailedLast|cvrAuthAbsentLast|cvrLimit|cvrNew, 0)
	d.online(first, "00", approves)
	d.complete(emv.CIDTC)
	if got, want := d.data(0x9F13), d.data(0x9F36); got != want {
		t.Errorf("last online ATC is %d, expected %d", got, want)
	}
	first = d.pay(emv.CIDTC)
	wantType(t, "after a right ARPC", first, emv.CIDTC)
	wantBits(t, "after a right ARPC", first, 0, 0x00FF00)
}

func TestCardStatusUpdate(t *testing.T) {
	for name, row := range map[string]struct {
		update []byte
		after  func(d *dialogue)
	}{
		"blocks the card": {[]byte{0, 0xC0, 0, 0}, func(d *dialogue) {
			d.wantStatus("SELECT", apdu.Command{INS: 0xA4, P1: 4, Data: emvcardtest.AID()},
				apdu.SWFunctionNotSupported)
		}},
		"blocks the application": {[]byte{0, 0xA0, 0, 0}, func(d *dialogue) {
			d.wantStatus("SELECT", apdu.Command{INS: 0xA4, P1: 4, Data: emvcardtest.AID()},
				apdu.SWFileDeactivated)
		}},
		"sets the tries": {[]byte{1, 0x90, 0, 0}, func(d *dialogue) {
			value := d.send(0x80, 0xCA, 0x9F, 0x17, nil)
			if value[len(value)-1] != 1 {
				d.t.Errorf("9F17 is %X, expected 1", value)
			}
		}},
		"wants the next one online": {[]byte{0, 0x8A, 0, 0}, func(d *dialogue) {
			wantType(d.t, "next", d.pay(emv.CIDTC), emv.CIDARQC)
		}},
		"sets counters to their limits": {[]byte{0, 0x81, 0, 0}, func(d *dialogue) {
			wantBits(d.t, "next", d.pay(emv.CIDTC), cvrLimit, 0)
		}},
		"adds the transaction": {[]byte{0, 0x83, 0, 0}, func(d *dialogue) {
			d.pay(emv.CIDTC)
			d.pay(emv.CIDTC)
			wantBits(d.t, "fourth", d.pay(emv.CIDTC), cvrLimit, 0)
		}},
		"leaves counters": {[]byte{0, 0x80, 0, 0}, func(d *dialogue) {
			for range 3 {
				wantType(d.t, "next", d.pay(emv.CIDTC), emv.CIDTC)
			}
			wantType(d.t, "fourth", d.pay(emv.CIDTC), emv.CIDARQC)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			fixture := emvcardtest.New(t, emvcardtest.Contact)
			d := begin(t, fixture, fixture.Card(t, nil))
			d.online(d.pay(emv.CIDARQC), "00", row.update)
			wantType(t, "second", d.complete(emv.CIDTC), emv.CIDTC)
			row.after(d)
		})
	}
}

func TestResultsOfTheCommonCoreDefinitions(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
		a.Scheme = cryptogram.VersionCCD
	})
	d := begin(t, fixture, fixture.Card(t, nil))
	for range 3 {
		d.pay(emv.CIDTC)
	}
	first := d.pay(emv.CIDTC)
	iad, err := cryptogram.ParseCCDIAD(first[emv.TagIAD])
	if err != nil {
		t.Fatal(err)
	}
	if want := [5]byte{0xA2, 0x30, 0x80, 0, 0}; iad.CVR != want {
		t.Errorf("results are %X, expected %X", iad.CVR, want)
	}
	if want := [8]byte{0, 3, 0, 0, 0, 0, 0x37, 0x02}; iad.Counters != want {
		t.Errorf("counters are %X, expected %X", iad.Counters, want)
	}
	d.online(first, "00", []byte{0, 0x82, 0, 0})
	second := d.complete(emv.CIDTC)
	if iad, err = cryptogram.ParseCCDIAD(second[emv.TagIAD]); err != nil {
		t.Fatal(err)
	}
	if want := [5]byte{0x60, 0x30, 0x80, 0, 0}; iad.CVR != want {
		t.Errorf("second results are %X, expected %X", iad.CVR, want)
	}
}
