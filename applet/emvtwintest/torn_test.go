package emvtwintest_test

import (
	"bytes"
	"fmt"
	"testing"

	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvtwintest"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/applet/saved"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// torn is the Java Card, whose every command is cut before each of its stores.
type torn struct {
	t       *testing.T
	machine *jcardsim.Machine
	state   []byte   // before the commands that RAM remembers
	ram     [][]byte // those since the selection
	cuts    int      // of the last command
	found   []string // what was half done
}

// open returns a card as it was before the next command.
func (c *torn) open() *jcardsim.Card {
	c.t.Helper()
	store := &saved.Memory{}
	if err := store.Commit(c.state); err != nil {
		c.t.Fatal(err)
	}
	card, err := c.machine.Open(jcardsim.CardConfig{Store: store})
	if err != nil {
		c.t.Fatal(err)
	}
	card.PowerOn()
	for _, command := range c.ram {
		if answer := card.Process(command); !bytes.HasSuffix(answer, []byte{0x90, 0x00}) {
			c.t.Fatalf("%X: got %X", command, answer)
		}
	}
	return card
}

func (c *torn) stateOf(card *jcardsim.Card) []byte {
	c.t.Helper()
	state, err := card.State()
	if err != nil {
		c.t.Fatal(err)
	}
	return state
}

// command cuts a command before its n-th store, for n from 1 on in steps that grow, until it isn't
// cut any more. After each cut the state must be the one from before the command.
func (c *torn) command(command []byte) {
	c.t.Helper()
	if command[1] == 0xA4 {
		c.state, c.ram = c.stateOf(c.open()), nil
	}
	for n := uint32(1); ; n += 1 + n/4 {
		card := c.open()
		before := c.stateOf(card)
		if err := card.Tear(n); err != nil {
			c.t.Fatal(err)
		}
		answer := card.Process(command)
		if len(answer) > 0 {
			if !bytes.HasSuffix(answer, []byte{0x90, 0x00}) {
				c.t.Fatalf("%X: got %X", command, answer)
			}
			if command[1] == 0x47 { // no other one draws the same key
				c.state = c.stateOf(card)
			} else {
				c.ram = append(c.ram, command)
			}
			return
		}
		c.cuts++
		card.Reset()
		if after := c.stateOf(card); !bytes.Equal(before, after) {
			c.found = append(c.found, fmt.Sprintf("%.8X, cut before store %d", command, n))
		}
		if err := card.Drop(); err != nil {
			c.t.Fatal(err)
		}
	}
}

// TestTorn cuts personalisation and transactions before each store: nothing is half done.
func TestTorn(t *testing.T) {
	t.Parallel()
	if found := halfDone(t, jcardsimtest.Folder(t)); found != nil {
		t.Errorf("the state has changed: %v", found)
	}
}

// halfDone returns what the classes of a folder do by halves.
func halfDone(t *testing.T, folder string) []string {
	t.Helper()
	cfg, err := jcardsim.Torn(folder)
	if err != nil {
		t.Fatal(err)
	}
	c := &torn{t: t, machine: jcardsimtest.Start(t, cfg)}
	blank, err := c.machine.Open(jcardsim.CardConfig{Contactless: emvcardtest.AID()})
	if err != nil {
		t.Fatal(err)
	}
	c.state = c.stateOf(blank)
	f := emvcardtest.New(t, emvcardtest.Contactless, relayed)
	a, said := f.App(), values()
	name := emvcardtest.SelectName(emvcardtest.AID())
	want := func(least int, commands ...[]byte) {
		t.Helper()
		c.cuts = 0
		for _, command := range commands {
			c.command(command)
		}
		if c.cuts < least {
			t.Errorf("%.8X: %d cuts, expected %d or more", commands[0], c.cuts, least)
		}
	}
	want(0, name)
	want(2, emvcardtest.GenerateKey())
	want(20, emvcardtest.StoreAll(t, f.Groups(t))...)
	directory, err := emvtwintest.Directory(f)
	if err != nil {
		t.Fatal(err)
	}
	want(0, emvcardtest.SelectName([]byte(wire.AIDPPSE)))
	want(3, emvcardtest.StoreAll(t, directory)...)
	for p1, stores := range map[byte]int{0x50: 1, 0x40: 1, 0x90: 0, 0x00: 1} { // types of 9F27
		said[0x95] = []byte{0x48, 0, 0, 0, 0} // an AAC remembers that
		want(0, name)
		want(1, command([4]byte{0x80, 0xA8}, tlv.Append(nil, 0x83, fill(t, a.PDOL, said))))
		want(0, []byte{0x80, 0xEA, 0, 0, 4, 1, 2, 3, 4, 0},
			[]byte{0x00, 0xB2, a.Records[0].Number, a.Records[0].SFI<<3 | 4, 0},
			command([4]byte{0x00, 0x88}, []byte{5, 6, 7, 8}))
		want(stores, command([4]byte{0x80, 0xAE, p1}, fill(t, a.CDOL1, said)))
	}
	return c.found
}
