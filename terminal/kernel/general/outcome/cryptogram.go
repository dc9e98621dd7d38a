package outcome

import (
	"tapbench/applet/emv"
	"tapbench/terminal/kernel/rules"
)

// Cryptogram is an answer to GENERATE AC.
type Cryptogram struct {
	CID byte
	ATC uint16
	AC  [8]byte
	IAD []byte
}

// Kind says which cryptogram it is: bits 8 and 7 of the cryptogram information data (EMV 4.3
// Book 3, 6.5.5.4).
func (c *Cryptogram) Kind() rules.Decision { return rules.Decision(c.CID & emv.CIDKind) }
