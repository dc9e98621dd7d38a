package wire

import "strings"

// Algorithm is a set of algorithms that an element's platform has, as its capability says.
type Algorithm uint16

// The algorithms, of P-256, SHA-256 and AES-128 where that matters.
const (
	// AlgorithmECDSA: signs and verifies. Without it, or AlgorithmAES, nothing can be personalised.
	AlgorithmECDSA Algorithm = 0x0001
	// AlgorithmECDH: agrees on keys, and refuses points off the curve. Without it no account opens.
	AlgorithmECDH Algorithm = 0x0002
	// AlgorithmAES: enciphers blocks and chains of them, without padding.
	AlgorithmAES Algorithm = 0x0004
	// AlgorithmCMAC: the platform has AES-CMAC. The element makes its own.
	AlgorithmCMAC Algorithm = 0x0008
)

// Algorithms are all that a capability can name.
func Algorithms() Algorithm {
	return AlgorithmECDSA | AlgorithmECDH | AlgorithmAES | AlgorithmCMAC
}

// String names the algorithms of a set, and what isn't known of it.
func (a Algorithm) String() string {
	var names []string
	for _, known := range []struct {
		algorithm Algorithm
		name      string
	}{
		{AlgorithmECDSA, "ECDSA P-256 with SHA-256"},
		{AlgorithmECDH, "ECDH P-256 that refuses points off the curve"},
		{AlgorithmAES, "AES-128 in CBC and ECB mode"},
		{AlgorithmCMAC, "AES-CMAC"},
	} {
		if a&known.algorithm != 0 {
			names = append(names, known.name)
		}
	}
	if a&^Algorithms() != 0 {
		names = append(names, "others")
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}
