package jcardsim_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/pcsc"
	"tapbench/pcsc/link"
)

// counted is a card whose work is counted APDU by APDU.
type counted struct {
	pcsc.Processor
	work func() link.Work // since the last call
	done []cost
}

// cost is what one APDU has cost.
type cost struct {
	header   [4]byte
	selected byte // the last byte of the AID, of SELECT
	sw       [2]byte
	work     link.Work
}

func (c *counted) Process(command []byte) []byte {
	header := [4]byte(command)
	c.work()
	answer := c.Processor.Process(command)
	one := cost{header: header, work: c.work()}
	if header == [4]byte{0x00, 0xA4, 0x04, 0x00} {
		one.selected = command[4+int(command[4])]
	}
	if len(answer) >= 2 {
		one.sw = [2]byte(answer[len(answer)-2:])
	}
	c.done = append(c.done, one)
	return answer
}

// walked takes a card through every command and returns what each cost.
func walked(t *testing.T, c *counted) []cost {
	t.Helper()
	connection := pcsc.NewDirect(c)
	conformance.NewHost(t, connection).Everything()
	if err := connection.Close(); err != nil {
		t.Error(err)
	}
	<-connection.Done()
	return c.done
}

func emulated(t *testing.T) *counted {
	t.Helper()
	meter := &emulator.Meter{}
	card, err := emulator.New(emulator.Config{Meter: meter})
	if err != nil {
		t.Fatal(err)
	}
	return &counted{Processor: card, work: func() (w link.Work) {
		for _, c := range meter.Commands() {
			w.Add(c.Work)
		}
		meter.Reset()
		return w
	}}
}

func simulated(t *testing.T) *counted {
	t.Helper()
	cfg, err := jcardsim.Torn(jcardsimtest.Folder(t))
	if err != nil {
		t.Fatal(err)
	}
	card, err := jcardsimtest.Start(t, cfg).New()
	if err != nil {
		t.Fatal(err)
	}
	return &counted{Processor: card, work: func() link.Work {
		w, err := card.Work()
		if err != nil {
			t.Fatal(err)
		}
		return w
	}}
}

// transactionMax is the budget of a command's transaction, in bytes: the smallest card of
// docs/real-card.md has a commit capacity of 755, of which it takes some for itself.
const transactionMax = 700

// TestCosts compares what each command costs the applet and the emulator, over a walk through all
// of them, and prints it.
func TestCosts(t *testing.T) {
	want, got := walked(t, emulated(t)), walked(t, simulated(t))
	if len(want) != len(got) {
		t.Fatalf("%d APDUs, the emulator has %d", len(got), len(want))
	}
	for i := range want {
		w, g := want[i], got[i]
		// The applet makes its MACs of AES.
		w.work.Ciphers, w.work.MACs = w.work.Ciphers+w.work.MACs, 0
		w.work.CipherBlocks, w.work.MACBlocks = w.work.CipherBlocks+w.work.MACBlocks, 0
		if w.header != g.header || w.sw != g.sw {
			t.Fatalf("APDU %d: % X %x, the emulator % X %x", i, g.header, g.sw, w.header, w.sw)
		}
		if w.work != g.work {
			t.Errorf("APDU %d, % X:\n  applet   %+v\n  emulator %+v", i, g.header, g.work, w.work)
		}
		if g.work.Transactions > 1 || g.work.Written > transactionMax {
			t.Errorf("APDU %d, % X: %d transactions, %d bytes", i, g.header, g.work.Transactions,
				g.work.Written)
		}
	}
	t.Log("\n" + costTable(t, got))
}

// costTable has a row for each way to use a command that costs something.
func costTable(t *testing.T, costs []cost) string {
	t.Helper()
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "command\tsign\tcheck\tpairs\tECDH\tkeys set\thashes\tblocks\tAES keys\t"+
		"blocks\trandom\tbytes")
	names, seen, aid := registryNames(t), map[string]bool{}, byte(0)
	for _, c := range costs {
		if c.selected != 0 {
			aid = c.selected
		}
		if c.work == (link.Work{}) {
			continue
		}
		row := names[command{aid, c.header[0], c.header[1]}.registered()]
		for _, n := range []int{
			c.work.Signatures, c.work.Verifications, c.work.KeyPairs, c.work.Agreements,
			c.work.KeysSet, c.work.Hashes, c.work.HashBlocks, c.work.Ciphers, c.work.CipherBlocks,
			c.work.Random, c.work.Written,
		} {
			row += "\t"
			if n > 0 {
				row += strconv.Itoa(n)
			}
		}
		if !seen[row] {
			seen[row] = true
			fmt.Fprintln(table, row)
		}
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
