package conformance

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// testTokenRefusals sends wrong data to the commands that take some: 6A80 each time, and nothing
// changes.
func testTokenRefusals(t T, b Backend) {
	h := b.fresh(t, EpochKnown)
	h.refuses(h.wrongEpochs())
	h.bringTime()
	h.refuses(h.wrongEpochs())
	h.refuses(h.otherEpochs(currentEpoch))
	h.run(h.putEpoch(currentEpoch)) // the same is taken
	h.refuses(wrongUnits())
	h.run(h.newToken(tokenSlot, 5, 100))
	h.extendChain(tokenSlot)
	h.run(h.requestToken(tokenSlot))
	h.refuses(h.wrongTokens())
	h.run(h.putToken(tokenSlot))
	h.run(h.putEpoch(currentEpoch + 1))
	h.refuses(h.otherEpochs(currentEpoch + 1))
	h.testTokenCounters()
}

// refuses wants 6A80 for each, and no change.
func (h *Host) refuses(wrong []refusal) {
	h.t.Helper()
	before := h.tokenData()
	h.unchanged("a refused command", func() {
		for _, r := range wrong {
			wantSW(h.t, r.name, h.call(r.c), wire.SWWrongData)
		}
	})
	if diff := difference(before, h.tokenData()); diff != "" {
		h.t.Errorf("a refused command changed a token (-before +after):\n%s", diff)
	}
}

// wrongEpochs are PUT EPOCH's ways to be wrong whatever the time is.
func (h *Host) wrongEpochs() []refusal {
	h.t.Helper()
	put := func(mt wire.MessageType, m message.EpochCertificate) apdu.Command {
		return ownCommand(wire.InsPutEpoch, tidSlot, 0, message.Encode(mt, m))
	}
	good := h.p.epochCertificate(h.t, currentEpoch)
	otherCA := good
	otherCA.Issuer[0]++
	otherCA.Signature = h.p.ca.sign(h.t, otherCA.Digest())
	byTSM, byBank, highS, moved := good, good, good, good
	byTSM.Signature = h.p.tsm.sign.sign(h.t, good.Digest())
	byBank.Signature = h.p.bank.sign.sign(h.t, good.Digest())
	highS.Signature = other(good.Signature)
	moved.Epoch++
	out := []refusal{
		{"the word of another CA", put(wire.CertEpoch, otherCA)},
		{"signed by the TSM", put(wire.CertEpoch, byTSM)},
		{"signed by a bank", put(wire.CertEpoch, byBank)},
		{"s is above n/2", put(wire.CertEpoch, highS)},
		{"another epoch than was signed", put(wire.CertEpoch, moved)},
		{"a body of another type", put(wire.CertTSMEpoch, good)},
	}
	return append(out, flips("PUT EPOCH", put(wire.CertEpoch, good))...)
}

// otherEpochs are the CA's words for epochs that aren't the known one or the next.
func (h *Host) otherEpochs(known message.Epoch) (out []refusal) {
	h.t.Helper()
	const decades = 30 * 52
	for _, e := range []message.Epoch{
		0, 1, known - decades, known - 2, known - 1, known + 2, known + 3, known + decades, 1<<32 - 1,
	} {
		m := h.p.epochCertificate(h.t, e)
		out = append(out, refusal{
			fmt.Sprintf("epoch %d after %d", e, known),
			ownCommand(wire.InsPutEpoch, tidSlot, 0, message.Encode(wire.CertEpoch, m)),
		})
	}
	return out
}

// wrongUnits are TOKEN NEW's.
func wrongUnits() (out []refusal) {
	for _, data := range [][]byte{
		{0, 1}, {2, 1}, {10, 1}, {49, 1}, {51, 1}, {255, 1}, {1, 0}, {5, 251}, {50, 255}, {0, 0},
	} {
		out = append(out, refusal{
			fmt.Sprintf("TOKEN NEW of %d x %d", data[1], data[0]),
			ownCommand(wire.InsTokenNew, tokenSlot, tidSlot, data),
		})
	}
	return out
}

// wrongTokens are TOKEN PUT's ways to be wrong.
func (h *Host) wrongTokens() []refusal {
	h.t.Helper()
	type fields = message.TokenFields
	run := &h.tokens[tokenSlot]
	put := func(m message.Token) apdu.Command {
		return ownCommand(wire.InsTokenPut, tokenSlot, 0, run.seal(m))
	}
	var out []refusal
	for name, change := range map[string]func(*fields){
		"version 0":                func(f *fields) { f.Version = 0 },
		"version 2":                func(f *fields) { f.Version = 2 },
		"another issuer":           func(f *fields) { f.Issuer[0]++ },
		"an epoch that is over":    func(f *fields) { f.Epoch = currentEpoch - 1 },
		"epoch 0":                  func(f *fields) { f.Epoch = 0 },
		"another unit":             func(f *fields) { f.Unit = 50 },
		"another length":           func(f *fields) { f.Length++ },
		"another key":              func(f *fields) { f.Key = newPair(h.t).public },
		"another root":             func(f *fields) { f.Root[31]++ },
		"a currency that is none":  func(f *fields) { f.Policy.Currency[1] = 0x7A },
		"a currency that is none,": func(f *fields) { f.Policy.Currency[0] = 0xA9 },
	} {
		f := run.fields()
		change(&f)
		out = append(out, refusal{name, put(run.issue(h.t, f))})
	}
	good := run.issue(h.t, run.fields())
	for name, change := range map[string]func(*message.Token){
		"limit per tap":   func(m *message.Token) { m.Fields.Policy.PerTap++ },
		"limit per token": func(m *message.Token) { m.Fields.Policy.PerToken++ },
		"limit offline":   func(m *message.Token) { m.Fields.Policy.Offline++ },
		"payments":        func(m *message.Token) { m.Fields.Policy.Taps-- },
		"grace":           func(m *message.Token) { m.Fields.Policy.Grace++ },
		"epoch":           func(m *message.Token) { m.Fields.Epoch++ },
		"signer":          func(m *message.Token) { m.Signature = h.p.epoch.sign(h.t, m.ID()) },
		"signer, a bank":  func(m *message.Token) { m.Signature = h.p.bank.sign.sign(h.t, m.ID()) },
		"s above n/2":     func(m *message.Token) { m.Signature = other(m.Signature) },
		"type":            func(m *message.Token) { m.Signature = h.signAs(wire.SigVCard, m.Fields) },
	} {
		out = append(out, refusal{"after it was signed, another " + name, put(alter(good, change))})
	}
	otherRun := *run
	otherRun.th = run.th.Next(nil)
	out = append(out,
		refusal{"sealed for another request", ownCommand(wire.InsTokenPut, tokenSlot, 0,
			otherRun.seal(good))},
		refusal{"a body of another type", ownCommand(wire.InsTokenPut, tokenSlot, 0,
			h.tid.send(run.th, message.Encode(wire.MsgCardPut, good)))})
	return append(out, flips("TOKEN PUT", put(good))...)
}

// signAs has the TSM sign a token's fields under another type.
func (h *Host) signAs(mt wire.MessageType, f message.TokenFields) message.Signature {
	return h.p.tsm.sign.sign(h.t, message.SumHash(mt, f))
}

// testTokenCounters: another slot's token, another request's, and counters that were used.
func (h *Host) testTokenCounters() {
	h.t.Helper()
	const a, b = 1, 2
	for _, slot := range []byte{a, b} {
		h.run(h.newToken(slot, 5, 9))
		h.extendChain(slot)
		h.run(h.requestToken(slot))
	}
	first := h.tokens[a]
	put := func(slot byte, sealed []byte) apdu.Command {
		return ownCommand(wire.InsTokenPut, slot, 0, sealed)
	}
	token := first.issue(h.t, first.fields())
	h.refuses([]refusal{
		{"the token of another slot", put(b, first.seal(token))},
		{"the same, sealed for this slot", put(b, h.tokens[b].seal(token))},
	})
	h.run(h.requestToken(a)) // the answer to the request before is late
	h.refuses([]refusal{{"the answer to the request before", put(a, first.seal(token))}})
	second := &h.tokens[a]
	body := message.Encode(wire.MsgTokenPut, message.TokenPut{Token: token})
	used := h.tid.sent
	h.run(h.putToken(b))
	h.refuses([]refusal{
		{"a used counter", put(a, h.tid.toSE.SealCounted(used, second.th[:], body))},
		{"counter 0", put(a, h.tid.toSE.SealCounted(0, second.th[:], body))},
		{"the last counter", put(a, h.tid.toSE.SealCounted(1<<32-1, second.th[:], body))},
	})
	h.run(h.putToken(a))
}
