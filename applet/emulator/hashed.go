package emulator

import (
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Lengths of what the card hashes, in bytes.
const (
	prefixLen     = 1 + len(wire.Label)
	transcriptLen = len(wire.Label) + 3 + wire.PartyIDLen // of th_0
	commitmentLen = prefixLen + 2*wire.HashLen + 2*wire.PointLen
	inRun         = prefixLen + wire.HashLen // what stands before the fields within a run
	accountLen    = wire.PartyIDLen + wire.HashLen + 3*wire.PointLen + wire.AccountIDLen +
		wire.NonceLen + wire.LimitLen + wire.EpochLen
)

// hashedFor returns the lengths of all that is hashed for a signature over a structure of a type:
// the structure, and the transcript or account ID that its digest takes in.
func hashedFor(t wire.MessageType) []int {
	const id, nonce, hash, key = wire.PartyIDLen, wire.NonceLen, wire.HashLen, wire.PointLen
	const terms = wire.LimitLen + wire.EpochLen
	switch t {
	case wire.CertSE, wire.CertBankSign, wire.CertBankKEM, wire.CertTSMSign, wire.CertTSMKEM,
		wire.CertTSMEpoch, wire.CertMerchant:
		return []int{prefixLen + wire.CertificateLen - 1 - wire.SignatureLen}
	case wire.CertAccount:
		return []int{prefixLen + id + wire.AccountIDLen + 2*key + terms}
	case wire.MsgUserKey:
		return []int{transcriptLen, inRun + id + wire.UserIDLen + 2*key}
	case wire.MsgAKBind:
		return []int{inRun + id + 2*key}
	case wire.MsgReference:
		return []int{transcriptLen, inRun + id + 2*key + nonce + wire.SoftwareLen + hash + 1}
	case wire.MsgLaunchConsent:
		return []int{transcriptLen, inRun + id + 2*key + nonce + wire.SoftwareLen + hash}
	case wire.MsgAIDRequest:
		return []int{inRun + wire.UserIDLen + id + nonce}
	case wire.MsgAIDReply:
		return []int{inRun + wire.SessionIDLen + wire.AccountIDLen + nonce + terms}
	case wire.MsgAIDPop, wire.MsgAIDKey, wire.MsgAIDBind:
		return []int{inRun + accountLen}
	case wire.MsgAIDGrant:
		return []int{inRun + key + wire.AccountIDLen + terms + wire.SignatureLen}
	default:
		return hashedForTSM(t)
	}
}

// hashedForTSM is hashedFor for the phases with the TSM, and the tap.
func hashedForTSM(t wire.MessageType) []int {
	const id, nonce, hash, key = wire.PartyIDLen, wire.NonceLen, wire.HashLen, wire.PointLen
	const terms, session = wire.LimitLen + wire.EpochLen, wire.SessionIDLen
	switch t {
	case wire.MsgAIDClose:
		return []int{inRun + id + wire.AccountIDLen}
	case wire.MsgTIDClose:
		return []int{inRun + id + hash}
	case wire.MsgTIDRegister:
		return []int{2 * key, inRun + hash + 2*key + nonce + id}
	case wire.MsgTIDReply:
		return []int{inRun + key + session + hash + 2*key + 2*nonce}
	case wire.MsgBINFO:
		return []int{inRun + session + 2*id + 2*nonce + hash + terms + hash}
	case wire.MsgTSMINFO:
		return []int{inRun + session + 2*id + 3*nonce + terms + 2*hash}
	case wire.MsgAuth:
		return []int{inRun + session + wire.HandleLen + hash + terms + 1 + hash + wire.SignatureLen}
	case wire.MsgTIDStatus:
		return []int{inRun + 1 + terms}
	case wire.MsgRoll, wire.MsgPop:
		return []int{inRun + id + hash + key + 1}
	case wire.SigVCard:
		return []int{prefixLen + wire.PANLen + key + classLen}
	case wire.SigTap:
		return []int{prefixLen + wire.AmountLen + wire.CurrencyLen + wire.DateLen + wire.UNLen +
			wire.MerchantLen + wire.ATCLen + hash + wire.RelayLen}
	default:
		return hashedOffline(t)
	}
}

// hashedOffline is hashedFor for tokens, what they sign, and the merchant's authentication.
func hashedOffline(t wire.MessageType) []int {
	switch t {
	case wire.CertEpoch:
		return []int{message.Size[message.EpochCertificate]()}
	case wire.MsgTokenRoll, wire.MsgTokenPop:
		return []int{message.Size[message.TokenKey]() + wire.HashLen}
	case wire.SigToken:
		return []int{tokenLen}
	case wire.SigTokenClose:
		return []int{message.Size[message.TokenClose]()}
	case wire.SigSpend:
		return []int{message.Size[message.Spend]()}
	case wire.SigMeter:
		return []int{message.Size[message.Meter]()}
	case wire.MsgMerchantAuth:
		return []int{message.Size[message.MerchantAuth]()}
	default:
		return nil
	}
}

// tokenLen is what the TSM signs of a token.
const tokenLen = wire.TokenLen - wire.SignatureLen

const classLen = wire.AmountLen + wire.CurrencyLen + wire.EpochLen + 1

// questionLen is the length of what a quote's qualifying data hash.
func questionLen(s message.Software) int {
	return len(wire.Label) + len(" quote") + 1 + wire.NonceLen + wire.SessionIDLen +
		1 + int(s[0]) + 2*wire.PointLen
}

// total is the length of some parts.
func total(parts [][]byte) (n int) {
	for _, part := range parts {
		n += len(part)
	}
	return n
}
