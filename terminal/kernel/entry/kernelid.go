package entry

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
)

// KernelID is the kernel that a contactless directory's entry asks for: tag 9F2A without its bytes
// 4 to 8 (EMV Contactless Book B 2.6, 3.3.2.5). An international kernel is one byte, and zeros; a
// domestic one is three.
type KernelID [3]byte

// What 9F2A may be.
const (
	domestic    = 0x80 // bits 8 and 7 of byte 1: 10 and 11
	shortKernel = 0x3F // its bits 6 to 1: 0 is left to nobody
	maxKernelID = 8
)

// String returns an international kernel's two digits, a domestic one's six.
func (k KernelID) String() string {
	if k[0]&domestic == 0 {
		return fmt.Sprintf("%02X", k[0])
	}
	return fmt.Sprintf("%X", k[:])
}

// ParseKernelID reads what [KernelID.String] writes.
func ParseKernelID(text string) (KernelID, error) {
	raw, err := hex.DecodeString(text)
	var k KernelID
	if err != nil || copy(k[:], raw) != len(raw) || !strings.EqualFold(k.String(), text) || k[0] == 0 {
		return k, fmt.Errorf("%.8q is no kernel: two digits, or six from 80 on", text)
	}
	return k, nil
}

// directed takes what an entry of a contactless directory says of the kernel and of the name that
// is selected; an error: the entry names no kernel that Book B has.
func (c *Candidate) directed(objects []byte) error {
	value, _, _ := tlv.Lookup(objects, emv.TagKernelID) // they were checked
	extended, _, _ := tlv.Lookup(objects, emv.TagExtendedSelection)
	c.Extended = extended
	switch {
	case len(value) > maxKernelID:
		return fmt.Errorf("%w: 9F2A has %d bytes, want at most %d", ErrData, len(value), maxKernelID)
	case len(value) == 0, value[0] == 0:
		c.KernelID = defaultKernel(c.AID)
	case value[0]&domestic == 0:
		c.KernelID = KernelID{value[0]}
	case len(value) < len(c.KernelID), value[0]&shortKernel == 0:
		return fmt.Errorf("%w: 9F2A is % X", ErrData, value)
	default:
		c.KernelID = KernelID(value)
	}
	return nil
}

// defaultKernel is that of a payment system that says nothing (Book B 2.6, 3.3.2.5 and table 3-6).
func defaultKernel(name []byte) KernelID {
	switch [5]byte(name) {
	case [5]byte{0xA0, 0, 0, 0, 0x04}:
		return KernelID{2}
	case [5]byte{0xA0, 0, 0, 0, 0x03}:
		return KernelID{3}
	case [5]byte{0xA0, 0, 0, 0, 0x25}:
		return KernelID{4}
	case [5]byte{0xA0, 0, 0, 0, 0x65}:
		return KernelID{5}
	case [5]byte{0xA0, 0, 0, 0x01, 0x52}, [5]byte{0xA0, 0, 0, 0x03, 0x24}:
		return KernelID{6}
	case [5]byte{0xA0, 0, 0, 0x03, 0x33}:
		return KernelID{7}
	default:
		return KernelID{}
	}
}

// serves says whether the terminal has the kernel that a directory's entry asks for.
func (a Application) serves(c Candidate) bool {
	return len(a.Kernels) == 0 || c.KernelID == (KernelID{}) ||
		slices.Contains(a.Kernels, c.KernelID)
}

// selects is the name that the final SELECT has: where the terminal's application wants it, what
// 9F29 says follows the directory's name (Book B 2.6, 3.3.3).
func (c Candidate) selects() []byte {
	if len(c.AID)+len(c.Extended) > maxAID {
		return c.AID
	}
	return append(c.AID[:len(c.AID):len(c.AID)], c.Extended...)
}
