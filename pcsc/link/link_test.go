package link_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/atr"
	"tapbench/pcsc/link"
)

// echo answers a command with its own bytes and 9000.
type echo struct {
	seen    [][]byte
	powered bool
	atr     []byte // nil: of a card with T=1
}

func (e *echo) ATR() []byte {
	if e.atr != nil {
		return e.atr
	}
	return []byte{0x3B, 0x80, 0x80, 0x01, 0x01}
}
func (e *echo) PowerOn()  { e.powered = true }
func (e *echo) PowerOff() { e.powered = false }
func (*echo) Reset()      {}

func (e *echo) Process(command []byte) []byte {
	e.seen = append(e.seen, bytes.Clone(command))
	return append(bytes.Clone(command), 0x90, 0x00)
}

func lay(t *testing.T, cfg link.Config) (*link.Link, *echo) {
	t.Helper()
	card := new(echo)
	on, err := link.On(card, cfg)
	if err != nil {
		t.Fatal(err)
	}
	on.PowerOn()
	return on, card
}

func reader(t *testing.T, name string) link.Reader {
	t.Helper()
	r, ok := link.ReaderNamed(name)
	if !ok {
		t.Fatalf("no model %s", name)
	}
	return r
}

// short is a command of case 4 with n bytes of data.
func short(n int) []byte {
	command := append([]byte{0x80, 0x10, 0, 0, byte(n)}, make([]byte, n)...)
	return append(command, 0)
}

func TestShortReaderDropsWhatItCantCarry(t *testing.T) {
	extended := append([]byte{0x80, 0x10, 0, 0, 0, 1, 0}, make([]byte, 256)...)
	for _, name := range link.ReaderNames() {
		on, card := lay(t, link.Config{Reader: reader(t, name)})
		carried := name != "acr122u"
		if answer := on.Process(extended); (len(answer) > 0) != carried {
			t.Errorf("%s: an extended command was answered by %d bytes", name, len(answer))
		}
		switch err := on.Err(); {
		case carried && err != nil:
			t.Errorf("%s: %v", name, err)
		case !carried && !errors.Is(err, link.ErrCarry):
			t.Errorf("%s: %v, want ErrCarry", name, err)
		case !carried && (len(card.seen) > 0 || card.powered):
			t.Errorf("%s: the card saw %d commands, powered %v", name, len(card.seen), card.powered)
		}
	}
}

// TestT0CarriesShortCommandsAlone: the driver of a reader of TPDUs has no block for a longer one
// unless the card has T=1, too. A reader that takes APDUs whole sees to it itself.
func TestT0CarriesShortCommandsAlone(t *testing.T) {
	extended := append([]byte{0x80, 0x10, 0, 0, 0, 1, 0}, make([]byte, 256)...)
	for name, row := range map[string]struct {
		atr     string
		reader  string
		carried bool
	}{
		"T=0":                     {"\x3B\x00", "gempctwin", false},
		"T=0, said":               {"\x3B\x80\x00", "gempctwin", false},
		"T=1":                     {"\x3B\x80\x01\x81", "gempctwin", true},
		"both":                    {"\x3B\x80\x80\x01\x01", "gempctwin", true},
		"no answer to reset":      {"\x00", "gempctwin", true},
		"a reader of whole APDUs": {"\x3B\x00", "ideal", true},
	} {
		on, card := lay(t, link.Config{Reader: reader(t, row.reader)})
		card.atr = []byte(row.atr)
		if answer := on.Process(short(250)); len(answer) == 0 {
			t.Errorf("%s: a short command: %v", name, on.Err())
		}
		answer := on.Process(extended)
		if (len(answer) > 0) != row.carried || errors.Is(on.Err(), link.ErrCarry) == row.carried {
			t.Errorf("%s: answered by %d bytes, %v", name, len(answer), on.Err())
		}
	}
}

// TestNothingIsNoCommand: no reader breaks down over an empty frame.
func TestNothingIsNoCommand(t *testing.T) {
	for _, name := range link.ReaderNames() {
		on, _ := lay(t, link.Config{Reader: reader(t, name)})
		on.Process(nil)
	}
}

func TestShortReaderDropsALongAnswer(t *testing.T) {
	on, _ := lay(t, link.Config{Reader: reader(t, "acr122u")})
	if answer := on.Process(short(250)); len(answer) != 258 {
		t.Fatalf("got %d bytes, %v", len(answer), on.Err())
	}
	if answer := on.Process(short(251)); answer != nil || !errors.Is(on.Err(), link.ErrCarry) {
		t.Errorf("got %d bytes, %v", len(answer), on.Err())
	}
	on.PowerOn()
	if answer := on.Process(short(1)); len(answer) == 0 || on.Err() != nil {
		t.Errorf("back in the field: %d bytes, %v", len(answer), on.Err())
	}
}

func TestWaitingTime(t *testing.T) {
	for name, want := range map[string]error{"acr122u": link.ErrWaiting, "acr1252u": nil} {
		work := 77 * time.Millisecond
		on, _ := lay(t, link.Config{
			Reader: reader(t, name), Work: func() time.Duration { return work },
		})
		if answer := on.Process(short(1)); len(answer) == 0 {
			t.Errorf("%s: within the waiting time: %v", name, on.Err())
		}
		work = 78 * time.Millisecond
		on.Process(short(1))
		if !errors.Is(on.Err(), want) {
			t.Errorf("%s: %v, want %v", name, on.Err(), want)
		}
	}
}

func TestTimeOfAnExchange(t *testing.T) {
	command := short(100)
	var last time.Duration
	for _, name := range []string{"ideal", "gempctwin", "utrust3700f", "acr1252u", "acr122u"} {
		var clock link.Virtual
		on, _ := lay(t, link.Config{Reader: reader(t, name), Clock: &clock})
		on.Process(command)
		if name == "ideal" && clock.Now() != 0 {
			t.Errorf("%s takes %s", name, clock.Now())
		}
		t.Logf("%s: %s", name, clock.Now())
		if name == "acr122u" && clock.Now() < last {
			t.Errorf("%s takes %s, less than the one before", name, clock.Now())
		}
		last = clock.Now()
	}
}

func TestPseudoCommandsNeverReachTheCard(t *testing.T) {
	random := bytes.NewReader([]byte{1, 2, 3, 4, 5, 6})
	ats := []byte{0x07, 0x78, 0x80, 0x80, 0x02, 0xAB, 0xCD}
	on, card := lay(t, link.Config{Reader: reader(t, "omnikey5422"), Rand: random, ATS: ats})
	for _, tt := range []struct{ command, want string }{
		{"\xFF\xCA\x00\x00\x00", "\x08\x01\x02\x03\x90\x00"},
		{"\xFF\xCA\x00\x00\x04", "\x08\x01\x02\x03\x90\x00"},
		{"\xFF\xCA\x00\x00\x02", "\x6C\x04"},
		{"\xFF\xCA\x00\x00\x05", "\x08\x01\x02\x03\x62\x82"},
		{"\xFF\xCA\x01\x00\x00", "\xAB\xCD\x90\x00"},
		{"\xFF\xCA\x02\x00\x00", "\x6A\x81"},
		{"\xFF\x00\x00\x00\x00", "\x6D\x00"},
		{"\xFF\xCA\x00\x00\x02\x01", "\x67\x00"},
	} {
		if got := on.Process([]byte(tt.command)); string(got) != tt.want {
			t.Errorf("% X: % X, want % X", tt.command, got, tt.want)
		}
	}
	on.Reset()
	if got := on.Process([]byte("\xFF\xCA\x00\x00\x00")); string(got) != "\x08\x04\x05\x06\x90\x00" {
		t.Errorf("in the next field: % X", got)
	}
	if len(card.seen) > 0 {
		t.Errorf("the card saw % X", card.seen)
	}
}

// TestACSReaders: their pseudo-APDUs differ from PC/SC's, and the ACR122U has some of its own.
func TestACSReaders(t *testing.T) {
	const ats = "\x05\x78\x80\x80\x02"
	for _, tt := range []struct{ reader, command, want string }{
		{"acr1252u", "\xFF\xCA\x01\x00\x00", ats + "\x90\x00"},
		{"acr1252u", "\xFF\xCA\x01\x00\x02", "\x6C\x05"},
		{"acr1252u", "\xFF\x00\x48\x00\x00", "\x6D\x00"},
		{"acr122u", "\xFF\xCA\x01\x00\x00", ats + "\x90\x00"},
		{"acr122u", "\xFF\x00\x48\x00\x00", "ACR122U215"},
		{"acr122u", "\xFF\x00\x40\x0E\x04\x00\x00\x00\x00", "\x90\x02"},
		{"acr122u", "\xFF\x00\x40\x0F\x04\x00\x00\x00\x00", "\x90\x03"},
		{"acr122u", "\xFF\x00\x40\x0C\x04\x00\x00\x00\x00", "\x90\x00"},
		{"acr122u", "\xFF\x00\x40\x03\x04\x00\x00\x00\x00", "\x90\x00"},
		{"acr122u", "\xFF\x00\x40\x0E\x01\x00", "\x63\x00"},
		{"acr122u", "\xFF\x00\x00\x00\x02\xD4\x02", "\x63\x00"},
		{"acr122u", "\xFF\xB0\x00\x00\x10", "\x6D\x00"},
	} {
		on, card := lay(t, link.Config{Reader: reader(t, tt.reader)})
		if got := on.Process([]byte(tt.command)); string(got) != tt.want || len(card.seen) > 0 {
			t.Errorf("%s: % X: % X, want % X; the card saw % X", tt.reader, tt.command, got, tt.want,
				card.seen)
		}
	}
	on, _ := lay(t, link.Config{Reader: reader(t, "acr122u")})
	on.Process([]byte("\xFF\x00\x40\x05\x04\x00\x00\x00\x00"))
	got := on.Process([]byte("\xFF\x00\x40\x0A\x04\x00\x00\x00\x00"))
	if string(got) != "\x90\x03" {
		t.Errorf("green beside red: % X", got)
	}
}

func TestContactReaderPassesClassFFOn(t *testing.T) {
	on, card := lay(t, link.Config{Reader: reader(t, "gempctwin")})
	on.Process([]byte("\xFF\xCA\x00\x00\x00"))
	if len(card.seen) != 1 {
		t.Errorf("the card saw %d commands", len(card.seen))
	}
	if got := on.ATR(); !bytes.Equal(got, card.ATR()) {
		t.Errorf("ATR % X", got)
	}
}

func TestATRIsBuiltFromTheATS(t *testing.T) {
	for ats, want := range map[string]string{
		"\x05\x78\x80\x80\x02":              "3B80800101",
		"\x01":                              "3B80800101",
		"\x07\x78\x80\x80\x02\xAB\xCD":      "3B828001ABCD65",
		"\x06\x08\x01\x02\x03\x04":          "3B8480010102030401",
		"\x05\x78\x80\x80\x02\x00 and more": "",
	} {
		on, err := link.On(new(echo), link.Config{Reader: reader(t, "acr122u"), ATS: []byte(ats)})
		if want == "" {
			if !errors.Is(err, link.ErrATS) {
				t.Errorf("% X: %v, want ErrATS", ats, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("% X: %v", ats, err)
		}
		if got := fmt.Sprintf("%X", on.ATR()); got != want {
			t.Errorf("% X: %s, want %s", ats, got, want)
		}
		if _, err := atr.Parse(on.ATR()); err != nil {
			t.Error(err)
		}
	}
}

func TestConnects(t *testing.T) {
	on, _ := lay(t, link.Config{Faults: link.Faults{Planned: []link.Fault{
		{Kind: link.Drop, Exchange: 2},
	}}})
	card := pcsc.NewDirect(on)
	if _, err := card.Transmit(t.Context(), short(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := card.Transmit(t.Context(), short(1)); !errors.Is(err, pcsc.ErrCardRemoved) {
		t.Errorf("%v, want ErrCardRemoved", err)
	}
}
