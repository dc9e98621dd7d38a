package wire

// CLA is a class byte without chaining and secure messaging bits (ISO/IEC 7816-4:2013, 5.4.1).
type CLA byte

// INS is an instruction byte. 6x and 9x are reserved (ISO/IEC 7816-3:2006, 10.3.2).
type INS byte

// The classes.
const (
	// CLAInterindustry is the class of the commands that ISO/IEC 7816-4 defines.
	CLAInterindustry CLA = 0x00
	// CLAProprietary is the class of EMV's, GlobalPlatform's and tapbench's own commands.
	CLAProprietary CLA = 0x80
	// CLAChaining is the bit that says that the command continues (ISO/IEC 7816-4:2013, 5.3.3).
	CLAChaining CLA = 0x10
)

// Interindustry commands, class 00.
const (
	// InsSelect is SELECT (ISO/IEC 7816-4:2013, 11.2.2); P1 04: by AID, P2 00: first occurrence.
	InsSelect INS = 0xA4
	// InsGetResponse is GET RESPONSE (ISO/IEC 7816-4:2013, 11.8.1).
	InsGetResponse INS = 0xC0
	// InsGetChallenge is GET CHALLENGE (ISO/IEC 7816-4:2013, 11.6.2): 16 bytes.
	InsGetChallenge INS = 0x84
	// InsExternalAuthenticate is EXTERNAL AUTHENTICATE (ISO/IEC 7816-4:2013, 11.6.4): the host
	// shows that it holds the pairing key.
	InsExternalAuthenticate INS = 0x82
	// InsGetData is GET DATA (ISO/IEC 7816-4:2013, 11.5.2); P1-P2 is a Data tag.
	InsGetData INS = 0xCA
	// InsReadRecord is READ RECORD (EMV 4.3 Book 3, 6.5.11).
	InsReadRecord INS = 0xB2
)

// EMV commands, class 80.
const (
	// InsGetProcessingOptions is GET PROCESSING OPTIONS (EMV 4.3 Book 3, 6.5.8).
	InsGetProcessingOptions INS = 0xA8
	// InsGenerateAC is GENERATE AC (EMV 4.3 Book 3, 6.5.5).
	InsGenerateAC INS = 0xAE
	// InsExchangeRelay is EXCHANGE RELAY RESISTANCE DATA (EMV Contactless Book C-2).
	InsExchangeRelay INS = 0xEA
	// InsPutData is PUT DATA (EMV 4.3 Book 3, 6.5.9): the merchant's receipt of an offline payment.
	InsPutData INS = 0xDA
)

// The offline payment application's own commands, class 80.
const (
	// InsTick shows the next unit of a metering commitment; P1 is its number.
	InsTick INS = 0x50
)

// The management application's own commands, class 80, in protocol order. Each is described in
// PROTOCOL.md under its name.
const (
	// InsGenerateSEKey makes SK_SE, once.
	InsGenerateSEKey INS = 0x10
	// InsPersonalise stores CA key, SE certificate and pairing key, once.
	InsPersonalise INS = 0x12
	// InsCreateUser makes SK_U and signs user-key (phase 0).
	InsCreateUser INS = 0x14
	// InsOpenAccount takes a bank's certificates and agrees K_B,U (phase 0).
	InsOpenAccount INS = 0x16
	// InsBindAK stores and signs the attestation key (phase 1).
	InsBindAK INS = 0x18
	// InsPutReference stores which program unlocks the element, signed by a bank (phase 1).
	InsPutReference INS = 0x1A
	// InsLaunch takes the quote or the consent that unlocks the element (phase 1); P1 is a
	// LaunchPolicy.
	InsLaunch INS = 0x1C
	// InsAIDRequest makes phase 2 message 1.
	InsAIDRequest INS = 0x30
	// InsAIDReply takes phase 2 message 2 and makes the account's key pairs.
	InsAIDReply INS = 0x32
	// InsAIDKeys makes phase 2 message 3.
	InsAIDKeys INS = 0x34
	// InsAIDGrant takes phase 2 message 4.
	InsAIDGrant INS = 0x36
	// InsAIDClose closes a bank account ID and makes the message that says so to the bank.
	InsAIDClose INS = 0x38
	// InsTIDRegister makes a TSM account's key pairs and phase 3 message 1.
	InsTIDRegister INS = 0x50
	// InsTIDReply takes phase 3 message 2.
	InsTIDReply INS = 0x52
	// InsBINFO makes the inner part of BINFO (phase 3).
	InsBINFO INS = 0x54
	// InsTSMINFO makes TSMINFO over the hash of BINFO (phase 3).
	InsTSMINFO INS = 0x56
	// InsTIDStatus takes AUTH and the account's status (phase 3 message 6).
	InsTIDStatus INS = 0x58
	// InsTIDClose closes a TSM account and makes the message that says so to the TSM.
	InsTIDClose INS = 0x5A
	// InsPutEpochKey takes the certificate of the key with which the TSM signs this epoch's cards.
	InsPutEpochKey INS = 0x70
	// InsCardRequest makes a card key with roll and pop (phase 4).
	InsCardRequest INS = 0x72
	// InsCardPut takes the card for that key (phase 4).
	InsCardPut INS = 0x74
	// InsArm lets one tap happen, up to an amount.
	InsArm INS = 0x76
	// InsDisarm ends an arming.
	InsDisarm INS = 0x78
	// InsTokenNew makes an offline token's key and the end of its chain.
	InsTokenNew INS = 0x40
	// InsTokenChain computes a slice of a token's chain.
	InsTokenChain INS = 0x42
	// InsTokenRequest makes the request for a token's signature (phase 4).
	InsTokenRequest INS = 0x44
	// InsTokenPut takes the signed token (phase 4).
	InsTokenPut INS = 0x46
	// InsTokenClose closes a token and makes the signature that says so.
	InsTokenClose INS = 0x48
	// InsPutEpoch takes the CA's word for the current epoch.
	InsPutEpoch INS = 0x4A
	// InsTokenShow gives a token and its last statement, for a dispute.
	InsTokenShow INS = 0x4C
)

// Parameter bytes.
const (
	// P1SelectByAID is SELECT's P1 for a DF name.
	P1SelectByAID byte = 0x04
	// P1ARQC asks GENERATE AC for an ARQC (EMV 4.3 Book 3, table 12).
	P1ARQC byte = 0x80
	// P1TC asks GENERATE AC for a TC.
	P1TC byte = 0x40
	// P1AAC asks GENERATE AC for an AAC.
	P1AAC byte = 0x00
)
