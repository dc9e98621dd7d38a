package general

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// authentication is what offline data authentication works with.
type authentication struct {
	key    *oda.CAKey     // of the payment system
	issuer *oda.PublicKey // of the issuer
	card   *oda.PublicKey // of the card
	failed bool           // so that CDA is asked for no more
	relay  []byte         // what was exchanged against relays, which CDA signs
	// combined is what was wrong with the signature beside the last cryptogram.
	combined error
}

// Why a method can't be carried out; [oda.Error] says why it failed.
var (
	errLacking     = errors.New("data object is missing")
	errUnknownKey  = errors.New("terminal doesn't have the payment system's key")
	errExpiredKey  = errors.New("payment system's key has expired")
	errStaticTags  = errors.New("static data authentication tag list names other tags than 82")
	errNotARecord  = errors.New("a record that is covered isn't a template 70")
	errNoDDOL      = errors.New("neither card nor terminal has a DDOL")
	errDDOLWithout = errors.New("DDOL doesn't ask for the unpredictable number")
	errNoSignature = errors.New("signed dynamic application data are missing")
	errRelay       = errors.New("signed relay resistance data aren't those that were exchanged")
)

// authenticate carries out offline data authentication, by the best method that card and terminal
// both have (EMV 4.3 Book 3, 10.3). Of CDA it finds the keys; the rest comes with the cryptogram.
func (t *transaction) authenticate(ctx context.Context) error {
	method := t.method()
	t.out.Authentication.Method = method
	var err error
	switch method {
	case outcome.NoMethod:
		t.mark(rules.NoAuthentication, clause.Authentication,
			"card and terminal have no method of offline data authentication in common")
		return nil
	case outcome.SDA:
		t.mark(rules.SDASelected, clause.Authentication, "static data authentication was selected")
		err = t.verifyStatic()
	case outcome.DDA:
		err = t.verifyDynamic(ctx)
	case outcome.CDA:
		err = t.cardKey()
	case outcome.FastDDA:
		err = t.verifyFast()
	}
	return t.authenticated(err)
}

// method chooses.
func (t *transaction) method() outcome.Method {
	aip, can := t.out.AIP[0], t.config.Terminal.Capabilities[2]
	if t.fast != nil {
		if _, signed := t.objects.Find(emv.TagDynamicSignature); signed && can&canDDA != 0 {
			return outcome.FastDDA
		}
		return outcome.NoMethod
	}
	switch {
	case aip&emv.AIPCDA != 0 && can&canCDA != 0:
		return outcome.CDA
	case aip&emv.AIPDDA != 0 && can&canDDA != 0:
		return outcome.DDA
	case aip&emv.AIPSDA != 0 && can&canSDA != 0:
		return outcome.SDA
	default:
		return outcome.NoMethod
	}
}

// authenticated writes down what came of it. An error that ends the transaction stays one; another
// one is the method's failure.
func (t *transaction) authenticated(err error) error {
	if err != nil && !isAuthenticationFailure(err) {
		return err
	}
	a := &t.out.Authentication
	if err == nil {
		if a.Method != outcome.CDA {
			t.out.TSI.Set(rules.DidAuthentication)
		}
		return nil
	}
	a.Err, t.auth.failed = err, true
	t.out.TSI.Set(rules.DidAuthentication)
	if errors.Is(err, errLacking) || errors.Is(err, oda.ErrRemainder) {
		t.mark(rules.DataMissing, clause.Erroneous, "ICC data missing: "+err.Error())
	}
	switch a.Method {
	case outcome.SDA:
		t.mark(rules.SDAFailed, clause.SDA, "static data authentication failed: "+err.Error())
	case outcome.DDA, outcome.FastDDA:
		t.mark(rules.DDAFailed, clause.DDA, "dynamic data authentication failed: "+err.Error())
	case outcome.CDA:
		t.mark(rules.CDAFailed, clause.CDA, "combined data authentication failed: "+err.Error())
	case outcome.NoMethod:
	}
	return nil
}

// isAuthenticationFailure tells a method's failure from the transaction's end.
func isAuthenticationFailure(err error) bool {
	if refused := new(oda.Error); errors.As(err, &refused) {
		return true
	}
	for _, known := range []error{
		errLacking, errUnknownKey, errExpiredKey, errStaticTags, errNotARecord, errNoDDOL,
		errDDOLWithout, errNoSignature, ErrDisbelieved,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// need returns an object that a method can't do without.
func (t *transaction) need(tag tlv.Tag) ([]byte, error) {
	value, ok := t.objects.Find(tag)
	if !ok {
		return nil, fmt.Errorf("%w: %s", errLacking, emv.Describe(tag))
	}
	return value, nil
}

// issuerKey recovers the issuer's key with the payment system's (Book 2, 5.2, 5.3; 6.2, 6.3).
func (t *transaction) issuerKey() error {
	index, err1 := t.need(emv.TagCAKeyIndex)
	block, err2 := t.need(emv.TagIssuerCertificate)
	exponent, err3 := t.need(emv.TagIssuerExponent)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	t.out.Authentication.CAIndex = index[0]
	key, ok := t.config.CAKeys.Find(t.out.Selected.AID, index[0])
	if !ok {
		return fmt.Errorf("%w %02X", errUnknownKey, index[0])
	}
	if y, m, d := key.Expiry.Date(); !key.Expiry.IsZero() && after(t.now, y, int(m), d) {
		return fmt.Errorf("%w: %s", errExpiredKey, key)
	}
	t.auth.key, t.out.Authentication.CAKey, t.terminal.caIndex[0] = &key, &key, index[0]
	remainder, _ := t.objects.Find(emv.TagIssuerRemainder)
	issuer, err := oda.VerifyIssuer(key,
		oda.Certificate{Block: block, Remainder: remainder, Exponent: exponent}, t.data.PAN, t.now,
		t.config.Revoked)
	if err != nil {
		return err
	}
	t.out.Authentication.Issuer, t.auth.issuer = &issuer, &issuer.Key
	return nil
}

// staticData puts together what the card's signatures cover: the records that the AFL marks, and
// the AIP if the card has a tag list for it, which may name nothing else (Book 3, 10.3).
func (t *transaction) staticData() ([]byte, error) {
	data, ok := t.objects.Signed()
	if !ok {
		return nil, errNotARecord
	}
	if tags, ok := t.objects.Find(emv.TagStaticTags); ok {
		if !bytes.Equal(tags, emv.TagAIP.AppendTo(nil)) {
			return nil, errStaticTags
		}
		data = append(data, t.out.AIP[:]...)
	}
	return data, nil
}

// verifyStatic is SDA (Book 2, 5).
func (t *transaction) verifyStatic() error {
	signed, err := t.need(emv.TagStaticSignature)
	if err != nil {
		return err
	}
	if t.config.Believe != nil {
		return t.believeStatic()
	}
	if err := t.issuerKey(); err != nil {
		return err
	}
	data, err := t.staticData()
	if err != nil {
		return err
	}
	code, err := oda.VerifyStatic(*t.auth.issuer, signed, data)
	if err != nil {
		return err
	}
	t.objects.Set(emv.TagAuthenticationCode, code[:])
	return nil
}

// cardKey recovers the card's key (Book 2, 6.2 to 6.4).
func (t *transaction) cardKey() error {
	block, err1 := t.need(emv.TagCardCertificate)
	exponent, err2 := t.need(emv.TagCardExponent)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if t.config.Believe != nil {
		return t.believeKeys()
	}
	if err := t.issuerKey(); err != nil {
		return err
	}
	data, err := t.staticData()
	if err != nil {
		return err
	}
	remainder, _ := t.objects.Find(emv.TagCardRemainder)
	card, err := oda.VerifyCard(*t.auth.issuer,
		oda.Certificate{Block: block, Remainder: remainder, Exponent: exponent}, data, t.data.PAN,
		t.now)
	if err != nil {
		return err
	}
	t.out.Authentication.Card, t.auth.card = &card, &card.Key
	return nil
}
