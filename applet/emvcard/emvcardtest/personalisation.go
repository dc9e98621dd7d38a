package emvcardtest

import (
	"slices"
	"testing"

	"tapbench/applet/emvcard/storedata"
	"tapbench/pcsc/apdu"
)

// Dialogue is what a blank contactless card is asked, and the status word of its last answer. The
// card has made its key before, or hasn't.
type Dialogue struct {
	Name     string
	Keyless  bool
	Commands [][]byte // nil: a reset
	Want     apdu.SW
}

// SelectName is SELECT of a whole name.
func SelectName(name []byte) []byte {
	return append(append([]byte{0x00, 0xA4, 0x04, 0x00, byte(len(name))}, name...), 0)
}

// GenerateKey has a blank card make its key.
func GenerateKey() []byte { return []byte{0x00, 0x47, 0x80, 0x00, 0x00} }

// Store is STORE DATA.
func Store(p1, number byte, data ...byte) []byte {
	return append([]byte{0x80, 0xE2, p1, number, byte(len(data))}, data...)
}

// StoreAll are the commands that store groupings.
func StoreAll(tb testing.TB, groups []storedata.Group) (commands [][]byte) {
	tb.Helper()
	for _, c := range storedata.Commands(groups) {
		raw, err := c.Encode()
		if err != nil {
			tb.Fatal(err)
		}
		commands = append(commands, raw)
	}
	return commands
}

// Groups are those of the fixture's application.
func (f *Fixture) Groups(tb testing.TB) []storedata.Group {
	tb.Helper()
	groups, err := storedata.Of(f.App())
	if err != nil {
		tb.Fatal(err)
	}
	return groups
}

// Personalisations are dialogues with a blank card: each refusal, and what is accepted.
func (f *Fixture) Personalisations(tb testing.TB) []Dialogue {
	tb.Helper()
	all := f.Groups(tb)
	selectPayment, selectDirectory := SelectName(AID()), SelectName([]byte("2PAY.SYS.DDF01"))
	whole := func(groups []storedata.Group) [][]byte {
		return append([][]byte{selectPayment}, StoreAll(tb, groups)...)
	}
	var list []Dialogue
	add := func(want apdu.SW, name string, commands ...[]byte) {
		list = append(list, Dialogue{Name: name, Commands: commands, Want: want})
	}
	for _, d := range blocks() {
		add(d.Want, d.Name, append([][]byte{selectPayment}, d.Commands...)...)
	}
	for _, row := range values() {
		if row.want != apdu.SWNormal {
			alone := StoreAll(tb, []storedata.Group{{ID: row.id, Value: row.value}})
			add(row.want, row.name, selectPayment, alone[0])
			continue
		}
		changed := slices.DeleteFunc(slices.Clone(all), func(g storedata.Group) bool {
			return g.ID == row.id
		})
		changed = append(changed, storedata.Group{ID: row.id, Value: row.value})
		add(row.want, row.name, whole(changed)...)
	}
	for _, g := range all {
		if _, _, isRecord := g.ID.Place(); isRecord || g.ID == storedata.PDOL {
			continue
		}
		add(apdu.SWConditionsNotSatisfied, g.ID.String()+" is missing",
			whole(slices.DeleteFunc(slices.Clone(all), func(other storedata.Group) bool {
				return other.ID == g.ID
			}))...)
	}
	stored := StoreAll(tb, all)
	list = append(list, Dialogue{
		"no key yet", true, whole(all), apdu.SWConditionsNotSatisfied,
	})
	add(apdu.SWConditionsNotSatisfied, "a reset between blocks",
		append([][]byte{selectPayment, stored[0], nil, selectPayment}, stored[1:]...)...)
	add(apdu.SWNormal, "begun anew", append([][]byte{selectPayment, stored[0]}, stored...)...)
	add(apdu.SWNormal, "another key between blocks",
		append([][]byte{selectPayment, stored[0], GenerateKey()}, stored[1:]...)...)
	add(apdu.SWNormal, "a transaction at once", append(whole(all),
		[]byte{0x80, 0xCA, 0x9F, 0x36, 0x00})...)
	add(apdu.SWINSNotSupported, "STORE DATA once more", append(whole(all), stored[0])...)
	add(apdu.SWINSNotSupported, "another key", append(whole(all), GenerateKey())...)
	add(apdu.SWNormal, "the PPSE alone", selectDirectory,
		Store(0x80, 0, 0x91, 0x02, 4, 0xA5, 2, 0x88, 0), selectDirectory)
	add(apdu.SWINSNotSupported, "the PPSE once more", selectDirectory,
		Store(0x80, 0, 0x91, 0x02, 2, 0xA5, 0), Store(0x80, 0, 0x91, 0x02, 2, 0xA5, 0))
	add(0x6A88, "a key for the PPSE", selectDirectory, Store(0x00, 0, 0x80, 0x00, 16))
	add(apdu.SWConditionsNotSatisfied, "nothing for the PPSE", selectDirectory, Store(0x80, 0),
		Store(0x00, 0, 0x91), Store(0x00, 0, 0x91, 0x02, 2, 0xA5, 0), Store(0x80, 3, 0))
	return list
}

// blocks are dialogues about their form.
func blocks() []Dialogue {
	one := Store(0x00, 0, 0x91, 0x02, 2, 0xA5, 0)
	return []Dialogue{
		{"another P1", false, [][]byte{Store(0x40, 0, 0)}, apdu.SWIncorrectP1P2},
		{"no data", false, [][]byte{{0x80, 0xE2, 0x00, 0x00}}, apdu.SWWrongLength},
		{"secure messaging", false, [][]byte{{0x84, 0xE2, 0x00, 0x00}}, apdu.SWSecureMessagingNotSupported},
		{"the other class", false, [][]byte{{0x00, 0xE2, 0x00, 0x00}}, apdu.SWINSNotSupported},
		{"a payment", false, [][]byte{{0x80, 0xA8, 0x00, 0x00, 2, 0x83, 0}}, apdu.SWINSNotSupported},
		{"a record", false, [][]byte{{0x00, 0xB2, 1, 0x0C, 0}}, apdu.SWINSNotSupported},
		{"nothing waits", false, [][]byte{{0x00, 0xC0, 0, 0, 0}}, apdu.SWConditionsNotSatisfied},
		{"key by other parameters", false, [][]byte{{0x00, 0x47, 0x00, 0x00, 0}}, apdu.SWIncorrectP1P2},
		{"key with data", false, [][]byte{{0x00, 0x47, 0x80, 0x00, 1, 0}}, apdu.SWWrongLength},
		{"block 01 first", false, [][]byte{Store(0x00, 1, 0)}, apdu.SWConditionsNotSatisfied},
		{
			"a block twice", false,
			[][]byte{one, Store(0x00, 1, 0x30, 0x04, 6, 1), Store(0x00, 1, 1)},
			apdu.SWConditionsNotSatisfied,
		},
		{
			"a block after a refused one", false,
			[][]byte{one, Store(0x00, 1, 0), Store(0x00, 2, 0)},
			apdu.SWConditionsNotSatisfied,
		},
		{"half a head", false, [][]byte{Store(0x00, 0, 0x91, 0x02)}, apdu.SWWrongData},
		{"half a long head", false, [][]byte{Store(0x00, 0, 0x91, 0x02, 0xFF, 0)}, apdu.SWWrongData},
		{
			"a long head of a short value", false,
			[][]byte{Store(0x00, 0, 0x91, 0x02, 0xFF, 0, 2, 0xA5, 0)},
			apdu.SWNormal,
		},
		{
			"a length beyond a short", false,
			[][]byte{Store(0x00, 0, 0x01, 0x01, 0xFF, 0xFF, 0xFF)},
			apdu.SWWrongData,
		},
		{"a DGI twice", false, [][]byte{one, Store(0x00, 1, 0x91, 0x02, 2)}, apdu.SWWrongData},
		{"an unknown DGI", false, [][]byte{Store(0x00, 0, 0x30, 0x05, 1)}, 0x6A88},
		{"file 31", false, [][]byte{Store(0x00, 0, 0x1F, 0x01, 2)}, 0x6A88},
		{"record 00", false, [][]byte{Store(0x00, 0, 0x01, 0x00, 2)}, 0x6A88},
		{"file 00", false, [][]byte{Store(0x00, 0, 0x00, 0x01, 2)}, 0x6A88},
		{"the last block too early", false, [][]byte{Store(0x80, 0, 0x30, 0x04, 6, 1)}, apdu.SWWrongData},
		{"more than there is room for", false, room(), 0x6A84},
	}
}

// room fills a card's memory.
func room() (commands [][]byte) {
	for i := range byte(7) {
		value := make([]byte, 240)
		commands = append(commands, Store(0x00, i, append([]byte{0x01, 1 + i, 240}, value...)...))
	}
	return commands
}

// values are groupings of which one is wrong, or unusual.
func values() []struct {
	name  string
	id    storedata.DGI
	value []byte
	want  apdu.SW
} {
	limits := func(at int, b byte) []byte {
		value := make([]byte, 18)
		value[at] = b
		return value
	}
	return []struct {
		name  string
		id    storedata.DGI
		value []byte
		want  apdu.SW
	}{
		{"a selection of 233 bytes", storedata.Selection, make([]byte, 233), apdu.SWWrongData},
		{"a selection of 232 bytes", storedata.Selection, make([]byte, 232), apdu.SWNormal},
		{"a key of 15 bytes", storedata.MasterKey, make([]byte, 15), apdu.SWWrongData},
		{"an AFL alone", storedata.Options, make([]byte, 10), apdu.SWWrongData},
		{
			"an AFL that ends early", storedata.Options, bytesOf("82 02 1900 94 05 08010100"),
			apdu.SWWrongData,
		},
		{
			"issuer authentication", storedata.Options, bytesOf("82 02 1D00 94 04 08010100"),
			apdu.SWWrongData,
		},
		{
			"no signature of cryptograms", storedata.Options, bytesOf("82 02 1800 94 04 08010100"),
			apdu.SWNormal,
		},
		{"a limit that is no number", storedata.Limits, limits(9, 0x0A), apdu.SWWrongData},
		{"a currency that is none", storedata.Limits, limits(15, 0xA0), apdu.SWWrongData},
		{"a high key index", storedata.Limits, limits(17, 0xFF), apdu.SWNormal},
		{"a PDOL of 65 bytes", storedata.PDOL, bytesOf("9F66 41"), apdu.SWWrongData},
		{"a PDOL of 64 bytes", storedata.PDOL, bytesOf("9F66 40"), apdu.SWNormal},
		{"a PDOL of nothing", storedata.PDOL, bytesOf("9F66 00"), apdu.SWWrongData},
		{"a list that is cut", storedata.PDOL, bytesOf("9F66 04 9F"), apdu.SWWrongData},
		{"a tag 00", storedata.PDOL, bytesOf("9F66 04 0004"), apdu.SWWrongData},
		{"a tag of 5 bytes", storedata.DDOL, bytesOf("9F81828304 04"), apdu.SWWrongData},
		{"a tag of 4 bytes", storedata.DDOL, bytesOf("9F818203 04"), apdu.SWNormal},
		{"a short amount", storedata.CDOL1, bytesOf("9F02 05 9F37 04"), apdu.SWWrongData},
		{"a long number", storedata.DDOL, bytesOf("9F37 08"), apdu.SWWrongData},
		{"an amount of nothing", storedata.CDOL1, bytesOf("9F02 00 9F37 04"), apdu.SWWrongData},
		{"a CDOL1 of 253 bytes", storedata.CDOL1, bytesOf("9F37 04 DF01 F9"), apdu.SWWrongData},
		{"a CDOL1 of 252 bytes", storedata.CDOL1, bytesOf("9F37 04 DF01 F8"), apdu.SWNormal},
		{"times of 5 bytes", storedata.Relay, make([]byte, 5), apdu.SWWrongData},
		{"a record of 255 bytes", storedata.Record(1, 255), make([]byte, 255), apdu.SWWrongData},
		{"a record of 254 bytes", storedata.Record(30, 255), make([]byte, 254), apdu.SWNormal},
	}
}
