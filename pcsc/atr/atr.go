package atr

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// maxLen bounds an answer to reset, in bytes: 32 characters behind TS (ISO/IEC 7816-3:2006,
	// 8.2.1).
	maxLen = 33

	direct  = 0x3B
	inverse = 0x3F
)

// Error says where bytes stop being an answer to reset.
type Error struct {
	Off  int // of the byte, from 0
	What string
}

// Error returns place and fault, such as "answer to reset, byte 3: TA1 is missing"; bytes count
// from 1.
func (e *Error) Error() string {
	return fmt.Sprintf("answer to reset, byte %d: %s", e.Off+1, e.What)
}

// Item is a part of an answer to reset.
type Item struct {
	// Off and Len say which bytes it is.
	Off, Len int
	// Depth is 1 for what lies within the historical bytes, else 0.
	Depth int
	// Name is the part's in its standard, such as "TA1".
	Name string
	// Text says what the bytes mean.
	Text string
}

// Contactless says how far an answer to reset is one that a reader of contactless cards makes up.
type Contactless byte

// What a reader makes up.
const (
	// Contact is an answer to reset that a card gives itself, or that looks so.
	Contact Contactless = iota
	// Processor is a contactless card of ISO/IEC 14443-4.
	Processor
	// Memory is a contactless memory card.
	Memory
)

// ATR is an answer to reset, taken apart.
type ATR struct {
	// Items are the parts in the order of their bytes.
	Items []Item
	// Protocols are the transmission protocols offered, each once, in the order of the offer.
	Protocols []byte
	// Historical are the historical bytes, at most 15.
	Historical []byte
	// Contactless says whether a reader made it up.
	Contactless Contactless
	// Card is the name of a memory card, or "".
	Card string
	// Faults are what is wrong with it and doesn't keep it from being read, such as a check byte.
	Faults []string
}

// Parse takes an answer to reset apart. The error is an *[Error]; what could be read up to there is
// returned beside it.
func Parse(b []byte) (*ATR, error) {
	p := parser{in: b, atr: &ATR{}}
	p.parse()
	if p.fault != nil {
		return p.atr, p.fault
	}
	return p.atr, nil
}

// String returns the answer to reset in a few words, such as "T=0, T=1" or "contactless memory card
// MIFARE Classic 1K".
func (a *ATR) String() string {
	switch {
	case a.Contactless == Memory && a.Card != "":
		return "contactless memory card " + a.Card
	case a.Contactless == Memory:
		return "contactless memory card"
	case a.Contactless == Processor:
		return "contactless card (ISO/IEC 14443-4)"
	}
	names := make([]string, len(a.Protocols))
	for i, p := range a.Protocols {
		names[i] = fmt.Sprintf("T=%d", p)
	}
	return "contact card, " + strings.Join(names, ", ")
}

// parser is a parse under way.
type parser struct {
	in    []byte
	at    int
	atr   *ATR
	fault *Error
}

// next takes the next byte as a part of the answer to reset; text says what it means.
func (p *parser) next(name string, text func(v byte) string) byte {
	if p.fault != nil {
		return 0
	}
	if p.at >= len(p.in) {
		p.fail(name + " is missing")
		return 0
	}
	v := p.in[p.at]
	p.atr.Items = append(p.atr.Items, Item{Off: p.at, Len: 1, Name: name, Text: text(v)})
	p.at++
	return v
}

func (p *parser) fail(what string) {
	if p.fault == nil {
		p.fault = &Error{Off: p.at, What: what}
	}
}

func (p *parser) parse() {
	if len(p.in) > maxLen {
		p.at = maxLen
		p.fail(fmt.Sprintf("%d bytes are more than %d", len(p.in), maxLen))
		return
	}
	ts := p.next("TS", func(v byte) string {
		switch v {
		case direct:
			return "direct convention"
		case inverse:
			return "inverse convention"
		default:
			return "neither direct (3B) nor inverse (3F) convention"
		}
	})
	if p.fault == nil && ts != direct && ts != inverse {
		p.at--
		p.atr.Items = nil
		p.fail(fmt.Sprintf("TS is %02X, neither 3B nor 3F", ts))
	}
	t0 := p.next("T0", func(v byte) string {
		return fmt.Sprintf("%s, %s", follows(v, 1), plural(int(v&0x0F), "historical byte"))
	})
	p.interfaceBytes(t0)
	if p.madeUp() {
		p.atr.Contactless = Processor
	}
	p.historical(int(t0 & 0x0F))
	p.check()
	if p.fault == nil && p.at < len(p.in) {
		p.fail(plural(len(p.in)-p.at, "byte") + " too many")
	}
}

// interfaceBytes reads TA1 to the last TDi.
func (p *parser) interfaceBytes(t0 byte) {
	y, protocol := t0, byte(0)
	for i := 1; p.fault == nil; i++ {
		g := group{i: i, protocol: protocol, first: i > 2 && p.newProtocol(i, protocol)}
		if y&0x10 != 0 {
			p.next(fmt.Sprintf("TA%d", i), g.ta)
		}
		if y&0x20 != 0 {
			p.next(fmt.Sprintf("TB%d", i), g.tb)
		}
		if y&0x40 != 0 {
			p.next(fmt.Sprintf("TC%d", i), g.tc)
		}
		if y&0x80 == 0 {
			break
		}
		td := p.next(fmt.Sprintf("TD%d", i), func(v byte) string {
			return fmt.Sprintf("T=%d, %s", v&0x0F, follows(v, i+1))
		})
		if p.fault != nil {
			return
		}
		y, protocol = td, td&0x0F
		if protocol != 15 && !slices.Contains(p.atr.Protocols, protocol) {
			p.atr.Protocols = append(p.atr.Protocols, protocol)
		}
	}
	if len(p.atr.Protocols) == 0 {
		p.atr.Protocols = []byte{0} // without TD1 only T=0 is offered (8.2.3)
	}
}

// newProtocol reports whether the TDs before group i named its protocol for the first time: only
// those bytes are the protocol's.
func (p *parser) newProtocol(i int, protocol byte) bool {
	name := fmt.Sprintf("TD%d", i-1)
	for _, item := range p.atr.Items {
		if item.Name == name {
			return true
		}
		if strings.HasPrefix(item.Name, "TD") && item.Name != "TD1" &&
			p.in[item.Off]&0x0F == protocol {
			return false
		}
	}
	return true
}

// check reads TCK where there is one (8.2.5).
func (p *parser) check() {
	onlyT0 := true
	for _, item := range p.atr.Items {
		if strings.HasPrefix(item.Name, "TD") && p.in[item.Off]&0x0F != 0 {
			onlyT0 = false
		}
	}
	if p.fault != nil || onlyT0 {
		return
	}
	if p.at >= len(p.in) {
		p.atr.Faults = append(p.atr.Faults, "the check byte TCK is missing")
		return
	}
	var sum byte
	for _, v := range p.in[1:p.at] {
		sum ^= v
	}
	p.next("TCK", func(v byte) string {
		if v == sum {
			return "check byte, right"
		}
		p.atr.Faults = append(p.atr.Faults,
			fmt.Sprintf("the check byte TCK is %02X, not %02X", v, sum))
		return fmt.Sprintf("check byte, wrong: should be %02X", sum)
	})
}

// follows says which interface bytes of group i the high half of T0 or TD announces.
func follows(v byte, i int) string {
	var names []string
	for bit, letter := range "ABCD" {
		if v&(0x10<<bit) != 0 {
			names = append(names, fmt.Sprintf("T%c%d", letter, i))
		}
	}
	if len(names) == 0 {
		return "no more interface bytes"
	}
	if len(names) == 1 {
		return names[0] + " follows"
	}
	return strings.Join(names, ", ") + " follow"
}

func plural(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	default:
		return fmt.Sprintf("%d %ss", n, what)
	}
}
