package decode

import (
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// The names of our elements whose values [Describe] puts in words.
const (
	nameLifeCycle       = "life cycle state"
	nameUser            = "user present"
	nameBankSlots       = "states of the bank slots"
	nameTIDSlots        = "states of the TID slots"
	nameCardSlots       = "states of the card slots"
	nameArming          = "arming"
	nameCardKind        = "card kind"
	nameArmFlags        = "P1 conditions"
	nameTokenState      = "token slot state"
	nameTokenKind       = "token kind"
	nameChainValue      = "chain value"
	nameTick            = "P1 tick"
	nameTokenFlags      = "signature, receipt"
	nameKindAndSlot     = "P2 kind and TID slot"
	nameExpiry          = "expiry epoch"
	nameLaunchPolicy    = "launch policy"
	nameReferenceStored = "reference stored"
	nameLaunched        = "launched"
	nameCertificateType = "certificate type"
)

// What our own elements are. All that the following take may be kept: it is public, or encrypted.
func (r *reading) key(name string) {
	r.take(name, wire.PointLen, trait{Binary, FreshKey, Clear})
}

func (r *reading) nonce(name string) {
	r.take(name, wire.NonceLen, trait{Binary, Challenge, Clear})
}

func (r *reading) mac(name string) {
	r.take(name, wire.MACLen, trait{Binary, Cryptogram, Clear})
}

func (r *reading) signature(name string) {
	r.take(name, wire.SignatureLen, trait{Binary, Signature, Clear})
}

func (r *reading) identity(name string, n int) {
	r.take(name, n, trait{Binary, FreshIdentity, Clear})
}

// certificate takes a compact certificate (message.Certificate).
func (r *reading) certificate(name string) {
	r.within(name, wire.CertificateLen)
	text := trait{Alphanumeric, FreshIdentity, Clear} // drawn when a bench's keys are made
	r.element(0, nameCertificateType, 1, 1, trait{Coded, Constant, Clear})
	r.element(0, "issuer", wire.PartyIDLen, 1, text)
	r.element(0, "subject", wire.UserIDLen, 1, text)
	r.element(0, "public key", wire.PointLen, 1, trait{Binary, FreshKey, Clear})
	r.element(0, nameExpiry, wire.EpochLen, 1, trait{Integer, DateTime, Clear})
	r.element(0, "signature", wire.SignatureLen, 1, trait{Binary, Signature, Clear})
}

// limits takes a credit limit and an expiry.
func (r *reading) limits() {
	r.take("limit in minor units", wire.LimitLen, trait{Integer, Constant, Clear})
	r.take(nameExpiry, wire.EpochLen, trait{Integer, DateTime, Clear})
}

// reference takes the program that unlocks the element.
func (r *reading) reference() {
	r.within("software id", wire.SoftwareLen)
	r.element(0, "length", 1, 1, trait{Integer, Constant, Clear})
	r.element(0, "software id", wire.SoftwareLen-1, 1, trait{Binary, Constant, Clear})
	r.take("program's SHA-256", wire.HashLen, trait{Binary, Cryptogram, Clear})
	r.take(nameLaunchPolicy, 1, trait{Coded, Constant, Clear})
}

// sealed takes the rest of the data field: ciphertext and MAC (message.Keys.Seal). While more
// follows all of it is taken for ciphertext.
func (r *reading) sealed() {
	n := len(r.whole) - r.next
	if !r.partial {
		n -= wire.MACLen
	}
	if n < 0 || !r.partial && n%wire.KeyLen != 0 {
		return // closed takes back what was added
	}
	r.take("ciphertext", n, trait{Binary, Ciphertext, Clear})
	if !r.partial {
		r.mac("MAC")
	}
}

// encapsulated takes an HPKE message: the ephemeral key, then what is sealed (message.SealTo).
func (r *reading) encapsulated() {
	r.key("encapsulated key")
	if r.next < len(r.whole) {
		r.sealed()
	}
}

// counted takes a message of a channel: its counter, then what is sealed.
func (r *reading) counted() {
	r.take("counter", wire.CounterLen, trait{Integer, Counter, Clear})
	if r.next < len(r.whole) {
		r.sealed()
	}
}

// ownCommand reads the data of a management command (PROTOCOL.md, management commands).
func (r *reading) ownCommand(ins wire.INS) {
	mark := len(r.fields)
	switch ins {
	case wire.InsPersonalise:
		r.take("CA identifier", wire.PartyIDLen, trait{Alphanumeric, FreshIdentity, Clear})
		r.key("CA public key")
		r.certificate("SE certificate")
		r.take("pairing key", wire.KeyLen, trait{Binary, FreshKey, Key})
	case wire.InsCreateUser:
		r.take("user identifier", wire.UserIDLen, trait{Alphanumeric, Constant, Holder})
	case wire.InsOpenAccount:
		r.certificate("bank's signing certificate")
		r.certificate("bank's KEM certificate")
	case wire.InsBindAK:
		r.key("attestation key")
	case wire.InsPutReference:
		r.reference()
		r.signature("signature reference")
	case wire.InsLaunch:
		if len(r.whole) == wire.AttestLen+wire.SignatureLen {
			r.take("TPMS_ATTEST", wire.AttestLen, trait{Binary, Cryptogram, Clear})
		}
		r.signature("signature of the quote or the consent")
	case wire.InsPutEpochKey:
		r.certificate("TSM's epoch certificate")
	case wire.InsTokenNew:
		r.take("unit in minor units", 1, trait{Integer, Constant, Clear})
		r.take("units", 1, trait{Integer, Constant, Clear})
	case wire.InsPutEpoch:
		r.epochCertificate()
	case wire.InsArm:
		r.take("cap", wire.AmountLen, trait{Amount, Constant, Clear})
		r.take("currency", wire.CurrencyLen, trait{Currency, Constant, Clear})
	default:
		r.ownMessage(ins)
	}
	r.closed(mark)
}

// ownMessage reads the data of a management command that carries a message of the protocol.
func (r *reading) ownMessage(ins wire.INS) {
	switch ins {
	case wire.InsAIDReply:
		r.sealed()
	case wire.InsAIDGrant, wire.InsTIDReply:
		r.encapsulated()
	case wire.InsTIDRegister:
		r.certificate("TSM's signing certificate")
		r.certificate("TSM's KEM certificate")
		r.nonce("nonce of the TSM")
		r.nonce("nonce of the bank")
		r.identity("session identifier", wire.SessionIDLen)
	case wire.InsBINFO:
		r.limits()
		r.take("hash of the evidence", wire.HashLen, trait{Binary, Cryptogram, Clear})
	case wire.InsTSMINFO:
		r.take("hash of BINFO", wire.HashLen, trait{Binary, Cryptogram, Clear})
	case wire.InsTIDStatus, wire.InsCardPut, wire.InsTokenPut:
		r.counted()
	default:
		r.rest("data", trait{})
	}
}

// ownAnswer reads the answer to a management command.
func (r *reading) ownAnswer(ins wire.INS) {
	mark := len(r.fields)
	switch ins {
	case wire.InsGenerateSEKey:
		r.key("SE public key")
	case wire.InsCreateUser:
		r.key("user public key")
		r.signature("signature user-key")
	case wire.InsOpenAccount:
		r.key("encapsulated key")
	case wire.InsBindAK:
		r.signature("signature ak-bind")
	case wire.InsAIDReply:
		r.identity("session identifier", wire.SessionIDLen)
		r.identity("bank account ID", wire.AccountIDLen)
		r.nonce("nonce of the bank")
		r.limits()
		r.key("account's signing key")
		r.key("account's KEM key")
	case wire.InsAIDRequest, wire.InsAIDKeys, wire.InsTIDRegister, wire.InsBINFO:
		r.encapsulated()
	case wire.InsTSMINFO, wire.InsCardRequest, wire.InsAIDClose, wire.InsTIDClose,
		wire.InsTokenRequest:
		r.counted()
	case wire.InsTokenChain:
		r.take("steps left", 1, trait{Integer, ProtocolStatus, Clear})
	case wire.InsTokenClose:
		r.take("units given out", 1, trait{Integer, ProtocolStatus, Clear})
		r.signature("signature token-close")
	case wire.InsTokenShow:
		r.tokenRecord()
	default:
		r.rest("data", trait{})
	}
	r.closed(mark)
}

// ownDataObject reads the answer to GET DATA of the management application: a value alone.
func (r *reading) ownDataObject(tag tlv.Tag) {
	mark := len(r.fields)
	public, state := trait{Integer, Constant, Clear}, trait{Coded, ProtocolStatus, Clear}
	switch tag {
	case wire.DataCapability:
		for _, name := range [...]string{
			"version", "bank slots", "TID slots", "card slots", "token slots", "tap tries",
		} {
			r.take(name, 1, public)
		}
		r.take("buffer length", 2, public)
		r.take("algorithms", 2, trait{BitField, Constant, Clear})
	case wire.DataLifeCycle:
		r.take(nameLifeCycle, 1, state)
	case wire.DataSECertificate:
		r.certificate("SE certificate")
	case wire.DataStatus:
		r.take(nameLifeCycle, 1, state)
		r.take(nameUser, 1, state)
		r.take(nameBankSlots, wire.BankSlots, state)
		r.take(nameTIDSlots, wire.TIDSlots, state)
		r.take(nameCardSlots, wire.CardSlots, state)
		r.take(nameArming, 1, state)
		r.take("tries used", 1, trait{Integer, ProtocolStatus, Clear})
	case wire.DataLaunch:
		r.take(nameReferenceStored, 1, state)
		r.take(nameLaunched, 1, state)
		r.take(nameLaunchPolicy, 1, trait{Coded, Constant, Clear})
		r.take("software id", wire.SoftwareLen, trait{Binary, Constant, Clear})
		r.take("program's SHA-256", wire.HashLen, trait{Binary, Cryptogram, Clear})
		r.take("bank", wire.PartyIDLen, trait{Alphanumeric, FreshIdentity, Clear})
	case wire.DataCards:
		for range wire.CardSlots {
			r.take(nameCardKind, 1, trait{Coded, Constant, Clear})
			r.take("limit", wire.AmountLen, trait{Amount, Constant, Clear})
			r.take("shown", wire.AmountLen, trait{Amount, ProtocolStatus, Clear})
		}
	case wire.DataTokens:
		r.tokenData()
	default:
		r.rest("data", trait{})
	}
	r.closed(mark)
}
