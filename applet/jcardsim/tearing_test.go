package jcardsim_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/applet/wire"
	"tapbench/pcsc"
)

// torn is a machine whose cards cut each command before each of its stores, without their hosts'
// knowing.
type torn struct {
	*jcardsim.Machine
	log bytes.Buffer
}

func startTorn(t *testing.T, folder string) *torn {
	t.Helper()
	cfg, err := jcardsim.Torn(folder)
	if err != nil {
		t.Fatal(err)
	}
	m := &torn{}
	cfg.Main, cfg.Log = "tapbench.TornCard", &m.log
	if m.Machine, err = jcardsim.Start(context.WithoutCancel(t.Context()), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() }) // again, where a test ends early
	return m
}

// cuts ends the machine and returns how often each command was cut, by application and command.
func (m *torn) cuts(t *testing.T) map[command]int {
	t.Helper()
	if err := m.Close(); err != nil {
		t.Fatalf("%v\n%s", err, m.log.String())
	}
	cuts := map[command]int{}
	for line := range strings.Lines(m.log.String()) {
		var c command
		var n int
		if _, err := fmt.Sscanf(line, "cuts: %X %X %X %d", &c.aid, &c.cla, &c.ins, &n); err == nil {
			cuts[c] = n
		}
	}
	return cuts
}

// command is a command of an application, which the last byte of its AID tells.
type command struct{ aid, cla, ins byte }

func (c command) String() string { return fmt.Sprintf("%02X: %02X %02X", c.aid, c.cla, c.ins) }

// writing returns the commands that are accepted on a walk through all of them, and whether the
// emulator writes for them.
func writing(t *testing.T) map[command]bool {
	t.Helper()
	writes := map[command]bool{}
	var c command
	for _, one := range walked(t, emulated(t)) {
		if one.sw != [2]byte{0x90} && one.sw[0] != 0x61 {
			continue
		}
		if one.selected != 0 {
			c.aid = one.selected
		}
		c.cla, c.ins = one.header[0]&^byte(wire.CLAChaining), one.header[1]
		writes[c] = writes[c] || one.work.Transactions > 0
	}
	return writes
}

// TestTornCommands cuts every command of the registry before each of its stores, on a walk through
// all of them. The Java side compares the state; a difference ends the machine, and what it said is
// printed.
func TestTornCommands(t *testing.T) {
	t.Parallel()
	m := startTorn(t, jcardsimtest.Folder(t))
	card, err := m.New()
	if err != nil {
		t.Fatal(err)
	}
	connection := pcsc.NewDirect(card)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(m.log.String())
		}
	})
	conformance.NewHost(t, connection).Everything()
	if err := connection.Close(); err != nil {
		t.Error(err)
	}
	<-connection.Done()
	cuts, all := m.cuts(t), 0
	for c, writes := range writing(t) {
		n, seen := cuts[c]
		switch {
		case !seen:
			t.Errorf("%s didn't come", c)
		case writes && n < 2: // what it writes, and the end of the transaction
			t.Errorf("%s writes, and was cut %d times", c, n)
		}
		all += n
		if n > 0 {
			t.Logf("%s: %d cuts", c, n)
		}
	}
	t.Logf("%d cuts", all)
	wantRegistry(t, cuts)
}

// TestTornRefusals does the same where commands are refused: they change nothing.
func TestTornRefusals(t *testing.T) {
	t.Parallel()
	m := startTorn(t, jcardsimtest.Folder(t))
	b := backend(m.Machine)
	b.Tear, b.Again = nil, nil // each command is cut anyhow
	if found := b.Find(t, "refusals"); found != "" {
		t.Errorf("%s\n%s", found, m.log.String())
	}
	if cuts := m.cuts(t); len(cuts) == 0 {
		t.Error("no command came")
	}
}

// wantRegistry wants each command of PROTOCOL.md's registry to have come.
func wantRegistry(t *testing.T, cuts map[command]int) {
	t.Helper()
	seen := map[registered]bool{}
	for c := range cuts {
		seen[c.registered()] = true
	}
	for c, name := range registryNames(t) {
		if !seen[c] {
			t.Errorf("%s didn't come", name)
		}
	}
}

// registered is a command as the registry lists it. TICK is the offline payment application's
// alone, and shares its code with one of management's.
type registered struct {
	cla, ins byte
	isTick   bool
}

func (c command) registered() registered {
	isTick := c.aid == wire.AIDOffline[len(wire.AIDOffline)-1] &&
		c.cla == byte(wire.CLAProprietary) && c.ins == byte(wire.InsTick)
	return registered{c.cla, c.ins, isTick}
}

// registryNames returns the names of PROTOCOL.md's registry.
func registryNames(t *testing.T) map[registered]string {
	t.Helper()
	page, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[registered]string{}
	row := regexp.MustCompile(`(?m)^\| ([08]0) ([0-9A-F]{2}) \| Ins(\w+)`)
	for _, cells := range row.FindAllStringSubmatch(string(page), -1) {
		var c registered
		if _, err := fmt.Sscanf(cells[1]+cells[2], "%02X%02X", &c.cla, &c.ins); err != nil {
			t.Fatal(err)
		}
		c.isTick = cells[3] == "Tick"
		names[c] = cells[3]
	}
	if len(names) == 0 {
		t.Error("PROTOCOL.md lists no commands")
	}
	return names
}
