package outcome

// Answer is what the issuer said.
type Answer struct {
	ARC        [2]byte // 8A
	IssuerAuth []byte  // 91, 8 to 16 bytes; nil: none
	Scripts    []byte  // templates 71 and 72, one after the other
}
