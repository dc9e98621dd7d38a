package parameters

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"tapbench/applet/emv/pinblock"
	"tapbench/applet/jsonfile"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
)

// ErrFile means that bytes aren't a terminal's parameters. The text says which member is wrong, and
// what was expected.
var ErrFile = errors.New("not an EMV terminal's parameters")

// Bounds of a file.
const (
	maxFile         = 1 << 20
	maxApplications = 100
	maxRevoked      = 1000
)

// Parse reads a file. An error wraps [ErrFile].
func Parse(raw []byte) (Parameters, error) {
	p, err := parse(raw)
	if err != nil {
		return Parameters{}, fmt.Errorf("%w: %w", ErrFile, err)
	}
	return p, nil
}

func parse(raw []byte) (Parameters, error) {
	var f file
	p := Default()
	if len(raw) > maxFile {
		return p, fmt.Errorf("%d bytes, at most %d", len(raw), maxFile)
	}
	if err := jsonfile.Decode(raw, Format, &f); err != nil {
		return p, err
	}
	if f.Way != "" {
		way, err := ParseWay(f.Way)
		if err != nil {
			return p, err
		}
		p.Way = way
	}
	if err := f.Terminal.into(&p.Terminal); err != nil {
		return p, fmt.Errorf("terminal: %w", err)
	}
	if f.PINKey != nil {
		key, err := pinblock.ReadKey(f.PINKey.Format, f.PINKey.Key)
		if err != nil {
			return p, fmt.Errorf("pin_key: %w", err)
		}
		if p.PINKey = &key; f.Terminal.Capabilities == nil {
			p = p.WithPINKey(key)
		}
	}
	if err := f.applications(&p); err != nil {
		return p, err
	}
	return p, f.revoked(&p)
}

// applications reads the list. One that is missing is [Default]'s.
func (f *file) applications(p *Parameters) error {
	if f.Applications == nil {
		return nil
	}
	if n := len(f.Applications); n == 0 || n > maxApplications {
		return fmt.Errorf("applications: %d, expected 1 to %d", n, maxApplications)
	}
	p.Applications = nil
	for i := range f.Applications {
		a, err := f.Applications[i].application()
		if err != nil {
			return fmt.Errorf("application %d: %w", i+1, err)
		}
		for _, other := range p.Applications {
			if bytes.Equal(other.AID, a.AID) {
				return fmt.Errorf("application %d: aid: %X stands there twice", i+1, a.AID)
			}
		}
		p.Applications = append(p.Applications, a)
	}
	return nil
}

func (f *file) revoked(p *Parameters) error {
	if len(f.Revoked) > maxRevoked {
		return fmt.Errorf("revoked: %d, at most %d", len(f.Revoked), maxRevoked)
	}
	for i, named := range f.Revoked {
		var r Revoked
		var index [1]byte
		err := errors.Join(
			fixed(r.RID[:], "rid", &named.RID), fixed(index[:], "index", &named.Index),
			fixed(r.Serial[:], "serial", &named.Serial),
		)
		if err != nil {
			return fmt.Errorf("revoked %d: %w", i+1, err)
		}
		r.Index = index[0]
		p.Revoked = append(p.Revoked, r)
	}
	return nil
}

// into overwrites a terminal with the members that are there.
func (f *fileTerminal) into(t *general.Terminal) error {
	kind := [1]byte{t.Type}
	err := errors.Join(
		fixed(kind[:], "type", f.Type), fixed(t.Capabilities[:], "capabilities", f.Capabilities),
		fixed(t.Additional[:], "additional", f.Additional), n3(&t.Country, "country", f.Country),
		n3(&t.Currency, "currency", f.Currency), fixed(t.Category[:], "category", f.Category),
		fixed(t.Acquirer[:], "acquirer", f.Acquirer), words(t.Merchant[:], "merchant", f.Merchant),
		words(t.ID[:], "id", f.ID), words(t.Serial[:], "serial", f.Serial),
		fixed(t.Qualifiers[:], "qualifiers", f.Qualifiers),
	)
	if err != nil {
		return err
	}
	t.Type = kind[0]
	const mostExponent, mostName = 9, 127
	if f.Exponent != nil {
		if t.Exponent = *f.Exponent; t.Exponent > mostExponent {
			return fmt.Errorf("exponent: %d, at most %d", t.Exponent, mostExponent)
		}
	}
	if f.Name != nil {
		if t.Name = *f.Name; len(t.Name) > mostName || !printable(t.Name) {
			return fmt.Errorf("name: expected at most %d printable ASCII characters", mostName)
		}
	}
	return nil
}

// application reads one application.
func (f *fileApplication) application() (general.Application, error) {
	aid, err := hex.DecodeString(f.AID)
	const least, most = 5, 16
	if err != nil || len(aid) < least || len(aid) > most {
		return general.Application{}, fmt.Errorf("aid: expected %d to %d bytes in hexadecimal", least,
			most)
	}
	a := DefaultApplication(aid)
	if f.Partial != nil {
		a.Partial = *f.Partial
	}
	a.Extended = f.Extended
	for _, text := range f.Kernels {
		k, err := entry.ParseKernelID(text)
		if err != nil {
			return a, fmt.Errorf("kernels: %w", err)
		}
		a.Kernels = append(a.Kernels, k)
	}
	if f.Versions != nil {
		a.Versions = make([][2]byte, len(f.Versions))
		if len(f.Versions) == 0 {
			return a, errors.New("versions: expected one at least")
		}
	}
	for i := range f.Versions {
		if err := fixed(a.Versions[i][:], "versions", &f.Versions[i]); err != nil {
			return a, err
		}
	}
	if f.TAC != nil {
		err := errors.Join(
			fixed(a.Codes.Denial[:], "tac.denial", &f.TAC.Denial),
			fixed(a.Codes.Online[:], "tac.online", &f.TAC.Online),
			fixed(a.Codes.Default[:], "tac.default", &f.TAC.Default),
		)
		if err != nil {
			return a, err
		}
	}
	if err := f.limits(&a); err != nil {
		return a, err
	}
	return a, errors.Join(list(&a.DDOL, "ddol", f.DDOL), list(&a.TDOL, "tdol", f.TDOL))
}

func (f *fileApplication) limits(a *general.Application) error {
	l := &a.Limits
	for _, m := range []struct{ to, from *uint64 }{
		{&l.Floor, f.Floor},
		{&l.Threshold, f.Threshold},
	} {
		if m.from != nil {
			*m.to = *m.from
		}
	}
	for _, m := range []struct{ to, from *int }{{&l.Percent, f.Percent}, {&l.Most, f.Most}} {
		if m.from != nil {
			*m.to = *m.from
		}
	}
	if f.Most == nil {
		l.Most = max(l.Most, l.Percent)
	}
	const mostPercent = 99
	if l.Percent < 0 || l.Percent > l.Most || l.Most > mostPercent {
		return fmt.Errorf("percent: %d to %d, expected 0 to %d, the first not above the second",
			l.Percent, l.Most, mostPercent)
	}
	return nil
}

// fixed reads hexadecimal digits for all of a field, if the member is there.
func fixed(to []byte, name string, from *string) error {
	if from == nil {
		return nil
	}
	raw, err := hex.DecodeString(*from)
	if err != nil || len(raw) != len(to) {
		return fmt.Errorf("%s: expected %d hexadecimal digits", name, 2*len(to))
	}
	copy(to, raw)
	return nil
}

// n3 reads three decimal digits.
func n3(to *[2]byte, name string, from *string) error {
	if from == nil {
		return nil
	}
	const digits = 3
	raw, err := hex.DecodeString("0" + *from)
	if err != nil || len(*from) != digits || bytes.ContainsAny([]byte(*from), "abcdefABCDEF") {
		return fmt.Errorf("%s: expected %d decimal digits", name, digits)
	}
	copy(to[:], raw)
	return nil
}

// words reads text, filled up with spaces.
func words(to []byte, name string, from *string) error {
	if from == nil {
		return nil
	}
	if len(*from) > len(to) || !printable(*from) {
		return fmt.Errorf("%s: expected at most %d printable ASCII characters", name, len(to))
	}
	copy(to, bytes.Repeat([]byte{' '}, len(to)))
	copy(to, *from)
	return nil
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// list reads a DOL. An empty one stands for none.
func list(to *[]byte, name string, from *string) error {
	if from == nil {
		return nil
	}
	const most = 252
	raw, err := hex.DecodeString(*from)
	if err == nil {
		_, err = tlv.ParseDOL(raw)
	}
	if err != nil || len(raw) > most {
		return fmt.Errorf("%s: expected a list of tags and lengths in hexadecimal", name)
	}
	if *to = raw; len(raw) == 0 {
		*to = nil
	}
	return nil
}
