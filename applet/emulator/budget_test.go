package emulator_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
)

// The budget of a Java Card: persistent bytes with 8 cards and 8 tokens, and bytes of one
// transaction.
const (
	persistentMax  = 24 << 10
	transactionMax = 700
)

// metered is a card whose commands are counted by instruction: writes, their bytes and new keys.
type metered struct {
	*emulator.Card
	t     testing.TB
	store store
	keys  *recorded
	cost  map[wire.INS]cost
	grant []byte // the last AID GRANT's data
}

type cost struct{ bytes, keys int }

func newMetered(t testing.TB) *metered {
	t.Helper()
	m := &metered{t: t, keys: &recorded{}, cost: map[wire.INS]cost{}}
	m.Card = newCard(t, emulator.Config{Store: &m.store, Keys: m.keys})
	return m
}

func (m *metered) Process(command []byte) []byte {
	before, keys := m.store.state, m.keys.next
	answer := m.Card.Process(command)
	ins := wire.INS(command[1])
	if ins == wire.InsAIDGrant {
		m.grant = append(m.grant, command[5:5+int(command[4])]...)
	}
	if !bytes.Equal(before, m.store.state) {
		was := m.cost[ins]
		m.cost[ins] = cost{
			bytes: max(was.bytes, emulator.TransactionLen(m.t, before, m.store.state)),
			keys:  int(m.keys.next - keys),
		}
	}
	return answer
}

// TestBudget prints what each command writes, and compares with what a card can.
func TestBudget(t *testing.T) {
	m := newMetered(t)
	host := conformance.NewHost(t, pcsc.NewDirect(m)).Advance(conformance.CardReady)
	for range 2 { // the second time in slots that are used again, which empties them too
		for slot := range byte(wire.TokenSlots) {
			host.NewToken(slot, 50, wire.TokenUnits)
			host.CloseToken(slot)
		}
	}
	host.Advance(conformance.Armed)
	host.Tap()
	var out strings.Builder
	for _, ins := range slices.Sorted(maps.Keys(m.cost)) {
		c := m.cost[ins]
		fmt.Fprintf(&out, "INS %02X: %3d bytes, %d key pairs\n", byte(ins), c.bytes, c.keys)
		if c.bytes > transactionMax {
			t.Errorf("INS %02X writes %d bytes, a card can %d", byte(ins), c.bytes, transactionMax)
		}
	}
	sizes := emulator.StateSizes()
	for _, part := range slices.Sorted(maps.Keys(sizes)) {
		fmt.Fprintf(&out, "%s: %d bytes\n", part, sizes[part])
	}
	if sizes["all"] > persistentMax {
		t.Errorf("%d persistent bytes, a card has %d for them", sizes["all"], persistentMax)
	}
	page, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%d,%03d bytes", sizes["all"]/1000, sizes["all"]%1000)
	if !strings.Contains(strings.Join(strings.Fields(string(page)), " "), all) {
		t.Errorf("PROTOCOL.md says something else than %s persistent", all)
	}
	t.Log("\n" + out.String())
}

// TestAccountKeys looks at K_AID,B, which no command uses yet.
func TestAccountKeys(t *testing.T) {
	m := newMetered(t)
	conformance.NewHost(t, pcsc.NewDirect(m)).Advance(conformance.Granted)
	kem, th, toBank, toSE := m.AccountKeys(1)
	_, e, err := message.OpenFrom(privateKey(t, kem), wire.MsgAIDGrant, th, m.grant)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		got []byte
		mt  wire.MessageType
	}{"to the bank": {toBank, wire.KeyAIDToBank}, "to the SE": {toSE, wire.KeyAIDToSE}} {
		want, err := message.ExportKeys(e, row.mt)
		if err != nil || !bytes.Equal(row.got, want.Reveal()) {
			t.Errorf("K_AID,B %s: other keys than the bank's, %v", name, err)
		}
	}
}

// TestCounterExhausted has no counter left towards the TSM.
func TestCounterExhausted(t *testing.T) {
	card := newCard(t, emulator.Config{})
	conformance.NewHost(t, connect(card)).Advance(conformance.EpochKnown)
	card.ExhaustCounter(0)
	request := []byte{0x80, 0x72, 0x00, 0x00, 0x00}
	if got := card.Process(request); !bytes.Equal(got, []byte{0x69, 0x85}) {
		t.Errorf("CARD REQUEST: got % X, want 69 85", got)
	}
}
