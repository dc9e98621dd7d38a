package wire

// MessageType is the first byte of everything that is signed, encrypted or MACed, before [Label].
// One table serves Go, Java and the symbolic models; a type is never used twice.
type MessageType byte

// Certificates. They have no transcript.
const (
	// CertSE certifies PK_SE; issuer CA.
	CertSE MessageType = 0x01
	// CertUser certifies PK_U for ID_U; issuer CA.
	CertUser MessageType = 0x02
	// CertBankSign certifies a bank's signing key; issuer CA.
	CertBankSign MessageType = 0x03
	// CertBankKEM certifies a bank's KEM key; issuer CA.
	CertBankKEM MessageType = 0x04
	// CertTSMSign certifies the TSM's signing key; issuer CA.
	CertTSMSign MessageType = 0x05
	// CertTSMKEM certifies the TSM's KEM key; issuer CA.
	CertTSMKEM MessageType = 0x06
	// CertTSMEpoch certifies the key with which the TSM signs one epoch's cards; issuer CA.
	CertTSMEpoch MessageType = 0x07
	// CertAccount is CERT_AID^B: a bank's signature over a bank account ID and its keys.
	CertAccount MessageType = 0x08
	// SigVCard is the TSM's signature over a virtual card.
	SigVCard MessageType = 0x09
	// CertMerchant certifies a merchant's signing key; issuer CA.
	CertMerchant MessageType = 0x0A
)

// Phase 0, phase 1 and the pairing of host and SE.
const (
	// MsgUserKey: SK_SE signs PK_U for ID_U.
	MsgUserKey MessageType = 0x10
	// MsgOpenAccount: the HPKE from which K_B,U is exported.
	MsgOpenAccount MessageType = 0x11
	// MsgAKBind: SK_SE signs PK_AK.
	MsgAKBind MessageType = 0x12
	// MsgHostAuth: the host's MAC over the card's challenge.
	MsgHostAuth MessageType = 0x13
	// MsgRelease: the software provider signs a release manifest.
	MsgRelease MessageType = 0x14
	// MsgReference: a bank signs the program that unlocks one SE.
	MsgReference MessageType = 0x15
	// MsgLaunchConsent: a bank lets an SE unlock once.
	MsgLaunchConsent MessageType = 0x16
)

// Phase 2, bank account ID.
const (
	// MsgAIDRequest is message 1, its signature and, with K_B,U, its MAC.
	MsgAIDRequest MessageType = 0x20
	// MsgAIDReply is message 2 and its signature.
	MsgAIDReply MessageType = 0x21
	// MsgAIDKeys is message 3.
	MsgAIDKeys MessageType = 0x22
	// MsgAIDPop: SK_AID signs X.
	MsgAIDPop MessageType = 0x23
	// MsgAIDKey: SK_SE signs X.
	MsgAIDKey MessageType = 0x24
	// MsgAIDBind: SK_U signs X.
	MsgAIDBind MessageType = 0x25
	// MsgAIDEvidence is the host's attestation evidence beside message 3.
	MsgAIDEvidence MessageType = 0x26
	// MsgAIDGrant is message 4 and its signature.
	MsgAIDGrant MessageType = 0x27
	// KeyAIDToBank names K_AID,B from SE to bank.
	KeyAIDToBank MessageType = 0x28
	// KeyAIDToSE names K_AID,B from bank to SE.
	KeyAIDToSE MessageType = 0x29
	// MsgAIDClose closes a bank account ID; the message and its signature.
	MsgAIDClose MessageType = 0x2A
)

// Phase 3, TSM account ID.
const (
	// MsgTIDRegister is message 1 and its signature.
	MsgTIDRegister MessageType = 0x30
	// MsgTIDReply is message 2 and its signature.
	MsgTIDReply MessageType = 0x31
	// MsgBINFO is BINFO's inner part and its signature.
	MsgBINFO MessageType = 0x32
	// MsgBINFOOuter is BINFO: inner part and evidence under the host's encryption.
	MsgBINFOOuter MessageType = 0x33
	// MsgTSMINFO is TSMINFO and its signature.
	MsgTSMINFO MessageType = 0x34
	// MsgTSMBINFO is the TSM's signature towards the bank.
	MsgTSMBINFO MessageType = 0x35
	// MsgAuth is the bank's AUTH.
	MsgAuth MessageType = 0x36
	// MsgTIDStatus is message 6 and its signature.
	MsgTIDStatus MessageType = 0x37
	// KeyTIDToTSM names K_TID,TSM from SE to TSM.
	KeyTIDToTSM MessageType = 0x38
	// KeyTIDToSE names K_TID,TSM from TSM to SE.
	KeyTIDToSE MessageType = 0x39
	// MsgCommitment is the hash input of c_T.
	MsgCommitment MessageType = 0x3A
	// MsgTIDClose closes a TSM account; the message and its signature.
	MsgTIDClose MessageType = 0x3B
)

// Phase 4, virtual cards, and phase 5, payment.
const (
	// MsgCardRequest carries a new card key to the TSM.
	MsgCardRequest MessageType = 0x40
	// MsgRoll: SK_TID signs the card key.
	MsgRoll MessageType = 0x41
	// MsgPop: the card key signs its possession.
	MsgPop MessageType = 0x42
	// MsgCardPut carries the card to the SE.
	MsgCardPut MessageType = 0x43
	// SigTap is the card key's signature over a payment.
	SigTap MessageType = 0x50
)

// Between TSM and bank, beside the phases.
const (
	// SigReturn is the TSM's signature over what is left of one epoch's accounts.
	SigReturn MessageType = 0x60
	// SigReturned is the bank's signature: what was left has gone back to its customers.
	SigReturned MessageType = 0x61
	// SigDraw is the TSM's signature over how many lots it draws from its escrow in a slot.
	SigDraw MessageType = 0x62
	// SigDrawn is the bank's signature: the lots were paid out.
	SigDrawn MessageType = 0x63
)

// Disputes. They have no transcript.
const (
	// MsgDisputed is the hash input of a disputed payment's identity.
	MsgDisputed MessageType = 0x70
	// MsgOpening is what a TSM or a bank signs of an opening.
	MsgOpening MessageType = 0x71
	// MsgTSMChain is the hash input of what a TSM adds to the chain.
	MsgTSMChain MessageType = 0x72
	// MsgBankChain is the hash input of what a bank adds to the chain.
	MsgBankChain MessageType = 0x73
	// MsgDoubleSpend begins evidence that a token's units were spent twice, and its identity's hash
	// input.
	MsgDoubleSpend MessageType = 0x74
)

// Offline tokens. What is signed has no transcript.
const (
	// SigToken is the TSM's signature over an offline token; its digest is tokID.
	SigToken MessageType = 0x80
	// MsgTokenRequest carries a token's key and chain root to the TSM.
	MsgTokenRequest MessageType = 0x81
	// MsgTokenRoll: SK_TID signs a token's key and chain root.
	MsgTokenRoll MessageType = 0x82
	// MsgTokenPop: the token's key signs its possession.
	MsgTokenPop MessageType = 0x83
	// MsgTokenPut carries the signed token to the SE.
	MsgTokenPut MessageType = 0x84
	// MsgTokenSeed is the HMAC input of a chain's last value.
	MsgTokenSeed MessageType = 0x85
	// MsgTokenChain is the hash input of one step of a chain.
	MsgTokenChain MessageType = 0x86
	// SigSpend is the token key's signature over one offline payment.
	SigSpend MessageType = 0x87
	// SigMeter is the token key's signature over a metering commitment.
	SigMeter MessageType = 0x88
	// SigTokenClose is the token key's signature: the token is closed at an index.
	SigTokenClose MessageType = 0x89
	// MsgMerchantAuth is the merchant's signature towards the SE, before a token is shown.
	MsgMerchantAuth MessageType = 0x8A
	// SigMerchantReceipt is the merchant's signature: an offline payment was accepted.
	SigMerchantReceipt MessageType = 0x8B
	// MsgSpendClaim claims one offline payment.
	MsgSpendClaim MessageType = 0x8C
	// MsgMeterClaim claims the ticks of a metering commitment.
	MsgMeterClaim MessageType = 0x8D
	// SigPayout is the merchant's signature over a batch of claims.
	SigPayout MessageType = 0x8E
	// CertEpoch is the CA's signature over the number of the current epoch.
	CertEpoch MessageType = 0x8F
)

// The deny list of offline tokens. It has no transcript.
const (
	// SigDenyList is the TSM's signature over a deny list's header.
	SigDenyList MessageType = 0x90
	// MsgDenyEntry is the hash input of a denied token's entry.
	MsgDenyEntry MessageType = 0x91
	// MsgDenyDelta leads from one deny list to a later one.
	MsgDenyDelta MessageType = 0x92
)

// Role is a party's role in a transcript.
type Role byte

// The roles of protocol participants.
const (
	// RoleUser is the user: wallet and SE.
	RoleUser Role = 0x01
	// RoleBank is a bank.
	RoleBank Role = 0x02
	// RoleTSM is the trusted service manager.
	RoleTSM Role = 0x03
	// RoleCA is the certification authority.
	RoleCA Role = 0x04
)
