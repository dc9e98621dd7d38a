package generaltest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tapbench/applet/emvcard"
	"tapbench/pcsc"
	"tapbench/pcsc/pcsctest"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
)

// Paid is what became of a case.
type Paid struct {
	Outcome  outcome.Outcome
	Err      error
	Commands [][]byte // that were sent
	// Unapplied are the deviations that changed nothing.
	Unapplied []string
}

// Run pays as the case says. The test fails where the case can't be read. A terminal that says
// "twice" has paid once before with the same card, which deviates then too.
func (c Case) Run(t testing.TB, bench *Bench) Paid {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", c.Place, err)
		}
	}
	card := c.card(bench, must)
	kernel, host, purchase := c.terminal(t, bench)
	connection := pcsc.NewDirect(card)
	defer func() {
		_ = connection.Close()
		<-connection.Done()
	}()
	if slices.Contains(c.Terminal, "twice") {
		_, err := kernel.Pay(t.Context(), connection, host, purchase)
		must(err)
		must(connection.Reset(t.Context()))
	}
	before := len(card.Commands())
	out, err := kernel.Pay(t.Context(), connection, host, purchase)
	return Paid{out, err, card.Commands()[before:], card.Unapplied()}
}

// terminal makes all of a case but the card.
func (c Case) terminal(
	t testing.TB, bench *Bench,
) (*general.Kernel, general.Host, general.Purchase) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", c.Place, err)
		}
	}
	set := setter{config: new(general.Config)}
	*set.config = Terminal(slices.Clone(bench.Keys))
	for _, word := range c.Terminal {
		must(set.set(word))
	}
	if set.config.PINPad != nil {
		set.config.PINPad = &set.pad
	}
	host := newBank()
	for _, word := range c.Issuer {
		must(host.set(word, bench.Card.Applications[0].PAN))
	}
	purchase := general.Purchase{Amount: 1000, Number: 1}
	for _, word := range c.Pay {
		must(pay(&purchase, word))
	}
	kernel, err := general.New(*set.config)
	must(err)
	return kernel, host, purchase
}

// card makes the card of a case.
func (c Case) card(bench *Bench, must func(error)) *pcsctest.Deviant {
	right := bench.Card
	var lines []string
	for _, word := range c.Image {
		more, err := change(&right, word)
		must(err)
		lines = append(lines, more...)
	}
	for _, word := range c.Forge {
		more, err := bench.forger.forge(word)
		must(err)
		lines = append(lines, more...)
	}
	var deviations []pcsctest.Deviation
	for _, line := range append(lines, c.Card...) {
		d, err := deviation(line, right.Applications[0])
		must(err)
		deviations = append(deviations, d)
	}
	within, err := emvcard.New(emvcard.Config{Image: right})
	must(err)
	return pcsctest.NewDeviant(within, deviations...)
}

// pay changes a purchase by one word of a line: amount N, cashback N, type XX, online.
func pay(p *general.Purchase, word string) error {
	name, value, _ := strings.Cut(word, " ")
	var err error
	switch name {
	case "amount":
		p.Amount, err = strconv.ParseUint(value, 10, 64)
	case "cashback":
		p.Cashback, err = strconv.ParseUint(value, 10, 64)
	case "type":
		var b []byte
		b, err = hexadecimal(value, 1)
		p.Type = general.Type(b[0])
	case "online":
		p.Online = true
	default:
		err = fmt.Errorf("pay: %q isn't known", word)
	}
	return err
}
