package emv

import (
	"encoding/binary"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// MerchantAuthLen is the length of EXTERNAL AUTHENTICATE's data in both payment applications.
const MerchantAuthLen = 4 + wire.CertificateLen + wire.SignatureLen

// MerchantAuth is how a merchant shows a card who it is, before the card shows anything: the answer
// to the challenge in [ProcessingOptions].
type MerchantAuth struct {
	Time        uint32 // the terminal's, seconds since 1970 UTC; offline: that of the PDOL data
	Certificate message.Certificate
	Signature   message.Signature // by the certified key, over message.MerchantAuth
}

// Encode returns time [4] || certificate [158] || signature [64].
func (a MerchantAuth) Encode() []byte {
	out := binary.BigEndian.AppendUint32(make([]byte, 0, MerchantAuthLen), a.Time)
	out = append(out, a.Certificate.Encode()...)
	return append(out, a.Signature[:]...)
}

// ParseMerchantAuth reads 226 bytes. Another length is [ErrData]; neither certificate nor signature
// are verified.
func ParseMerchantAuth(b []byte) (MerchantAuth, error) {
	if len(b) != MerchantAuthLen {
		return MerchantAuth{}, fmt.Errorf("%w: merchant authentication of %d bytes instead of %d",
			ErrData, len(b), MerchantAuthLen)
	}
	certificate, err := message.ParseCertificate(b[4 : 4+wire.CertificateLen])
	if err != nil {
		return MerchantAuth{}, fmt.Errorf("%w: %w", ErrData, err)
	}
	return MerchantAuth{
		Time: binary.BigEndian.Uint32(b), Certificate: certificate,
		Signature: message.Signature(b[4+wire.CertificateLen:]),
	}, nil
}
