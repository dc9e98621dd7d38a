package parameters

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
)

// Format is the first member of a file.
const Format = "tapbench-emv-terminal v1"

// file is [Parameters] as JSON. Digits are hexadecimal, upper or lower case.
type file struct {
	Format       string            `json:"format"`
	Comment      string            `json:"comment,omitempty"`
	Way          string            `json:"way,omitempty"`
	Terminal     fileTerminal      `json:"terminal"`
	Applications []fileApplication `json:"applications"`
	Revoked      []fileRevoked     `json:"revoked,omitempty"`
	PINKey       *filePINKey       `json:"pin_key,omitempty"`
}

// filePINKey is what PINs for issuers are enciphered under.
type filePINKey struct {
	Format int    `json:"format"` // of ISO 9564-1: 0 or 4
	Key    string `json:"key"`
}

// fileTerminal is what the terminal is. A member that is missing is [Default]'s.
type fileTerminal struct {
	Type         *string `json:"type,omitempty"`         // 9F35
	Capabilities *string `json:"capabilities,omitempty"` // 9F33
	Additional   *string `json:"additional,omitempty"`   // 9F40
	Country      *string `json:"country,omitempty"`      // 9F1A, three digits
	Currency     *string `json:"currency,omitempty"`     // 5F2A, three digits
	Exponent     *byte   `json:"exponent,omitempty"`     // 5F36
	Category     *string `json:"category,omitempty"`     // 9F15
	Acquirer     *string `json:"acquirer,omitempty"`     // 9F01
	Merchant     *string `json:"merchant,omitempty"`     // 9F16, text
	Name         *string `json:"name,omitempty"`         // 9F4E, text
	ID           *string `json:"id,omitempty"`           // 9F1C, text
	Serial       *string `json:"serial,omitempty"`       // 9F1E, text
	Qualifiers   *string `json:"qualifiers,omitempty"`   // 9F66
}

// fileApplication is one application. A member that is missing is [DefaultApplication]'s.
type fileApplication struct {
	AID       string     `json:"aid"`
	Partial   *bool      `json:"partial,omitempty"`
	Kernels   []string   `json:"kernels,omitempty"` // 9F2A; none: any
	Extended  bool       `json:"extended_selection,omitempty"`
	Versions  []string   `json:"versions,omitempty"` // 9F09
	TAC       *fileCodes `json:"tac,omitempty"`
	Floor     *uint64    `json:"floor_limit,omitempty"` // minor units
	Threshold *uint64    `json:"threshold,omitempty"`   // minor units
	Percent   *int       `json:"percent,omitempty"`
	Most      *int       `json:"most_percent,omitempty"`
	DDOL      *string    `json:"ddol,omitempty"`
	TDOL      *string    `json:"tdol,omitempty"`
}

type fileCodes struct {
	Denial  string `json:"denial"`
	Online  string `json:"online"`
	Default string `json:"default"`
}

type fileRevoked struct {
	RID    string `json:"rid"`
	Index  string `json:"index"`
	Serial string `json:"serial"`
}

// ways are the values of "way", in the order of [entry.Way].
func ways() []string { return []string{"anyhow", "contact", "contactless", "listed"} }

// JSON returns the parameters as a file, with every member but the key for PINs, which is secret.
func (p Parameters) JSON() ([]byte, error) {
	text := func(b []byte) *string { s := strings.TrimRight(string(b), " \x00"); return &s }
	digits := func(b []byte) *string { s := fmt.Sprintf("%X", b); return &s }
	t := &p.Terminal
	f := file{
		Format: Format, Way: ways()[p.Way],
		Terminal: fileTerminal{
			Type: digits([]byte{t.Type}), Capabilities: digits(t.Capabilities[:]),
			Additional: digits(t.Additional[:]), Country: n3Text(t.Country), Currency: n3Text(t.Currency),
			Exponent: &t.Exponent, Category: digits(t.Category[:]), Acquirer: digits(t.Acquirer[:]),
			Merchant: text(t.Merchant[:]), Name: &t.Name, ID: text(t.ID[:]), Serial: text(t.Serial[:]),
			Qualifiers: digits(t.Qualifiers[:]),
		},
	}
	for i := range p.Applications {
		f.Applications = append(f.Applications, applicationFile(&p.Applications[i]))
	}
	for _, r := range p.Revoked {
		f.Revoked = append(f.Revoked, fileRevoked{
			hexOf(r.RID[:]), hexOf([]byte{r.Index}), hexOf(r.Serial[:]),
		})
	}
	raw, err := json.MarshalIndent(f, "", "  ")
	return append(raw, '\n'), err
}

func applicationFile(a *general.Application) fileApplication {
	l := &a.Limits
	f := fileApplication{
		AID: hexOf(a.AID), Partial: &a.Partial, Extended: a.Extended,
		TAC: &fileCodes{
			hexOf(a.Codes.Denial[:]), hexOf(a.Codes.Online[:]), hexOf(a.Codes.Default[:]),
		},
		Floor: &l.Floor, Threshold: &l.Threshold, Percent: &l.Percent, Most: &l.Most,
	}
	for _, k := range a.Kernels {
		f.Kernels = append(f.Kernels, k.String())
	}
	for _, v := range a.Versions {
		f.Versions = append(f.Versions, hexOf(v[:]))
	}
	ddol, tdol := hexOf(a.DDOL), hexOf(a.TDOL) // empty: none
	f.DDOL, f.TDOL = &ddol, &tdol
	return f
}

func hexOf(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// n3Text returns three digits.
func n3Text(n [2]byte) *string { s := hexOf(n[:])[1:]; return &s }

// ParseWay returns the way that a member, or a flag, names: anyhow, contact, contactless or listed.
func ParseWay(name string) (entry.Way, error) {
	for i, known := range ways() {
		if name == known {
			return entry.Way(i), nil
		}
	}
	return 0, fmt.Errorf("way: %.16q is none of %s", name, strings.Join(ways(), ", "))
}
