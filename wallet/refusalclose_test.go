package wallet_test

import (
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
)

// closeMessages are the end of both accounts.
func closeMessages() []protocolMessage {
	tidClosing := func(u *user) message.Transcript { return u.transcript3(0) }
	return []protocolMessage{
		request("run of tid-close", lineTSM, api.PathTIDClose, "run", protocolMessage{
			reason: instead(map[string]api.Code{
				anotherUsers:                 api.CodeSignature,
				"instead of it " + atFundRun: api.CodeSignature,
			}, lengthOr(api.CodeUnknown)),
		}),
		request("tid-close", lineTSM, api.PathTIDClose, "message", protocolMessage{
			types: []wire.MessageType{wire.MsgTIDClose}, body: message.TIDClose{},
			open:   counted(wire.KeyTIDToTSM, (*user).account, tidClosing),
			seals:  onTheChannel(wire.KeyTIDToTSM, (*user).account, tidClosing),
			reason: code(api.CodeSignature), digests: map[string]digest{"Signature": tidClose},
		}),
		request("account of aid-close", lineBank, api.PathAIDClose, "account", protocolMessage{
			reason: instead(map[string]api.Code{
				anotherUsers: api.CodeSignature,
			}, lengthOr(api.CodeUnknown)),
		}),
		request("aid-close", lineBank, api.PathAIDClose, "message", protocolMessage{
			types: []wire.MessageType{wire.MsgAIDClose, wire.KeyAIDToBank}, body: message.AIDClose{},
			open: openAIDClose, seals: sealAIDClose,
			reason: code(api.CodeSignature), digests: map[string]digest{"Signature": aidClose},
		}),
	}
}

func tidClose(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.TIDClose](t, wire.MsgTIDClose, plain)
	reg := u.account().tidRegister(t)
	tid := message.NewTID(reg.Sign, reg.KEM)
	return m.Digest(u.transcript3(0), u.TSM.ID, tid), reg.Sign
}

// accountChannel returns K_AID,B of one direction.
func (u *user) accountChannel(t *testing.T, kind wire.MessageType) message.Keys {
	t.Helper()
	th := u.transcript2(3)
	_, e, err := message.OpenFrom(aidKEM(t, u), wire.MsgAIDGrant, th[:],
		u.said[key(lineBank, api.PathAIDKeys, "message_4")])
	check(t, err)
	keys, err := message.ExportKeys(e, kind)
	check(t, err)
	return keys
}

func openAIDClose(t *testing.T, u *user, raw []byte) ([]byte, func([]byte) []byte) {
	t.Helper()
	keys, th := u.accountChannel(t, wire.KeyAIDToBank), u.transcript2(0)
	counter, plain, err := keys.OpenCounted(0, th[:], raw)
	check(t, err)
	return plain, func(b []byte) []byte { return keys.SealCounted(counter, th[:], b) }
}

func sealAIDClose(t *testing.T, u *user, raw []byte) map[string][]byte {
	t.Helper()
	return otherSeals(t, u.accountChannel(t, wire.KeyAIDToBank),
		u.accountChannel(t, wire.KeyAIDToSE), u.transcript2(0), raw)
}

func aidClose(t *testing.T, u *user, plain []byte) (message.Hash, message.PublicKey) {
	t.Helper()
	m := decoded[message.AIDClose](t, wire.MsgAIDClose, plain)
	x := u.aidKeys(t).X
	return m.Digest(u.transcript2(0), u.Bank.ID, x.Account), x.Sign
}

// close gives the first TSM account up, and the bank account ID.
func (w *trial) close(u *user) error {
	w.t.Helper()
	if err := u.NewWallet(w.t).CloseTID(w.t.Context(), w.tsm, ""); err != nil {
		return err
	}
	return u.NewWallet(w.t).CloseAID(w.t.Context(), w.bank, w.Bank.ID.String())
}
