package pcsctest

import (
	"bytes"
	"sync"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// The instructions of the contract card; see the package's documentation.
const (
	InsSelect  = 0xA4
	InsEcho    = 0x10
	InsExact   = 0x20
	InsPieces  = 0x22
	InsEndless = 0x24
	InsCount   = 0x30
	InsNothing = 0x40
	InsFlood   = 0x42
	InsStub    = 0x44
	InsStatus  = 0x46
	InsWait    = 0x50
)

// maxChain is how many bytes a chain may carry.
const maxChain = apdu.MaxNc

// AID returns the name under which the contract card's application is selected: F0, the first byte
// of names that nobody registers (ISO/IEC 7816-4:2005, 8.2.1.2), and "tapbench".
func AID() []byte { return []byte("\xF0tapbench") }

// Card is the contract card. Its methods may be called from any goroutine, while a connection works
// with it.
type Card struct {
	arrived chan struct{} // one value for each WAIT that begins

	mu         sync.Mutex
	powered    bool
	commands   int
	tear       int // persistent writes until power fails; 0: it doesn't
	persistent uint16
	gate       chan struct{} // what the WAIT under way waits for, or nil

	volatile uint16 // and all below: lost with the power
	link     *apdu.Command
	chain    []byte
	waiting  []byte // for GET RESPONSE
	endless  int    // bytes of each answer without end, or 0
}

var _ pcsc.Processor = (*Card)(nil)

// NewCard returns a contract card without power, its persistent counter at 0.
func NewCard() *Card { return &Card{arrived: make(chan struct{}, 1)} }

// ATR returns 3B 80 80 01 01, which offers T=0 and T=1: what contactless readers make up for a card
// without historical bytes (PC/SC Part 3 v2.01.09, 3.1.3.2.3).
func (c *Card) ATR() []byte { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }

// PowerOn gives power.
func (c *Card) PowerOn() { c.power(true) }

// PowerOff takes power, and volatile state with it.
func (c *Card) PowerOff() { c.power(false) }

// Reset takes volatile state.
func (c *Card) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget()
}

func (c *Card) power(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.powered = on
	c.forget()
}

func (c *Card) forget() {
	c.volatile, c.link, c.chain, c.waiting, c.endless = 0, nil, nil, nil, 0
}

// Commands returns how many commands have reached the card since it was made.
func (c *Card) Commands() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.commands
}

// Tear lets the card lose its power at its n-th persistent write from now on, before it has any
// effect. 0 takes that back.
func (c *Card) Tear(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tear = n
}

// Arrived receives a value when a WAIT has begun.
func (c *Card) Arrived() <-chan struct{} { return c.arrived }

// Release lets the WAIT that is under way answer. Without one it does nothing.
func (c *Card) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gate != nil {
		close(c.gate)
		c.gate = nil
	}
}

// Process answers one command.
func (c *Card) Process(command []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commands++
	if !c.powered {
		return nil
	}
	parsed, err := apdu.ParseCommand(command)
	if err != nil {
		return status(apdu.SWWrongLength)
	}
	if sw := checkClass(parsed); sw != apdu.SWNormal {
		return status(sw)
	}
	parsed.Data = bytes.Clone(parsed.Data)
	complete, sw := c.assemble(parsed)
	if sw != apdu.SWNormal || complete == nil {
		return status(sw)
	}
	if complete.INS != apdu.InsGetResponse {
		c.waiting, c.endless = nil, 0
	}
	return c.act(*complete)
}

// checkClass judges CLA.
func checkClass(c apdu.Command) apdu.SW {
	class := apdu.Class(c.CLA)
	want := apdu.Class(0x80)
	if c.INS == InsSelect || c.INS == apdu.InsGetResponse {
		want = 0x00
	}
	switch {
	case !class.Coded() || class&0xE0 != want:
		return apdu.SWCLANotSupported
	case class.Channel() != 0:
		return apdu.SWLogicalChannelNotSupported
	case class.SecureMessaging() != apdu.SMNone:
		return apdu.SWSecureMessagingNotSupported
	case class.Chaining() && c.INS != InsEcho:
		return apdu.SWChainingNotSupported
	default:
		return apdu.SWNormal
	}
}

// assemble collects the links of a chain. It returns nil until the last link is there.
func (c *Card) assemble(part apdu.Command) (*apdu.Command, apdu.SW) {
	if c.link != nil && (part.INS != c.link.INS || part.P1 != c.link.P1 || part.P2 != c.link.P2) {
		c.link, c.chain = nil, nil
		return nil, apdu.SWLastCommandExpected
	}
	more := apdu.Class(part.CLA).Chaining()
	if c.link == nil && !more {
		return &part, apdu.SWNormal
	}
	if len(c.chain)+len(part.Data) > maxChain {
		c.link, c.chain = nil, nil
		return nil, apdu.SWWrongLength
	}
	c.chain = append(c.chain, part.Data...)
	if more {
		c.link = &part
		return nil, apdu.SWNormal
	}
	part.Data = c.chain
	c.link, c.chain = nil, nil
	return &part, apdu.SWNormal
}

// act carries out a whole command.
func (c *Card) act(command apdu.Command) []byte {
	n := int(command.P1)<<8 | int(command.P2)
	switch command.INS {
	case InsSelect:
		return selectByName(command)
	case apdu.InsGetResponse:
		return c.getResponse(command)
	case InsEcho:
		return c.echo(command)
	case InsExact:
		return exact(command, n)
	case InsPieces, InsEndless:
		return c.announce(command, n)
	case InsCount:
		return c.count(command)
	case InsNothing:
		return nil
	case InsFlood:
		return make([]byte, pcsc.MaxResponse+1)
	case InsStub:
		return []byte{0x90}
	case InsStatus:
		return []byte{command.P1, command.P2}
	case InsWait:
		return c.wait()
	default:
		return status(apdu.SWINSNotSupported)
	}
}

func status(sw apdu.SW) []byte { return apdu.Response{SW: sw}.Encode() }

func normal(data []byte) []byte {
	return apdu.Response{Data: data, SW: apdu.SWNormal}.Encode()
}
