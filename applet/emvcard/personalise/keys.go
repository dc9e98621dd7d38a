package personalise

import (
	"fmt"
	"io"
	"time"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/profile"
)

// identifierDigits is how many digits of the account number the issuer's certificate names.
const (
	identifierDigits = 6
	identifierLen    = 8  // digits, filled up with F
	certifiedPAN     = 20 // digits, filled up with F
)

// authenticate draws the keys and has them certified: CA, issuer, card (EMV 4.3 Book 2, 5 and 6).
// The signed records must have their values by now, since the card's certificate covers them.
func (m *maker) authenticate() error {
	if m.p.IssuerKey == nil {
		return nil
	}
	issuer, err := m.issuer()
	if err != nil {
		return err
	}
	if k := m.p.PIN; k != nil && k.Key != nil {
		key, err := m.draw("pin.key", *k.Key)
		if err != nil {
			return err
		}
		cert, err := m.certify(issuer, "pin.key", key.Public(), nil)
		if err != nil {
			return err
		}
		m.app.PINKey = key
		m.values[0x9F2D], m.values[0x9F2E], m.values[0x9F2F] = cert.Block, cert.Exponent, cert.Remainder
	}
	static, err := m.static()
	if err != nil {
		return err
	}
	if m.p.Has(profile.SDA) {
		var code oda.AuthCode
		if err := m.random(code[:]); err != nil {
			return err
		}
		m.values[0x93] = oda.SignStatic(issuer, code, static)
	}
	if m.p.CardKey == nil {
		return nil
	}
	public, err := m.cardKey()
	if err != nil {
		return err
	}
	cert, err := m.certify(issuer, "card_key", public, static)
	m.values[0x9F46], m.values[0x9F47], m.values[0x9F48] = cert.Block, cert.Exponent, cert.Remainder
	return err
}

// cardKey draws the card's key, or has the card make it.
func (m *maker) cardKey() (oda.PublicKey, error) {
	how := *m.p.CardKey
	if m.cfg.CardKey != nil {
		public, err := m.cfg.CardKey(m.path+".card_key", int(how.Bits/8), int(how.Exponent))
		if err != nil {
			return oda.PublicKey{}, fmt.Errorf("having the card make %s.card_key: %w", m.path, err)
		}
		return public, nil
	}
	key, err := m.draw("card_key", how)
	if err != nil {
		return oda.PublicKey{}, err
	}
	m.app.ODA = key
	return key.Public(), nil
}

// issuer draws the issuer's key and has the CA certify it.
func (m *maker) issuer() (*oda.PrivateKey, error) {
	if m.cfg.Authority == nil {
		return nil, m.wrong("authentication", "it needs a CA, and none is given")
	}
	if end := m.cfg.Authority.Expiry(); m.p.Expires.Day().After(end) {
		return nil, m.wrong("expires", "the CA's keys end before, with %s", end.Format(time.DateOnly))
	}
	key, err := m.draw("issuer_key", *m.p.IssuerKey)
	if err != nil {
		return nil, err
	}
	signer, err := m.cfg.Authority.Signer(len(key.Public().Modulus))
	if err != nil {
		return nil, m.wrong("issuer_key", "%v", err)
	}
	c := oda.IssuerCertificate{
		Identifier: [4]byte(filled(m.app.PAN[:identifierDigits], identifierLen)),
		Expiry:     m.month(), Key: key.Public(),
	}
	if err := m.random(c.Serial[:]); err != nil {
		return nil, err
	}
	cert, err := oda.CertifyIssuer(signer.Key, c)
	if err != nil {
		return nil, m.wrong("issuer_key", "%v", err)
	}
	m.values[0x8F] = []byte{signer.Index}
	m.values[0x90], m.values[0x92], m.values[0x9F32] = cert.Block, cert.Remainder, cert.Exponent
	return key, nil
}

// certify has the issuer certify a key of the card, over static data or none.
func (m *maker) certify(
	issuer *oda.PrivateKey, field string, key oda.PublicKey, static []byte,
) (oda.Certificate, error) {
	c := oda.CardCertificate{
		PAN: [10]byte(filled(m.app.PAN, certifiedPAN)), Expiry: m.month(), Key: key,
	}
	if err := m.random(c.Serial[:]); err != nil {
		return oda.Certificate{}, err
	}
	cert, err := oda.CertifyCard(issuer, c, static)
	if err != nil {
		return oda.Certificate{}, m.wrong(field, "%v", err)
	}
	return cert, nil
}

func (m *maker) draw(field string, how profile.Key) (*oda.PrivateKey, error) {
	key, err := m.cfg.Draw(m.path+"."+field, int(how.Bits/8), int(how.Exponent))
	if err != nil {
		return nil, fmt.Errorf("drawing %s.%s: %w", m.path, field, err)
	}
	return key, nil
}

// month is that of the application's last day.
func (m *maker) month() oda.Month { return oda.MonthOf(m.p.Expires.Day()) }

func (m *maker) random(into []byte) error {
	if _, err := io.ReadFull(m.cfg.Rand, into); err != nil {
		return fmt.Errorf("drawing a serial number: %w", err)
	}
	return nil
}
