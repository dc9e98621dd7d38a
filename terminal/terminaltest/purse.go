package terminaltest

import (
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// PurseSlot is the token slot of a [Purse]'s 250 units of 0.05 EUR.
const PurseSlot = 1

// Purse is an emulated element with offline tokens, 250 units of 0.05 and of 0.01 EUR, and a card
// for payments online.
type Purse struct {
	// Counter is the merchant at whom it pays.
	conformance.Counter
	// Answer, if set, may replace the answer to the n-th command, counted from 0 over all taps. An
	// empty result takes the card away, after it has carried the command out.
	Answer func(n int, c apdu.Command, answer []byte) []byte
	// Before takes the card away before it gets the n-th command, if set.
	Before func(n int) bool

	t        testing.TB
	card     *emulator.Card
	host     *conformance.Host
	commands []apdu.Command
}

var _ pcsc.Processor = (*Purse)(nil)

// NewPurse makes an element and fills it. It isn't armed.
func NewPurse(t testing.TB) *Purse {
	t.Helper()
	card, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	direct := pcsc.NewDirect(card)
	p := &Purse{t: t, card: card, host: conformance.NewHost(t, direct).Advance(conformance.CardReady)}
	p.host.NewToken(PurseSlot, 5, 250)
	p.host.NewToken(4, 1, 250)
	p.Counter = p.host.Counter()
	_ = direct.Close()
	return p
}

// wallet connects to the element as its wallet does.
func (p *Purse) wallet(do func(h *conformance.Host)) {
	p.t.Helper()
	direct := pcsc.NewDirect(p.card)
	p.host.Reconnect(direct)
	do(p.host)
	_ = direct.Close()
}

// Arm arms it for one payment of at most 20.00 EUR.
func (p *Purse) Arm(flags wire.ArmFlags) {
	p.t.Helper()
	p.wallet(func(h *conformance.Host) { h.ArmFor(flags) })
}

// Closed closes a token and returns how many of its units were given out.
func (p *Purse) Closed(slot byte) (at byte) {
	p.t.Helper()
	p.wallet(func(h *conformance.Host) {
		h.Disarm()
		at = h.ClosedAt(slot)
	})
	return at
}

// Commands returns what terminals have sent.
func (p *Purse) Commands() []apdu.Command { return p.commands }

// ATR implements [pcsc.Processor].
func (p *Purse) ATR() []byte { return p.card.ATR() }

// PowerOn implements [pcsc.Processor].
func (p *Purse) PowerOn() { p.card.PowerOn() }

// PowerOff implements [pcsc.Processor].
func (p *Purse) PowerOff() { p.card.PowerOff() }

// Reset implements [pcsc.Processor].
func (p *Purse) Reset() { p.card.Reset() }

// Process answers a command.
func (p *Purse) Process(raw []byte) []byte {
	n := len(p.commands)
	command, err := apdu.ParseCommand(raw)
	p.commands = append(p.commands, command)
	if p.Before != nil && p.Before(n) {
		return nil
	}
	answer := p.card.Process(raw)
	if p.Answer == nil || err != nil {
		return answer
	}
	return p.Answer(n, command, answer)
}
