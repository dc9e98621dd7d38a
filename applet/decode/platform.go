package decode

import (
	"strings"

	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// platformTagName names GlobalPlatform's data elements (Card Specification 2.3.1, 11.4 and
// annex H).
func platformTagName(tag tlv.Tag) string {
	switch tag {
	case 0xE0:
		return "key information template"
	case 0xE3:
		return "registry entry"
	case 0x4F:
		return "application identifier"
	case 0x9F70:
		return "life cycle state"
	case 0x9F6E:
		return "application production life cycle data"
	case 0x9F65:
		return "maximum length of command data"
	default:
		return registryTagName(tag)
	}
}

// registryTagName names C0 to CF.
func registryTagName(tag tlv.Tag) string {
	if tag&^0x0F != 0xC0 {
		return ""
	}
	return [0x10]string{
		0x0: "key information",
		0x1: "sequence counter of the default key version",
		0x2: "confirmation counter",
		0x4: "executable load file AID",
		0x5: "privileges",
		0xC: "associated security domain AID",
		0xE: "executable load file version number",
		0xF: "implicit selection parameter",
	}[tag&0x0F]
}

// platformTrait returns what is known of GlobalPlatform's data elements.
func platformTrait(tag tlv.Tag) trait {
	switch tag {
	case 0x06, 0x4F, 0x50, 0x84, 0x9F70, 0xC0, 0xC4, 0xC5, 0xCC, 0xCE, 0xCF:
		return trait{Binary, Constant, Clear}
	case 0x9F65:
		return trait{Integer, Constant, Clear}
	case 0xC1, 0xC2:
		return trait{Integer, Counter, Clear}
	default:
		return trait{}
	}
}

// Lengths of a secure channel's beginning (GlobalPlatform Amendment D 1.1.1, 7.1.1; Card
// Specification 2.3.1, E.5.1).
const (
	hostChallengeLen   = 8
	diversificationLen = 10
	keyInformationSCP3 = 3
	keyInformationSCP2 = 2
	cardChallengeSCP3  = 8
	cardChallengeSCP2  = 6
	cardCryptogramLen  = 8
	sequenceCounterSC3 = 3
	sequenceCounterSC2 = 2
)

// secureChannel reads the answer that opens a secure channel: 28 bytes of SCP02, 29 of SCP03, 32
// with a sequence counter. What diversifies keys names the chip.
func (r *reading) secureChannel() {
	mark := len(r.fields)
	r.take("key diversification data", diversificationLen, trait{})
	public, challenge := r.allowed(Constant), r.allowed(Challenge)
	counter, cryptogram := r.allowed(Counter), r.allowed(Cryptogram)
	if len(r.whole) == diversificationLen+keyInformationSCP2+sequenceCounterSC2+cardChallengeSCP2+
		cardCryptogramLen {
		r.take("key information", keyInformationSCP2, public)
		r.take("sequence counter", sequenceCounterSC2, counter)
		r.take("card challenge", cardChallengeSCP2, challenge)
		r.take("card cryptogram", cardCryptogramLen, cryptogram)
		return
	}
	r.take("key information", keyInformationSCP3, public)
	r.take("card challenge", cardChallengeSCP3, challenge)
	r.take("card cryptogram", cardCryptogramLen, cryptogram)
	if r.next < len(r.whole) {
		r.take("sequence counter", sequenceCounterSC3, counter)
	}
	r.closed(mark)
}

// installing reads INSTALL's data: parts with a length of one byte each (Card Specification 2.3.1,
// 11.5.2.3). Parameters and tokens aren't on the list of what may be kept.
func (r *reading) installing(c apdu.Command) {
	mark := len(r.fields)
	parts := []string{
		"executable load file AID", "executable module AID", "application AID",
		"privileges", "install parameters", "install token",
	}
	if c.P1&0x0E == 0x02 { // for load
		parts = []string{
			"executable load file AID", "security domain AID",
			"load file data block hash", "load parameters", "load token",
		}
	}
	for _, name := range parts {
		if r.next >= len(r.whole) {
			break
		}
		n := int(r.whole[r.next])
		r.take("length", 1, trait{Integer, Constant, Clear})
		t := trait{}
		if strings.HasSuffix(name, "AID") || name == "privileges" {
			t = r.allowed(Constant)
		}
		r.take(name, n, t)
	}
	r.closed(mark)
}

// confirmation reads the answer to INSTALL, DELETE and SET STATUS: a length, and that many bytes
// that name the card in a receipt (Card Specification 2.3.1, 11.1.6).
func (r *reading) confirmation() {
	mark := len(r.fields)
	r.take("length of the confirmation", 1, trait{Integer, Constant, Clear})
	r.rest("confirmation", trait{})
	if r.whole[0] != byte(len(r.whole)-1) {
		r.next = -1
	}
	r.closed(mark)
}
