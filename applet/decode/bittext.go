package decode

// The tables of bits. An index counts from 0, the highest bit of the first byte.

func aipText(i int) string {
	if i >= 16 {
		return ""
	}
	return [16]string{
		1: "SDA supported", 2: "DDA supported", 3: "cardholder verification is supported",
		4: "terminal risk management is to be performed", 5: "issuer authentication is supported",
		6: "on device cardholder verification is supported", 7: "CDA supported",
		8: "EMV mode is supported", 9: "mobile phone", 15: "relay resistance protocol is supported",
	}[i]
}

func usageText(i int) string {
	if i >= 16 {
		return ""
	}
	return [16]string{
		0: "valid for domestic cash transactions", 1: "valid for international cash transactions",
		2: "valid for domestic goods", 3: "valid for international goods",
		4: "valid for domestic services", 5: "valid for international services",
		6: "valid at ATMs", 7: "valid at terminals other than ATMs",
		8: "domestic cashback allowed", 9: "international cashback allowed",
	}[i]
}

func tvrText(i int) string {
	if i >= 40 {
		return ""
	}
	return [40]string{
		0: "offline data authentication was not performed", 1: "SDA failed", 2: "ICC data missing",
		3: "card appears on terminal exception file", 4: "DDA failed", 5: "CDA failed",
		6: "SDA selected",

		8: "ICC and terminal have different application versions", 9: "expired application",
		10: "application not yet effective",
		11: "requested service not allowed for card product", 12: "new card",

		16: "cardholder verification was not successful", 17: "unrecognised CVM",
		18: "PIN try limit exceeded",
		19: "PIN entry required and PIN pad not present or not working",
		20: "PIN entry required, PIN pad present, but PIN was not entered",
		21: "online PIN entered",

		24: "transaction exceeds floor limit", 25: "lower consecutive offline limit exceeded",
		26: "upper consecutive offline limit exceeded",
		27: "transaction selected randomly for online processing",
		28: "merchant forced transaction online",

		32: "default TDOL used", 33: "issuer authentication failed",
		34: "script processing failed before final GENERATE AC",
		35: "script processing failed after final GENERATE AC",
		36: "relay resistance threshold exceeded", 37: "relay resistance time limits exceeded",
		38: "relay resistance was performed", 39: "relay resistance was not performed",
	}[i]
}

func tsiText(i int) string {
	if i >= 16 {
		return ""
	}
	return [16]string{
		"offline data authentication was performed", "cardholder verification was performed",
		"card risk management was performed", "issuer authentication was performed",
		"terminal risk management was performed", "script processing was performed",
	}[i]
}

func capabilityText(i int) string {
	if i >= 24 {
		return ""
	}
	return [24]string{
		0: "manual key entry", 1: "magnetic stripe", 2: "IC with contacts",

		8: "plaintext PIN for ICC verification", 9: "enciphered PIN for online verification",
		10: "signature", 11: "enciphered PIN for offline verification", 12: "no CVM required",

		16: "SDA", 17: "DDA", 18: "card capture", 20: "CDA",
	}[i]
}

func additionalCapabilityText(i int) string {
	if i >= 40 {
		return ""
	}
	return [40]string{
		0: "cash", 1: "goods", 2: "services", 3: "cashback", 4: "inquiry", 5: "transfer",
		6: "payment", 7: "administrative", 8: "cash deposit",

		16: "numeric keys", 17: "alphabetic and special characters keys", 18: "command keys",
		19: "function keys",

		24: "print, attendant", 25: "print, cardholder", 26: "display, attendant",
		27: "display, cardholder", 30: "code table 10", 31: "code table 9",

		32: "code table 8", 33: "code table 7", 34: "code table 6", 35: "code table 5",
		36: "code table 4", 37: "code table 3", 38: "code table 2", 39: "code table 1",
	}[i]
}

func ttqText(i int) string {
	if i >= 32 {
		return ""
	}
	return [32]string{
		0: "mag-stripe mode supported", 2: "EMV mode supported",
		3: "EMV contact chip supported", 4: "offline-only reader", 5: "online PIN supported",
		6: "signature supported",
		7: "offline data authentication for online authorisations supported",

		8: "online cryptogram required", 9: "CVM required",
		10: "offline PIN supported on contact chip",

		16: "issuer update processing supported", 17: "consumer device CVM supported",
	}[i]
}

func ctqText(i int) string {
	if i >= 16 {
		return ""
	}
	return [16]string{
		0: "online PIN required", 1: "signature required",
		2: "go online if offline data authentication fails",
		3: "switch interface if offline data authentication fails",
		4: "go online if application expired", 5: "switch interface for cash transactions",
		6: "switch interface for cashback transactions",

		8: "consumer device CVM performed", 9: "card supports issuer update processing",
	}[i]
}
