package issuer

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// Errors.
var (
	// ErrCryptogram means that a cryptogram isn't that of the card and its data.
	ErrCryptogram = errors.New("the cryptogram isn't the card's")
	// ErrScript means orders that no script can carry.
	ErrScript = errors.New("not a script")
)

// maxScripts is how long all scripts of an answer may be (Book 3, 10.10), in bytes.
const maxScripts = 128

// Script is one template of commands for a card.
type Script struct {
	// Before says that the terminal sends it before the second GENERATE AC (71), else after (72).
	Before bool
	ID     [4]byte // 9F18; zeros: none
	Orders []Order
}

// checkAll refuses what can't be coded, all in one answer.
func checkAll(scripts []Script) error {
	for _, scheme := range []cryptogram.Scheme{cryptogram.VersionCVN18, cryptogram.VersionCCD} {
		m := scheme.Messaging(cryptogram.Keys{}, [2]byte{}, cryptogram.AC{}, cryptogram.MaxMAC)
		if _, err := encode(scripts, m); err != nil {
			return err
		}
	}
	return nil
}

// encode codes scripts under a transaction's secure messaging, in the order in which terminals send
// them, since MACs may hang together: 71 first. An error wraps [ErrScript].
func encode(scripts []Script, m *cryptogram.Messaging) ([]byte, error) {
	var out []byte
	for _, s := range inOrder(scripts) {
		var body []byte
		if s.ID != [4]byte{} {
			body = tlv.Append(body, emv.TagScriptID, s.ID[:])
		}
		for _, o := range s.Orders {
			command, err := o.encode(m)
			if err != nil {
				return nil, err
			}
			body = tlv.Append(body, emv.TagScriptCommand, command)
		}
		tag := emv.TagScriptAfter
		if s.Before {
			tag = emv.TagScriptBefore
		}
		out = tlv.Append(out, tag, body)
	}
	if len(out) > maxScripts {
		return nil, fmt.Errorf("%w: %d bytes, at most %d in one answer", ErrScript, len(out), maxScripts)
	}
	return out, nil
}

// inOrder puts scripts for before the second GENERATE AC first; else the order stays.
func inOrder(scripts []Script) []Script {
	late := func(s Script) bool { return !s.Before }
	early := func(s Script) bool { return s.Before }
	return append(slices.DeleteFunc(slices.Clone(scripts), late),
		slices.DeleteFunc(slices.Clone(scripts), early)...)
}

// The commands' classes before secure messaging (Book 3, 6.5; PUT DATA: ISO/IEC 7816-4:2005,
// 7.4.2).
const (
	claScript = 0x80
	claPut    = 0x00

	pinUnblock = 0x00 // P2 of PIN CHANGE/UNBLOCK
	pinChange  = 0x02
)

// Order is one command for a card. It prints without its data, which may be a PIN.
type Order struct {
	words    string
	cla, ins byte
	p1, p2   byte
	data     []byte
	pin      string
}

// Format hides the data, whatever the verb.
func (o Order) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.words) }

// Block blocks the application (APPLICATION BLOCK).
func Block() Order { return Order{words: "block", cla: claScript, ins: emv.InsApplicationBlock} }

// Unblock unblocks it (APPLICATION UNBLOCK).
func Unblock() Order {
	return Order{
		words: "unblock", cla: claScript,
		ins: emv.InsApplicationUnblock,
	}
}

// BlockCard blocks the whole card for good (CARD BLOCK).
func BlockCard() Order { return Order{words: "block-card", cla: claScript, ins: emv.InsCardBlock} }

// UnblockPIN gives all PIN tries back (PIN CHANGE/UNBLOCK).
func UnblockPIN() Order {
	return Order{words: "unblock-pin", cla: claScript, ins: emv.InsPINChange, p2: pinUnblock}
}

// ChangePIN sets another PIN of 4 to 12 digits, enciphered, and gives all tries back.
func ChangePIN(pin string) Order {
	return Order{words: "pin", cla: claScript, ins: emv.InsPINChange, p2: pinChange, pin: pin}
}

// PutData replaces a data object (PUT DATA): its tag of one or two bytes, its value.
func PutData(tag uint16, value []byte) Order {
	return Order{
		words: fmt.Sprintf("put %04X", tag),
		cla:   claPut, ins: byte(wire.InsPutData), p1: byte(tag >> 8), p2: byte(tag),
		data: slices.Clone(value),
	}
}

// encode codes the command with its MAC.
func (o Order) encode(m *cryptogram.Messaging) ([]byte, error) {
	if o.ins == 0 {
		return nil, fmt.Errorf("%w: no order", ErrScript)
	}
	c := cryptogram.Message{CLA: o.cla, INS: o.ins, P1: o.p1, P2: o.p2, Data: o.data}
	if o.ins == emv.InsPINChange && o.p2 == pinChange {
		var err error
		if c.Data, err = m.PINData(o.pin); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrScript, err)
		}
		c.Secret = true
	}
	command, err := m.Seal(c)
	if err != nil {
		return nil, fmt.Errorf("%w: %v: %w", ErrScript, o, err)
	}
	return command, nil
}

// ParseOrder reads an order as key files have it: "block", "unblock", "block-card", "unblock-pin",
// "pin DIGITS", "put TAG HEX". An error wraps [ErrScript].
func ParseOrder(text string) (Order, error) {
	words := strings.Fields(text)
	fail := func() (Order, error) {
		return Order{}, fmt.Errorf("%w: expected block, unblock, block-card, unblock-pin, pin DIGITS or "+
			"put TAG HEX", ErrScript)
	}
	if len(words) == 0 {
		return fail()
	}
	for _, o := range []Order{Block(), Unblock(), BlockCard(), UnblockPIN()} {
		if len(words) == 1 && words[0] == o.words {
			return o, nil
		}
	}
	switch {
	case len(words) == 2 && words[0] == "pin":
		if _, err := cryptogram.PINBlock(words[1]); err != nil {
			return Order{}, fmt.Errorf("%w: %w", ErrScript, err)
		}
		return ChangePIN(words[1]), nil
	case len(words) == 3 && words[0] == "put":
		return parsePut(words[1], words[2])
	}
	return fail()
}

func parsePut(tag, value string) (Order, error) {
	number, err := strconv.ParseUint(tag, 16, 16)
	if err != nil {
		return Order{}, fmt.Errorf("%w: put: a tag has two or four hex digits", ErrScript)
	}
	raw, err := hex.DecodeString(value)
	if err != nil {
		return Order{}, fmt.Errorf("%w: put: the value isn't hex digits in pairs", ErrScript)
	}
	return PutData(uint16(number), raw), nil
}
