package conformance

import (
	"bytes"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// testLaunch is about PUT REFERENCE and LAUNCH, and what they lock.
func testLaunch(t T, b Backend) {
	for _, part := range []struct {
		name string
		run  func(T, Backend)
	}{
		{"references that are refused", testWrongReference},
		{"quotes that are refused", testWrongQuote},
		{"consents that are refused", testWrongConsent},
		{"locked", testLocked},
		{"how long it lasts", testLaunched},
		{"the next release", testNextRelease},
		{"another attestation key", testOtherAK},
		{"tearing", testTornReference},
	} {
		t.Run(part.name, func(t T) { part.run(t, b) })
	}
}

// unlocks reads DF05: whether a reference is stored, and whether the element was launched.
func (h *Host) unlocks() (stored, launched bool) {
	h.t.Helper()
	raw := h.data(uint16(wire.DataLaunch))
	if want := 3 + wire.SoftwareLen + wire.HashLen + wire.PartyIDLen; len(raw) != want {
		h.t.Fatalf("DF05 of %d bytes, want %d", len(raw), want)
	}
	if raw[0] == 0 && !bytes.Equal(raw, make([]byte, len(raw))) {
		h.t.Errorf("DF05 without a reference: %x", raw)
	}
	return raw[0] == 1, raw[1] == 1
}

func (h *Host) wantUnlocks(what string, stored, launched bool) {
	h.t.Helper()
	if s, l := h.unlocks(); s != stored || l != launched {
		h.t.Errorf("%s: stored %t, launched %t, want %t, %t", what, s, l, stored, launched)
	}
}

func testWrongReference(t T, b Backend) {
	h := b.fresh(t, UserCreated)
	put := func(change func(*message.Reference), signer keyPair) apdu.SW {
		m := h.reference(h.challenge(), wire.LaunchLocal)
		sent := m
		change(&m)
		return h.call(putReference(sent, signer.sign(t, m.Digest())))
	}
	good := func(*message.Reference) {}
	wantSW(t, "an empty slot", put(good, h.p.bank.sign), wire.SWConditionsNotSatisfied)
	h.run(step{
		ins: wire.InsOpenAccount, p1: bankSlot, answer: wire.PointLen,
		data: func() []byte { return h.p.bank.certs },
	})
	wantSW(t, "no attestation key", put(good, h.p.bank.sign), wire.SWConditionsNotSatisfied)
	h.Advance(AccountOpen)
	m := h.reference(h.challenge(), wire.LaunchLocal)
	late := putReference(m, h.p.bank.sign.sign(t, m.Digest()))
	h.unlocks() // another command takes the challenge
	wantSW(t, "no challenge", h.call(late), wire.SWConditionsNotSatisfied)
	h.challenge()
	wantSW(t, "an earlier challenge", h.call(late), wire.SWWrongData)
	wantSW(t, "and the challenge is gone", h.call(late), wire.SWConditionsNotSatisfied)
	for name, change := range map[string]func(*message.Reference){
		"of another bank": func(m *message.Reference) { m.Bank[0]++ },
		"for another SE":  func(m *message.Reference) { m.SE[9]++ },
		"another phone":   func(m *message.Reference) { m.AK[9]++ },
		"another id":      func(m *message.Reference) { m.Software[1]++ },
		"another program": func(m *message.Reference) { m.Program[0]++ },
		"another policy":  func(m *message.Reference) { m.Policy = wire.LaunchBank },
	} {
		wantSW(t, "signed for "+name, put(change, h.p.bank.sign), wire.SWWrongData)
	}
	wantSW(t, "signed by the TSM", put(good, h.p.tsm.sign), wire.SWWrongData)
	for name, change := range map[string]func(*message.Reference){
		"no software id":      func(m *message.Reference) { m.Software = message.Software{} },
		"a software id of 65": func(m *message.Reference) { m.Software[0] = 65 },
		"bytes behind the id": func(m *message.Reference) { m.Software[64] = 1 },
		"policy 02":           func(m *message.Reference) { m.Policy = 2 },
	} {
		m := h.reference(h.challenge(), wire.LaunchLocal)
		change(&m)
		wantSW(t, name, h.call(putReference(m, h.p.bank.sign.sign(t, m.Digest()))),
			wire.SWWrongData)
	}
	h.wantUnlocks("after all refusals", false, false)
}

func testWrongQuote(t T, b Backend) {
	h := b.fresh(t, AccountOpen)
	quote := func() apdu.SW { return h.call(h.launch(h.quote(h.challenge()))) }
	wantSW(t, "no reference", quote(), wire.SWConditionsNotSatisfied)
	m := h.storeReference(wire.LaunchLocal)
	wantSW(t, "a consent", h.call(h.consent(consentTo(m, h.challenge()), h.p.bank.sign)),
		wire.SWConditionsNotSatisfied)
	used := h.launch(h.quote(h.challenge()))
	wantSW(t, "right", h.call(used), wire.SWNormal)
	h.wantUnlocks("right", true, true)
	wantSW(t, "replayed without a challenge", h.call(used), wire.SWConditionsNotSatisfied)
	h.wantUnlocks("without a challenge nothing changes", true, true)
	h.challenge()
	wantSW(t, "replayed", h.call(used), wire.SWWrongData)
	h.wantUnlocks("a wrong quote voids the launch", true, false)

	ask := func(at int) message.Hash { // the question with one byte changed
		in := h.question(h.challenge())
		in[(at+len(in))%len(in)] ^= 7
		return hashOf(in)
	}
	stranger, every := newPair(t), 1
	if b.Caps.Far {
		every = 16
	}
	for name, change := range map[string]func(*quoted){
		"no TPM's":               func(q *quoted) { q.magic++ },
		"of another type":        func(q *quoted) { q.kind = 0x8017 },
		"of PCR 22":              func(q *quoted) { q.selection[9] = 0x40 },
		"of PCR 10":              func(q *quoted) { q.selection = []byte{0, 0, 0, 1, 0, 0x0B, 3, 0, 4, 0} },
		"of PCR 23 and another":  func(q *quoted) { q.selection[7] = 1 },
		"of the SHA-1 bank":      func(q *quoted) { q.selection[5] = 0x04 },
		"of two banks":           func(q *quoted) { q.selection[3] = 2 },
		"of another program":     func(q *quoted) { q.pcrs[0]++ },
		"of a PCR at zero":       func(q *quoted) { q.pcrs = hashOf(make([]byte, 32)) },
		"by another key":         func(q *quoted) { q.signer = stranger },
		"over another nonce":     func(q *quoted) { q.qualifying = ask(17) },
		"for another purpose":    func(q *quoted) { q.qualifying = ask(16) },
		"with a session":         func(q *quoted) { q.qualifying = ask(40) },
		"of other software":      func(q *quoted) { q.qualifying = ask(50) },
		"for another element":    func(q *quoted) { q.qualifying = ask(-1) },
		"that names another key": func(q *quoted) { q.qualifying = ask(-70) },
	} {
		q := h.quote(h.challenge())
		change(&q)
		wantSW(t, "a quote "+name, h.call(h.launch(q)), wire.SWWrongData)
	}
	for at := 0; at < wire.AttestLen+wire.SignatureLen; at += every {
		c := h.launch(h.quote(h.challenge()))
		c.Data[at] ^= 0x10
		wantSW(t, fmt.Sprintf("byte %d changed", at), h.call(c), wire.SWWrongData)
	}
	c := h.launch(h.quote(h.challenge()))
	high := other(message.Signature(c.Data[wire.AttestLen:]))
	copy(c.Data[wire.AttestLen:], high[:])
	wantSW(t, "s above n/2", h.call(c), wire.SWWrongData)
	h.wantUnlocks("after all refusals", true, false)
	wantSW(t, "right again", quote(), wire.SWNormal)
}

func testWrongConsent(t T, b Backend) {
	h := b.fresh(t, AccountOpen)
	m := h.storeReference(wire.LaunchBank)
	wantSW(t, "a local quote", h.call(h.launch(h.quote(h.challenge()))),
		wire.SWConditionsNotSatisfied)
	used := h.consent(consentTo(m, h.challenge()), h.p.bank.sign)
	wantSW(t, "right", h.call(used), wire.SWNormal)
	h.wantUnlocks("right", true, true)
	h.challenge()
	wantSW(t, "replayed", h.call(used), wire.SWWrongData)
	h.wantUnlocks("a wrong consent voids the launch", true, false)
	for name, change := range map[string]func(*message.LaunchConsent){
		"of another bank":    func(c *message.LaunchConsent) { c.Bank[0]++ },
		"to another element": func(c *message.LaunchConsent) { c.SE[9]++ },
		"to another phone":   func(c *message.LaunchConsent) { c.AK[9]++ },
		"to other software":  func(c *message.LaunchConsent) { c.Software[1]++ },
		"to another program": func(c *message.LaunchConsent) { c.Program[0]++ },
	} {
		c := consentTo(m, h.challenge())
		change(&c)
		wantSW(t, "a consent "+name, h.call(h.consent(c, h.p.bank.sign)), wire.SWWrongData)
	}
	wantSW(t, "by the TSM", h.call(h.consent(consentTo(m, h.challenge()), h.p.tsm.sign)),
		wire.SWWrongData)
	asReference := m
	asReference.Nonce = h.challenge()
	sig := h.p.bank.sign.sign(t, asReference.Digest())
	wantSW(t, "a signature over a reference", h.call(ownCommand(wire.InsLaunch,
		byte(wire.LaunchBank), 0, sig[:])), wire.SWWrongData)
	h.wantUnlocks("after all refusals", true, false)
}

// testLocked: every command that needs the host's proof needs the launch too, but for those that
// look, disarm, or lead to a launch.
func testLocked(t T, b Backend) {
	h := b.fresh(t, Armed)
	h.storeReference(wire.LaunchLocal)
	open := map[wire.INS]bool{
		wire.InsGetData: true, wire.InsGetChallenge: true, wire.InsExternalAuthenticate: true,
		wire.InsGetResponse: true, wire.InsPutReference: true, wire.InsLaunch: true,
		wire.InsDisarm: true,
	}
	h.unchanged("a locked command", func() {
		for _, p := range h.probes() {
			if got := h.call(p.c); !open[wire.INS(p.c.INS)] {
				wantSW(t, p.name, got, wire.SWSecurityStatusNotSatisfied)
			} else if got == wire.SWSecurityStatusNotSatisfied && p.c.INS != 0x82 {
				t.Errorf("%s is locked", p.name)
			}
			if p.c.INS == byte(wire.InsDisarm) || p.c.INS == byte(wire.InsExternalAuthenticate) {
				h.authenticate()
			}
			if p.c.INS == byte(wire.InsDisarm) {
				wantSW(t, "LAUNCH", h.call(h.launch(h.quote(h.challenge()))), wire.SWNormal)
				h.Arm()
				h.authenticate()
			}
		}
	})
	h.selectApplication(wire.AIDManagement)
	wantSW(t, "LAUNCH without the host's proof", h.call(h.launch(h.quote(h.challenge()))),
		wire.SWSecurityStatusNotSatisfied)
	h.authenticate()
	h.wantUnlocks("and that was no launch", true, false)
	// What was armed before isn't taken back: a tap needs neither proof nor launch.
	tm := h.newTerminal().begin()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
}

func testLaunched(t T, b Backend) {
	h := b.fresh(t, CardReady)
	h.storeReference(wire.LaunchLocal)
	arm := func() apdu.SW { return h.call(ownCommand(wire.InsArm, 0, 0, armData())) }
	launch := func() {
		t.Helper()
		wantSW(t, "LAUNCH", h.call(h.launch(h.quote(h.challenge()))), wire.SWNormal)
	}
	const no = wire.SWSecurityStatusNotSatisfied
	wantSW(t, "before", arm(), no)
	launch()
	wantSW(t, "after", arm(), wire.SWNormal)
	wantSW(t, "SELECT of nothing", h.call(selectCommand("\xA0")), wire.SWFileNotFound)
	wantSW(t, "a failed SELECT keeps it", arm(), wire.SWNormal)
	h.authenticate()
	wantSW(t, "after a selection", arm(), no)
	launch()
	h.selectApplication(wire.AIDPayment)
	h.authenticate()
	wantSW(t, "after the other application", arm(), no)
	launch()
	if err := h.card.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.authenticate()
	wantSW(t, "after a reset", arm(), no)
	c := h.launch(h.quote(h.challenge()))
	short := c
	short.Data = c.Data[:wire.SignatureLen]
	wantSW(t, "a quote as short as a consent", h.transmit(short).SW, wire.SWWrongLength)
	wantSW(t, "keeps the challenge", h.transmit(c).SW, wire.SWNormal)
	wantSW(t, "and it serves", arm(), wire.SWNormal)
}

// testNextRelease stores another reference, locked and launched, and tries to put the old one back.
func testNextRelease(t T, b Backend) {
	h := b.fresh(t, AccountOpen)
	old := h.storeReference(wire.LaunchLocal)
	wantSW(t, "LAUNCH", h.call(h.launch(h.quote(h.challenge()))), wire.SWNormal)
	next := h.reference(h.challenge(), wire.LaunchBank)
	next.Program = hashOf([]byte("the next release"))
	put := func(m message.Reference) apdu.SW {
		return h.call(putReference(m, h.p.bank.sign.sign(t, m.Digest())))
	}
	wantSW(t, "the next release", put(next), wire.SWNormal)
	h.wantUnlocks("it locks", true, false)
	raw := h.data(uint16(wire.DataLaunch))
	want := concat([]byte{1, 0, byte(wire.LaunchBank)}, next.Software[:], next.Program[:],
		h.p.bank.id[:])
	if !bytes.Equal(raw, want) {
		t.Errorf("DF05: got %x, want %x", raw, want)
	}
	h.challenge()
	wantSW(t, "the old one again", put(old), wire.SWWrongData)
	h.wantUnlocks("refused", true, false)
	h.storeReference(wire.LaunchLocal)
	wantSW(t, "LAUNCH", h.call(h.launch(h.quote(h.challenge()))), wire.SWNormal)
}

func testOtherAK(t T, b Backend) {
	h := b.fresh(t, AccountOpen)
	first := h.ak
	bind := func(ak keyPair) apdu.SW {
		return h.call(ownCommand(wire.InsBindAK, bankSlot, 0, ak.public[:]))
	}
	second := newPair(t)
	wantSW(t, "before a reference is stored", bind(second), wire.SWNormal)
	h.ak = second
	h.storeReference(wire.LaunchLocal)
	wantSW(t, "LAUNCH", h.call(h.launch(h.quote(h.challenge()))), wire.SWNormal)
	wantSW(t, "afterwards", bind(first), wire.SWWrongData)
	wantSW(t, "the same again", bind(second), wire.SWNormal)
}

// testTornReference cuts the power at PUT REFERENCE's write: the element is as before, or locked.
func testTornReference(t T, b Backend) {
	if !b.canTear(t) {
		return
	}
	for _, after := range []bool{false, true} {
		h := b.fresh(t, AccountOpen)
		eachCut(after, func(n int) bool {
			m := h.reference(h.challenge(), wire.LaunchLocal)
			b.Tear(h.card, n, after)
			cut := h.cut(b, putReference(m, h.p.bank.sign.sign(t, m.Digest())), n)
			h.authenticate()
			h.wantUnlocks(fmt.Sprintf("power cut %d, after %t", n, after), after || !cut, false)
			return cut
		})
		h.storeReference(wire.LaunchLocal)
		wantSW(t, "LAUNCH", h.call(h.launch(h.quote(h.challenge()))), wire.SWNormal)
	}
}
