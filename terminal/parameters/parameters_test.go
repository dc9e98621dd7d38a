package parameters_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/parameters"
)

// least is a short file that has applications of its own.
const least = `{"format":"tapbench-emv-terminal v1","terminal":{},` +
	`"applications":[{"aid":"A000000003"}]}`

func TestParseRefuses(t *testing.T) {
	inTerminal := func(member string) string {
		return strings.Replace(least, `"terminal":{}`, `"terminal":{`+member+`}`, 1)
	}
	inApplication := func(member string) string {
		return strings.Replace(least, `"A000000003"`, `"A000000003",`+member, 1)
	}
	atEnd := func(member string) string { return strings.TrimSuffix(least, "}") + "," + member + "}" }
	for name, tt := range map[string]struct{ file, want string }{
		"nothing":             {"", "the file ends here"},
		"another format":      {`{"format":"v2"}`, `format: "v2"`},
		"something behind it": {least + "x", "follows"},
		"an unknown member":   {atEnd(`"more":1`), "more"},
		"a member twice":      {inTerminal(`"country":"276","country":"040"`), "country: the member stands"},
		"no application":      {strings.Replace(least, `{"aid":"A000000003"}`, "", 1), "applications: 0"},
		"an unknown way":      {atEnd(`"way":"by mail"`), "way"},
		"a long type":         {inTerminal(`"type":"2200"`), "type: expected 2"},
		"capabilities that aren't hexadecimal": {
			inTerminal(`"capabilities":"E0B8CX"`), "capabilities: expected 6",
		},
		"a country in letters":   {inTerminal(`"country":"DEU"`), "country: expected 3 decimal"},
		"a currency of two":      {inTerminal(`"currency":"97"`), "currency: expected 3 decimal"},
		"a large exponent":       {inTerminal(`"exponent":10`), "exponent: 10"},
		"a long merchant":        {inTerminal(`"merchant":"1234567890123456"`), "merchant"},
		"a name in two lines":    {inTerminal(`"name":"a\nb"`), "name"},
		"a short AID":            {strings.Replace(least, "A000000003", "A0000000", 1), "aid"},
		"no version":             {inApplication(`"versions":[]`), "versions"},
		"a short version":        {inApplication(`"versions":["02"]`), "versions: expected 4"},
		"a code without online":  {inApplication(`"tac":{"denial":"0000000000"}`), "tac.online"},
		"a percentage of 100":    {inApplication(`"percent":100`), "percent"},
		"a kernel of no number":  {inApplication(`"kernels":["8102"]`), `kernels: "8102"`},
		"kernel zero":            {inApplication(`"kernels":["00"]`), `kernels: "00"`},
		"percentages that fall":  {inApplication(`"percent":9,"most_percent":8`), "percent: 9 to 8"},
		"a list that is cut off": {inApplication(`"ddol":"9F37"`), "ddol"},
		"a short serial":         {atEnd(`"revoked":[{"rid":"A000000003","index":"92","serial":"01"}]`), "serial"},
		"an application twice": {
			strings.Replace(least, `}]`, `},{"aid":"a000000003"}]`, 1), "twice",
		},
	} {
		_, err := parameters.Parse([]byte(tt.file))
		if !errors.Is(err, parameters.ErrFile) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

func TestWhatIsMissingIsTheDefault(t *testing.T) {
	got, err := parameters.Parse([]byte(least))
	if err != nil {
		t.Fatal(err)
	}
	want := parameters.Default()
	want.Applications = []general.Application{
		parameters.DefaultApplication([]byte("\xA0\x00\x00\x00\x03")),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryMember(t *testing.T) {
	const whole = `{
  "format": "tapbench-emv-terminal v1",
  "way": "contact",
  "terminal": {
    "type": "25",
    "capabilities": "E0F8C8",
    "additional": "F000F0A001",
    "country": "056",
    "currency": "840",
    "exponent": 2,
    "category": "5812",
    "acquirer": "000000123456",
    "merchant": "SHOP",
    "name": "Shop, Town",
    "id": "T1",
    "serial": "S1",
    "qualifiers": "26000000"
  },
  "applications": [
    {
      "aid": "A0000000031010",
      "partial": false,
      "kernels": [
        "810276"
      ],
      "extended_selection": true,
      "versions": [
        "0096"
      ],
      "tac": {
        "denial": "0000000000",
        "online": "0000000001",
        "default": "0000000002"
      },
      "floor_limit": 100,
      "threshold": 10,
      "percent": 1,
      "most_percent": 2,
      "ddol": "9F3704",
      "tdol": "9F0206"
    }
  ],
  "revoked": [
    {
      "rid": "A000000003",
      "index": "92",
      "serial": "000001"
    }
  ]
}
`
	p, err := parameters.Parse([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, string(again)); diff != "" {
		t.Error(diff)
	}
	config := p.Config(general.Config{})
	rid := [5]byte{0xA0, 0, 0, 0, 3}
	if config.Way != entry.Contact || !config.Revoked(rid, 0x92, [3]byte{0, 0, 1}) ||
		config.Revoked(rid, 0x92, [3]byte{0, 0, 2}) {
		t.Errorf("%+v", config)
	}
}

func TestOnlyLeavesOneName(t *testing.T) {
	p := parameters.Default()
	if _, ok := p.Only([]byte("\x01\x02\x03\x04\x05")); ok {
		t.Error("an unknown name is taken")
	}
	one, ok := p.Only([]byte("\xA0\x00\x00\x00\x03\x10\x10"))
	if !ok || len(one.Applications) != 1 || one.Applications[0].Partial ||
		len(one.Applications[0].AID) != 7 || len(p.Applications) < 2 {
		t.Errorf("%+v", one.Applications)
	}
}

// FuzzParse: what is read is written and read again as the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(least))
	f.Add([]byte(strings.Replace(least, `"A000000003"`, `"A000000003","ddol":"","tdol":""`, 1)))
	if whole, err := parameters.Default().JSON(); err == nil {
		f.Add(whole)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parameters.Parse(raw)
		if err != nil {
			if !errors.Is(err, parameters.ErrFile) {
				t.Fatal(err)
			}
			return
		}
		written, err := p.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parameters.Parse(written)
		if err != nil {
			t.Fatalf("%v in %s", err, written)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhatIsMissingIsBuiltIn(t *testing.T) {
	got, err := parameters.Parse([]byte(`{"format":"tapbench-emv-terminal v1"}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(parameters.Default(), got); diff != "" {
		t.Errorf("a file that says nothing (-built in +read):\n%s", diff)
	}
}
