package wallet_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
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
	// seals, if set, puts the genuine content under other seals.
	seals variants
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
	return concat(accountMessages(), aidMessages(), tidMessages(), fundMessages(), cardMessages(),
		closeMessages())
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

// certified is what a certificate of the CA's covers.
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

// by returns the public key of a signing key.
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
