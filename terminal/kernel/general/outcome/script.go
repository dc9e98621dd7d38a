package outcome

import "tapbench/pcsc/apdu"

// Script is an issuer script as it was carried out (tag 9F5B: EMV 4.3 Book 4, 6.3.9 and annex A5).
type Script struct {
	Before   bool    // the final GENERATE AC: template 71
	ID       [4]byte // 9F18; zeros: none
	Commands int     // in the script
	Done     int     // carried out without an error
	SW       apdu.SW // of the last one
	// Malformed says that it couldn't be read, or that it was longer than the terminal takes, so that
	// no command was sent.
	Malformed bool
}

// Failed says that not all of the script was carried out.
func (s Script) Failed() bool { return s.Malformed || s.Done < s.Commands }

// Results is the issuer script results' part about this script: tag 9F5B, 5 bytes. The high digit
// is 0 not performed, 1 failed, 2 successful, the low one the number of the command that failed, F
// for 15 and above.
func (s Script) Results() [5]byte {
	const performed, failed, last = 0x20, 0x10, 0x0F
	out := [5]byte{performed, s.ID[0], s.ID[1], s.ID[2], s.ID[3]}
	switch {
	case s.Malformed:
		out[0] = 0
	case s.Failed():
		out[0] = failed | byte(min(s.Done+1, last))
	}
	return out
}
