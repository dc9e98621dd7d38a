package profile

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"

	"tapbench/pcsc/atr"
)

// Check says whether a profile whose fields are each well-formed makes a card, by the first
// [*FieldError].
func (p Profile) Check() error {
	if _, err := atr.Parse(p.ATR); err != nil {
		return wrong("atr", "%v", err)
	}
	if p.Kind == Anonymous {
		return p.checkAnonymous()
	}
	for i, directory := range p.Directories {
		if slices.Contains(p.Directories[:i], directory) {
			return wrong(fmt.Sprintf("directories[%d]", i), "%s stands there twice", directory)
		}
	}
	for i, a := range p.Applications {
		path := fmt.Sprintf("applications[%d]", i)
		for _, other := range p.Applications[:i] {
			if bytes.Equal(a.AID, other.AID) {
				return wrong(path+".aid", "another application has it")
			}
		}
		if err := a.check(path); err != nil {
			return err
		}
	}
	return nil
}

// checkAnonymous refuses what an anonymous card doesn't have.
func (p Profile) checkAnonymous() error {
	switch {
	case len(p.Directories) > 0:
		return wrong("directories", "an anonymous card has its own PPSE: leave it out")
	case p.Blocked:
		return wrong("blocked", "an anonymous card isn't blocked from the start")
	case p.Protocol != T1:
		return wrong("protocol", "an anonymous card speaks T=1")
	case len(p.Applications) != 1:
		return wrong("applications", "an anonymous card has one")
	}
	value := reflect.ValueOf(p.Applications[0])
	for _, f := range ShapeOf().application().Fields {
		named := f.Name == "aid" || f.Name == "label" || f.Name == "priority"
		if !named && !value.Field(f.index).IsZero() {
			return wrong("applications[0]."+f.Name, "an anonymous card has aid, label and priority alone")
		}
	}
	return nil
}

// application returns the shape of an application.
func (s Shape) application() Shape {
	applications, _ := s.field("applications")
	return *applications.Item
}

// finding is one check: whether the field is wrong, and why.
type finding struct {
	wrong   bool
	field   string
	problem string
}

// first returns the first finding that applies.
func first(path string, findings []finding) error {
	for _, f := range findings {
		if f.wrong {
			return wrong(path+"."+f.field, "%s", f.problem)
		}
	}
	return nil
}

func (a Application) check(path string) error {
	return firstOf(
		func() error { return first(path, a.checkPresent()) },
		func() error { return first(path, a.checkNumber()) },
		func() error { return first(path, a.checkLists()) },
		func() error { return first(path, a.checkKeys()) },
		func() error { return first(path, a.checkLimits()) },
		func() error { return a.checkCVM(path) },
		func() error { return a.checkObjects(path) },
		func() error { return a.checkRecords(path) },
	)
}

func firstOf(checks ...func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkPresent asks for what no card goes without (EMV 4.3 Book 3, 7.2), and for pairs.
func (a Application) checkPresent() []finding {
	return []finding{
		{a.PreferredName != "" && a.CodeTable == 0, "code_table", "preferred_name needs it"},
		{a.PreferredName == "" && a.CodeTable != 0, "preferred_name", "code_table is for it"},
		{a.CDOL1 == nil, "cdol1", "the field is missing: GENERATE AC needs it"},
		{a.Records == nil, "records", "the field is missing: a card without records names nobody"},
		{a.Expires == Date{}, "expires", "the field is missing"},
		{a.Scheme == "", "scheme", "the field is missing"},
		{a.PAN == "" && a.BIN == "", "bin", "the field is missing, and so is pan: one of them"},
		{
			a.Effective != Date{} && bytes.Compare(a.Effective[:], a.Expires[:]) > 0, "effective",
			"the day is after expires",
		},
	}
}

func (a Application) checkNumber() []finding {
	return []finding{
		{a.PAN != "" && a.BIN != "", "bin", "pan is given: leave one of them out"},
		{a.PAN != "" && a.PANDigits != 0, "pan_digits", "pan is given: leave one of them out"},
		{a.PAN != "" && !emvLuhn(a.PAN), "pan", "the last digit isn't the check digit of the others"},
	}
}

// Longest data of a command: of GENERATE AC all 255 bytes, of GET PROCESSING OPTIONS those within
// template 83.
const (
	maxData    = 255
	maxOptions = maxData - 3
)

// checkLists asks for lists whose data a command can carry.
func (a Application) checkLists() []finding {
	long := func(field string, list DOL, most int) finding {
		n := 0
		for _, e := range list {
			n += int(e.Len)
		}
		return finding{n > most, field, fmt.Sprintf("asks for %d bytes, %d at most", n, most)}
	}
	return []finding{
		long("pdol", a.PDOL, maxOptions), long("cdol1", a.CDOL1, maxData),
		long("cdol2", a.CDOL2, maxData), long("ddol", a.DDOL, maxData),
	}
}

// Longest moduli, in bits (EMV 4.3 Book 2, annex D).
const maxCombined = 1640

func (a Application) checkKeys() []finding {
	own := a.Has(DDA) || a.Has(CDA) || a.Has(FastDDA)
	some := len(a.Authentication) > 0
	sealed := a.PIN != nil && a.PIN.Key != nil
	found := []finding{
		{some && a.IssuerKey == nil, "issuer_key", "the field is missing: authentication needs it"},
		{!some && !sealed && a.IssuerKey != nil, "issuer_key", "nothing needs it: leave it out"},
		{own && a.CardKey == nil, "card_key", "the field is missing: dda, cda and fdda need it"},
		{!own && a.CardKey != nil, "card_key", "nothing needs it: leave it out"},
		{sealed && a.IssuerKey == nil, "issuer_key", "the field is missing: it certifies pin.key"},
		{a.SignedAIP && !some, "signed_aip", "nothing is signed: leave it out"},
		{
			a.Has(CDA) && a.CardKey != nil && a.CardKey.Bits > maxCombined, "card_key.bits",
			fmt.Sprintf("under cda %d at most, so that the signature fits an answer", maxCombined),
		},
	}
	for i, kind := range a.Authentication {
		found = append(found, finding{
			slices.Contains(a.Authentication[:i], kind), fmt.Sprintf("authentication[%d]", i),
			"it stands there twice",
		})
	}
	found = append(found, a.IssuerKey.check("issuer_key", nil)...)
	found = append(found, a.CardKey.check("card_key", a.IssuerKey)...)
	if sealed {
		found = append(found, a.PIN.Key.check("pin.key", a.IssuerKey)...)
	}
	return found
}

// check looks at a key that another one is to certify; nil for one that the CA does.
func (k *Key) check(field string, signer *Key) []finding {
	if k == nil {
		return nil
	}
	return []finding{
		{k.Bits%8 != 0, field + ".bits", "expected a multiple of 8"},
		{k.Exponent != 3 && k.Exponent != 65537, field + ".exponent", "expected 3 or 65537"},
		{
			signer != nil && k.Bits > signer.Bits, field + ".bits",
			"longer than issuer_key: its certificate doesn't fit",
		},
	}
}

// Has says whether a kind of offline data authentication is among the application's.
func (a Application) Has(kind string) bool { return slices.Contains(a.Authentication, kind) }

func (a Application) checkLimits() []finding {
	var found []finding
	if r := a.Risk; r != nil {
		found = append(found,
			finding{
				r.Lower != nil && r.Upper != nil && *r.Upper < *r.Lower, "risk.upper", "below lower",
			},
			finding{
				r.LowerAmount != nil && r.UpperAmount != nil && *r.UpperAmount < *r.LowerAmount,
				"risk.upper_amount", "below lower_amount",
			},
			finding{
				(r.LowerAmount != nil || r.UpperAmount != nil) && r.Currency+a.Currency == "",
				"risk.currency", "the field is missing: amounts need it",
			})
	}
	if l := a.Log; l != nil {
		found = append(found, finding{slices.ContainsFunc(a.Records, func(r Record) bool {
			return r.SFI == l.SFI
		}), "log.sfi", "records has a file of this identifier"})
	}
	if r := a.Relay; r != nil {
		found = append(found, finding{r.Min > r.Max, "relay.min", "above max"})
	}
	return found
}
