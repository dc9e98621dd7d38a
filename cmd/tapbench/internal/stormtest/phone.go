package stormtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"sync"

	"tapbench/applet/emulator"
	"tapbench/pcsc"
	"tapbench/pcsc/vpcd"
)

// phone is a user's element, wallet and field. One at a time has the element: the wallet's
// commands, or a terminal that has come to the socket.
type phone struct {
	*storm
	n       int
	folder  string
	card    *emulator.Card
	cells   *cells
	element sync.Mutex
	field   net.Listener
	served  sync.WaitGroup
	leave   context.CancelFunc
}

// cells are where an element keeps its state. Nobody reads them before the phone is gone.
type cells struct{ state []byte }

// Load implements [emulator.Store].
func (c *cells) Load() ([]byte, error) { return c.state, nil }

// Commit implements [emulator.Store].
func (c *cells) Commit(state []byte) error {
	c.state = append(c.state[:0], state...)
	return nil
}

func newPhone(s *storm, n int) (*phone, error) {
	memory := new(cells)
	card, err := emulator.New(emulator.Config{Store: memory})
	if err != nil {
		return nil, err
	}
	p := &phone{storm: s, n: n, card: card, cells: memory}
	if p.folder, err = folder(s.dir, fmt.Sprintf("wallet-%d", n)); err != nil {
		return nil, err
	}
	ctx, leave := context.WithCancel(context.Background())
	p.leave = leave
	if p.field, err = new(net.ListenConfig).Listen(ctx, "unix", p.socket()); err != nil {
		leave()
		return nil, err
	}
	p.served.Go(func() { p.serve(ctx) })
	return p, nil
}

// socket is where terminals find the phone.
func (p *phone) socket() string { return filepath.Join(p.dir, fmt.Sprintf("field-%d", p.n)) }

// serve answers terminals, one after the other.
func (p *phone) serve(ctx context.Context) {
	for {
		conn, err := p.field.Accept()
		if err != nil {
			return // stop has closed it
		}
		p.element.Lock()
		_ = vpcd.Serve(ctx, conn, p.card) // always an error: the terminal has gone
		p.element.Unlock()
	}
}

// stop takes the phone away.
func (p *phone) stop() {
	p.leave()
	_ = p.field.Close()
	p.served.Wait()
}

// wallet runs a command of the wallet's.
func (p *phone) wallet(ctx context.Context, act string, args ...string) ([]byte, error) {
	p.element.Lock()
	defer p.element.Unlock()
	var links []*pcsc.Direct
	connect := func(context.Context, string) (pcsc.Card, error) {
		link := pcsc.NewDirect(p.card)
		links = append(links, link)
		return link, nil
	}
	all := append([]string{"wallet", act, "--wallet", p.folder, "--pki", p.keys, "--json"}, args...)
	out, err := p.command(ctx, connect, all...)
	for _, link := range links {
		_ = link.Close() // it is: the command has ended
		<-link.Done()
	}
	return out, err
}

// status is what the wallet says of itself.
type status struct {
	Banks []account      `json:"bank_accounts"`
	TSM   []account      `json:"tsm_accounts"`
	Cards map[string]int `json:"cards"`
	Armed string         `json:"armed"`

	Tokens []struct {
		Slot  int    `json:"slot"`
		State string `json:"state"`
	} `json:"tokens"`
}

type account struct {
	Ready bool   `json:"ready"`
	Spent string `json:"spent_at_most"`
}

func (p *phone) status(ctx context.Context) (s status, err error) {
	raw, err := p.wallet(ctx, "status")
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(raw, &s)
}

// open opens the account and gets a bank account ID, where there is none.
func (p *phone) open(ctx context.Context) error {
	_, err := p.wallet(ctx, "open", "--user", fmt.Sprintf("user-%d", p.n), "--bank", "bank-a",
		"--bank-address", p.bankAt, "--deposit", deposit, "--limit", allowance)
	return err
}

// register makes a TSM account, or goes on with one that broke off.
func (p *phone) register(ctx context.Context) error {
	_, err := p.wallet(ctx, "register", "--tsm-address", p.tsmAt, "--limit", limit)
	return err
}

// closeTSM gives the TSM account up, closeBank the bank account ID.
func (p *phone) closeTSM(ctx context.Context) error {
	_, err := p.wallet(ctx, "close", "--tsm-account", "bank-a", "--tsm-address", p.tsmAt)
	return err
}

func (p *phone) closeBank(ctx context.Context) error {
	_, err := p.wallet(ctx, "close", "--bank", "bank-a", "--bank-address", p.bankAt)
	return err
}

// refill gets cards.
func (p *phone) refill(ctx context.Context, cards int) error {
	_, err := p.wallet(ctx, "refill", "--cards", fmt.Sprint(cards), "--tsm-address", p.tsmAt)
	return err
}

// closeToken gives up what is left of a token that was used, and makes room for another one.
func (p *phone) closeToken(ctx context.Context, slot int) error {
	_, err := p.wallet(ctx, "token", "close", fmt.Sprint(slot), "--tsm-address", p.tsmAt)
	return err
}

// arm consents to one tap, disarm takes the consent back.
func (p *phone) arm(ctx context.Context) error {
	_, err := p.wallet(ctx, "arm", "--amount", cardLimit)
	return err
}

func (p *phone) disarm(ctx context.Context) error {
	_, err := p.wallet(ctx, "disarm")
	return err
}
