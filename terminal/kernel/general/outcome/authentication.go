package outcome

import "tapbench/applet/emv/oda"

// Method is a kind of offline data authentication.
type Method byte

// The methods, in the order of preference (EMV 4.3 Book 3, 10.3).
const (
	NoMethod Method = iota
	SDA
	DDA
	CDA
	FastDDA
)

// Authentication is what came of the offline data authentication.
type Authentication struct {
	Method  Method
	Err     error // nil: it succeeded; an *oda.Error or a reason why it couldn't be done
	CAIndex byte
	CAKey   *oda.CAKey // nil: the terminal doesn't know it
	Issuer  *oda.IssuerCertificate
	Card    *oda.CardCertificate
}
