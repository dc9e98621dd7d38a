package logs

// hexBytes reads pairs of hexadecimal digits, with any number of spaces or colons between them. It
// returns where what is wrong stands, counted from 0, and what that is.
func hexBytes(text []byte) (b []byte, at int, fault string) {
	b = make([]byte, 0, len(text)/2)
	for at = 0; at < len(text); {
		if c := text[at]; c == ' ' || c == ':' {
			at++
			continue
		}
		high := digit(text[at])
		if high < 0 {
			return nil, at, "hexadecimal digit expected"
		}
		if at+1 == len(text) || digit(text[at+1]) < 0 {
			return nil, at + 1, "second hexadecimal digit of a byte expected"
		}
		b = append(b, byte((high<<4|digit(text[at+1]))&0xFF))
		at += 2
	}
	return b, 0, ""
}

// digit returns the value of a hexadecimal digit, or -1.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	default:
		return -1
	}
}

// decimal reads the decimal number that b begins with, of at most nine digits, and returns how many
// it has.
func decimal(b []byte) (value, digits int) {
	for digits < len(b) && digits < 9 && b[digits] >= '0' && b[digits] <= '9' {
		value = value*10 + int(b[digits]-'0')
		digits++
	}
	return value, digits
}
