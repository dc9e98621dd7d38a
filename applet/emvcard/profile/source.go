package profile

// source is where a record's data object comes from.
type source struct {
	tag   Tag
	field string
	// given says whether a profile has it.
	given func(a Application) bool
	// free says that a record needn't name it though it is given.
	free bool
	// signs says that it covers the signed records.
	signs bool
}

func sourceOf(tag Tag) (source, bool) {
	for _, s := range sources() {
		if s.tag == tag {
			return s, true
		}
	}
	return source{}, false
}

// sources returns where data objects come from. Others are in objects.
func sources() []source {
	always := func(Application) bool { return true }
	own := func(a Application) bool { return a.CardKey != nil }
	issuer := func(a Application) bool { return a.IssuerKey != nil }
	sealed := func(a Application) bool { return a.PIN != nil && a.PIN.Key != nil }
	return []source{
		{tag: 0x57, field: "pan", given: always, free: true},
		{tag: 0x5A, field: "pan", given: always},
		{tag: 0x5F20, field: "holder", given: func(a Application) bool { return a.Holder != "" }},
		{tag: 0x5F24, field: "expires", given: always},
		{tag: 0x5F25, field: "effective", given: func(a Application) bool {
			return a.Effective != Date{}
		}},
		{tag: 0x5F28, field: "country", given: func(a Application) bool { return a.Country != "" }},
		{tag: 0x5F30, field: "service_code", given: always, free: true},
		{tag: 0x5F34, field: "sequence", given: always, free: true},
		{tag: 0x8C, field: "cdol1", given: func(a Application) bool { return a.CDOL1 != nil }},
		{tag: 0x8D, field: "cdol2", given: func(a Application) bool { return a.CDOL2 != nil }},
		{tag: 0x8E, field: "cvm", given: func(a Application) bool { return a.CVM != nil }},
		{tag: 0x8F, field: "issuer_key", given: issuer},
		{tag: 0x90, field: "issuer_key", given: issuer},
		{tag: 0x92, field: "issuer_key", given: issuer},
		{tag: 0x93, field: "authentication", given: func(a Application) bool {
			return a.Has(SDA)
		}, signs: true},
		{tag: 0x9F07, field: "usage", given: func(a Application) bool { return a.Usage != nil }},
		{tag: 0x9F0D, field: "iac", given: func(a Application) bool { return a.IAC != nil }},
		{tag: 0x9F0E, field: "iac", given: func(a Application) bool { return a.IAC != nil }},
		{tag: 0x9F0F, field: "iac", given: func(a Application) bool { return a.IAC != nil }},
		{tag: 0x9F14, field: "risk.lower", given: func(a Application) bool {
			return a.Risk != nil && a.Risk.Lower != nil
		}, free: true},
		{tag: 0x9F23, field: "risk.upper", given: func(a Application) bool {
			return a.Risk != nil && a.Risk.Upper != nil
		}, free: true},
		{tag: 0x9F2D, field: "pin.key", given: sealed},
		{tag: 0x9F2E, field: "pin.key", given: sealed},
		{tag: 0x9F2F, field: "pin.key", given: sealed},
		{tag: 0x9F32, field: "issuer_key", given: issuer},
		{tag: 0x9F42, field: "currency", given: func(a Application) bool { return a.Currency != "" }},
		{tag: 0x9F46, field: "card_key", given: own, signs: true},
		{tag: 0x9F47, field: "card_key", given: own, signs: true},
		{tag: 0x9F48, field: "card_key", given: own, signs: true},
		{tag: 0x9F49, field: "ddol", given: func(a Application) bool { return a.DDOL != nil }},
		{tag: 0x9F4A, field: "signed_aip", given: func(a Application) bool { return a.SignedAIP }},
	}
}
