package conformance

import (
	"fmt"

	"tapbench/applet/wire"
)

// testPrecedence asks each command of each application with none, one and two faults beside those
// that its data are and that the card's state brings: the first in the card's order gives the
// status word, and nothing changes.
func testPrecedence(t T, b Backend) {
	t.Run("stages", func(t T) { testStagePrecedence(t, b) })
	t.Run("locked", func(t T) { testLockedPrecedence(t, b) })
	t.Run("payment", func(t T) { testPaymentPrecedence(t, b) })
	t.Run("offline payment", func(t T) { testOfflinePrecedence(t, b) })
}

// testStagePrecedence is about the management application. What lies in the command doesn't depend
// on the stage: two faults of it are put on at a few stages, one at each.
func testStagePrecedence(t T, b Backend) {
	h := b.fresh(t, Selectable)
	e := b.exam(h)
	pairs := map[Stage]bool{Selectable: true, UserCreated: true, Replied: true, Armed: true}
	for stage := Selectable; ; stage++ {
		most := 1
		if pairs[stage] {
			most = 2
		}
		h.unchanged(fmt.Sprintf("a refused command at stage %d", stage), func() {
			for _, p := range h.probes() {
				e.ask(p, h.natural(p, false, false), most)
			}
			if !stage.proven() {
				return
			}
			h.selectApplication(wire.AIDManagement) // the proof is gone
			for _, p := range h.probes() {
				e.ask(p, h.natural(p, true, false), most)
			}
			h.authenticate()
		})
		if stage == Armed {
			t.Logf("%d questions, of which one in %d was asked", e.asked, e.every)
			return
		}
		h.Advance(stage + 1)
	}
}

// natural are the faults that the card's state brings: no proof, no launch, another stage.
func (h *Host) natural(p probe, unproven, locked bool) faultSet {
	return faultSet(0).
		with(faultProof, h.stage.proven() && unproven && !p.open || locked && !p.launches).
		with(faultState, !p.works(h.stage))
}

// testLockedPrecedence: the same while a launch is missing, and of LAUNCH where it is due.
func testLockedPrecedence(t T, b Backend) {
	h := b.fresh(t, Armed)
	h.storeReference(wire.LaunchLocal)
	e, probes := b.exam(h), h.probes()
	for i := range probes {
		p := &probes[i]
		if p.c.INS == byte(wire.InsLaunch) && p.c.P1 == byte(wire.LaunchLocal) {
			p.works, p.before = from(AccountOpen), h.mayChallenge
		}
	}
	h.unchanged("a refused command", func() {
		for _, p := range probes {
			e.ask(p, h.natural(p, false, true), 2)
		}
		h.selectApplication(wire.AIDManagement)
		for _, p := range probes {
			e.ask(p, h.natural(p, true, true), 2)
		}
		h.authenticate()
	})
	h.wantUnlocks("after all refusals", true, false)
	wantSW(t, "LAUNCH", h.call(h.launch(h.quote(h.challenge()))), wire.SWNormal)
}
