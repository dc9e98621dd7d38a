package generaltest

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/pinblock"
	"tapbench/applet/emvcard/personalise/personalisetest"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
)

// shortestProof is the shortest issuer authentication data (EMV 4.3 Book 3, annex A), in bytes.
const shortestProof = 8

// errUnreachable is what a host answers that isn't there.
var errUnreachable = fmt.Errorf("%w: no line to it", general.ErrNotSent)

// bank is the issuer of the right card, whose answers can be changed.
type bank struct {
	config      issuer.Config
	issuer      *issuer.Issuer // made with the first request
	unreachable bool
	change      []func(*outcome.Answer)
}

var _ general.Host = (*bank)(nil)

// newBank makes the issuer, who knows the PIN of the right card.
func newBank() *bank {
	key := pinKey()
	pin, _ := pinblock.ParsePIN(rightPIN)
	return &bank{config: issuer.Config{
		Keys: personalisetest.Issuer(), PINs: issuer.PINs{Key: &key, Other: pin},
	}}
}

// rightPIN is the right card's.
const rightPIN = "1234"

// pinKey is what terminal and issuer share.
func pinKey() pinblock.Key {
	key, _ := pinblock.NewKey(pinblock.Format4, cryptogram.Key{1, 2, 3})
	return key
}

// Authorise asks the issuer.
func (b *bank) Authorise(_ context.Context, q general.Request) (outcome.Answer, error) {
	if b.unreachable {
		return outcome.Answer{}, errUnreachable
	}
	if b.issuer == nil {
		b.issuer = issuer.New(b.config)
	}
	a, err := b.issuer.Authorise(issuer.Request{
		Amount: q.Amount, Currency: q.Currency, ICC: q.ICC, PAN: q.PAN, Sequence: q.Sequence,
		PINBlock: q.PINBlock,
	})
	if err != nil {
		return outcome.Answer{}, err
	}
	answer := outcome.Answer{ARC: a.ARC, IssuerAuth: a.IssuerAuth, Scripts: a.Scripts}
	for _, change := range b.change {
		change(&answer)
	}
	return answer, nil
}

// set changes what the issuer answers by one word of a line:
//
//	unreachable         it can't be asked
//	no-pin-key, no-pin  it can't open a PIN block, or knows no PIN of the card
//	arc HEX             another response code; 3035 is the issuer's own refusal
//	arpc HEX, arpc-wrong, arpc-none    issuer authentication data
//	script HEX          a template more
//	script-long         a template more, of more than 128 bytes: all that an answer may have
func (b *bank) set(word string, pan string) error {
	name, value, _ := strings.Cut(word, " ")
	raw, err := hex.DecodeString(value)
	if err != nil {
		return err
	}
	change := func(f func(*outcome.Answer)) { b.change = append(b.change, f) }
	switch {
	case name == "unreachable":
		b.unreachable = true
	case name == "no-pin-key":
		b.config.PINs.Key = nil
	case name == "no-pin":
		b.config.PINs.Other = pinblock.PIN{}
	case word == "arc 3035":
		b.config.Declined = []string{pan}
	case name == "arc" && len(raw) == 2:
		change(func(a *outcome.Answer) { a.ARC = [2]byte(raw) })
	case name == "arpc":
		change(func(a *outcome.Answer) { a.IssuerAuth = raw })
	case name == "arpc-wrong":
		change(func(a *outcome.Answer) {
			if a.IssuerAuth == nil { // the cryptogram was wrong
				a.IssuerAuth = make([]byte, shortestProof)
			}
			a.IssuerAuth = bytes.Clone(a.IssuerAuth)
			a.IssuerAuth[0] ^= 0x01
		})
	case name == "arpc-none":
		change(func(a *outcome.Answer) { a.IssuerAuth = nil })
	case name == "script":
		change(func(a *outcome.Answer) { a.Scripts = append(a.Scripts, raw...) })
	case name == "script-long":
		change(func(a *outcome.Answer) {
			a.Scripts = append(a.Scripts, 0x72, 0x81, 0x8C, 0x86, 0x81, 0x89, 0x84, 0x1E, 0, 0, 0x84)
			a.Scripts = append(a.Scripts, make([]byte, 0x84)...)
		})
	default:
		return fmt.Errorf("issuer: %q isn't known", word)
	}
	return nil
}
