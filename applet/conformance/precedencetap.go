package conformance

import (
	"maps"
	"slices"

	"tapbench/applet/wire"
)

// tapStage is how far a tap has come. Online and offline have the same stages.
type tapStage int

const (
	tapUnarmed tapStage = iota
	tapArmed
	tapAsked   // GET PROCESSING OPTIONS has asked for the merchant's proof
	tapOffered // it hasn't
	tapShown   // a card's record was read, or a token's
	tapSigned  // the first cryptogram was given, or the token's signature
)

// tapProbe says of a payment command where it works and where proof is missing.
type tapProbe struct {
	works    []tapStage
	unproven []tapStage
	foreign  bool // the application doesn't have it
	// ends are the stages that the command would end when its data are looked at.
	ends []tapStage
}

func (p tapProbe) natural(at tapStage) faultSet {
	return faultSet(0).with(faultINS, p.foreign).with(faultProof, slices.Contains(p.unproven, at)).
		with(faultState, !slices.Contains(p.works, at))
}

// askTap asks all commands of a payment at a stage. Restore brings the stage back.
func (e *exam) askTap(
	at tapStage, probes map[string]probe, known map[string]tapProbe, restore func(),
) {
	e.h.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(probes)) {
		p, of := probes[name], known[name]
		p.name = name
		if slices.Contains(of.ends, at) {
			p.acts = true // what its state allows isn't asked
		}
		if name == "options" || name == "proof" {
			p.before = restore
		}
		e.ask(p, of.natural(at), 2)
	}
	restore()
}

// offered are the stages behind an accepted GET PROCESSING OPTIONS.
func offered() []tapStage { return []tapStage{tapAsked, tapOffered, tapShown, tapSigned} }

func testPaymentPrecedence(t T, b Backend) {
	h := b.fresh(t, CardReady)
	e := b.exam(h)
	probes := paymentProbes()
	probes["options"].c.Data[0] = 0x84 // another template
	known := map[string]tapProbe{
		"fetch": {},
		"options": {
			works: append(offered(), tapArmed), ends: []tapStage{tapShown, tapSigned},
		},
		"proof":    {works: []tapStage{tapAsked}},
		"relay":    {works: []tapStage{tapAsked, tapOffered}},
		"record 1": {works: offered(), unproven: []tapStage{tapAsked}},
		"record 2": {works: offered()},
		"record 3": {works: offered(), unproven: []tapStage{tapAsked}},
		"first":    {works: []tapStage{tapShown}},
		"second":   {works: []tapStage{tapSigned}},
		"foreign":  {foreign: true},
	}
	tm := h.newTerminal().begin()
	again := func() { wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal) }
	e.askTap(tapUnarmed, probes, known, func() {})
	h.authenticate()
	h.ArmFor(wire.ArmMutual)
	tm.begin()
	e.askTap(tapArmed, probes, known, func() {})
	again()
	e.askTap(tapAsked, probes, known, again)
	h.authenticate()
	h.Arm()
	tm.begin()
	again()
	e.askTap(tapOffered, probes, known, again)
	wantSW(t, "record 3", tm.read(3).SW, wire.SWNormal)
	e.askTap(tapShown, probes, known, func() {})
	tm.requested(wire.P1ARQC, 1)
	e.askTap(tapSigned, probes, known, func() {})
}

func testOfflinePrecedence(t T, b Backend) {
	h, _ := b.withTokens(t)
	e := b.exam(h)
	probes := offlineProbes()
	probes["options"].c.Data[0] = 0x84
	known := map[string]tapProbe{
		"fetch": {},
		"options": {
			works: append(offered(), tapArmed), ends: []tapStage{tapShown, tapSigned},
		},
		"proof":   {works: []tapStage{tapAsked}},
		"relay":   {works: []tapStage{tapAsked, tapOffered}},
		"record":  {works: offered(), unproven: []tapStage{tapAsked}},
		"sign":    {works: []tapStage{tapShown}},
		"decline": {works: []tapStage{tapShown}},
		"tick":    {works: []tapStage{tapSigned}},
		"receipt": {works: []tapStage{tapSigned}},
		"foreign": {foreign: true},
	}
	p := h.newPurchase(h.shop(), 100).metered(5).begin()
	again := func() { wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal) }
	e.askTap(tapUnarmed, probes, known, func() {})
	h.authenticate()
	h.ArmFor(wire.ArmMutual)
	p.begin()
	e.askTap(tapArmed, probes, known, func() {})
	again()
	e.askTap(tapAsked, probes, known, again)
	h.authenticate()
	h.ArmFor(0)
	p.begin()
	again()
	e.askTap(tapOffered, probes, known, again)
	record := p.shown()
	e.askTap(tapShown, probes, known, func() {})
	p.signed(record)
	e.askTap(tapSigned, probes, known, func() {})
}
