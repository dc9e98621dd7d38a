package profile_test

// refusal is a change to profile interop, and what is said about it.
type refusal struct {
	name, old, new string
	field, problem string
}

func refused() []refusal {
	return append(refusedShapes(), refusedSense()...)
}

// refusedShapes are values that no field of theirs takes.
func refusedShapes() []refusal {
	return []refusal{
		{"not JSON", `"kind": "emv",`, `"kind": emv,`, "kind", "not JSON"},
		{"cut off", "  ]\n}\n", "  ]\n", "", "the file ends here"},
		{"something behind", "  ]\n}\n", "  ]\n} {}", "", "follows"},
		{"unknown field", `"kind": "emv",`, `"kind": "emv", "colour": 1,`, "colour", "no such field"},
		{
			"unknown field below", `"label": "TAPBENCH ONE",`, `"label": "TAPBENCH ONE", "lable": "X",`,
			"applications[0].lable", "no such field",
		},
		{"field twice", `"kind": "emv",`, `"kind": "emv", "kind": "emv",`, "kind", "twice"},
		{"missing field", `"atr": "3B80800101",`, ``, "atr", "missing"},
		{"null", `"kind": "emv"`, `"kind": null`, "kind", "text in quotes"},
		{"another format", "tapbench-profile v1", "tapbench-profile v2", "format", "isn't one of"},
		{"upper-case name", `"name": "interop"`, `"name": "Interop"`, "name", "characters a-z"},
		{"odd digits", `"atr": "3B80800101"`, `"atr": "3B8080010"`, "atr", "hexadecimal"},
		{"ATR too long", `"atr": "3B`, `"atr": "` + zeros(68) + `3B`, "atr", "expected 2 to 33"},
		{"protocol", `"T=1"`, `"T=15"`, "protocol", "isn't one of"},
		{
			"too many directories", `"pse", "ppse"`, `"pse", "ppse", "pse"`, "directories[2]",
			"more than 2",
		},
		{
			"short AID", `"A0000000031010"`, `"A0000000"`, "applications[0].aid",
			"4 bytes, expected 5 to 16",
		},
		{
			"label with a line feed", `"label": "TAPBENCH ONE"`, `"label": "TAPBENCH\nONE"`,
			"applications[0].label", "characters of ASCII",
		},
		{
			"number in quotes", `"priority": 1`, `"priority": "1"`, "applications[0].priority",
			"whole number, 0 to 15",
		},
		{"negative number", `"priority": 1`, `"priority": -1`, "applications[0].priority", "0 to 15"},
		{"fraction", `"priority": 1`, `"priority": 1.5`, "applications[0].priority", "whole number"},
		{
			"DOL entry without length", `"9F66 04", "9F02 06"`, `"9F66 04", "9F02"`,
			"applications[0].pdol[1]", "tag with a length",
		},
		{
			"DOL entry with half a tag", `"9F66 04"`, `"9F 04"`, "applications[0].pdol[0]",
			"tag with a length",
		},
		{
			"unknown AIP bit", `"terminal-risk-management"`, `"cda"`, "applications[0].aip[1]",
			"isn't one of",
		},
		{"no language", `["en"`, `["english"`, "applications[0].languages[0]", "such as \"en\""},
		{
			"day that is none", `"2040-12-31"`, `"2040-13-31"`, "applications[0].expires",
			"2035-12-31",
		},
		{
			"flag in quotes", `"signed": true`, `"signed": "true"`, "applications[0].records[1].signed",
			"true or false",
		},
		{
			"object for list", `"languages": ["en", "de", "fr"]`, `"languages": {}`,
			"applications[0].languages", "expected a list",
		},
		{"list for object", `"iac": {`, `"iac": [{`, "applications[0].iac", "expected an object"},
		{"record 0", `"record": 1`, `"record": 0`, "applications[0].records[0].record", "1 to 255"},
	}
}

// refusedSense are values that contradict others.
func refusedSense() []refusal {
	const app = "applications[0]."
	return []refusal{
		{"broken ATR", `"3B80800101"`, `"3BFF"`, "atr", ""},
		{"directory twice", `"ppse"`, `"pse"`, "directories[1]", "twice"},
		{
			"AID twice", `"A0000000041010"`, `"A0000000031010"`, "applications[1].aid",
			"another application",
		},
		{
			"PAN and BIN", `"bin": "999999"`, `"bin": "999999", "pan": "9999990000000011"`, app + "bin",
			"leave one of them out",
		},
		{
			"wrong check digit", `"bin": "999999"`, `"pan": "9999990000000012"`, app + "pan",
			"check digit",
		},
		{"neither PAN nor BIN", `"bin": "999999",`, ``, app + "bin", "missing"},
		{"no first list", `"cdol1": [`, `"ddol": ["9F37 04"], "cdol2": [`, app + "cdol2", "twice"},
		{"name without its table", `"code_table": 1,`, ``, app + "code_table", "needs it"},
		{"effective after expires", `"2025-01-01"`, `"2041-01-01"`, app + "effective", "after"},
		{"long DOL", `"9F66 04"`, `"9F66 FF"`, app + "pdol", "252 at most"},
		{"key of 1023 bits", `"bits": 1408`, `"bits": 1023`, app + "issuer_key.bits", "1024 to 1976"},
		{"key of 1407 bits", `"bits": 1408`, `"bits": 1407`, app + "issuer_key.bits", "multiple of 8"},
		{"exponent", `"exponent": 3`, `"exponent": 5`, app + "issuer_key.exponent", "3 or 65537"},
		{
			"card's key longer than the issuer's", `"card_key": {"bits": 1024`,
			`"card_key": {"bits": 1416`, app + "card_key.bits", "longer than issuer_key",
		},
		{
			"card's key too long for CDA", `"card_key": {"bits": 1640`, `"card_key": {"bits": 1648`,
			"applications[1].card_key.bits", "1640 at most",
		},
		{
			"PIN method without PIN", `"pin": {`, `"log": {`, app + "log.digits", "no such field",
		},
		{"tag twice", `["57", "5F20"`, `["57", "5F24"`, app + "records[1].tags[1]", "already"},
		{"tag without value", `"5F30"`, `"9F7C"`, app + "records[0].tags[2]", "give it one in objects"},
		{"field in no record", `["57", "5F20", `, `["57", `, app + "holder", "no record names 5F20"},
		{
			"value for a field's tag", `{"tag": "9F08"`, `{"tag": "5A"`, app + "objects[0].tag",
			"what pan says",
		},
		{
			"certificate in a signed record", `"9F08", "9F14"`, `"93"`, app + "objects[0].tag",
			"no record names 9F08",
		},
		{"record twice", `"record": 2`, `"record": 1`, app + "records[2].record", "already"},
		{"card's own object", `"9F50"`, `"9F36"`, app + "get_data[0].tag", "card's own"},
		{"object of one byte", `"9F50"`, `"82"`, app + "get_data[0].tag", "two bytes"},
		{"limits", `"upper": 6`, `"upper": 2`, app + "risk.upper", "below lower"},
		{"sums", `"upper_amount": 20000`, `"upper_amount": 1`, app + "risk.upper_amount", "below"},
		{"log in a file of records", `"sfi": 4,`, `"sfi": 11,`, app + "log.sfi", "has a file"},
		{"relay", `"min": 10`, `"min": 201`, app + "relay.min", "above max"},
		{"another kind", `"kind": "emv"`, `"kind": "anonymous"`, "directories", "leave it out"},
	}
}

func zeros(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = '0'
	}
	return string(out)
}
