package compare

import "tapbench/applet/decode"

// variation says why a value varies.
func variation(v decode.Variation) string {
	switch v {
	case decode.Challenge:
		return "challenge"
	case decode.Counter:
		return "counter"
	case decode.Cryptogram:
		return "cryptogram"
	case decode.Signature:
		return "signature"
	case decode.Ciphertext:
		return "ciphertext"
	case decode.FreshKey:
		return "fresh key"
	case decode.FreshIdentity:
		return "fresh identity"
	case decode.DateTime:
		return "date or time"
	case decode.ProtocolStatus:
		return "state of the card"
	case decode.Constant:
		return ""
	default:
		return ""
	}
}
