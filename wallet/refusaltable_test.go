package wallet_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/tpm/quote"
)

// protocolMessage is one message of phases 0 to 4, and how it is refused.
type protocolMessage struct {
	name  string
	types []wire.MessageType
	// at is where it is said, when the moment at which it is tried: the same, but for certificates,
	// which the element takes later.
	at, when string
	// body is the struct of its plaintext, nil for bytes without a structure.
	body any
	// open takes the seal off and returns the plaintext and what seals another one alike. nil: the
	// message has no structure that this protocol knows.
	open func(t *testing.T, u *user, raw []byte) ([]byte, func([]byte) []byte)
	// fresh means that sealing isn't deterministic.
	fresh bool
	// digests return, for a signature, what it covers and whose it is.
	digests map[string]digest
	// deliver hands it over, with the genuine request around it.
	deliver func(w *trial, t *testing.T, now, raw []byte) error
	once    bool // the element takes it once
	reason  func(r row) error
	// only, if set, says which rows count; the others are another entry's.
	only func(r row) bool
	// repeats are the damages that make it a request that was carried out before: it's answered as
	// it was then.
	repeats []string
}

type digest func(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey)

// The lines.
const (
	lineBank = "bank"
	lineTSM  = "TSM"
	lineLink = "link"
)

// protocolMessages is the table.
func protocolMessages() []protocolMessage {
	return concat(accountMessages(), aidMessages(), tidMessages(), fundMessages(), cardMessages())
}

func concat(parts ...[]protocolMessage) []protocolMessage {
	var out []protocolMessage
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}

// request is a message that is one field of a request.
func request(name, line, path, field string, m protocolMessage) protocolMessage {
	m.name, m.at, m.when = name, key(line, path, field), line+" "+path
	m.deliver = deliverTo(line, path, field)
	return m
}

// answer is a message that is one field of an answer to the wallet and goes to the element.
func answer(
	name, line, path, field string, take func(c *applet.Client, t *testing.T, raw []byte) error,
	m protocolMessage,
) protocolMessage {
	m.name, m.at, m.when, m.once = name, key(line, path, field), line+" "+path+" answer", true
	m.deliver = toElement(take)
	m.reason = refusedByElement
	return m
}

func toElement(
	take func(c *applet.Client, t *testing.T, raw []byte) error,
) func(*trial, *testing.T, []byte, []byte) error {
	return func(w *trial, t *testing.T, _, raw []byte) error {
		t.Helper()
		return take(applet.NewClient(w.Session), t, raw)
	}
}

func refusedByElement(row) error { return applet.ErrRefused }

func code(c api.Code) func(row) error {
	return func(row) error { return &api.Problem{Code: c} }
}

// plainly is a message that isn't sealed.
func plainly(_ *testing.T, _ *user, raw []byte) ([]byte, func([]byte) []byte) {
	return raw, func(b []byte) []byte { return b }
}

// towards is a message sealed to a KEM key; what seals it anew keeps the encapsulated key.
func towards(
	key func(t *testing.T, u *user) *ecdh.PrivateKey, kind wire.MessageType,
	ad func(u *user) message.Transcript,
) func(*testing.T, *user, []byte) ([]byte, func([]byte) []byte) {
	return func(t *testing.T, u *user, raw []byte) ([]byte, func([]byte) []byte) {
		t.Helper()
		th := ad(u)
		plain, e, err := message.OpenFrom(key(t, u), kind, th[:], raw)
		check(t, err)
		return plain, func(b []byte) []byte {
			enc := message.PublicKey(raw[:wire.PointLen])
			sealed, err := message.SealWith(enc, e, kind, th[:], b)
			check(t, err)
			return sealed
		}
	}
}

// counted is a message of the channel of element and TSM.
func counted(
	kind wire.MessageType, account func(u *user) *user, ad func(u *user) message.Transcript,
) func(*testing.T, *user, []byte) ([]byte, func([]byte) []byte) {
	return func(t *testing.T, u *user, raw []byte) ([]byte, func([]byte) []byte) {
		t.Helper()
		keys, th := account(u).channel(t, kind), ad(u)
		counter, plain, err := keys.OpenCounted(0, th[:], raw)
		check(t, err)
		return plain, func(b []byte) []byte { return keys.SealCounted(counter, th[:], b) }
	}
}

func bankKEM(_ *testing.T, u *user) *ecdh.PrivateKey { return u.Bank.KEMKey }
func tsmKEM(_ *testing.T, u *user) *ecdh.PrivateKey  { return u.TSM.KEMKey }

func aidKEM(t *testing.T, u *user) *ecdh.PrivateKey { return u.Keys.KEM(t, u.aidKeys(t).X.KEM) }
func tidKEM(t *testing.T, u *user) *ecdh.PrivateKey {
	return u.Keys.KEM(t, u.tidRegister(t).KEM)
}

func own(u *user) *user { return u }

// account is the user at the time when the TSM account was registered from which cards come.
func (u *user) account() *user {
	if u.registered != nil {
		return u.registered
	}
	return u
}

// channel returns K_TID,TSM of one direction.
func (u *user) channel(t *testing.T, kind wire.MessageType) message.Keys {
	t.Helper()
	th := u.transcript3(1)
	_, e, err := message.OpenFrom(tidKEM(t, u), wire.MsgTIDReply, th[:], u.said[atTIDReply])
	check(t, err)
	keys, err := message.ExportKeys(e, kind)
	check(t, err)
	return keys
}

// aidKeys is phase 2 message 3, opened.
func (u *user) aidKeys(t *testing.T) message.AIDKeys {
	t.Helper()
	return opened[message.AIDKeys](t, u, wire.MsgAIDKeys, u.Bank.KEMKey, u.transcript2(2), atAIDKeys)
}

// tidRegister is phase 3 message 1, opened.
func (u *user) tidRegister(t *testing.T) message.TIDRegister {
	t.Helper()
	return opened[message.TIDRegister](t, u, wire.MsgTIDRegister, u.TSM.KEMKey, u.transcript3(0),
		atTIDRegister)
}

func opened[T any](
	t *testing.T, u *user, kind wire.MessageType, key *ecdh.PrivateKey, th message.Transcript,
	at string,
) T {
	t.Helper()
	body, _, err := message.OpenFrom(key, kind, th[:], u.said[at])
	check(t, err)
	return decoded[T](t, kind, body)
}

func decoded[T any](t *testing.T, kind wire.MessageType, plain []byte) T {
	t.Helper()
	m, err := message.Decode[T](kind, plain)
	check(t, err)
	return m
}

// transcript2 is th_k of user and bank in phase 2.
func (u *user) transcript2(k int) message.Transcript {
	return u.transcript(message.NewTranscript(2, wire.RoleUser, wire.RoleBank, u.Bank.ID),
		[]string{atAIDRequest, atAIDReply, atAIDKeys}[:k])
}

// transcript3 is th_k of user and TSM in phase 3.
func (u *user) transcript3(k int) message.Transcript {
	return u.transcript(message.NewTranscript(3, wire.RoleUser, wire.RoleTSM, u.TSM.ID),
		[]string{atTIDRegister, atTIDReply, atTSMINFO}[:k])
}

// transcript4 is th_k of user and TSM in phase 4.
func (u *user) transcript4(k int) message.Transcript {
	return u.transcript(message.NewTranscript(4, wire.RoleUser, wire.RoleTSM, u.TSM.ID),
		[]string{atCardRequest}[:k])
}

func (u *user) transcript(th message.Transcript, sent []string) message.Transcript {
	for _, at := range sent {
		th = th.Next(u.said[at])
	}
	return th
}

// The places of messages that others need.
var (
	atUserCertificate = key(lineBank, api.PathOpen, "user_certificate")
	atSECertificate   = key(lineBank, api.PathOpen, "se_certificate")
	atEnc             = key(lineBank, api.PathOpen, "enc")
	atAKPublic        = key(lineBank, api.PathOpen, "ak_public")
	atAIDRequest      = key(lineBank, api.PathAID, "message_1")
	atAIDReply        = key(lineBank, api.PathAID, "message_2")
	atAIDKeys         = key(lineBank, api.PathAIDKeys, "message_3")
	atTIDRegister     = key(lineTSM, api.PathRegister, "message_1")
	atTIDReply        = key(lineTSM, api.PathRegister, "message_2")
	atTSMINFO         = key(lineTSM, api.PathTIDFund, "tsminfo")
	atBINFO           = key(lineTSM, api.PathTIDFund, "binfo")
	atTSMBINFO        = key(lineLink, api.PathFund, "tsmbinfo")
	atAuth            = key(lineLink, api.PathFund, "auth")
	atFundRun         = key(lineTSM, api.PathTIDFund, "run")
	atNonceTSM        = key(lineTSM, api.PathHello, "nonce_tsm")
	atNonceBank       = key(lineTSM, api.PathHello, "nonce_bank")
	atSession         = key(lineTSM, api.PathHello, "session")
	atCardRequest     = key(lineTSM, api.PathCard, "request")
)

func (u *user) certificate(t *testing.T, at string) message.Certificate {
	t.Helper()
	c, err := message.ParseCertificate(u.said[at])
	check(t, err)
	return c
}

// publicKeys are the element's signing keys that exist by now.
func (u *user) publicKeys(t *testing.T) map[string]message.PublicKey {
	t.Helper()
	keys := make(map[string]message.PublicKey)
	if u.said[atSECertificate] != nil {
		keys["SK_SE"] = u.certificate(t, atSECertificate).Key
		keys["SK_U"] = u.certificate(t, atUserCertificate).Key
	}
	if u.said[atAIDKeys] != nil {
		keys["SK_AID"] = u.aidKeys(t).X.Sign
	}
	if u.said[atTIDRegister] != nil {
		keys["SK_TID"] = u.tidRegister(t).Sign
	}
	return keys
}

// certificateAt is a certificate of the CA's in an answer or a request.
func certified(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	c, err := message.ParseCertificate(plain)
	check(t, err)
	_, ca := u.Desk.CA()
	return c.Digest(), ca
}

func certificateMessage(kind wire.MessageType) protocolMessage {
	return protocolMessage{
		types: []wire.MessageType{kind}, body: message.Certificate{}, open: plainly,
		digests: map[string]digest{"Signature": certified},
	}
}

// by returns a public key of a private one.
func by(t *testing.T, key *ecdsa.PrivateKey) message.PublicKey {
	t.Helper()
	public, err := message.NewPublicKey(&key.PublicKey)
	check(t, err)
	return public
}

// accountMessages are phases 0 and 1.
func accountMessages() []protocolMessage {
	user := certificateMessage(wire.CertUser)
	se := certificateMessage(wire.CertSE)
	user.reason, se.reason = lengthOr(api.CodeSignature), lengthOr(api.CodeSignature)
	activate := certificateMessage(wire.CertUser)
	activate.reason = foreigners(api.CodeAttestation, lengthOr(api.CodeSignature))
	sign, kem := certificateMessage(wire.CertBankSign), certificateMessage(wire.CertBankKEM)
	const open = api.PathOpen
	signature := func(kind wire.MessageType, d digest) protocolMessage {
		return protocolMessage{
			types: []wire.MessageType{kind}, body: message.Signature{}, open: plainly,
			digests: map[string]digest{"": d}, reason: lengthOr(api.CodeSignature),
		}
	}
	opaque := func(c api.Code) protocolMessage { return protocolMessage{reason: code(c)} }
	enc := protocolMessage{
		types: []wire.MessageType{wire.MsgOpenAccount}, reason: lengthOr(api.CodeSignature),
	}
	return []protocolMessage{
		request("user certificate", lineBank, open, "user_certificate", user),
		request("element's certificate", lineBank, open, "se_certificate", se),
		request("user-key", lineBank, open, "user_key", signature(wire.MsgUserKey, userKey)),
		request("K_B,U's encapsulation", lineBank, open, "enc", enc),
		request("EK certificate", lineBank, open, "ek_certificate", opaque(api.CodeAttestation)),
		request("AK", lineBank, open, "ak_public", protocolMessage{
			reason: foreigners(api.CodeSignature, code(api.CodeAttestation)),
		}),
		request("ak-bind", lineBank, open, "ak_bind", signature(wire.MsgAKBind, akBind)),
		bankCertificate("bank's signing certificate", "sign_certificate", sign),
		bankCertificate("bank's KEM certificate", "kem_certificate", kem),
		request("activation's certificate", lineBank, api.PathActivate, "user_certificate", activate),
		request("credential's secret", lineBank, api.PathActivate, "secret",
			opaque(api.CodeAttestation)),
	}
}

// lengthOr expects malformed for another length than the genuine one's, else a code.
func lengthOr(c api.Code) func(row) error {
	return func(r row) error {
		if len(r.raw) != r.genuine {
			return &api.Problem{Code: api.CodeMalformed}
		}
		return &api.Problem{Code: c}
	}
}

// instead expects other codes for some damages of a message as sent.
func instead(codes map[string]api.Code, other func(row) error) func(row) error {
	return func(r row) error {
		if c, ok := codes[r.damage]; ok && r.leaf == asSent {
			return &api.Problem{Code: c}
		}
		return other(r)
	}
}

// atPlaintext expects a code for a changed plaintext, another one for a changed seal.
func atPlaintext(c api.Code, other func(row) error) func(row) error {
	return func(r row) error {
		if r.leaf == "plaintext" {
			return &api.Problem{Code: c}
		}
		return other(r)
	}
}

// foreigners expects a code for another user's and an older run's message.
func foreigners(c api.Code, other func(row) error) func(row) error {
	return instead(map[string]api.Code{anotherUsers: c, anOlderRuns: c}, other)
}

// fields expects codes for fields of the plaintext, by their rows or the beginnings of their names.
func fields(codes map[string]api.Code, other func(row) error) func(row) error {
	return func(r row) error {
		if c, ok := codes[r.String()]; ok {
			return &api.Problem{Code: c}
		}
		for prefix, c := range codes {
			if r.leaf != asSent && strings.HasPrefix(r.leaf, prefix) {
				return &api.Problem{Code: c}
			}
		}
		return other(r)
	}
}

func userKey(t *testing.T, u *user, _ []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	cert, se := u.certificate(t, atUserCertificate), u.certificate(t, atSECertificate)
	return message.UserKey{
		CA: cert.Issuer, User: cert.Subject, SE: se.Key, Key: cert.Key,
	}.Digest(), se.Key
}

func akBind(t *testing.T, u *user, _ []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	ak, err := quote.ParseAK(u.said[atAKPublic])
	check(t, err)
	se := u.certificate(t, atSECertificate).Key
	th := message.AKBindTranscript(u.Bank.ID, message.PublicKey(u.said[atEnc]))
	return message.AKBind{Bank: u.Bank.ID, SE: se, AK: ak.Point()}.Digest(th), se
}

// bankCertificate is one of a bank's certificates, which the element takes when an account is
// opened; it is tried just after.
func bankCertificate(name, field string, m protocolMessage) protocolMessage {
	m.name = name
	m.at, m.when = key(lineBank, api.PathInfo, field), lineBank+" "+api.PathOpen
	m.reason = refusedByElement
	m.deliver = func(w *trial, t *testing.T, _, raw []byte) error {
		t.Helper()
		return openWith(w, t, field, raw)
	}
	return m
}

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
		sealed, err := message.SealEvidence(by2(t, u.Bank.KEMKey), th, b)
		check(t, err)
		return sealed
	}
}

func by2(t *testing.T, key *ecdh.PrivateKey) message.PublicKey {
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
		out, err := message.SealBINFO(by2(t, u.Bank.KEMKey), sealed, evidence)
		check(t, err)
		return out
	}
}

func openBINFOEvidence(t *testing.T, u *user, raw []byte) ([]byte, func([]byte) []byte) {
	t.Helper()
	inner, evidence, err := message.OpenBINFO(u.Bank.KEMKey, raw)
	check(t, err)
	return evidence, func(b []byte) []byte {
		out, err := message.SealBINFO(by2(t, u.Bank.KEMKey), inner, b)
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
				anotherUsers:                 api.CodeSignature,
				"instead of it " + atFundRun: api.CodeSignature,
			}, lengthOr(api.CodeUnknown)),
		}),
		request("card-req", lineTSM, api.PathCard, "request", protocolMessage{
			types: []wire.MessageType{wire.MsgCardRequest, wire.MsgRoll, wire.MsgPop},
			body:  message.CardRequest{}, open: counted(wire.KeyTIDToTSM, (*user).account, at(0)),
			reason: code(api.CodeSignature), repeats: []string{anOlderRuns},
			digests: map[string]digest{"Roll": cardKey(wire.MsgRoll), "Pop": cardKey(wire.MsgPop)},
		}),
		answer("vcard", lineTSM, api.PathCard, "card",
			func(c *applet.Client, t *testing.T, raw []byte) error {
				return c.CardPut(t.Context(), 1, raw)
			}, protocolMessage{
				types: []wire.MessageType{wire.MsgCardPut, wire.SigVCard}, body: message.CardPut{},
				open:    counted(wire.KeyTIDToSE, (*user).account, at(1)),
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
		covered := message.CardKey{TSM: u.TSM.ID, TID: message.NewTID(reg.Sign, reg.KEM), Key: m.Key}
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
