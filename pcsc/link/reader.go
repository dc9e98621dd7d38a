package link

import "time"

// Level is how much of a command's transport a reader does itself (USB CCID Rev 1.1, 5.1,
// dwFeatures).
type Level byte

// The levels of exchange.
const (
	// LevelTPDU: the driver speaks T=0 or T=1, the reader carries blocks. Extended APDUs need T=1:
	// over T=0 the driver takes 5 bytes and 256 of data (libccid, CmdXfrBlockTPDU_T0).
	LevelTPDU Level = iota + 1
	// LevelShortAPDU: the reader takes short APDUs whole, and no others.
	LevelShortAPDU
	// LevelExtendedAPDU: the reader takes every APDU, in parts where its messages are shorter.
	LevelExtendedAPDU
)

// String returns "TPDU", "short APDU" or "short and extended APDU".
func (l Level) String() string {
	switch l {
	case LevelTPDU:
		return "TPDU"
	case LevelShortAPDU:
		return "short APDU"
	case LevelExtendedAPDU:
		return "short and extended APDU"
	default:
		return "unknown"
	}
}

// Reader is a model of a reader: what it carries, in which pieces, and how long that takes. Limits
// are from its CCID class descriptor as libccid's readers folder publishes it, file Source. Zero is
// "no limit".
type Reader struct {
	Name   string // as --reader-model names it
	Title  string // as pcscd names it, its interface in brackets, without serial number and slot
	Source string // the descriptor's file, or where else the figures come from

	Contactless bool
	T0, T1      bool // the protocols that it offers
	Level       Level
	// Message is the longest CCID message in bytes, its header of 10 among them
	// (dwMaxCCIDMessageLength); IFSD is the longest block over T=1 (dwMaxIFSD).
	Message, IFSD int
	// Frame is the longest frame on the contactless link in bytes, both ways (FSD).
	Frame int
	// Rates are the bit rates of the contactless link in kbit/s, the one in use last.
	Rates []int
	// Clock is the card's clock over contacts in kHz (dwDefaultClock), of which a bit takes 372
	// periods before, and 12 after a negotiation to TA1 = 97.
	Clock int
	// FullATS: FF CA 01 00 00 answers the whole answer to select, where PC/SC wants its historical
	// bytes.
	FullATS bool
	// Firmware is what FF 00 48 00 00 answers, and no status word behind it. A reader that has one has
	// the other commands of class FF and instruction 00, too; of them LEDs and buzzer are modelled.
	Firmware string
	// NoWTX: a card that asks for more time is dropped when its waiting time is over.
	NoWTX bool
	// Turn is the pause between two frames; Exchange is what reader, driver and host add to each
	// APDU. Both are estimates, and Estimated says from what.
	Turn, Exchange time.Duration
	Estimated      []string
}

// ccidHeader is a CCID message's header's length, in bytes (USB CCID Rev 1.1, 6.1.4).
const ccidHeader = 10

// Ideal is the model that limits nothing and takes no time.
const Ideal = "ideal"

// Readers returns the models, the ideal one first.
func Readers() []Reader {
	const (
		libccid = "libccid readers/"
		usb     = "time of an exchange: two USB round trips of 1 ms and the reader's own work"
		fsd     = "FSD: code 8 of ISO/IEC 14443-4:2016, table 1"
		rate    = "424 kbit/s: the highest that is modelled; the reader may agree on 848"
	)
	return []Reader{{
		Name: Ideal, Title: "Ideal", Source: "nothing is limited, nothing takes time",
		T0: true, T1: true, Level: LevelExtendedAPDU,
	}, {
		Name: "acr122u", Title: "ACS ACR122U PICC Interface",
		Source: libccid + "ACR122U_PICC.txt; pseudo-APDUs: its API, V2.04, 4.1 and 6; " +
			"firmware: nfcpy, issue 105; no more time: OpenSC, issue 1647",
		Contactless: true, T1: true, Level: LevelShortAPDU, Message: 271, IFSD: 256, Frame: 64,
		Rates: []int{106}, NoWTX: true, FullATS: true, Firmware: "ACR122U215",
		Turn: 300 * time.Microsecond, Exchange: 8 * time.Millisecond,
		Estimated: []string{
			"FSD: 64 bytes, code 5 in the RATS that its PN532 sends (E0 50)",
			"106 kbit/s: its PN532 can 424, and changes when it is told to alone",
			"time of an exchange: at least the ACR1252U's",
		},
	}, {
		Name: "acr1252u", Title: "ACS ACR1252 Reader [ACR1252 Reader PICC]",
		Source: libccid + "ACS_ACR1252_Reader.txt; answer to select: as in the manuals of its " +
			"makers, such as ACR1255U-J1, V1.01, 6.3.1",
		Contactless: true, T1: true, Level: LevelExtendedAPDU, Message: 522, IFSD: 254, Frame: 256,
		Rates: []int{106, 212, 424}, FullATS: true, Turn: 100 * time.Microsecond,
		Exchange: 8 * time.Millisecond,
		Estimated: []string{
			fsd, rate, "time of an exchange: users report 9 to 18 ms for a short APDU, less the link's part",
		},
	}, {
		Name: "utrust3700f", Title: "Identiv uTrust 3700 F CL Reader [uTrust 3700 F CL Reader]",
		Source:      libccid + "Identiv_uTrust_3700_F_CL_Reader.txt",
		Contactless: true, T0: true, T1: true, Level: LevelExtendedAPDU, Message: 1034, IFSD: 1024,
		Frame: 256, Rates: []int{106, 212, 424}, Turn: 100 * time.Microsecond,
		Exchange: 3 * time.Millisecond, Estimated: []string{fsd, rate, usb},
	}, {
		Name:        "omnikey5422",
		Title:       "HID Global OMNIKEY 5422 Smartcard Reader [OMNIKEY 5422CL Smartcard Reader]",
		Source:      libccid + "HID_OMNIKEY_5422.txt, interface 0",
		Contactless: true, T0: true, T1: true, Level: LevelExtendedAPDU, Message: 520, IFSD: 254,
		Frame: 256, Rates: []int{106, 212, 424}, Turn: 100 * time.Microsecond,
		Exchange: 3 * time.Millisecond, Estimated: []string{fsd, rate, usb},
	}, {
		Name: "gempctwin", Title: "Gemalto PC Twin Reader", Source: libccid + "GemPCTwin.txt",
		T0: true, T1: true, Level: LevelTPDU, Message: 271, IFSD: 254, Clock: 4000,
		Exchange: 2 * time.Millisecond, Estimated: []string{usb},
	}}
}

// ReaderNamed returns the model of a name, or false.
func ReaderNamed(name string) (Reader, bool) {
	for _, r := range Readers() {
		if r.Name == name {
			return r, true
		}
	}
	return Reader{}, false
}

// ReaderNames returns the names of all models.
func ReaderNames() []string {
	var names []string
	for _, r := range Readers() {
		names = append(names, r.Name)
	}
	return names
}
