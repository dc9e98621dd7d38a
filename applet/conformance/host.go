package conformance

import (
	"errors"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// Stage is how far a card has come.
type Stage int

// The stages, in their order.
const (
	Selectable    Stage = iota // fresh
	Keyed                      // it has SK_SE
	Personalised               // and its certificate, and a wallet
	UserCreated                // phase 0
	AccountOpen                // phase 0
	Requested                  // phase 2, message 1
	Replied                    // message 2
	KeysSent                   // message 3
	Granted                    // message 4
	Registering                // phase 3, message 1
	TIDReplied                 // message 2
	BINFOMade                  // BINFO
	InfoMade                   // TSMINFO
	Active                     // message 6
	EpochKnown                 // phase 4: the epoch's key is there
	CardRequested              // one card was asked for
	CardReady                  // and is there
	Armed                      // up to 20.00 EUR
)

// The slots that a host uses.
const (
	bankSlot = 1
	tidSlot  = 0
	cardSlot = 2
)

// Host takes a card through the stages. It plays wallet, CA, bank and TSM.
type Host struct {
	t       TB
	card    pcsc.Card
	session *pcsc.Session
	p       *parties
	stage   Stage

	seKey   message.PublicKey
	cert    message.Certificate
	ak      keyPair // of the phone's TPM
	account accountRun
	tid     tidRun
	cards   [wire.CardSlots]cardRun
	kind    wire.CardKind // of the cards that are asked for

	merchant merchant // of PayOffline and its like; zero: not certified yet
	tokens   [wire.TokenSlots]tokenRun
	timed    bool // the TSM account's epoch is known
}

// NewHost returns a host for a fresh card, with parties of its own.
func NewHost(t TB, card pcsc.Card) *Host {
	t.Helper()
	h := &Host{t: t, card: card, session: pcsc.NewSession(card), p: newParties(t)}
	h.account.p, h.tid.p, h.tid.replyType = h.p, h.p, wire.MsgTIDReply
	h.selectApplication(wire.AIDManagement)
	return h
}

// Advance takes the card to a stage. Any refusal fails the test.
func (h *Host) Advance(to Stage) *Host {
	h.t.Helper()
	for h.stage < to {
		h.step(h.stage + 1)
		h.stage++
	}
	return h
}

// Stage returns how far the card has come.
func (h *Host) Stage() Stage { return h.stage }

// step is one command that takes the card to the next stage.
type step struct {
	ins    wire.INS
	p1, p2 byte
	data   func() []byte // nil: none. It may make new nonces each time
	answer int           // length of the answer's data
	check  func(sent, answer []byte)
}

// step takes the card from the stage before to this one, or there again.
func (h *Host) step(to Stage) {
	h.t.Helper()
	h.run(h.steps()[to])
}

// run sends a step's command, which must be accepted, and checks the answer.
func (h *Host) run(s step) {
	h.t.Helper()
	sent := s.sent()
	answer := h.send(s.ins, s.p1, s.p2, sent, s.answer)
	s.done(sent, answer)
}

func (s step) sent() []byte {
	if s.data == nil {
		return nil
	}
	return s.data()
}

func (s step) done(sent, answer []byte) {
	if s.check != nil {
		s.check(sent, answer)
	}
}

// exchange sends a command with chaining and GET RESPONSE. A refusal isn't an error here.
func (h *Host) exchange(c apdu.Command) (apdu.Response, error) {
	response, err := h.session.Exchange(h.t.Context(), c)
	var refused *apdu.StatusError
	if errors.As(err, &refused) {
		return response, nil
	}
	return response, err
}

// send sends one of the element's own commands and returns the answer's data; it must be accepted.
func (h *Host) send(ins wire.INS, p1, p2 byte, data []byte, answer int) []byte {
	h.t.Helper()
	response, err := h.exchange(apdu.Command{
		CLA: byte(wire.CLAProprietary), INS: byte(ins), P1: p1, P2: p2, Data: data, Ne: 256,
	})
	if err != nil || response.SW != wire.SWNormal {
		h.t.Fatalf("INS %02X: got %v, %v, want 9000", byte(ins), response.SW, err)
	}
	if len(response.Data) != answer {
		h.t.Fatalf("INS %02X: %d bytes, want %d", byte(ins), len(response.Data), answer)
	}
	return response.Data
}

// selectApplication selects an application.
func (h *Host) selectApplication(aid wire.AID) []byte {
	h.t.Helper()
	response, err := h.exchange(selectCommand(aid))
	if err != nil || response.SW != wire.SWNormal {
		h.t.Fatalf("SELECT: got %v, %v, want 9000", response.SW, err)
	}
	return response.Data
}

func selectCommand(aid wire.AID) apdu.Command {
	return apdu.Command{
		INS: byte(wire.InsSelect), P1: wire.P1SelectByAID, Data: []byte(aid), Ne: 256,
	}
}

// authenticate selects the management application and proves the pairing key.
func (h *Host) authenticate() {
	h.t.Helper()
	h.selectApplication(wire.AIDManagement)
	response, err := h.exchange(apdu.Command{INS: byte(wire.InsGetChallenge), Ne: wire.NonceLen})
	if err != nil || response.SW != wire.SWNormal || len(response.Data) != wire.NonceLen {
		h.t.Fatalf("GET CHALLENGE: got %v, %v", response, err)
	}
	mac := message.HostAuthMAC(h.p.pairing, message.Nonce(response.Data))
	response, err = h.exchange(apdu.Command{
		INS: byte(wire.InsExternalAuthenticate), Data: mac[:],
	})
	if err != nil || response.SW != wire.SWNormal {
		h.t.Fatalf("EXTERNAL AUTHENTICATE: got %v, %v", response, err)
	}
}

// data reads a data object.
func (h *Host) data(tag uint16) []byte {
	h.t.Helper()
	response, err := h.exchange(apdu.Command{
		INS: byte(wire.InsGetData), P1: byte(tag >> 8), P2: byte(tag & 0xFF), Ne: 256,
	})
	if err != nil || response.SW != wire.SWNormal {
		h.t.Fatalf("GET DATA %04X: got %v, %v", tag, response, err)
	}
	return response.Data
}

// status reads DF04.
func (h *Host) status() status { return parseStatus(h.t, h.data(uint16(wire.DataStatus))) }

// status is data object DF04, comparable.
type status struct {
	life  wire.LifeCycle
	user  byte
	banks [wire.BankSlots]wire.SlotState
	tids  [wire.TIDSlots]wire.SlotState
	cards [wire.CardSlots]wire.SlotState
	arm   wire.ArmState
	tries byte
}

func parseStatus(t TB, raw []byte) status {
	t.Helper()
	var s status
	if want := 2 + wire.BankSlots + wire.TIDSlots + wire.CardSlots + 2; len(raw) != want {
		t.Fatalf("status of %d bytes, want %d", len(raw), want)
	}
	s.life, s.user = wire.LifeCycle(raw[0]), raw[1]
	raw = raw[2:]
	for _, slots := range [][]wire.SlotState{s.banks[:], s.tids[:], s.cards[:]} {
		for i := range slots {
			slots[i] = wire.SlotState(raw[i])
		}
		raw = raw[len(slots):]
	}
	s.arm, s.tries = wire.ArmState(raw[0]), raw[1]
	return s
}

// armData is ARM for 20.00 EUR.
func armData() []byte { return []byte{0, 0, 0, 0, 0x20, 0x00, 0x09, 0x78} }

// Arm arms the card for one tap of at most 20.00 EUR. The management application must be selected
// and the host proven.
func (h *Host) Arm() {
	h.t.Helper()
	h.step(Armed)
}
