package emulator

import (
	"crypto/sha256"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// TestHashed compares the lengths that are counted with what message hashes: for a structure of
// zeros that is type || label || so many zeros.
func TestHashed(t *testing.T) {
	var th message.Transcript
	var id message.PartyID
	var key message.PublicKey
	for name, row := range map[string]struct {
		t    wire.MessageType
		want message.Hash
	}{
		"certificate":         {wire.CertSE, message.Certificate{Type: wire.CertSE}.Digest()},
		"account certificate": {wire.CertAccount, message.AccountCertificate{}.Digest()},
		"ak-bind":             {wire.MsgAKBind, message.AKBind{}.Digest(th)},
		"aid-req":             {wire.MsgAIDRequest, message.AIDRequest{}.Digest(th, id)},
		"aid-rep":             {wire.MsgAIDReply, message.AIDReply{}.Digest(th)},
		"aid-pop":             {wire.MsgAIDPop, message.AccountKeys{}.Digest(wire.MsgAIDPop, th)},
		"aid-grant":           {wire.MsgAIDGrant, message.AIDGrant{}.Digest(th, key)},
		"aid-close":           {wire.MsgAIDClose, message.AIDClose{}.Digest(th, id, message.AccountID{})},
		"tid-close":           {wire.MsgTIDClose, message.TIDClose{}.Digest(th, id, message.TID{})},
		"tid-rep":             {wire.MsgTIDReply, message.TIDReplyFields{}.Digest(th)},
		"binfo":               {wire.MsgBINFO, message.BINFO{}.Digest(th)},
		"tsminfo": {wire.MsgTSMINFO, message.TSMINFO{}.Digest(th, message.SessionID{}, id,
			message.Nonce{}, message.Nonce{})},
		"auth":       {wire.MsgAuth, message.Auth{}.Digest(th)},
		"tid-status": {wire.MsgTIDStatus, message.TIDStatus{}.Digest(th)},
		"roll":       {wire.MsgRoll, message.CardKey{}.Digest(wire.MsgRoll, th)},
		"vcard":      {wire.SigVCard, message.VCard{}.Digest()},
		"tap":        {wire.SigTap, message.Tap{}.Digest()},

		"merchant certificate": {
			wire.CertMerchant, message.Certificate{Type: wire.CertMerchant}.Digest(),
		},
		"merchant-auth": {wire.MsgMerchantAuth, message.MerchantAuth{}.Digest()},
		"spend":         {wire.SigSpend, message.Spend{}.Digest()},
		"meter":         {wire.SigMeter, message.Meter{}.Digest()},
		"epoch":         {wire.CertEpoch, message.EpochCertificate{}.Digest()},
		"token":         {wire.SigToken, message.Token{}.ID()},
		"token-roll":    {wire.MsgTokenRoll, message.TokenKey{}.Digest(wire.MsgTokenRoll, th)},
		"token-pop":     {wire.MsgTokenPop, message.TokenKey{}.Digest(wire.MsgTokenPop, th)},

		"token-close": {wire.SigTokenClose, message.TokenClose{}.Digest()},
	} {
		t.Run(name, func(t *testing.T) {
			lengths := hashedFor(row.t)
			if len(lengths) != 1 {
				t.Fatalf("lengths %v: want one", lengths)
			}
			in := append(message.Prefix(row.t), make([]byte, lengths[0]-prefixLen)...)
			if got := message.Hash(sha256.Sum256(in)); got != row.want {
				t.Errorf("%d bytes are another structure's length", lengths[0])
			}
		})
	}
}

// TestHashedWithin looks at those whose digest takes in another hash.
func TestHashedWithin(t *testing.T) {
	for name, row := range map[string]struct {
		t      wire.MessageType
		fields int
	}{
		"user-key":       {wire.MsgUserKey, message.Size[message.UserKey]()},
		"reference":      {wire.MsgReference, message.Size[message.Reference]()},
		"launch-consent": {wire.MsgLaunchConsent, message.Size[message.LaunchConsent]()},
	} {
		t.Run(name, func(t *testing.T) {
			got := hashedFor(row.t)
			if len(got) != 2 || got[0] != transcriptLen || got[1] != row.fields+wire.HashLen {
				t.Errorf("lengths: got %v, want [%d %d]", got, transcriptLen, row.fields+wire.HashLen)
			}
		})
	}
}
