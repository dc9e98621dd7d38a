package moneytest

import (
	"bytes"
	"fmt"
	"path/filepath"

	"tapbench/applet"
	"tapbench/applet/emulator"
	"tapbench/applet/message"
	"tapbench/pcsc"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// phone is a user: an element, a wallet, and a field that terminals come into.
type phone struct {
	*World
	n      int
	system *wallettest.System
	tsm    *wallettest.Server
	cells  *cells
	card   *emulator.Card
	wallet *wallet.Wallet
	link   *pcsc.Direct // the wallet's, or nil while a terminal has the element
	// rogue says that an older copy of the element's state was put back.
	rogue bool
}

// cells is where an element keeps its state.
type cells struct {
	state []byte
	older [][]byte // states before, the newest last
}

// kept is how many states before the present one are remembered.
const kept = 8

// Load implements [emulator.Store].
func (c *cells) Load() ([]byte, error) { return c.state, nil }

// Commit implements [emulator.Store].
func (c *cells) Commit(state []byte) error {
	c.older = append(c.older, c.state)
	if len(c.older) > kept {
		c.older = c.older[1:]
	}
	c.state = bytes.Clone(state)
	return nil
}

func newPhone(w *World, n int) *phone {
	p := &phone{World: w, n: n, system: w.template.systems[n]}
	p.tsm = w.face.TSMServer()
	p.tsm.Change, p.tsm.Answer = w.fault.lines(fmt.Sprintf("line of user %d", n))
	p.cells = &cells{state: w.template.states[n]}
	p.power()
	return p
}

// power makes a card of what the element's cells hold.
func (p *phone) power() {
	var err error
	p.card, err = emulator.New(emulator.Config{Store: p.cells})
	must(p.t, err)
	p.link, p.wallet = nil, nil
}

// connect has the wallet reach its element, which a terminal may have had since.
func (p *phone) connect() *wallet.Wallet {
	if p.link == nil {
		p.link = pcsc.NewDirect(reader{p})
		var err error
		p.wallet, err = wallet.New(wallet.Config{
			Folder: wallet.Folder(filepath.Join(walletHome(p.dir, p.n), "wallet")),
			SE:     applet.NewClient(pcsc.NewSession(p.link)), Attester: p.system.Phone,
			Desk: p.system.Desk, Software: wallettest.Software, Now: p.clock,
			Epochs: func() ([]message.EpochCertificate, error) { return p.template.epochs(p.now) },
		})
		must(p.t, err)
	}
	return p.wallet
}

// leave gives the element to the field.
func (p *phone) leave() {
	if p.link != nil {
		_ = p.link.Close()
		p.link, p.wallet = nil, nil
	}
}

// tap is a terminal's connection to the element.
func (p *phone) tap() pcsc.Card {
	p.leave()
	return pcsc.NewDirect(reader{p})
}

// tear has the power cut at the n-th write from now, before it or behind it.
func (p *phone) tear(n int, after bool) {
	if after {
		p.card.TearAfter(n)
		return
	}
	p.card.Tear(n)
}

// lost is how many writes an element loses with its power that answers before they are done.
const lost = 2

// cut is what happens when the power is gone: what the cells hold is there when it comes again.
func (p *phone) cut() {
	p.count("cut")
	if older := p.cells.older; p.bugs.ReleaseFirst && len(older) >= lost {
		p.cells.state = older[len(older)-lost]
	}
	card := p.card
	p.power()
	card.PowerOff()
}

// reader is the field with the phone in it.
type reader struct{ *phone }

// ATR implements [pcsc.Processor]; and so below.
func (r reader) ATR() []byte { return r.card.ATR() }

// PowerOn begins anew.
func (r reader) PowerOn() { r.card.PowerOn() }

// PowerOff ends.
func (r reader) PowerOff() { r.card.PowerOff() }

// Reset begins anew, too.
func (r reader) Reset() { r.card.Reset() }

// Process answers a command, or loses power.
func (r reader) Process(command []byte) []byte {
	answer := r.card.Process(command)
	if answer == nil {
		r.cut()
	}
	return answer
}

// restore puts an older state back, by which the element has everything to spend again.
func (p *phone) restore(back int) bool {
	p.leave()
	older := p.cells.older
	if len(older) == 0 {
		return false
	}
	p.cells.state = older[max(0, len(older)-1-back)]
	p.rogue = true
	p.power()
	return true
}
