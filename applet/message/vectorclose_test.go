package message_test

import (
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// aidCloseVector is the message that closes a bank account ID, the second one of its channel.
func aidCloseVector(t *testing.T) fields {
	x := accountKeys(t)
	th := message.NewTranscript(2, wire.RoleUser, wire.RoleBank, x.Bank)
	digest := message.AIDClose{}.Digest(th, x.Bank, x.Account)
	sig := sign(t, "aid sign", digest)
	out := closeVector(t, th, message.Encode(wire.MsgAIDClose, message.AIDClose{Signature: sig}))
	out["bank"], out["account"], out["digest"] = x.Bank[:], x.Account[:], digest[:]
	out["private"] = scalar("aid sign")
	return out
}

// tidCloseVector is the message that closes a TSM account.
func tidCloseVector(t *testing.T) fields {
	tsm := party(tsmName)
	tid := message.NewTID(public(t, "tid sign"), public(t, "tid kem"))
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleTSM, tsm)
	digest := message.TIDClose{}.Digest(th, tsm, tid)
	sig := sign(t, "tid sign", digest)
	out := closeVector(t, th, message.Encode(wire.MsgTIDClose, message.TIDClose{Signature: sig}))
	out["tsm"], out["tid"], out["digest"] = tsm[:], tid[:], digest[:]
	out["private"] = scalar("tid sign")
	return out
}

// closeVector seals a body as the second message of a channel.
func closeVector(t *testing.T, th message.Transcript, body []byte) fields {
	t.Helper()
	raw := filled(0x60, 2*wire.KeyLen)
	keys, err := message.NewKeys(raw)
	if err != nil {
		t.Fatal(err)
	}
	return fields{
		"th_0": th[:], "keys": raw, "counter": {0, 0, 0, 1}, "body": body,
		"sealed": keys.SealCounted(1, th[:], body),
	}
}
