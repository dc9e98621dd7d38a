package gsmtap

// Dissects reports whether Wireshark finds all bytes of a payload that it looks for. Its SIM
// dissector (packet-gsm_sim.c, up to 4.0) takes an ATR for a command, and P3 for the length of what
// follows, whatever the card answered: READ RECORD with P3 = 08 and the answer 6A 83 is malformed
// to it, and so is INTERNAL AUTHENTICATE, which it takes for RUN GSM ALGORITHM, with less than 28
// bytes. FETCH, TERMINAL RESPONSE and ENVELOPE carry card toolkit data, which it reads to the end
// and calls malformed where it is.
func Dissects(payload []byte) bool {
	if len(payload) < 5 {
		return len(payload) == 4
	}
	ins, p1, p2, p3 := payload[1], payload[2], payload[3], int(payload[4])
	rest := len(payload) - 5
	switch ins {
	case 0xA4: // SELECT
		return dissectsSelect(p1, p3, rest)
	case 0x10, 0x14, 0x78, 0xB0, 0xB2, 0xC0, 0xC2, 0xCA, 0xD6, 0xDC:
		return p3 <= rest
	case 0x12: // FETCH
		if p3 == 0 {
			p3 = 256
		}
		return p3 <= rest
	case 0x88: // RUN GSM ALGORITHM: RAND, SRES and Kc
		return rest >= 16+4+8
	case 0xA2: // SEARCH RECORD
		if p2&0xF0 == 0x20 {
			p3++
		}
		return p3 <= rest
	default:
		return true
	}
}

func dissectsSelect(p1 byte, p3, rest int) bool {
	switch {
	case p3 < 2 || p1 == 0x03:
		return true
	case p1 == 0x04:
		return p3 <= rest
	case p1 == 0x08 || p1 == 0x09:
		return p3+p3%2 <= rest
	default: // it reads a number, of two bytes
		return p3 == 2 && p3 <= rest
	}
}
