package general

import (
	"errors"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/terminal/kernel/general/outcome"
)

// Believer says what came of authentications whose certificates and signatures can't be verified:
// those of a recording that doesn't hold them. An error is the method's failure, and wraps
// [ErrDisbelieved].
type Believer interface {
	// Keys says what came of the certificates, or of static data, for which code is 9F45 [2].
	Keys(m outcome.Method) (code []byte, err error)
	// Signature says what came of what the card signed, beside its second cryptogram or before, and
	// returns its dynamic number (9F4C), 2 to 8 bytes.
	Signature(m outcome.Method, second bool) (number []byte, err error)
	// PINKey returns a key of the length that PINs were enciphered with.
	PINKey() (oda.PublicKey, error)
}

// ErrDisbelieved means that a [Believer] doesn't believe.
var ErrDisbelieved = errors.New("authentication failed when it was recorded")

// believeStatic takes the place of SDA.
func (t *transaction) believeStatic() error {
	code, err := t.config.Believe.Keys(outcome.SDA)
	if err != nil {
		return err
	}
	t.believeIndex()
	t.objects.Set(emv.TagAuthenticationCode, code)
	return nil
}

// believeKeys takes the place of the certificates.
func (t *transaction) believeKeys() error {
	if _, err := t.config.Believe.Keys(t.out.Authentication.Method); err != nil {
		return err
	}
	t.believeIndex()
	t.auth.card = new(oda.PublicKey)
	return nil
}

// believeIndex has the terminal say which key it used (9F22).
func (t *transaction) believeIndex() {
	if index, ok := t.objects.Find(emv.TagCAKeyIndex); ok && len(index) == 1 {
		t.terminal.caIndex[0], t.out.Authentication.CAIndex = index[0], index[0]
	}
}

// believeSignature takes the place of a signature.
func (t *transaction) believeSignature(second bool) error {
	number, err := t.config.Believe.Signature(t.out.Authentication.Method, second)
	if err != nil {
		return err
	}
	t.objects.Set(emv.TagDynamicNumber, number)
	return nil
}
