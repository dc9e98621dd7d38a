package payout

import (
	"crypto/sha256"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
)

// Batch is a batch whose certificate, signature and hash are right.
type Batch struct {
	Merchant    [wire.MerchantLen]byte // as in every claim
	Party       message.PartyID        // with whom the TSM has an account
	Certificate message.Hash           // SHA-256 over the compact certificate
	Digest      message.Hash           // what the merchant has signed
	Sequence    uint32                 // the merchant's number of the batch; orders nothing here
	Claims      []Claim                // 1 to [api.MaxClaims], in their order
}

// Open reads a batch for one TSM under the CA's key, and checks all that isn't a single claim's.
// The certificate may have expired: what was taken under it stays payable. It returns
// [ErrMalformed], [ErrEmpty], [ErrTooMany], [ErrAddressee], [ErrMerchant], [ErrClaims],
// [ErrCertificate] or [ErrSignature].
func Open(q api.PayoutRequest, tsm message.PartyID, ca message.PublicKey) (Batch, error) {
	cert, err := message.ParseCertificate(q.Certificate)
	if err != nil {
		return Batch{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	m, err := message.Decode[message.Payout](wire.SigPayout, q.Payout)
	if err != nil {
		return Batch{}, fmt.Errorf("%w: payout: %w", ErrMalformed, err)
	}
	if err := checkOutside(m, cert, q.Claims, tsm); err != nil {
		return Batch{}, err
	}
	if err := cert.Check(wire.CertMerchant, ca, 0); err != nil { // expired or not
		return Batch{}, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	if err := message.Verify(cert.Key, m.Digest(), m.Signature); err != nil {
		return Batch{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	b := Batch{
		Merchant: m.Merchant, Party: message.PartyID(m.Merchant[:wire.PartyIDLen]),
		Certificate: m.Certificate, Digest: m.Digest(), Sequence: m.Sequence,
	}
	b.Claims, err = parseClaims(q.Claims, int(m.Count))
	return b, err
}

// checkOutside makes the checks that need no key.
func checkOutside(
	m message.Payout, cert message.Certificate, claims []byte, tsm message.PartyID,
) error {
	switch {
	case m.Count == 0:
		return ErrEmpty
	case m.Count > api.MaxClaims:
		return fmt.Errorf("%w: %d, at most %d", ErrTooMany, m.Count, api.MaxClaims)
	case m.TSM != tsm:
		return fmt.Errorf("%w: %s", ErrAddressee, m.TSM)
	case cert.Subject != message.MerchantSubject(m.Merchant) || cert.Sum() != m.Certificate:
		return fmt.Errorf("%w: certificate of %s", ErrMerchant, cert.Subject)
	case sha256.Sum256(claims) != m.Claims:
		return ErrClaims
	default:
		return nil
	}
}

// parseClaims reads so many claims, and nothing behind them.
func parseClaims(raw []byte, count int) ([]Claim, error) {
	claims := make([]Claim, 0, count) // bounded by the caller
	for i := range count {
		c, rest, err := parseClaim(raw)
		if err != nil {
			return nil, fmt.Errorf("%w: claim %d of %d: %w", ErrMalformed, i+1, count, err)
		}
		claims = append(claims, c)
		raw = rest
	}
	if len(raw) > 0 {
		return nil, fmt.Errorf("%w: %d bytes behind %d claims", ErrMalformed, len(raw), count)
	}
	return claims, nil
}
