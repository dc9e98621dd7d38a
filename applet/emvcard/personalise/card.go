package personalise

import (
	"crypto/rand"
	"fmt"
	"io"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/authority"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/profile"
)

// Config is what a card is made of.
type Config struct {
	// Profile says what the card is to be. Its kind must be profile.EMV.
	Profile profile.Profile
	// Authority signs the issuer's key. Of a profile without authentication it may be nil.
	Authority *authority.Authority
	// Issuer are the issuer's master keys, of which the card's are derived: one of each scheme that
	// the profile names.
	Issuer []issuer.Keys
	// Rand draws account numbers, serial numbers and keys; nil: crypto/rand.
	Rand io.Reader
	// Draw draws the RSA key that a field of the profile asks for, such as
	// "applications[0].card_key", by its modulus' length in bytes and its exponent. nil: each is drawn
	// from Rand.
	Draw func(field string, length, exponent int) (*oda.PrivateKey, error)
	// CardKey returns the key that the card has made itself, whose private half never leaves it: the
	// image has none then. nil: it is drawn as the others are.
	CardKey func(field string, length, exponent int) (oda.PublicKey, error)
}

// Card makes a card. An error is a [*profile.FieldError] where the profile asks for what doesn't
// fit, or Rand's.
func Card(cfg Config) (image.Card, error) {
	if cfg.Profile.Kind != profile.EMV {
		return image.Card{}, &profile.FieldError{
			Field: "kind", Problem: fmt.Sprintf("expected %s", profile.EMV),
		}
	}
	if err := cfg.Profile.Check(); err != nil {
		return image.Card{}, err
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Draw == nil {
		cfg.Draw = func(_ string, length, exponent int) (*oda.PrivateKey, error) {
			return oda.GenerateKey(cfg.Rand, length, exponent)
		}
	}
	card := image.Card{
		ATR: cfg.Profile.ATR, T0: cfg.Profile.Protocol == profile.T0, Blocked: cfg.Profile.Blocked,
	}
	for i := range cfg.Profile.Applications {
		m := maker{
			cfg: cfg, p: cfg.Profile.Applications[i], path: fmt.Sprintf("applications[%d]", i),
		}
		if err := m.make(); err != nil {
			return image.Card{}, err
		}
		card.Applications = append(card.Applications, m.app)
	}
	err := directories(&card, cfg.Profile)
	return card, err
}

// maker makes one application.
type maker struct {
	cfg    Config
	p      profile.Application
	path   string
	app    image.Application
	values map[profile.Tag][]byte // what records may name
}

// wrong names a field of the application and what is wrong with it.
func (m *maker) wrong(field, problem string, args ...any) error {
	return &profile.FieldError{Field: m.path + "." + field, Problem: fmt.Sprintf(problem, args...)}
}

func (m *maker) make() error {
	for _, step := range []func() error{m.start, m.number, m.plain, m.authenticate, m.files, m.fci} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// start copies what stands in the profile as the card has it.
func (m *maker) start() error {
	p := m.p
	scheme, err := cryptogram.ParseScheme(p.Scheme)
	if err != nil {
		return m.wrong("scheme", "%v", err)
	}
	m.app = image.Application{
		AID: p.AID, Blocked: p.Blocked, PDOL: p.PDOL.Encode(), CDOL1: p.CDOL1.Encode(),
		CDOL2: p.CDOL2.Encode(), DDOL: p.DDOL.Encode(), AIP: aip(p), Sequence: p.Sequence,
		Scheme: scheme, Risk: risk(p), Format1: p.Template80, FastDDA: p.Has(profile.FastDDA),
	}
	for _, o := range p.GetData {
		m.app.Objects = append(m.app.Objects, image.Object{
			Tag: uint16(o.Tag & 0xFFFF), Value: o.Value, Put: o.Put,
		})
	}
	if p.PIN != nil {
		m.app.PIN = &image.PIN{Digits: p.PIN.Digits, Tries: p.PIN.Tries, CDCVM: p.PIN.CDCVM}
	}
	if p.Log != nil {
		m.app.Log = &image.Log{SFI: p.Log.SFI, Entries: p.Log.Entries, Format: p.Log.Format.Encode()}
	}
	if p.Relay != nil {
		m.app.Relay = &image.Relay{
			Min: p.Relay.Min, Max: p.Relay.Max, Transmission: p.Relay.Transmission,
		}
	}
	return nil
}

// Bits of the AIP that a profile's other fields set, as one number.
const (
	aipSDA    = uint16(emv.AIPSDA) << 8
	aipDDA    = uint16(emv.AIPDDA) << 8
	aipDevice = uint16(emv.AIPDevice) << 8
	aipCDA    = uint16(emv.AIPCDA) << 8
	aipRelay  = uint16(emv.AIPRelay)
)

func aip(p profile.Application) [2]byte {
	var bits uint16
	for _, word := range p.AIP {
		bits |= profile.Code("aip", word)
	}
	for kind, bit := range map[string]uint16{
		profile.SDA: aipSDA, profile.DDA: aipDDA, profile.CDA: aipCDA,
	} {
		if p.Has(kind) {
			bits |= bit
		}
	}
	if p.Relay != nil {
		bits |= aipRelay
	}
	if p.PIN != nil && p.PIN.CDCVM {
		bits |= aipDevice
	}
	return [2]byte{byte(bits >> 8), byte(bits)}
}

func risk(p profile.Application) image.Risk {
	if p.Risk == nil {
		return image.Risk{}
	}
	r := image.Risk{
		Lower: p.Risk.Lower, Upper: p.Risk.Upper,
		LowerAmount: p.Risk.LowerAmount, UpperAmount: p.Risk.UpperAmount,
		OnlineNew: p.Risk.OnlineNew, MandatoryAuth: p.Risk.MandatoryAuth,
	}
	if currency := p.Risk.Currency + p.Currency; currency != "" {
		r.Currency = [2]byte(bcd("0" + currency[:3]))
	}
	return r
}
