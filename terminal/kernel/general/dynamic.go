package general

import (
	"bytes"
	"context"
	"errors"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
)

// verifyDynamic is DDA (EMV 4.3 Book 2, 6.5): the card signs what its DDOL asks for, the terminal's
// unpredictable number among it.
func (t *transaction) verifyDynamic(ctx context.Context) error {
	if err := t.cardKey(); err != nil {
		return err
	}
	list, err := t.ddol()
	if err != nil {
		return err
	}
	values, err := t.fill(emv.TagDDOL, list, maxCommandData)
	if err != nil {
		return err
	}
	answer, err := t.must(ctx, clause.Status, "INTERNAL AUTHENTICATE", internalAuthenticate(values))
	if err != nil {
		return err
	}
	signed, err := signedDynamic(answer)
	if err != nil {
		return err
	}
	if t.config.Believe != nil {
		return t.believeSignature(false)
	}
	said, err := oda.VerifyDynamic(*t.auth.card, signed, values)
	if err != nil {
		return err
	}
	t.objects.Set(emv.TagDynamicNumber, said.Number)
	return nil
}

// ddol is the card's list, or the terminal's default, which must ask for the unpredictable number
// (6.5.1).
func (t *transaction) ddol() ([]byte, error) {
	list, ok := t.objects.Find(emv.TagDDOL)
	if !ok {
		list = t.application.DDOL
	}
	if len(list) == 0 {
		return nil, errNoDDOL
	}
	entries, err := tlv.ParseDOL(list)
	if err != nil {
		return nil, outcome.Terminated(clause.Erroneous,
			emv.Describe(emv.TagDDOL)+" isn't a data object list", err)
	}
	for _, e := range entries {
		if e.Tag == emv.TagUN {
			return list, nil
		}
	}
	return nil, errDDOLWithout
}

// signedDynamic takes the signature out of the answer to INTERNAL AUTHENTICATE, of format 1 or 2
// (Book 3, 6.5.9.4).
func signedDynamic(answer []byte) ([]byte, error) {
	tag, body, err := emv.Template(answer)
	if err != nil {
		return nil, outcome.Terminated(clause.InternalAuthenticate,
			"answer to INTERNAL AUTHENTICATE is malformed", err)
	}
	switch tag {
	case emv.TagFormat1:
		return body, nil
	case emv.TagFormat2:
		objects, err := emv.Objects(body)
		if err != nil {
			return nil, outcome.Terminated(clause.InternalAuthenticate,
				"answer to INTERNAL AUTHENTICATE is malformed", err)
		}
		signed, err := objects.Find(emv.TagDynamicSignature)
		if err != nil {
			return nil, outcome.Terminated(clause.InternalAuthenticate,
				"answer to INTERNAL AUTHENTICATE has no signature", err)
		}
		return signed, nil
	default:
		return nil, outcome.Terminatedf(clause.InternalAuthenticate,
			"answer to INTERNAL AUTHENTICATE is template %s", tag)
	}
}

// given is what the card got by its lists: CDA signs their hash.
type given struct{ pdol, cdol1, cdol2 []byte }

// verifyCombined is CDA (Book 2, 6.6.2) over an answer to GENERATE AC: it puts the cryptogram that
// was signed into c. Where another one was signed than the answer names, it is that one (Book 4,
// 6.3.2).
func (t *transaction) verifyCombined(
	c *outcome.Cryptogram, body, signed []byte, second bool,
) error {
	if signed == nil {
		return errNoSignature
	}
	if t.config.Believe != nil {
		return t.believeSignature(second)
	}
	parts := [][]byte{t.given.pdol, t.given.cdol1}
	if second {
		parts = append(parts, t.given.cdol2)
	}
	parts = append(parts, withoutSignature(body))
	said, err := oda.VerifyCombined(*t.auth.card, signed, t.terminal.un[:], c.CID, parts...)
	if errors.Is(err, oda.ErrCryptogram) {
		c.CID = said.Combined.CID
	}
	if err != nil {
		return err
	}
	if t.auth.relay != nil && !bytes.Equal(said.Combined.Relay, t.auth.relay) {
		return errRelay
	}
	t.objects.Set(emv.TagDynamicNumber, said.Number)
	c.AC = said.Combined.Cryptogram
	return nil
}

// withoutSignature returns the objects of an answer but 9F4B, as they are encoded and in their
// order (6.6.1).
func withoutSignature(body []byte) []byte {
	r := tlv.NewReader(body)
	for {
		before := len(body) - r.Left()
		e, err := r.Next()
		if err != nil { // io.EOF: there is none; the body was checked
			return body
		}
		if e.Tag == emv.TagDynamicSignature {
			return append(bytes.Clone(body[:before]), body[len(body)-r.Left():]...)
		}
	}
}
