package replay

import (
	"fmt"
	"time"

	"tapbench/applet/decode"
	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/money"
	"tapbench/pcsc/tlv"
	"tapbench/pcsc/trace"
)

// recorded is what a tap's commands and answers say, and where.
type recorded struct {
	values map[tlv.Tag][]byte // of commands: the first of each tag
	missed map[tlv.Tag]int    // the line of one that wasn't kept
	// believed says that the first GENERATE AC asked for more than an AAC.
	believed bool
	// second says that there is a second GENERATE AC, and p1 which type of cryptogram it asks for.
	second bool
	p1     byte
	relay  recordedRelay
	// card are the objects of answers that signatures are made of.
	card map[tlv.Tag]place
}

// place is where a value lies in the answers of a tap.
type place struct {
	step, off int
	value     []byte
}

// wanted reports whether a replay needs the value of a tag in a command.
func wanted(tag tlv.Tag) bool {
	switch tag {
	case emv.TagAmount, emv.TagCurrency, emv.TagDate, emv.TagUN, emv.TagMerchant, emv.TagCountry,
		emv.TagTVR, emv.TagARC, emv.TagIssuerAuth:
		return true
	default:
		return false
	}
}

// read finds out what a tap says.
func read(steps []trace.Step) *recorded {
	r := &recorded{
		values: make(map[tlv.Tag][]byte), missed: make(map[tlv.Tag]int),
		card: make(map[tlv.Tag]place),
	}
	d := decode.New()
	for n, s := range steps {
		if s.Kind != trace.Exchange {
			continue
		}
		command, answer := zeroed(s.Command), zeroed(s.Answer)
		x := d.Exchange(command, answer)
		r.relay.read(s, command, answer)
		if command[1] == byte(wire.InsGenerateAC) && command[2] != wire.P1AAC {
			r.believed = true
		}
		for _, f := range x.Command {
			value := command[f.Off : f.Off+f.Len]
			r.noteCommand(f, value, s)
			if f.Tag == emv.TagARC {
				r.second, r.p1 = true, command[2]
			}
		}
		for _, f := range x.Answer {
			if _, seen := r.card[f.Tag]; f.Tag != 0 && !seen {
				r.card[f.Tag] = place{step: n, off: f.Off, value: answer[f.Off : f.Off+f.Len]}
			}
		}
	}
	return r
}

func (r *recorded) noteCommand(f decode.Field, value []byte, s trace.Step) {
	if !wanted(f.Tag) || r.values[f.Tag] != nil {
		return
	}
	if !kept(s.Command, f.Off, f.Off+f.Len) {
		r.missed[f.Tag] = s.Line
		return
	}
	r.values[f.Tag] = value
}

// zeroed returns the bytes of a message, zeros where they weren't kept, or nil if there is none.
func zeroed(m trace.Message) []byte {
	if m == nil {
		return nil
	}
	b := make([]byte, 0, m.Len())
	for _, p := range m {
		b = append(append(b, p.Bytes...), make([]byte, p.Len)...)
	}
	return b
}

// kept reports whether the trace holds all bytes from off to end.
func kept(m trace.Message, off, end int) bool {
	at := 0
	for _, p := range m {
		size := len(p.Bytes) + p.Len
		if p.Mark == trace.Absent && at < end && off < at+size {
			return false
		}
		at += size
	}
	return true
}

// copyTo copies a value into dst if the tap has it. It is an error if the trace once had it.
func (r *recorded) copyTo(dst []byte, tag tlv.Tag, name string) error {
	value, known := r.values[tag]
	switch {
	case known && len(value) == len(dst):
		copy(dst, value)
	case known:
		return fmt.Errorf("%w: %s %v has %d bytes", ErrNotKept, name, tag, len(value))
	case r.missed[tag] > 0:
		return fmt.Errorf("line %d: %w: %s %v", r.missed[tag], ErrNotKept, name, tag)
	}
	return nil
}

// terminal is what the terminal is told before a tap.
type terminal struct {
	amount   money.Amount
	merchant [wire.MerchantLen]byte
	country  [2]byte
	un       [wire.UNLen]byte
	now      time.Time
}

// terminal returns what the recorded terminal was told. What the tap didn't come to is of no
// consequence: it gets a value that a terminal may have.
func (r *recorded) terminal() (terminal, error) {
	t := terminal{country: [2]byte{0x02, 0x76}}
	copy(t.merchant[:], "TRACE   REPLAY ")
	amount, currency, date := [wire.AmountLen]byte{5: 0x01}, money.EUR.N3(), [wire.DateLen]byte{
		0x26, 0x01, 0x01,
	}
	for _, x := range []struct {
		dst  []byte
		tag  tlv.Tag
		name string
	}{
		{amount[:], emv.TagAmount, "the amount"},
		{currency[:], emv.TagCurrency, "the currency"},
		{date[:], emv.TagDate, "the date"},
		{t.un[:], emv.TagUN, "the unpredictable number"},
		{t.merchant[:], emv.TagMerchant, "the merchant"},
		{t.country[:], emv.TagCountry, "the terminal's country"},
	} {
		if err := r.copyTo(x.dst, x.tag, x.name); err != nil {
			return t, err
		}
	}
	code, err := money.ParseN3(currency)
	if err != nil {
		return t, fmt.Errorf("the recorded currency: %w", err)
	}
	if t.amount, err = money.ParseN12(amount[:], code); err != nil {
		return t, fmt.Errorf("the recorded amount: %w", err)
	}
	day, err := emv.ParseDate(date)
	if err != nil {
		return t, fmt.Errorf("the recorded date: %w", err)
	}
	t.now = day.Add(12 * time.Hour)
	return t, nil
}

// tapMessage returns what the card signed in the tap, and whether the trace has all of it.
func (r *recorded) tapMessage(t terminal, pan emv.PAN) (message.Tap, bool) {
	atc, known := r.card[emv.TagATC]
	if !known || len(atc.value) != wire.ATCLen {
		return message.Tap{}, false
	}
	m := message.Tap{
		Amount:   [wire.AmountLen]byte(t.amount.AppendN12(nil)),
		Currency: t.amount.Currency().N3(), Date: emv.Date(t.now), UN: t.un, Merchant: t.merchant,
		ATC: [wire.ATCLen]byte(atc.value), PAN: panHash(pan), Relay: r.relay.last,
	}
	return m, true
}
