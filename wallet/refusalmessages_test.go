package wallet_test

import (
	"crypto/ecdh"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
)

// aidMessages are phase 2.
func aidMessages() []protocolMessage {
	at := func(k int) func(u *user) message.Transcript {
		return func(u *user) message.Transcript { return u.transcript2(k) }
	}
	return []protocolMessage{
		request("aid-req", lineBank, api.PathAID, "message_1", protocolMessage{
			types: []wire.MessageType{wire.MsgAIDRequest}, body: message.AIDRequest{},
			open:    towards(bankKEM, wire.MsgAIDRequest, at(0)),
			repeats: []string{anotherUsers, anOlderRuns},
			reason: fields(map[string]api.Code{
				"User": api.CodeUnknown, "User: " + anotherUsers: api.CodeSignature,
			}, code(api.CodeSignature)),
			digests: map[string]digest{"Signature": aidRequest},
		}),
		answer("aid-rep", lineBank, api.PathAID, "message_2",
			func(c *applet.Client, t *testing.T, raw []byte) error {
				_, err := c.AIDReply(t.Context(), 0, raw)
				return err
			}, protocolMessage{
				types: []wire.MessageType{wire.MsgAIDReply}, body: message.AIDReply{},
				open: openAIDReply, digests: map[string]digest{"Signature": aidReply},
			}),
		request("run of aid-keys", lineBank, api.PathAIDKeys, "run", protocolMessage{
			reason: lengthOr(api.CodeSignature),
		}),
		request("aid-keys", lineBank, api.PathAIDKeys, "message_3", protocolMessage{
			types: []wire.MessageType{
				wire.MsgAIDKeys, wire.MsgAIDPop, wire.MsgAIDKey, wire.MsgAIDBind,
			},
			body: message.AIDKeys{}, open: towards(bankKEM, wire.MsgAIDKeys, at(2)),
			digests: map[string]digest{
				"Pop": accountKeys(wire.MsgAIDPop), "Key": accountKeys(wire.MsgAIDKey),
				"Bind": accountKeys(wire.MsgAIDBind),
			}, reason: code(api.CodeSignature),
		}),
		request("aid-keys' evidence", lineBank, api.PathAIDKeys, "evidence", protocolMessage{
			types: []wire.MessageType{wire.MsgAIDEvidence}, fresh: true,
			open:   openEvidence,
			reason: atPlaintext(api.CodeAttestation, code(api.CodeSignature)),
		}),
		answer("aid-grant", lineBank, api.PathAIDKeys, "message_4",
			func(c *applet.Client, t *testing.T, raw []byte) error {
				return c.AIDGrant(t.Context(), 0, raw)
			}, protocolMessage{
				types: []wire.MessageType{wire.MsgAIDGrant, wire.CertAccount},
				body:  message.AIDGrant{}, open: towards(aidKEM, wire.MsgAIDGrant, at(3)),
				seals:   underAnotherKey(aidKEM, wire.MsgAIDGrant, at(3)),
				digests: map[string]digest{"Certificate": accountCertificate, "Signature": aidGrant},
			}),
	}
}

func aidRequest(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.AIDRequest](t, wire.MsgAIDRequest, plain)
	return m.Digest(u.transcript2(0), u.Bank.ID), u.certificate(t, atUserCertificate).Key
}

func openAIDReply(t *testing.T, u *user, raw []byte) ([]byte, func([]byte) []byte) {
	t.Helper()
	e, err := message.Decap(u.Bank.KEMKey, message.PublicKey(u.said[atEnc]), wire.MsgOpenAccount)
	check(t, err)
	kbu, err := message.ExportSharedKey(e)
	check(t, err)
	th := u.transcript2(1)
	plain, err := kbu.ReplyKeys(th).Open(0, th[:], raw)
	check(t, err)
	return plain, func(b []byte) []byte { return kbu.ReplyKeys(th).Seal(0, th[:], b) }
}

func aidReply(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.AIDReply](t, wire.MsgAIDReply, plain)
	return m.Digest(u.transcript2(1)), by(t, u.Bank.SignKey)
}

func accountKeys(kind wire.MessageType) digest {
	return func(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
		t.Helper()
		m := decoded[message.AIDKeys](t, wire.MsgAIDKeys, plain)
		signer := map[wire.MessageType]message.PublicKey{
			wire.MsgAIDPop: m.X.Sign, wire.MsgAIDKey: u.certificate(t, atSECertificate).Key,
			wire.MsgAIDBind: u.certificate(t, atUserCertificate).Key,
		}[kind]
		return m.X.Digest(kind, u.transcript2(2)), signer
	}
}

func openEvidence(t *testing.T, u *user, raw []byte) ([]byte, func([]byte) []byte) {
	t.Helper()
	th := u.transcript2(3)
	plain, err := message.OpenEvidence(u.Bank.KEMKey, th, raw)
	check(t, err)
	return plain, func(b []byte) []byte {
		sealed, err := message.SealEvidence(kemOf(t, u.Bank.KEMKey), th, b)
		check(t, err)
		return sealed
	}
}

// kemOf returns the public key of a KEM key.
func kemOf(t *testing.T, key *ecdh.PrivateKey) message.PublicKey {
	t.Helper()
	return message.PublicKey(key.PublicKey().Bytes())
}

func accountCertificate(t *testing.T, u *user, _ []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	x := u.aidKeys(t).X
	return message.AccountCertificate{
		Bank: x.Bank, Account: x.Account, Sign: x.Sign, KEM: x.KEM, Limit: x.Limit,
		Expiry: x.Expiry,
	}.Digest(), by(t, u.Bank.SignKey)
}

func aidGrant(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.AIDGrant](t, wire.MsgAIDGrant, plain)
	enc := message.PublicKey(u.said[key(lineBank, api.PathAIDKeys, "message_4")][:wire.PointLen])
	return m.Digest(u.transcript2(3), enc), by(t, u.Bank.SignKey)
}

// tidMessages are the first half of phase 3.
func tidMessages() []protocolMessage {
	at := func(k int) func(u *user) message.Transcript {
		return func(u *user) message.Transcript { return u.transcript3(k) }
	}
	return []protocolMessage{
		tsmCertificate("TSM's signing certificate", "sign_certificate",
			certificateMessage(wire.CertTSMSign)),
		tsmCertificate("TSM's KEM certificate", "kem_certificate",
			certificateMessage(wire.CertTSMKEM)),
		request("run of tid-reg", lineTSM, api.PathRegister, "run", protocolMessage{
			reason: foreigners(api.CodeState, lengthOr(api.CodeUnknown)),
		}),
		request("tid-reg", lineTSM, api.PathRegister, "message_1", protocolMessage{
			types: []wire.MessageType{wire.MsgTIDRegister}, body: message.TIDRegister{},
			open: towards(tsmKEM, wire.MsgTIDRegister, at(0)), reason: code(api.CodeSignature),
			digests: map[string]digest{"Signature": tidRegister},
		}),
		answer("tid-rep", lineTSM, api.PathRegister, "message_2",
			func(c *applet.Client, t *testing.T, raw []byte) error {
				return c.TIDReply(t.Context(), 1, raw)
			}, protocolMessage{
				types: []wire.MessageType{wire.MsgTIDReply}, body: message.TIDReply{},
				open:    towards(tidKEM, wire.MsgTIDReply, at(1)),
				seals:   underAnotherKey(tidKEM, wire.MsgTIDReply, at(1)),
				digests: map[string]digest{"Signature": tidReply},
			}),
	}
}

func tsmCertificate(name, field string, m protocolMessage) protocolMessage {
	m.name = name
	m.at, m.when = key(lineTSM, api.PathInfo, field), lineTSM+" "+api.PathHello
	m.reason = refusedByElement
	m.deliver = func(w *trial, t *testing.T, _, raw []byte) error {
		t.Helper()
		return registerWith(w, t, field, raw)
	}
	return m
}

func tidRegister(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.TIDRegister](t, wire.MsgTIDRegister, plain)
	nonce := message.Nonce(u.said[atNonceTSM])
	return m.Digest(u.transcript3(0), nonce, u.TSM.ID), m.Sign
}

func tidReply(t *testing.T, u *user, _ []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := u.tidRegister(t)
	return message.TIDReplyFields{
		Enc:     message.PublicKey(u.said[atTIDReply][:wire.PointLen]),
		Session: message.SessionID(u.said[atSession]), TID: message.NewTID(m.Sign, m.KEM),
		Sign: m.Sign, KEM: m.KEM, NonceTSM: message.Nonce(u.said[atNonceTSM]),
		NonceBank: message.Nonce(u.said[atNonceBank]),
	}.Digest(u.transcript3(1)), by(t, u.TSM.SignKey)
}

// fundMessages are the second half of phase 3.
func fundMessages() []protocolMessage {
	info := func(u *user) message.Transcript { return u.transcript3(2) }
	status := func(u *user) message.Transcript { return u.transcript3(3) }
	return []protocolMessage{
		request("run of TSMINFO", lineTSM, api.PathTIDFund, "run", protocolMessage{
			reason: foreigners(api.CodeState, lengthOr(api.CodeUnknown)),
		}),
		request("BINFO to the TSM", lineTSM, api.PathTIDFund, "binfo", protocolMessage{
			types: []wire.MessageType{wire.MsgBINFOOuter}, reason: lengthOr(api.CodeMismatch),
		}),
		request("TSMINFO", lineTSM, api.PathTIDFund, "tsminfo", protocolMessage{
			types: []wire.MessageType{wire.MsgTSMINFO, wire.KeyTIDToTSM, wire.MsgCommitment},
			body:  message.TSMINFO{}, open: counted(wire.KeyTIDToTSM, own, info),
			seals:  onTheChannel(wire.KeyTIDToTSM, own, info),
			reason: code(api.CodeSignature), digests: map[string]digest{"Signature": tsminfo},
		}),
		request("BINFO to the bank", lineLink, api.PathFund, "binfo", protocolMessage{
			types:  []wire.MessageType{wire.MsgBINFOOuter},
			reason: foreigners(api.CodeMismatch, code(api.CodeSignature)),
		}),
		request("TSMBINFO", lineLink, api.PathFund, "tsmbinfo", protocolMessage{
			types: []wire.MessageType{wire.MsgTSMBINFO}, body: message.TSMBINFO{}, open: plainly,
			digests: map[string]digest{"Signature": tsmbinfo},
			reason: foreigners(api.CodeMismatch,
				instead(map[string]api.Code{firstBit: api.CodeMalformed},
					fields(map[string]api.Code{
						"type": api.CodeMalformed, "label": api.CodeMalformed,
					}, lengthOr(api.CodeSignature)))),
		}),
		lying("TSMBINFO of a lying TSM", protocolMessage{
			types: []wire.MessageType{wire.MsgTSMBINFO}, body: message.TSMBINFO{}, open: plainly,
			digests: map[string]digest{"Signature": tsmbinfo}, reason: code(api.CodeMismatch),
			only: func(r row) bool {
				return strings.HasPrefix(r.leaf, "Funding.") || r.leaf == "BINFO"
			},
		}),
		withTSM("BINFO, if the TSM helps", protocolMessage{
			types: []wire.MessageType{wire.MsgBINFO}, body: message.BINFO{}, open: openBINFO,
			fresh: true, digests: map[string]digest{
				"Signature": binfo, "Certificate": accountCertificate,
			},
			reason: foreigners(api.CodeMismatch, fields(map[string]api.Code{
				"Funding.": api.CodeMismatch, "Evidence": api.CodeMismatch,
				"Account": api.CodeUnknown, "Account: " + anotherUsers: api.CodeSignature,
			}, code(api.CodeSignature))),
		}),
		withLies("BINFO, if the TSM says the same", protocolMessage{
			types: []wire.MessageType{wire.MsgBINFO}, body: message.BINFO{}, open: openBINFO,
			fresh: true, digests: map[string]digest{
				"Signature": binfo, "Certificate": accountCertificate,
			},
			only: func(r row) bool { return strings.HasPrefix(r.leaf, "Funding.") },
			reason: fields(map[string]api.Code{
				"Funding.Session": api.CodeMismatch, "Funding.TSM": api.CodeMismatch,
				"Funding.Bank": api.CodeMismatch, "Funding.NonceBank": api.CodeUnknown,
			}, code(api.CodeSignature)),
		}),
		withTSM("BINFO's evidence, if the TSM helps", protocolMessage{
			open: openBINFOEvidence, fresh: true,
			reason: foreigners(api.CodeMismatch,
				atPlaintext(api.CodeMismatch, code(api.CodeSignature))),
		}),
		authMessage("AUTH", protocolMessage{
			types: []wire.MessageType{wire.MsgAuth}, body: message.Auth{}, open: plainly,
			digests: map[string]digest{"Signature": auth},
		}),
		authMessage("AUTH of a lying bank", protocolMessage{
			types: []wire.MessageType{wire.MsgAuth}, body: message.Auth{}, open: openLyingAuth,
			digests: map[string]digest{"Signature": auth}, fresh: true,
			only: func(r row) bool {
				// A handle is the bank's to choose, as long as it's new.
				known := r.leaf == "Handle" && r.isForeign()
				return known || slices.Contains(
					[]string{"Session", "Commitment", "Limit", "Expiry", "OK", "TSMBINFO"}, r.leaf)
			},
		}),
		answer("tid-status", lineTSM, api.PathTIDFund, "message_6",
			func(c *applet.Client, t *testing.T, raw []byte) error {
				return c.TIDStatus(t.Context(), 1, raw)
			}, protocolMessage{
				types: []wire.MessageType{wire.MsgTIDStatus, wire.KeyTIDToSE, wire.MsgAuth},
				body:  message.TIDStatus{}, open: counted(wire.KeyTIDToSE, own, status),
				seals:   onTheChannel(wire.KeyTIDToSE, own, status),
				digests: map[string]digest{"Signature": tidStatus, "AuthSignature": authOf},
			}),
	}
}

func tsminfo(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.TSMINFO](t, wire.MsgTSMINFO, plain)
	return m.Digest(u.transcript3(2), message.SessionID(u.said[atSession]), u.TSM.ID,
		message.Nonce(u.said[atNonceBank]), message.Nonce(u.said[atNonceTSM])), u.tidRegister(t).Sign
}

// linkTranscript is th_0 of TSM and bank.
func (u *user) linkTranscript() message.Transcript {
	return message.NewTranscript(3, wire.RoleTSM, wire.RoleBank, u.Bank.ID)
}

func tsmbinfo(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.TSMBINFO](t, wire.MsgTSMBINFO, plain)
	return m.Digest(u.linkTranscript()), by(t, u.TSM.SignKey)
}

// openBINFO opens both layers.
func openBINFO(t *testing.T, u *user, raw []byte) ([]byte, func([]byte) []byte) {
	t.Helper()
	inner, evidence, err := message.OpenBINFO(u.Bank.KEMKey, raw)
	check(t, err)
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleBank, u.Bank.ID)
	plain, e, err := message.OpenFrom(u.Bank.KEMKey, wire.MsgBINFO, th[:], inner)
	check(t, err)
	return plain, func(b []byte) []byte {
		sealed, err := message.SealWith(message.PublicKey(inner[:wire.PointLen]), e, wire.MsgBINFO,
			th[:], b)
		check(t, err)
		if len(sealed) != len(inner) {
			return sealed // fits into no BINFO
		}
		out, err := message.SealBINFO(kemOf(t, u.Bank.KEMKey), sealed, evidence)
		check(t, err)
		return out
	}
}

func openBINFOEvidence(t *testing.T, u *user, raw []byte) ([]byte, func([]byte) []byte) {
	t.Helper()
	inner, evidence, err := message.OpenBINFO(u.Bank.KEMKey, raw)
	check(t, err)
	return evidence, func(b []byte) []byte {
		out, err := message.SealBINFO(kemOf(t, u.Bank.KEMKey), inner, b)
		check(t, err)
		return out
	}
}

func binfo(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.BINFO](t, wire.MsgBINFO, plain)
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleBank, u.Bank.ID)
	return m.Digest(th), u.aidKeys(t).X.Sign
}

func auth(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.Auth](t, wire.MsgAuth, plain)
	return m.Digest(u.linkTranscript()), by(t, u.Bank.SignKey)
}

// openLyingAuth is AUTH whose signature the bank makes anew, whatever it says.
func openLyingAuth(t *testing.T, u *user, raw []byte) ([]byte, func([]byte) []byte) {
	t.Helper()
	return raw, func(b []byte) []byte {
		m, err := message.Decode[message.Auth](wire.MsgAuth, b)
		if err != nil {
			return b
		}
		m.Signature, err = message.Sign(u.Bank.SignKey, m.Digest(u.linkTranscript()))
		check(t, err)
		return message.Encode(wire.MsgAuth, m)
	}
}

func authOf(t *testing.T, u *user, _ []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	return auth(t, u, u.said[atAuth])
}

func tidStatus(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.TIDStatus](t, wire.MsgTIDStatus, plain)
	return m.Digest(u.transcript3(3)), by(t, u.TSM.SignKey)
}

// withLies is BINFO on its way to the bank with a TSMBINFO that says the same.
func withLies(name string, m protocolMessage) protocolMessage {
	m = withTSM(name, m)
	m.deliver = func(w *trial, t *testing.T, now, raw []byte) error {
		t.Helper()
		b := decoded[message.TSMBINFO](t, wire.MsgTSMBINFO, w.said[atTSMBINFO])
		plain, _ := openBINFO(t, w.user, raw)
		b.Funding = decoded[message.BINFO](t, wire.MsgBINFO, plain).Funding
		b.BINFO = sha256.Sum256(raw)
		helped := replaceField(t, now, "tsmbinfo", w.signTSMBINFO(t, b))
		return w.call(t, lineLink, api.PathFund, replaceField(t, helped, "binfo", raw))
	}
	return m
}

// withTSM is BINFO on its way to the bank with a TSMBINFO that the TSM has made for it.
func withTSM(name string, m protocolMessage) protocolMessage {
	m.name, m.at, m.when = name, atBINFO, lineLink+" "+api.PathFund
	m.deliver = func(w *trial, t *testing.T, now, raw []byte) error {
		t.Helper()
		b := decoded[message.TSMBINFO](t, wire.MsgTSMBINFO, w.said[atTSMBINFO])
		b.BINFO = sha256.Sum256(raw)
		helped := replaceField(t, now, "tsmbinfo", w.signTSMBINFO(t, b))
		return w.call(t, lineLink, api.PathFund, replaceField(t, helped, "binfo", raw))
	}
	return m
}

func (w *trial) signTSMBINFO(t *testing.T, b message.TSMBINFO) []byte {
	t.Helper()
	var err error
	b.Signature, err = message.Sign(w.TSM.SignKey, b.Digest(w.linkTranscript()))
	check(t, err)
	return message.Encode(wire.MsgTSMBINFO, b)
}

// cardMessages are phase 4.
func cardMessages() []protocolMessage {
	at := func(k int) func(u *user) message.Transcript {
		return func(u *user) message.Transcript { return u.transcript4(k) }
	}
	epoch := certificateMessage(wire.CertTSMEpoch)
	epoch.name = "TSM's epoch certificate"
	epoch.at, epoch.when = key(lineTSM, api.PathInfo, "epoch_certificate"), lineTSM+" "+api.PathCard
	epoch.reason = refusedByElement
	epoch.deliver = func(w *trial, t *testing.T, _, raw []byte) error {
		t.Helper()
		return epochWith(w, t, raw)
	}
	return []protocolMessage{
		epoch,
		request("run of card-req", lineTSM, api.PathCard, "run", protocolMessage{
			reason: instead(map[string]api.Code{
				anotherUsers:                 api.CodeState,
				"instead of it " + atFundRun: api.CodeSignature,
			}, lengthOr(api.CodeUnknown)),
		}),
		request("card-req", lineTSM, api.PathCard, "request", protocolMessage{
			types: []wire.MessageType{wire.MsgCardRequest, wire.MsgRoll, wire.MsgPop},
			body:  message.CardRequest{}, open: counted(wire.KeyTIDToTSM, (*user).account, at(0)),
			seals:  onTheChannel(wire.KeyTIDToTSM, (*user).account, at(0)),
			reason: code(api.CodeSignature), repeats: []string{anOlderRuns},
			digests: map[string]digest{"Roll": cardKey(wire.MsgRoll), "Pop": cardKey(wire.MsgPop)},
		}),
		answer("vcard", lineTSM, api.PathCard, "card",
			func(c *applet.Client, t *testing.T, raw []byte) error {
				return c.CardPut(t.Context(), 1, raw)
			}, protocolMessage{
				types: []wire.MessageType{wire.MsgCardPut, wire.SigVCard}, body: message.CardPut{},
				open:    counted(wire.KeyTIDToSE, (*user).account, at(1)),
				seals:   onTheChannel(wire.KeyTIDToSE, (*user).account, at(1)),
				digests: map[string]digest{"Signature": vcard},
				only: func(r row) bool {
					// EMV's own data are the TSM's to choose; the channel alone protects them.
					return !slices.Contains([]string{"Expiration", "Sequence", "MasterKey"}, r.leaf)
				},
			}),
	}
}

func cardKey(kind wire.MessageType) digest {
	return func(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
		t.Helper()
		m := decoded[message.CardRequest](t, wire.MsgCardRequest, plain)
		reg := u.account().tidRegister(t)
		signer := reg.Sign
		if kind == wire.MsgPop {
			signer = m.Key
		}
		covered := message.CardKey{
			TSM: u.TSM.ID, TID: message.NewTID(reg.Sign, reg.KEM), Key: m.Key, Kind: m.Kind,
		}
		return covered.Digest(kind, u.transcript4(0)), signer
	}
}

func vcard(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.CardPut](t, wire.MsgCardPut, plain)
	_, body, err := u.account().channel(t, wire.KeyTIDToTSM).OpenCounted(0, first(u.transcript4(0)),
		u.said[atCardRequest])
	check(t, err)
	q := decoded[message.CardRequest](t, wire.MsgCardRequest, body)
	return message.VCard{PAN: m.PAN, Key: q.Key, Class: m.Class}.Digest(), by(t, u.TSM.EpochKey)
}

func first(th message.Transcript) []byte { return th[:] }
