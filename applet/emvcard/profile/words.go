package profile

// Word is one of the words that a field takes.
type Word struct {
	Name string
	// Code is what stands on the card: a bit of two bytes for aip and usage, a byte for method and
	// condition, 0 otherwise.
	Code uint16
	// Text says what it means.
	Text string
}

// Words returns a vocabulary's words, in the order of their codes, or nil for a name that is none:
// format, kind, protocol, directory, scheme, authentication, aip, usage, method, condition.
func Words(vocabulary string) []Word {
	switch vocabulary {
	case "format":
		return []Word{{Format, 0, "this format"}}
	case "kind":
		return []Word{
			{Anonymous, 0, "the protocol's own card"},
			{EMV, 0, "a card as EMV 4.3 has it"},
		}
	case "protocol":
		return []Word{{T0, 0, "characters"}, {T1, 0, "blocks"}}
	case "directory":
		return []Word{
			{PSE, 0, "1PAY.SYS.DDF01, of contact cards"},
			{PPSE, 0, "2PAY.SYS.DDF01, of contactless ones"},
		}
	case "scheme":
		return []Word{
			{"cvn10", 0, "triple DES by the master key, cryptogram version 10"},
			{"cvn18", 0, "triple DES by the common session key, cryptogram version 18"},
			{"ccd", 0, "the common core definitions' format A with AES"},
			{"ccd-3des", 0, "the same with triple DES, cryptogram version 5"},
		}
	case "authentication":
		return []Word{
			{SDA, 0, "static data, signed by the issuer"},
			{DDA, 0, "INTERNAL AUTHENTICATE"},
			{CDA, 0, "a signature within GENERATE AC"},
			{FastDDA, 0, "a signature within GET PROCESSING OPTIONS"},
		}
	case "aip":
		return aipWords()
	case "usage":
		return usageWords()
	case "method":
		return methodWords()
	case "condition":
		return conditionWords()
	}
	return nil
}

// The words of protocol, directory and authentication.
const (
	T0      = "T=0"
	T1      = "T=1"
	PSE     = "pse"
	PPSE    = "ppse"
	SDA     = "sda"
	DDA     = "dda"
	CDA     = "cda"
	FastDDA = "fdda"

	offlinePlain        = "plaintext-pin"
	offlinePlainSigned  = "plaintext-pin-and-signature"
	offlineSealed       = "enciphered-pin"
	offlineSealedSigned = "enciphered-pin-and-signature"
)

// aipWords are the bits that nothing else in a profile sets.
func aipWords() []Word {
	return []Word{
		{"cardholder-verification", 0x1000, "cardholder verification is supported"},
		{"terminal-risk-management", 0x0800, "terminal risk management is to be performed"},
		{"issuer-authentication", 0x0400, "EXTERNAL AUTHENTICATE is supported"},
		{"on-device-verification", 0x0200, "the device verifies its holder"},
	}
}

func usageWords() []Word {
	return []Word{
		{"domestic-cash", 0x8000, "cash at home"},
		{"international-cash", 0x4000, "cash abroad"},
		{"domestic-goods", 0x2000, "goods at home"},
		{"international-goods", 0x1000, "goods abroad"},
		{"domestic-services", 0x0800, "services at home"},
		{"international-services", 0x0400, "services abroad"},
		{"atm", 0x0200, "at ATMs"},
		{"other-than-atm", 0x0100, "at terminals other than ATMs"},
		{"domestic-cashback", 0x0080, "cashback at home"},
		{"international-cashback", 0x0040, "cashback abroad"},
	}
}

func methodWords() []Word {
	return []Word{
		{"fail", 0x00, "verification fails"},
		{offlinePlain, 0x01, "the card compares a PIN that it gets in clear"},
		{"online-pin", 0x02, "the issuer compares an enciphered PIN"},
		{offlinePlainSigned, 0x03, "plaintext-pin, and a signature on paper"},
		{offlineSealed, 0x04, "the card compares a PIN that was enciphered for it"},
		{offlineSealedSigned, 0x05, "enciphered-pin, and a signature on paper"},
		{"signature", 0x1E, "a signature on paper"},
		{"none", 0x1F, "no verification is required"},
	}
}

func conditionWords() []Word {
	return []Word{
		{"always", 0x00, "always"},
		{"unattended-cash", 0x01, "unattended cash"},
		{"no-cash", 0x02, "neither unattended cash nor manual cash nor a purchase with cashback"},
		{"supported", 0x03, "the terminal supports the method"},
		{"manual-cash", 0x04, "manual cash"},
		{"cashback", 0x05, "a purchase with cashback"},
		{"under-x", 0x06, "the application's currency, under amount X"},
		{"over-x", 0x07, "the application's currency, over amount X"},
		{"under-y", 0x08, "the application's currency, under amount Y"},
		{"over-y", 0x09, "the application's currency, over amount Y"},
	}
}

// Code returns a word's code. Of a profile that was read the word is there.
func Code(vocabulary, word string) uint16 {
	for _, w := range Words(vocabulary) {
		if w.Name == word {
			return w.Code
		}
	}
	return 0
}
