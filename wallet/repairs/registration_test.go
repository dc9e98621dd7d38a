package repairs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/store"
)

// TestRepair03: the TSM's key message E(PK_TID, SID || TID || K) isn't signed, and PK_TID is also
// the card's key, which every terminal reads (A 2.5 step 1; C fig. 2 step 1, fig. 3). The network
// sends a K of its own, reads the AID in the user's answer, and could have a card issued for her
// account. Ours: the TSM signs its message with the encapsulation, and cards have keys of their
// own.
func TestRepair03(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		tid, attacker := newPair(t), newKey(t)
		published := tid.public(t) // by an earlier tap
		forged := encryptTo(t, published, fields{[]byte("SID"), []byte("TID"), attacker[:]}.encode(t))

		k := sessionKey(decodeFields(t, tid.decrypt(t, forged))[2]) // the user takes it
		answer := tid.sign(t, k.encrypt(t, join("SID", "AID of alice").encode(t)))

		if got := decodeFields(t, attacker.decrypt(t, answer.body))[1]; string(got) != "AID of alice" {
			t.Errorf("the attacker reads %q", got)
		}
	})
	p := newPhone(t, "alice")
	check(t, p.open(t))
	t.Run("ours", func(t *testing.T) {
		p.tsm.Answer = func(path string, raw []byte) ([]byte, error) {
			if path != api.PathRegister {
				p.record(t, toTSM, path, raw)
				return raw, nil
			}
			return json.Marshal(api.RegisterResponse{Message2: p.forgeReply(t)})
		}
		if err := p.register(t, 5000); !errors.Is(err, applet.ErrRefused) {
			t.Errorf("the element answers %v to a forged key message", err)
		}
		for _, s := range p.said {
			if s.path == api.PathTIDFund {
				t.Errorf("%s was sent all the same", s.field)
			}
		}
		p.wantNothingMoved(t)
	})
	t.Run("ours, the card's key", func(t *testing.T) {
		p.listen(t)
		p.fill(t, 1)
		account, tap := p.tsmAccount(t), p.tap(t, 1)
		if key := tap.value(t, wire.TagCardKey); bytes.Equal(key, account.Sign[:]) ||
			bytes.Equal(key, account.KEM[:]) {
			t.Error("a terminal reads a key of the TSM account")
		}
	})
}

// forgeReply is phase 3 message 2 by an attacker who knows all but SK_TSM: message 1 as opened,
// too.
func (p *phone) forgeReply(t *testing.T) []byte {
	t.Helper()
	m := p.tsmAccount(t)
	th := p.userToTSM(3).Next(p.latest(t, toTSM, api.PathRegister, "message_1"))
	enc, exporter, err := message.Encap(m.KEM, wire.MsgTIDReply)
	check(t, err)
	covered := message.TIDReplyFields{
		Enc: enc, Session: message.SessionID(p.latest(t, toTSM, api.PathHello, "session")),
		TID: message.NewTID(m.Sign, m.KEM), Sign: m.Sign, KEM: m.KEM,
		NonceTSM:  message.Nonce(p.latest(t, toTSM, api.PathHello, "nonce_tsm")),
		NonceBank: message.Nonce(p.latest(t, toTSM, api.PathHello, "nonce_bank")),
	}
	var reply message.TIDReply
	reply.Signature, err = message.Sign(newPair(t).PrivateKey, covered.Digest(th))
	check(t, err)
	sealed, err := message.SealWith(enc, exporter, wire.MsgTIDReply, th[:],
		message.Encode(wire.MsgTIDReply, reply))
	check(t, err)
	return sealed
}

func (p *phone) wantNothingMoved(t *testing.T) {
	t.Helper()
	if bank, tsm := p.escrow(t), p.booked(t); bank != 0 || tsm != 0 {
		t.Errorf("the bank reserved %d, the TSM booked %d", bank, tsm)
	}
}

// TestRepair04: BINFO names no TID (A 2.5, C fig. 2 step 2). Whoever puts alice's BINFO beside his
// own TSMINFO is funded by alice. Ours: BINFO and TSMBINFO both name c_T, which commits to the
// TID.
func TestRepair04(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		kAID, kMallory, aid, mallory := newKey(t), newKey(t), newPair(t), newPair(t)
		common := join("SID", "AID of alice", "Limit", "Nonce2").encode(t)
		binfo := aid.sign(t, kAID.encrypt(t, common))
		info := mallory.sign(t, kMallory.encrypt(t, common)) // what alice's says, from his TID

		tsmbinfo := kMallory.decrypt(t, info.body) // the TSM passes on what TSMINFO says
		if !binfo.verify(aid.public(t)) || !bytes.Equal(kAID.decrypt(t, binfo.body), tsmbinfo) {
			t.Error("the bank finds a difference: mallory isn't funded by alice")
		}
	})
	t.Run("ours", func(t *testing.T) {
		p := newPhone(t, "alice")
		check(t, p.open(t))
		other := newPair(t).public(t)
		p.Link.Change = func(path string, raw []byte) ([]byte, error) {
			if path == api.PathFund {
				p.fundAnother(t, raw, message.PublicKey(other))
			}
			return raw, nil
		}
		check(t, p.register(t, 5000)) // the genuine one goes on
		if got := p.escrow(t); got != 5000 {
			t.Errorf("the bank reserved %d", got)
		}
	})
}

// fundAnother asks the bank to fund another TID with this BINFO: all is the TSM's own word and
// signed by it, but for c_T.
func (p *phone) fundAnother(t *testing.T, raw []byte, other message.PublicKey) {
	t.Helper()
	var q api.FundRequest
	check(t, json.Unmarshal(raw, &q))
	m, err := message.Decode[message.TSMBINFO](wire.MsgTSMBINFO, q.TSMBINFO)
	check(t, err)
	m.Funding.Commitment = message.Commit(other, other, message.Hash{})
	m.Signature, err = message.Sign(p.TSM.SignKey, m.Digest(p.tsmToBank()))
	check(t, err)
	q.TSMBINFO = message.Encode(wire.MsgTSMBINFO, m)
	changed, err := json.Marshal(q)
	check(t, err)
	_, err = p.Link.Call(context.WithoutCancel(t.Context()), api.PathFund, changed)
	if !errors.Is(err, &api.Problem{Code: api.CodeMismatch}) {
		t.Errorf("another TID with this BINFO: %v", err)
	}
	p.wantNothingMoved(t)
}

func (p *phone) tsmToBank() message.Transcript {
	return message.NewTranscript(3, wire.RoleTSM, wire.RoleBank, p.Bank.ID)
}

// TestRepair08: the bank's reply E(K_B,U, ID_U || AID || Nonce2) doesn't repeat the user's Nonce1
// (C fig. 1 step 3), nor is it signed: an old reply answers a new request. Ours: the reply is
// sealed and signed under the hash of the request.
func TestRepair08(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		kBU := newKey(t)
		old := kBU.encrypt(t, join("alice", "AID of January", "Nonce2").encode(t))
		_ = kBU.encrypt(t, join("alice", "Nonce1 of March").encode(t)) // the new request

		got := decodeFields(t, kBU.decrypt(t, old)) // all that the user can look at: ID_U
		if string(got[0]) != "alice" {
			t.Error("the user refuses the old reply")
		}
	})
	t.Run("ours", func(t *testing.T) {
		p := newPhone(t, "alice")
		var old []byte
		p.bank.Answer = func(path string, raw []byte) ([]byte, error) {
			if path != api.PathAID {
				return raw, nil
			}
			if old == nil {
				old = raw
				return nil, errRefused // the first reply gets lost; the wallet asks anew
			}
			return old, nil
		}
		if err := p.open(t); !errors.Is(err, errRefused) {
			t.Fatalf("opening without a reply: %v", err)
		}
		if err := p.open(t); !errors.Is(err, applet.ErrRefused) {
			t.Errorf("the element answers %v to an old reply", err)
		}
		p.listen(t)
		check(t, p.open(t))
	})
}

// TestRepair09: the bank compares and reserves nothing, so that k registrations are worth k times
// the limit; and its answer names no session of the TSM's (A 2.5 step 3, C fig. 2 step 3). Ours:
// the limit moves with the answer, which names n_T, and each handle is booked once.
func TestRepair09(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		const limit = 10000
		kAID, aid, bank, tsm := newKey(t), newPair(t), newPair(t), newPair(t)
		granted := 0
		for range 3 {
			said := join("SID", "AID of alice", "Nonce2", "ExpTime", "100.00").encode(t)
			binfo := aid.sign(t, kAID.encrypt(t, said))
			tsmbinfo := tsm.sign(t, encryptTo(t, bank.public(t), said))

			if binfo.verify(aid.public(t)) && tsmbinfo.verify(tsm.public(t)) &&
				bytes.Equal(kAID.decrypt(t, binfo.body), bank.decrypt(t, tsmbinfo.body)) {
				granted += limit // "the bank sends AID's credit info to TSM"
			}
		}
		if granted != 3*limit {
			t.Errorf("the TSM counts on %d", granted)
		}
	})
	t.Run("ours, twice the limit", func(t *testing.T) {
		p := newPhone(t, "alice")
		check(t, p.open(t)) // 200.00 on the account, limit 100.00
		check(t, p.register(t, 10000))
		err := p.register(t, 10000)
		if !errors.Is(err, &api.Problem{Code: api.CodeLimit}) {
			t.Errorf("the second registration: %v", err)
		}
		if bank, tsm := p.escrow(t), p.booked(t); bank != 10000 || tsm != 10000 {
			t.Errorf("the bank reserved %d, the TSM booked %d", bank, tsm)
		}
	})
	t.Run("ours, one answer for two sessions", func(t *testing.T) {
		p := newPhone(t, "alice")
		check(t, p.open(t))
		var first []byte
		p.Link.Answer = func(path string, raw []byte) ([]byte, error) {
			if path == api.PathFund && first == nil {
				first = raw
			} else if path == api.PathFund {
				return first, nil
			}
			return raw, nil
		}
		check(t, p.register(t, 5000))
		err := p.register(t, 5000)
		if problem := new(api.Problem); !errors.As(err, &problem) {
			t.Errorf("the second session takes the first one's AUTH: %v", err)
		}
		if got := p.booked(t); got != 5000 {
			t.Errorf("the TSM booked %d", got)
		}
		check(t, p.TSMDB.View(t.Context(), func(tx store.Tx) error {
			return ledger.Audit(t.Context(), tx)
		}))
	})
}
