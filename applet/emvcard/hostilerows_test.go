package emvcard_test

import (
	"fmt"
	"testing"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
)

// hostileTables are the attacks, by card.
func hostileTables() map[string]hostileTable {
	contact := func(changes ...func(*image.Application)) func(testing.TB) *emvcardtest.Fixture {
		return func(t testing.TB) *emvcardtest.Fixture {
			return emvcardtest.New(t, emvcardtest.Contact, changes...)
		}
	}
	return map[string]hostileTable{
		"order":   {contact(), orderRows()},
		"lengths": {contact(), lengthRows()},
		"PIN":     {contact(), pinRows()},
		"scripts": {contact(puttable), scriptRows("84", 8)},
		"CVN 10":  {contact(puttable, ofScheme(cryptogram.VersionCVN10)), scriptRows("84", 8)},
		"CCD":     {contact(puttable, ofScheme(cryptogram.VersionCCD)), scriptRows("8C", 10)},
		"CCD, triple DES": {
			contact(puttable, ofScheme(cryptogram.VersionCCD3DES)), scriptRows("8C", 10),
		},
		"limits": {contact(), limitRows()},
		"T=0": {func(t testing.TB) *emvcardtest.Fixture {
			f := emvcardtest.New(t, emvcardtest.Contact)
			f.Image.T0 = true
			return f
		}, t0Rows()},
		"mandatory issuer authentication": {
			contact(func(a *image.Application) { a.Risk.MandatoryAuth = true }), issuerRows(),
		},
		"contactless": {func(t testing.TB) *emvcardtest.Fixture {
			return emvcardtest.New(t, emvcardtest.Contactless)
		}, contactlessRows()},
		"blocked card": {func(t testing.TB) *emvcardtest.Fixture {
			f := emvcardtest.New(t, emvcardtest.Contact)
			f.Image.Blocked = true
			return f
		}, []hostileRow{
			{"selected", "select=6A81 00A4040005315041592E=6A81 gpo=6D00", "6A81  "},
		}},
		"blocked application": {contact(func(a *image.Application) { a.Blocked = true }), []hostileRow{
			{"pays nothing", "select=6283 gpo ac1:TC=AAC ac1:TC=6985", "6283 0001 03"},
		}},
	}
}

func puttable(a *image.Application) {
	a.Objects = []image.Object{
		{Tag: 0x9F50, Value: []byte{1, 2}, Put: true}, {Tag: 0x9F51, Value: []byte{3}},
	}
}

func ofScheme(s cryptogram.Scheme) func(*image.Application) {
	return func(a *image.Application) { a.Scheme = s }
}

// orderRows send commands where they don't belong.
func orderRows() []hostileRow {
	return []hostileRow{
		{"before any selection", "gpo=6D00 ac1:TC=6D00 dda=6D00 verify:1234=6D00 00B2010C00=6D00 " +
			"80CA9F3600=6D00 00C0000000=6985", "9000 0000 03"},
		{"in the PSE", "00A404000E315041592E5359532E444446303100 gpo=6D00 ac1:TC=6D00 00B2010C00 " +
			"00B2020C00=6A83 00B2011400=6A82", "9000 0000 03"},
		{
			"in the PPSE", "00A404000E325041592E5359532E444446303100 gpo=6D00 00B2010C00=6D00",
			"9000 0000 03",
		},
		{"GENERATE AC first", "select ac1:TC=6985 ac1:ARQC=6985", "9000 0000 03"},
		{
			"INTERNAL AUTHENTICATE first",
			"select dda=6985 gpo dda dda ac1:TC=TC dda=6985", "9000 0001 03",
		},
		{"GET PROCESSING OPTIONS twice", "select gpo gpo=6985 ac1:TC=TC gpo=6985", "9000 0001 03"},
		{
			"GENERATE AC thrice",
			"select gpo ac1:ARQC=ARQC ac2:AAC=AAC ac1:TC=6985 ac2:TC=6700", "9000 0001 03",
		},
		{"GENERATE AC after a TC", "select gpo ac1:TC=TC ac1:TC=6985 ac1:AAC=6985", "9000 0001 03"},
		{"GENERATE AC after an AAC", "select gpo ac1:AAC=AAC ac1:TC=6985", "9000 0001 03"},
		{"ARQC after an ARQC", "select gpo ac1:ARQC=ARQC ac2:ARQC=6985 ac2:AAC", "9000 0001 03"},
		{"second list with the first cryptogram", "select gpo ac2:TC=6700 ac1:TC=TC", "9000 0001 03"},
		{
			"first list with the second cryptogram", "select gpo ac1:ARQC=ARQC ac1:AAC=6700 ac2:AAC",
			"9000 0001 03",
		},
		{"a signature under an AAC", "select gpo 80AE1000=6700 ac1:AAC", "9000 0001 03"},
		{"a selection within", "select gpo select ac1:TC=6985 gpo ac1:TC=TC", "9000 0002 03"},
		{
			"an unknown selection within: the transaction goes on",
			"select gpo 00A4040007A0000000999999=6A82 ac1:TC=TC", "9000 0001 03",
		},
		{"a reset within", "select gpo reset ac1:TC=6D00 select ac1:TC=6985", "9000 0001 03"},
		{
			"issuer authentication first",
			"select 00820000081122334455667788=6985 gpo 00820000081122334455667788=6985", "9000 0001 03",
		},
		{
			"issuer authentication after a TC", "select gpo ac1:TC=TC 00820000081122334455667788=6985",
			"9000 0001 03",
		},
		{
			"issuer authentication twice",
			"select gpo ac1:ARQC=ARQC 00820000081122334455667788=6300 again=6985 ac2:TC", "9000 0001 03",
		},
		{
			"issuer authentication after the end",
			"select gpo ac1:ARQC=ARQC ac2:AAC 00820000081122334455667788=6985", "9000 0001 03",
		},
		{"next occurrence without any", "00A4040205F054415042=6A82", "9000 0000 03"},
		{
			"next occurrence without end", "00A4040005F05441504200 00A4040205F054415042=6A82 again=6A82",
			"9000 0000 03",
		},
		{"classes", "select 90A80000028300=6E00 81A80000028300=6E00 FFA80000028300=6E00 " +
			"00A80000028300=6D00 80B2010C00=6D00 84A80000028300=6882 04B2010C00=6882", "9000 0000 03"},
		{
			"instructions", "select 80000000=6D00 80FF0000=6D00 00AE4000=6D00 00D6000001FF=6D00",
			"9000 0000 03",
		},
		{
			"what is secured, in clear",
			"select gpo ac1:ARQC=ARQC 801E0000=6987 80160000=6987 80180000=6987 " +
				"80240000=6987 00DA9F5000=6D00", "9000 0001 03",
		},
	}
}

// lengthRows lie about lengths.
func lengthRows() []hostileRow {
	return []hostileRow{
		{"no C-APDU", "select 00A40400FF=6700 00A4040005F0=6700 80A800000283=6700 " +
			"00A4040000000005=6700", "9000 0000 03"},
		{
			"SELECT",
			"00A4040004F0544150=6700 00A40400=6700 00A4040011F054415042454E43481000112233445566=6700 " +
				"00A4010005F054415042=6A86 00A4040105F054415042=6A86", "9000 0000 03",
		},
		{
			"GET PROCESSING OPTIONS", "select 80A80000=6700 80A8000000=6700 80A800000183=6700 " +
				"80A80000028301=6A80 80A80000028400=6A80 80A8000003830000=6700 80A80100028300=6A86 gpo",
			"9000 0001 03",
		},
		{"READ RECORD", "select 00B2000C00=6A86 00B2010400=6A86 00B2010D00=6A86 00B201FC00=6A86 " +
			"00B2FF0C00=6A83 00B201F400=6A82 00B2010C0100=6700 00B2011400", "9000 0000 03"},
		{
			"GENERATE AC",
			"select gpo 80AE4000=6700 80AE400001FF=6700 80AE400100=6A86 80AEC00000=6A86 " +
				"80AE410000=6A86 ac1:TC=TC", "9000 0001 03",
		},
		{"INTERNAL AUTHENTICATE", "select gpo 00880000=6700 0088000003112233=6700 " +
			"00880000051122334455=6700 008801000411223344=6A86 dda", "9000 0001 03"},
		{
			"EXTERNAL AUTHENTICATE", "select gpo ac1:ARQC=ARQC 008200000711223344556677=6700 " +
				"00820000111122334455667788990011223344556677=6700 00820100081122334455667788=6A86",
			"9000 0001 03",
		},
		{
			"GET DATA", "select 80CA9F36011100=6700 80CA000000=6A88 80CA9F1A00=6A88 80CAFFFF00=6A88",
			"9000 0000 03",
		},
		{"GET CHALLENGE", "select 0084000001FF=6700 0084010008=6A86 0084000008", "9000 0000 03"},
		{
			"GET RESPONSE", "select 00C0000000=6985 00C0010000=6A86 00C0000001FF=6700 80C0000000=6D00",
			"9000 0000 03",
		},
		{"an answer of which less is wanted", "00A4040005F05441504201=61.. 00C0000001=61.. " +
			"00C0000000", "9000 0000 03"},
		{
			"what waits is dropped", "00A4040005F05441504201=61.. 00B2000C00=6A86 00C0000000=6985",
			"9000 0000 03",
		},
		{
			"amount of no digits", "select gpo amount:0000000012FA ac1:TC=6A80 amount:000000001234 ac1:TC=TC",
			"9000 0001 03",
		},
	}
}

// pinRows guess.
func pinRows() []hostileRow {
	return []hostileRow{
		{"three guesses", "select gpo verify:0000=63C2 verify:1111=63C1 verify:2222=63C0 " +
			"verify:1234=6983", "9000 0001 00"},
		{
			"a guess in each of three transactions", "select gpo verify:0000=63C2 reset select gpo " +
				"verify:1111=63C1 reset select gpo verify:2222=63C0 reset select gpo verify:1234=6983",
			"9000 0004 00",
		},
		{
			"right after two wrong ones", "select gpo verify:0000=63C2 verify:1111=63C1 verify:1234",
			"9000 0001 03",
		},
		{"before a transaction", "select verify:1234=6985", "9000 0000 03"},
		{
			"after the cryptogram",
			"select gpo ac1:TC=TC verify:1234=6985 verify:0000=6985", "9000 0001 03",
		},
		{"other lengths count no try", "select gpo 002000800724123FFFFFFFFF=6700 00200080=6700 " +
			"0020008800=6700", "9000 0001 03"},
		{"other references count no try", "select gpo 0020000008241234FFFFFFFFFF=6A86 " +
			"0020018008241234FFFFFFFFFF=6A86 0020008108241234FFFFFFFFFF=6A86", "9000 0001 03"},
		{"no PIN block counts a try", "select gpo 00200080080000000000000000=63C2", "9000 0001 02"},
		{"enciphered without a challenge", "select gpo " + enciphered() + "=6984", "9000 0001 03"},
		{"enciphered, a challenge two commands before", "select gpo 0084000008 80CA9F3600 " +
			enciphered() + "=6984", "9000 0001 03"},
		{"enciphered nonsense counts a try", "select gpo 0084000008 " + enciphered() +
			"=63C2 again=6984", "9000 0001 02"},
	}
}

// enciphered is VERIFY with 128 bytes that no key made.
func enciphered() string {
	command := "0020008880"
	for range 128 {
		command += "01"
	}
	return command
}

// scriptRows replay, forge and misplace scripts, of a class and with a data field of n bytes where
// there are no data.
func scriptRows(class string, n int) []hostileRow {
	field, again := fmt.Sprintf("%02X8E08%016X", n, 1), "6988"
	if n == cryptogram.BlockLen {
		field, again = fmt.Sprintf("%02X%016X", n, 1), "9000" // each MAC stands alone
	}
	return []hostileRow{
		{
			"before a cryptogram",
			"select script:801E0000=6985 gpo script:801E0000=6985", "9000 0001 03",
		},
		{"forged", "select gpo ac1:ARQC=ARQC forged:801E0000=6988", "9000 0001 03"},
		{"after a forged one nothing is tried", "select gpo ac1:ARQC=ARQC forged:801E0000=6988 " +
			"script:801E0000=6985", "9000 0001 03"},
		{
			"with a MAC that is too short",
			"select gpo ac1:ARQC=ARQC " + class + "1E00000411223344=6700", "9000 0001 03",
		},
		{"with another header", "select gpo ac1:ARQC=ARQC script:801E0000 reset", "6283 0001 03"},
		{
			"replayed in the next transaction", "select gpo ac1:ARQC=ARQC script:80240000 again=" +
				again + " reset select gpo ac1:ARQC=ARQC " + class + "240000" + field + "=6988",
			"9000 0002 03",
		},
		{
			"unblocks what it has blocked", "select gpo ac1:ARQC=ARQC script:801E0000 script:80180000",
			"9000 0001 03",
		},
		{
			"a blocked application pays nothing",
			"select gpo ac1:ARQC=ARQC script:801E0000 reset select=6283 " +
				"gpo ac1:TC=AAC ac1:TC=6985", "6283 0002 03",
		},
		{"a blocked card", "select gpo ac1:ARQC=ARQC script:80160000 reset select=6A81 " +
			"00A404000E315041592E5359532E4444463031=6A81", "6A81  "},
		{"PUT DATA", "select gpo ac1:ARQC=ARQC script:00DA9F500A0B", "9000 0001 03"},
		{
			"PUT DATA of another length",
			"select gpo ac1:ARQC=ARQC script:00DA9F500A0B0C=6A80", "9000 0001 03",
		},
		{
			"PUT DATA of what isn't the issuer's", "select gpo ac1:ARQC=ARQC script:00DA9F510A=6A88",
			"9000 0001 03",
		},
		{
			"PUT DATA of the counter",
			"select gpo ac1:ARQC=ARQC script:00DA9F360000=6A88", "9000 0001 03",
		},
		{
			"PIN CHANGE with another parameter",
			"select gpo ac1:ARQC=ARQC script:80240001=6A86", "9000 0001 03",
		},
		{"PIN CHANGE without a PIN", "select gpo ac1:ARQC=ARQC script:80240002=6700", "9000 0001 03"},
		{
			"PIN CHANGE with nonsense", "select gpo ac1:ARQC=ARQC " +
				"script:802400020011223344556677=6A80 reset select gpo verify:1234",
			"9000 0002 03",
		},
		{
			"PIN UNBLOCK",
			"select gpo verify:0000=63C2 verify:0000=63C1 verify:0000=63C0 ac1:ARQC=ARQC " +
				"script:80240000 reset select gpo verify:1234", "9000 0002 03",
		},
	}
}

// issuerRows approve in the issuer's name.
func issuerRows() []hostileRow {
	return []hostileRow{
		{
			"a response code alone", "select gpo ac1:ARQC=ARQC code:00 ac2:TC=AAC", "9000 0001 03",
		},
		{
			"a proof that is wrong",
			"select gpo ac1:ARQC=ARQC 00820000081122334455667788=6300 code:00 ac2:TC=AAC",
			"9000 0001 03",
		},
		{
			"a proof that is wrong, then the line is said to be down",
			"select gpo ac1:ARQC=ARQC 00820000081122334455667788=6300 code:Y3 ac2:TC=AAC",
			"9000 0001 03",
		},
		{
			"a proof of the transaction before",
			"select gpo ac1:ARQC=ARQC 00820000081122334455667788=6300 reset select gpo ac1:ARQC=ARQC " +
				"00820000081122334455667788=6300 ac2:TC=AAC", "9000 0002 03",
		},
	}
}

// limitRows try for more than the limits: 3 transactions, 100.00, at most 5 and 200.00.
func limitRows() []hostileRow {
	return []hostileRow{
		{
			"amount of twelve digits, then little at the second",
			"select gpo amount:999999999999 ac1:ARQC=ARQC amount:000000000001 code:Y3 ac2:TC=AAC", "",
		},
		{
			"little at the first, twelve digits at the second",
			"select gpo amount:000000000001 ac1:ARQC=ARQC amount:999999999999 code:Y3 ac2:TC=AAC", "",
		},
	}
}

// t0Rows abuse what T=0 has.
func t0Rows() []hostileRow {
	return []hostileRow{
		{"answer is fetched, in two pieces", "select=61.. 00C0000001=61.. 00C0000000=6C..", ""},
		{"answer is fetched twice", "select=61.. 00C0000000=6C.. again=6C..", ""},
		{"wrong Le", "select=61.. 00B2011400=6C.. 00B2011401=6C..", ""},
		{"what waits is another's", "select=61.. gpo=61.. 00B2000C00=6A86 00C0000000=6985", ""},
		{"GET RESPONSE first", "00C0000000=6985", ""},
		{"GET RESPONSE with data", "select=61.. 00C0000001FF=6700 00C0000000=6C..", ""},
	}
}

// contactlessRows ask a card for what it doesn't have.
func contactlessRows() []hostileRow {
	return []hostileRow{
		{"PSE", "00A404000E315041592E5359532E4444463031=6A82", ""},
		{"a second cryptogram", "select gpo ac1:ARQC=ARQC ac1:TC=6985", ""},
		{"a PIN", "select gpo verify:1234=6D00 0084000008=6D00", ""},
		{"a script", "select gpo ac1:ARQC=ARQC script:80240000=6D00", ""},
		{"what isn't the contactless card's", "select 80CA9F4F00=6A88 80CA9F1700=6A88", ""},
	}
}
