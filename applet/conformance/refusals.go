package conformance

import (
	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// refusal is a command with one thing wrong in its data.
type refusal struct {
	name string
	c    apdu.Command
}

// testRefusals sends, before each step that takes data, the same data with one check's worth of
// change: 6A80 each time, and the step still works afterwards.
func testRefusals(t T, b Backend) {
	h := b.fresh(t, Selectable)
	refusals := map[Stage]func() []refusal{
		Personalised: h.wrongPersonalisation, AccountOpen: h.wrongBank, Replied: h.wrongReply,
		Granted: h.wrongGrant, Registering: h.wrongTSM, TIDReplied: h.wrongTIDReply,
		BINFOMade: h.wrongTerms, Active: h.wrongStatus, EpochKnown: h.wrongEpochKey,
		CardReady: h.wrongCard, Armed: h.wrongCap,
	}
	for stage := Keyed; stage <= Armed; stage++ {
		wrong, ok := refusals[stage]
		if ok {
			h.unchanged("a refused command", func() {
				for _, r := range wrong() {
					wantSW(t, r.name, h.call(r.c), wire.SWWrongData)
				}
			})
		}
		h.Advance(stage)
	}
	h.testCounters()
}

// flips returns a command with one bit changed in its data, at every 16th byte and the last.
func flips(name string, c apdu.Command) []refusal {
	var out []refusal
	for at := 0; at < len(c.Data); at++ {
		if at%16 != 0 && at != len(c.Data)-1 {
			continue
		}
		changed := c
		changed.Data = append([]byte(nil), c.Data...)
		changed.Data[at] ^= 0x01
		out = append(out, refusal{name + ", a bit flipped", changed})
	}
	return out
}

// change returns a copy of a certificate's fields, signed anew by the CA.
func (h *Host) change(c message.Certificate, f func(*message.Certificate)) message.Certificate {
	h.t.Helper()
	f(&c)
	return h.p.issue(h.t, c)
}

// wrongCertificates are a certificate's ways to be wrong: type, issuer, key, signer, and a bit of
// the signature.
func (h *Host) wrongCertificates(c message.Certificate) map[string]message.Certificate {
	h.t.Helper()
	signedByOther, err := message.IssueCertificate(h.p.bank.sign.private, c)
	if err != nil {
		h.t.Fatal(err)
	}
	flipped := c
	flipped.Signature[63] ^= 1
	return map[string]message.Certificate{
		"another type":    h.change(c, func(c *message.Certificate) { c.Type = wire.CertUser }),
		"another issuer":  h.change(c, func(c *message.Certificate) { c.Issuer[0]++ }),
		"no key":          h.change(c, func(c *message.Certificate) { c.Key[0] = 0x02 }),
		"another signer":  signedByOther,
		"signature":       flipped,
		"another expiry":  alter(c, func(c *message.Certificate) { c.Expiry++ }),
		"another subject": alter(c, func(c *message.Certificate) { c.Subject[0]++ }),
	}
}

// alter returns a changed copy without a new signature.
func alter[T any](v T, f func(*T)) T {
	f(&v)
	return v
}

func (h *Host) wrongPersonalisation() []refusal {
	h.t.Helper()
	subject := message.UserID([]byte("secure element 1"))
	good := h.p.certificate(h.t, wire.CertSE, subject, h.seKey)
	certs := h.wrongCertificates(good)
	certs["another element's"] = h.change(good, func(c *message.Certificate) {
		c.Key = newPair(h.t).public
	})
	var out []refusal
	for name, c := range certs {
		out = append(out, refusal{
			"CERT_SE: " + name, ownCommand(wire.InsPersonalise, 0, 0, h.personalisation(c)),
		})
	}
	compressed, hybrid := h.personalisation(good), h.personalisation(good)
	compressed[8] = 0x02
	hybrid[8] = 0x06 | hybrid[8+wire.PointLen-1]&1 // SEC 1, 2.3.3: the same point
	return append(out,
		refusal{"PK_CA isn't a point", ownCommand(wire.InsPersonalise, 0, 0, compressed)},
		refusal{"PK_CA in another encoding", ownCommand(wire.InsPersonalise, 0, 0, hybrid)})
}

// wrongParty are two certificates of a party's, one of them wrong.
func (h *Host) wrongParty(c apdu.Command, tail []byte) []refusal {
	h.t.Helper()
	first, err := message.ParseCertificate(c.Data[:wire.CertificateLen])
	if err != nil {
		h.t.Fatal(err)
	}
	second, err := message.ParseCertificate(c.Data[wire.CertificateLen : 2*wire.CertificateLen])
	if err != nil {
		h.t.Fatal(err)
	}
	var out []refusal
	add := func(name string, a, b message.Certificate) {
		bad := c
		bad.Data = concat(a.Encode(), b.Encode(), tail)
		out = append(out, refusal{name, bad})
	}
	for name, bad := range h.wrongCertificates(first) {
		add("signing key: "+name, bad, second)
	}
	for name, bad := range h.wrongCertificates(second) {
		add("KEM key: "+name, first, bad)
	}
	other := func(c *message.Certificate) { c.Subject = message.UserID([]byte("BANK-X          ")) }
	long := func(c *message.Certificate) { c.Subject[15] = '!' }
	off := func(c *message.Certificate) { c.Key[64] ^= 1 }
	add("two subjects", h.change(first, other), second)
	add("a subject of more than 8 bytes", h.change(first, long), h.change(second, long))
	add("both certificates exchanged", second, first)
	add("the KEM key isn't on the curve", first, h.change(second, off))
	return out
}

func (h *Host) wrongBank() []refusal {
	c := ownCommand(wire.InsOpenAccount, bankSlot, 0, h.p.bank.certs)
	tsm := ownCommand(wire.InsOpenAccount, bankSlot, 0, h.p.tsm.certs)
	return append(h.wrongParty(c, nil), refusal{"a TSM's certificates", tsm})
}

func (h *Host) wrongTSM() []refusal {
	data := h.tid.start(h.t)
	return h.wrongParty(ownCommand(wire.InsTIDRegister, tidSlot, bankSlot, data),
		data[2*wire.CertificateLen:])
}

func (h *Host) wrongReply() []refusal {
	h.t.Helper()
	reply := func(m message.AIDReply) apdu.Command {
		return ownCommand(wire.InsAIDReply, bankSlot, 0, h.account.sealReply(m))
	}
	good := h.account.makeOffer(h.t)
	otherRun, otherSigner, highS := good, good, good
	otherRun.Signature = h.p.bank.sign.sign(h.t, good.Digest(message.Transcript{}))
	otherSigner.Signature = h.p.tsm.sign.sign(h.t, good.Digest(h.account.th))
	highS.Signature = other(good.Signature)
	foreign := h.account
	foreign.th = foreign.th.Next(nil)
	out := []refusal{
		{"signed in another run", reply(otherRun)},
		{"signed by somebody else", reply(otherSigner)},
		{"s is above n/2", reply(highS)},
		{"account", reply(alter(good, func(m *message.AIDReply) { m.Offer.Account[0]++ }))},
		{"nonce", reply(alter(good, func(m *message.AIDReply) { m.Offer.Nonce[0]++ }))},
		{"session", reply(alter(good, func(m *message.AIDReply) { m.Offer.Session[0]++ }))},
		{"limit", reply(alter(good, func(m *message.AIDReply) { m.Offer.Limit++ }))},
		{"expiry", reply(alter(good, func(m *message.AIDReply) { m.Offer.Expiry++ }))},
		{"sealed in another run", ownCommand(wire.InsAIDReply, bankSlot, 0, foreign.sealReply(good))},
		{"a body of another type", ownCommand(wire.InsAIDReply, bankSlot, 0,
			h.account.shared.ReplyKeys(h.account.th).Seal(0, h.account.th[:],
				message.Encode(wire.MsgAIDGrant, good)))},
	}
	return append(out, flips("message 2", reply(good))...)
}

func (h *Host) wrongGrant() []refusal {
	h.t.Helper()
	grant := func(before, after func(*message.AIDGrant)) apdu.Command {
		return ownCommand(wire.InsAIDGrant, bankSlot, 0, h.account.sealGrant(h.t, before, after))
	}
	othersCertificate := func(m *message.AIDGrant) {
		x := h.account.x
		h.account.x.Limit++
		m.Certificate = h.account.certify(h.t)
		h.account.x = x
	}
	oldRun := func(m *message.AIDGrant) {
		m.Signature = h.p.bank.sign.sign(h.t, m.Digest(message.Transcript{}, message.PublicKey{}))
	}
	otherEnc := func(m *message.AIDGrant) {
		enc := newPair(h.t).public
		m.Signature = h.p.bank.sign.sign(h.t, m.Digest(h.account.th, enc))
	}
	good := grant(nil, nil)
	off := good
	off.Data = append([]byte(nil), good.Data...)
	off.Data[64] ^= 1
	out := []refusal{
		{"another account", grant(func(m *message.AIDGrant) { m.Account[0]++ }, nil)},
		{"another limit", grant(func(m *message.AIDGrant) { m.Limit++ }, nil)},
		{"another expiry", grant(func(m *message.AIDGrant) { m.Expiry++ }, nil)},
		{"a certificate over another limit", grant(othersCertificate, nil)},
		{"a certificate by somebody else", grant(func(m *message.AIDGrant) {
			m.Certificate = message.Signature{1, 63: 1}
		}, nil)},
		{"signed for another run", grant(nil, oldRun)},
		{"signed for another encapsulated key", grant(nil, otherEnc)},
		{"the encapsulated key isn't on the curve", off},
	}
	return append(out, flips("message 4", good)...)
}

func (h *Host) wrongTIDReply() []refusal {
	h.t.Helper()
	reply := func(change func(*message.TIDReplyFields)) apdu.Command {
		sealed, _ := h.tid.sealReply(h.t, change)
		return ownCommand(wire.InsTIDReply, tidSlot, 0, sealed)
	}
	out := []refusal{
		{"another encapsulated key", reply(func(f *message.TIDReplyFields) { f.Enc[64]++ })},
		{"another session", reply(func(f *message.TIDReplyFields) { f.Session[0]++ })},
		{"another TID", reply(func(f *message.TIDReplyFields) { f.TID[0]++ })},
		{"another key", reply(func(f *message.TIDReplyFields) { f.Sign[64]++ })},
		{"another KEM key", reply(func(f *message.TIDReplyFields) { f.KEM[64]++ })},
		{"another n_T", reply(func(f *message.TIDReplyFields) { f.NonceTSM[0]++ })},
		{"another n_B", reply(func(f *message.TIDReplyFields) { f.NonceBank[0]++ })},
	}
	h.tid.replyType = wire.MsgAIDReply
	out = append(out, refusal{"a body of another type", reply(nil)})
	h.tid.replyType = wire.MsgTIDReply
	return append(out, flips("message 2", reply(nil))...)
}

func (h *Host) wrongTerms() []refusal {
	terms := func(limit message.Limit, expiry message.Epoch) apdu.Command {
		return ownCommand(wire.InsBINFO, tidSlot, 0, binfoData(limit, expiry, message.Hash{1}))
	}
	return []refusal{
		{"a limit of 0", terms(0, tidExpiry)},
		{"a limit above the account's", terms(accountLimit+1, tidExpiry)},
		{"the largest limit", terms(1<<64-1, tidExpiry)},
		{"an expiry after the account's", terms(tidLimit, accountExpiry+1)},
		{"the last epoch", terms(tidLimit, 1<<32-1)},
	}
}

func (h *Host) wrongStatus() []refusal {
	h.t.Helper()
	make6 := func(change func(*message.Auth, *message.TIDStatus)) apdu.Command {
		auth, m := h.tid.status(h.t)
		change(&auth, &m)
		return ownCommand(wire.InsTIDStatus, tidSlot, 0, h.tid.sealStatus(h.t, auth, m))
	}
	type auth = message.Auth
	type stat = message.TIDStatus
	out := []refusal{
		{"status 0", make6(func(_ *auth, m *stat) { m.Status = 0 })},
		{"status 2", make6(func(_ *auth, m *stat) { m.Status = 2 })},
		{"another limit", make6(func(_ *auth, m *stat) { m.Limit-- })},
		{"another expiry", make6(func(_ *auth, m *stat) { m.Expiry-- })},
		{"another handle", make6(func(_ *auth, m *stat) { m.Handle[0]++ })},
		{"another TSMBINFO", make6(func(_ *auth, m *stat) { m.TSMBINFO[0]++ })},
		{"AUTH: another session", make6(func(a *auth, _ *stat) { a.Session[0]++ })},
		{"AUTH: another commitment", make6(func(a *auth, _ *stat) { a.Commitment[0]++ })},
		{"AUTH: another limit", make6(func(a *auth, _ *stat) { a.Limit-- })},
		{"AUTH: another expiry", make6(func(a *auth, _ *stat) { a.Expiry-- })},
		{"AUTH: not ok", make6(func(a *auth, _ *stat) { a.OK = 0 })},
	}
	bank, tsm := h.p.bank.sign, h.p.tsm.sign
	signedBy := func(authSigner, statusSigner keyPair, th message.Transcript) apdu.Command {
		a, m := h.tid.status(h.t)
		m.AuthSignature = authSigner.sign(h.t, a.Digest(th))
		m.Signature = statusSigner.sign(h.t, m.Digest(h.tid.th))
		return ownCommand(wire.InsTIDStatus, tidSlot, 0,
			h.tid.send(h.tid.th, message.Encode(wire.MsgTIDStatus, m)))
	}
	th := message.NewTranscript(3, wire.RoleTSM, wire.RoleBank, h.p.bank.id)
	out = append(out,
		refusal{"AUTH by the TSM", signedBy(tsm, tsm, th)},
		refusal{"AUTH of another transcript", signedBy(bank, tsm, th.Next(nil))},
		refusal{"tid-status by the bank", signedBy(bank, bank, th)})
	return append(out, flips("message 6", signedBy(bank, tsm, th))...)
}

func (h *Host) wrongEpochKey() []refusal {
	h.t.Helper()
	certs := h.wrongCertificates(h.p.epochCert)
	certs["of another TSM"] = h.change(h.p.epochCert, func(c *message.Certificate) {
		c.Subject = message.UserID([]byte("TSM-X           "))
	})
	certs["another type that is a TSM's"] = h.change(h.p.epochCert, func(c *message.Certificate) {
		c.Type = wire.CertTSMSign
	})
	var out []refusal
	for name, c := range certs {
		out = append(out, refusal{name, ownCommand(wire.InsPutEpochKey, tidSlot, 0, c.Encode())})
	}
	return out
}

func (h *Host) wrongCard() []refusal {
	h.t.Helper()
	run := &h.cards[cardSlot]
	put := func(m message.CardPut) apdu.Command {
		return ownCommand(wire.InsCardPut, cardSlot, 0, run.seal(m))
	}
	good := run.issue(h.t)
	byTSM, otherKey := good, good
	signed := message.VCard{PAN: good.PAN, Key: run.key, Class: good.Class}
	byTSM.Signature = h.p.tsm.sign.sign(h.t, signed.Digest())
	signed.Key = newPair(h.t).public
	otherKey.Signature = h.p.epoch.sign(h.t, signed.Digest())
	otherRun := *run
	otherRun.th = run.th.Next(nil)
	out := []refusal{
		{"signed by another key of the TSM's", put(byTSM)},
		{"for another card key", put(otherKey)},
		{"another PAN", put(alter(good, func(m *message.CardPut) { m.PAN[5]++ }))},
		{"another limit", put(alter(good, func(m *message.CardPut) { m.Class.Limit[0]++ }))},
		{"another currency", put(alter(good, func(m *message.CardPut) { m.Class.Currency[0]++ }))},
		{"another expiry", put(alter(good, func(m *message.CardPut) { m.Class.Expiry++ }))},
		{"another kind, unsigned", put(alter(good, func(m *message.CardPut) { m.Class.Kind ^= 1 }))},
		{"another kind", put(h.signed(good, func(m *message.CardPut) { m.Class.Kind ^= 1 }))},
		{"the account's limit", put(h.signed(good, func(m *message.CardPut) {
			m.Class.Limit, _ = emv.N12(uint64(tidLimit))
		}))},
		{"a limit above the account's", put(h.signed(good, func(m *message.CardPut) {
			m.Class.Limit, _ = emv.N12(emv.MaxN12)
		}))},
		{"a limit that isn't BCD", put(h.signed(good, func(m *message.CardPut) {
			m.Class.Limit[5] = 0x0A
		}))},
		{"sealed for another request", ownCommand(wire.InsCardPut, cardSlot, 0, otherRun.seal(good))},
		{"a body of another type", ownCommand(wire.InsCardPut, cardSlot, 0,
			h.tid.send(run.th, message.Encode(wire.MsgCardRequest, good)))},
	}
	return append(out, flips("CARD PUT", put(good))...)
}

// signed changes a card and has the TSM sign it.
func (h *Host) signed(m message.CardPut, change func(*message.CardPut)) message.CardPut {
	h.t.Helper()
	change(&m)
	signed := message.VCard{PAN: m.PAN, Key: h.cards[cardSlot].key, Class: m.Class}
	m.Signature = h.p.epoch.sign(h.t, signed.Digest())
	return m
}

func (h *Host) wrongCap() []refusal {
	arm := func(data ...byte) apdu.Command { return ownCommand(wire.InsArm, 0, 0, data) }
	return []refusal{
		{"a cap of 0", arm(0, 0, 0, 0, 0, 0, 0x09, 0x78)},
		{"a cap that isn't BCD", arm(0, 0, 0, 0, 0x0A, 0, 0x09, 0x78)},
		{"a cap that isn't BCD in its upper half", arm(0xA0, 0, 0, 0, 0, 0, 0x09, 0x78)},
	}
}

// testCounters asks for a second card: counters that were used are refused, gaps are not.
func (h *Host) testCounters() {
	h.t.Helper()
	const second = cardSlot + 1
	h.run(h.requestCard(second))
	run := &h.cards[second]
	good := run.issue(h.t)
	used := h.tid.sent - 1
	h.unchanged("a used counter", func() {
		for name, counter := range map[string]uint32{
			"the counter of the card before": used, "counter 0": 0, "the last counter": 1<<32 - 1,
		} {
			sealed := h.tid.toSE.SealCounted(counter, run.th[:], message.Encode(wire.MsgCardPut, good))
			wantSW(h.t, name, h.call(ownCommand(wire.InsCardPut, second, 0, sealed)), wire.SWWrongData)
		}
	})
	h.tid.sent += 1000
	h.send(wire.InsCardPut, second, 0, run.seal(good), 0)
	h.tid.sent -= 500
	h.run(h.requestCard(second + 1))
	run = &h.cards[second+1]
	late := ownCommand(wire.InsCardPut, second+1, 0, run.seal(run.issue(h.t)))
	wantSW(h.t, "a counter out of a gap", h.call(late), wire.SWWrongData)
	h.tid.sent += 500
	h.run(h.putCard(second + 1))
}
