package wire_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// instructions are the commands of all applications, by class and name.
func instructions() map[string]map[string]wire.INS {
	return map[string]map[string]wire.INS{
		"00": {
			"SELECT": wire.InsSelect, "GET RESPONSE": wire.InsGetResponse,
			"GET CHALLENGE":         wire.InsGetChallenge,
			"EXTERNAL AUTHENTICATE": wire.InsExternalAuthenticate,
			"GET DATA":              wire.InsGetData, "READ RECORD": wire.InsReadRecord,
		},
		"80": {
			"GET PROCESSING OPTIONS": wire.InsGetProcessingOptions, "GENERATE AC": wire.InsGenerateAC,
			"GENERATE SE KEY": wire.InsGenerateSEKey, "PERSONALISE": wire.InsPersonalise,
			"CREATE USER": wire.InsCreateUser, "OPEN ACCOUNT": wire.InsOpenAccount,
			"BIND AK": wire.InsBindAK, "PUT REFERENCE": wire.InsPutReference,
			"LAUNCH": wire.InsLaunch, "AID REQUEST": wire.InsAIDRequest,
			"AID REPLY": wire.InsAIDReply, "AID KEYS": wire.InsAIDKeys, "AID GRANT": wire.InsAIDGrant,
			"AID CLOSE": wire.InsAIDClose, "TID CLOSE": wire.InsTIDClose,
			"TID REGISTER": wire.InsTIDRegister, "TID REPLY": wire.InsTIDReply,
			"BINFO": wire.InsBINFO, "TSMINFO": wire.InsTSMINFO, "TID STATUS": wire.InsTIDStatus,
			"PUT EPOCH KEY": wire.InsPutEpochKey, "CARD REQUEST": wire.InsCardRequest,
			"CARD PUT": wire.InsCardPut, "ARM": wire.InsArm, "DISARM": wire.InsDisarm,
			"TOKEN NEW": wire.InsTokenNew, "TOKEN CHAIN": wire.InsTokenChain,
			"TOKEN REQUEST": wire.InsTokenRequest, "TOKEN PUT": wire.InsTokenPut,
			"TOKEN CLOSE": wire.InsTokenClose, "PUT EPOCH": wire.InsPutEpoch,
			"TOKEN SHOW": wire.InsTokenShow, "PUT DATA": wire.InsPutData,
			"EXCHANGE RELAY RESISTANCE DATA": wire.InsExchangeRelay,
		},
		"80 offline": {"TICK": wire.InsTick},
	}
}

// TestInstructions: none is reserved, none is there twice, each is specified.
func TestInstructions(t *testing.T) {
	specification, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	for class, commands := range instructions() {
		seen := make(map[wire.INS]string)
		for name, ins := range commands {
			if high := ins >> 4; high == 6 || high == 9 {
				t.Errorf("%s: %02X is reserved (ISO/IEC 7816-3:2006, 10.3.2)", name, byte(ins))
			}
			if other, ok := seen[ins]; ok {
				t.Errorf("%s and %s share %s %02X", name, other, class, byte(ins))
			}
			seen[ins] = name
			if !strings.Contains(string(specification), name) {
				t.Errorf("%s isn't in PROTOCOL.md", name)
			}
		}
	}
}

// TestEveryInstructionIsListed reads the registry's source, so that a new instruction can't be
// forgotten here.
func TestEveryInstructionIsListed(t *testing.T) {
	source, err := os.ReadFile("command.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := len(regexp.MustCompile(`(?m)^\tIns\w+ INS = `).FindAll(source, -1))
	listed := 0
	for _, commands := range instructions() {
		listed += len(commands)
	}
	if declared == 0 || declared != listed {
		t.Errorf("%d instructions are declared, %d listed", declared, listed)
	}
}

// TestMessageTypes: no type is used twice.
func TestMessageTypes(t *testing.T) {
	source, err := os.ReadFile("messagetype.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]string)
	all := regexp.MustCompile(`(?m)^\t(\w+) MessageType = (0x\w\w)$`).FindAllSubmatch(source, -1)
	for _, match := range all {
		name, value := string(match[1]), string(match[2])
		if other, ok := seen[value]; ok {
			t.Errorf("%s and %s are both %s", name, other, value)
		}
		seen[value] = name
	}
	if len(all) < 30 {
		t.Errorf("found %d message types", len(all))
	}
}

func TestApplicationIDs(t *testing.T) {
	for _, id := range []wire.AID{
		wire.AIDPackage, wire.AIDManagement, wire.AIDPayment, wire.AIDOffline, wire.AIDPPSE,
	} {
		if len(id) < 5 || len(id) > 16 {
			t.Errorf("%q has %d bytes, not 5 to 16", id, len(id))
		}
	}
}

// TestStatusWords: each lies in a range of ISO/IEC 7816-4.
func TestStatusWords(t *testing.T) {
	for _, sw := range []apdu.SW{
		wire.SWNormal, wire.SWBytesRemaining, wire.SWClassNotSupported, wire.SWLastCommandExpected,
		wire.SWInstructionNotSupported, wire.SWIncorrectP1P2, wire.SWWrongLength,
		wire.SWSecurityStatusNotSatisfied, wire.SWConditionsNotSatisfied, wire.SWWrongData,
		wire.SWFileNotFound, wire.SWRecordNotFound, wire.SWReferenceNotFound, wire.SWUnknown,
	} {
		if high := sw.SW1() >> 4; high != 6 && sw != 0x9000 {
			t.Errorf("%s", sw)
		}
	}
}

// TestLengths: what must fit a short APDU does, and everything fits the card's buffer.
func TestLengths(t *testing.T) {
	personalise := wire.PartyIDLen + wire.PointLen + wire.CertificateLen + wire.KeyLen
	if personalise > wire.ShortDataLen {
		t.Errorf("PERSONALISE has %d bytes", personalise)
	}
	reference := wire.SoftwareLen + wire.HashLen + 1 + wire.SignatureLen
	if launch := wire.AttestLen + wire.SignatureLen; max(reference, launch) > wire.ShortDataLen {
		t.Errorf("PUT REFERENCE has %d bytes, LAUNCH %d", reference, launch)
	}
	const aidKeys = 737
	if aidKeys > wire.BufferLen {
		t.Errorf("AID KEYS answers %d bytes, the buffer has %d", aidKeys, wire.BufferLen)
	}
	if wire.CertificateLen > 160 {
		t.Errorf("a compact certificate has %d bytes, at most 160", wire.CertificateLen)
	}
}
