package conformance

import (
	"cmp"
	"slices"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/applet/wire/cardlife"
	"tapbench/pcsc/apdu"
)

// cardInLife is a card that is alone in its element, and the payment that it is shown to.
type cardInLife struct {
	*Host
	life cardlife.Life
	tm   *terminal
	put  []byte // CARD PUT's data for the slot's last request
}

// testCardLife visits each cell of the life of a card: it brings the card into the column's state,
// acts, and looks at status word and state. States that the element doesn't know have no cell.
func testCardLife(t T, b Backend) {
	for _, life := range cardlife.Lives() {
		t.Run(life.Kind.String(), func(t T) { testLife(t, b, life) })
	}
}

func testLife(t T, b Backend, life cardlife.Life) {
	c := &cardInLife{Host: b.fresh(t, EpochKnown), life: life}
	c.kind = life.Kind
	c.put = make([]byte, 148) // CARD PUT before any request
	table, visited := life.Rows, 0
	slices.SortStableFunc(table, func(a, b cardlife.Row) int { // the only way out of E comes last
		return cmp.Compare(leaves(a), leaves(b))
	})
	for column, state := range life.States {
		for _, row := range table {
			c.bring(state.State)
			want := row.Cells[column]
			what := row.Name + " when " + state.Name
			wantSW(t, what, c.act(row.Act), want.SW)
			if got := c.state(); got != want.Next {
				t.Errorf("%s: got state %c, want %c", what, got, want.Next)
			}
			visited++
		}
	}
	if want := len(life.States) * len(table); visited != want {
		t.Errorf("%d cells visited, want %d", visited, want)
	}
}

// leaves is 1 for the act that takes a card out of the state that nothing leads to.
func leaves(r cardlife.Row) int {
	if r.Act == cardlife.CardRequest {
		return 1
	}
	return 0
}

// state asks for the card's state, by what the table says of slot and arming.
func (c *cardInLife) state() cardlife.State {
	c.t.Helper()
	c.authenticate()
	s := c.status()
	full := c.left() == 0
	for _, m := range c.life.States {
		usedUp := m.State == cardlife.UsedUp
		if m.Slot == s.cards[cardSlot] && m.Arm == s.arm && usedUp == (s.tries == wire.TapTries) &&
			m.Full == (full && m.Slot == wire.CardReady) {
			return m.State
		}
	}
	c.t.Fatalf("a state without a name: %+v", s)
	return 0
}

// bring takes the card into a state, from whatever it is in. Empty is only there before all others.
func (c *cardInLife) bring(to cardlife.State) {
	c.t.Helper()
	if c.state() == to && to != cardlife.Bound {
		return
	}
	for _, step := range c.path() {
		for _, act := range step.acts {
			wantSW(c.t, "on the way", c.act(act), wire.SWNormal)
			c.authenticate()
		}
		if step.state == cardlife.Full {
			c.fill()
		}
		if got := c.state(); got != step.state {
			c.t.Fatalf("on the way to %c: got state %c, want %c", to, got, step.state)
		}
		if step.state == to {
			return
		}
	}
	c.t.Fatalf("state %c can't be reached from %c", to, c.state())
}

// stretch leads from one state to the next.
type stretch struct {
	state cardlife.State
	acts  []cardlife.Act
}

// path is a card's life from a new request on.
func (c *cardInLife) path() []stretch {
	path := []stretch{
		{cardlife.Requested, []cardlife.Act{cardlife.Disarm, cardlife.CardRequest}},
		{cardlife.Issued, []cardlife.Act{cardlife.CardPut}},
		{cardlife.Active, []cardlife.Act{cardlife.Arm}},
		{cardlife.Bound, []cardlife.Act{cardlife.CardRecord}},
		{cardlife.UsedUp, []cardlife.Act{cardlife.CardRecord, cardlife.CardRecord}},
	}
	if c.kind == wire.CardOneShow {
		return append(path, stretch{cardlife.Spent, []cardlife.Act{cardlife.Disarm}})
	}
	return append(path, stretch{cardlife.Full, []cardlife.Act{cardlife.Disarm}},
		stretch{cardlife.FullArmed, []cardlife.Act{cardlife.Arm}})
}

// left returns what is left of the card's limit, in minor units.
func (c *cardInLife) left() uint64 {
	c.t.Helper()
	card := c.cardData()[cardSlot]
	return card.Limit - card.Total
}

// fill pays all that is left of the card's limit.
func (c *cardInLife) fill() {
	c.t.Helper()
	rest, err := emv.N12(c.left())
	if err != nil {
		c.t.Fatal(err)
	}
	arm := ownCommand(wire.InsArm, 0, 0, append(rest[:], 0x09, 0x78))
	wantSW(c.t, "ARM for the rest", c.call(arm), wire.SWNormal)
	tm := c.newTerminal().changed(func(d *emv.PDOLData) { d.Amount = rest }).begin()
	wantSW(c.t, "GET PROCESSING OPTIONS for the rest", tm.options(), wire.SWNormal)
	tm.released()
	c.rest()
}

// act does what a row says, with the host proven where the command is the host's.
func (c *cardInLife) act(act cardlife.Act) apdu.SW {
	c.t.Helper()
	switch act {
	case cardlife.CardRequest:
		return c.request()
	case cardlife.CardPut:
		return c.call(ownCommand(wire.InsCardPut, cardSlot, 0, c.put))
	case cardlife.TIDClose:
		return c.closeAccount()
	case cardlife.Arm:
		c.tm = c.cents()
		return c.call(ownCommand(wire.InsArm, 0, 0, armData()))
	case cardlife.Disarm:
		return c.call(ownCommand(wire.InsDisarm, 0, 0, nil))
	default:
		return c.pay(act)
	}
}

// closeAccount is TID CLOSE, and makes a new account in the slot, so that the card's life goes on.
func (c *cardInLife) closeAccount() apdu.SW {
	c.t.Helper()
	sw := c.call(ownCommand(wire.InsTIDClose, tidSlot, 0, nil))
	if sw == wire.SWNormal {
		c.reopen()
		c.put = make([]byte, 148)
	}
	return sw
}

// request is CARD REQUEST, and makes the card for CARD PUT.
func (c *cardInLife) request() apdu.SW {
	c.t.Helper()
	run, request := c.cards[cardSlot], c.requestCard(cardSlot)
	r, err := c.exchange(ownCommand(request.ins, request.p1, request.p2, nil))
	if err != nil {
		c.t.Fatal(err)
	}
	if r.SW != wire.SWNormal {
		c.cards[cardSlot] = run
		return r.SW
	}
	request.done(nil, r.Data)
	c.put = c.putCard(cardSlot).sent()
	return r.SW
}

// cents is a payment of 0.01, of which many fit a card's limit.
func (c *cardInLife) cents() *terminal {
	c.t.Helper()
	return c.newTerminal().changed(func(d *emv.PDOLData) { d.Amount = [wire.AmountLen]byte{5: 0x01} })
}

// pay does what a terminal does, up to the act, and returns the first refusal.
func (c *cardInLife) pay(act cardlife.Act) apdu.SW {
	c.t.Helper()
	if c.tm == nil {
		c.tm = c.cents()
	}
	tm := c.tm
	if act == cardlife.OtherOptions {
		tm = tm.changed(func(d *emv.PDOLData) { d.UN[0]++ })
	}
	tm.begin()
	record := func(n byte) func() apdu.SW { return func() apdu.SW { return tm.read(n).SW } }
	arqc := func() apdu.SW { return tm.first(wire.P1ARQC).SW }
	last := func() apdu.SW { return tm.second(wire.P1TC, [8]byte{}).SW }
	steps := map[cardlife.Act][]func() apdu.SW{
		cardlife.Select:         {},
		cardlife.Unoffered:      {record(1)},
		cardlife.Options:        {tm.options},
		cardlife.OtherOptions:   {tm.options},
		cardlife.CommonRecord:   {tm.options, record(2)},
		cardlife.CardRecord:     {tm.options, record(1)},
		cardlife.Cryptogram:     {tm.options, record(3), arqc},
		cardlife.LastCryptogram: {tm.options, record(1), arqc, last},
	}[act]
	for _, step := range steps {
		if sw := step(); sw != wire.SWNormal {
			return sw
		}
	}
	return wire.SWNormal
}
