package profile

import (
	"fmt"
	"slices"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
)

// emvLuhn says whether a number ends in its check digit.
func emvLuhn(pan string) bool { return emv.Luhn(pan) }

// checkCVM asks for what the methods need.
func (a Application) checkCVM(path string) error {
	if a.CVM == nil {
		return nil
	}
	for i, rule := range a.CVM.Rules {
		at := fmt.Sprintf("%s.cvm.rules[%d].method", path, i)
		sealed := rule.Method == offlineSealed || rule.Method == offlineSealedSigned
		plain := rule.Method == offlinePlain || rule.Method == offlinePlainSigned
		switch {
		case (sealed || plain) && a.PIN == nil:
			return wrong(at, "%s needs pin", rule.Method)
		case sealed && a.PIN.Key == nil && a.CardKey == nil:
			return wrong(at, "%s needs pin.key or card_key", rule.Method)
		}
	}
	return nil
}

// checkObjects refuses values for what other fields say.
func (a Application) checkObjects(path string) error {
	var seen []Tag
	for i, o := range a.Objects {
		at := fmt.Sprintf("%s.objects[%d].tag", path, i)
		if s, known := sourceOf(o.Tag); known {
			return wrong(at, "%s is what %s says", o.Tag, s.field)
		}
		if slices.Contains(seen, o.Tag) {
			return wrong(at, "%s stands there twice", o.Tag)
		}
		if !a.inRecord(o.Tag) {
			return wrong(at, "no record names %s", o.Tag)
		}
		seen = append(seen, o.Tag)
	}
	seen = nil
	for i, o := range a.GetData {
		at := fmt.Sprintf("%s.get_data[%d].tag", path, i)
		switch {
		case o.Tag < 0x5F00 || o.Tag > 0xFFFF:
			return wrong(at, "%s isn't a tag of two bytes", o.Tag)
		case cardsOwn(tlv.Tag(o.Tag)):
			return wrong(at, "%s is the card's own", o.Tag)
		case slices.Contains(seen, o.Tag):
			return wrong(at, "%s stands there twice", o.Tag)
		}
		seen = append(seen, o.Tag)
	}
	return nil
}

// cardsOwn says whether a data object of GET DATA is made by the card itself.
func cardsOwn(tag tlv.Tag) bool {
	switch tag {
	case emv.TagATC, emv.TagLastOnline, emv.TagPINTries, emv.TagLogFormat:
		return true
	default:
		return false
	}
}

// inRecord says whether a record names a tag.
func (a Application) inRecord(tag Tag) bool {
	return slices.ContainsFunc(a.Records, func(r Record) bool { return slices.Contains(r.Tags, tag) })
}

// checkRecords refuses records that repeat what another has (EMV 4.3 Book 3, 10.2), that name what
// has no value, or that would have to sign themselves; and values that no record names.
func (a Application) checkRecords(path string) error {
	var seen []Tag
	for i, r := range a.Records {
		at := fmt.Sprintf("%s.records[%d]", path, i)
		if slices.ContainsFunc(a.Records[:i], func(o Record) bool {
			return o.SFI == r.SFI && o.Number == r.Number
		}) {
			return wrong(at+".record", "file %d has this record already", r.SFI)
		}
		for j, tag := range r.Tags {
			if err := a.checkTag(fmt.Sprintf("%s.tags[%d]", at, j), tag, r.Signed, seen); err != nil {
				return err
			}
			seen = append(seen, tag)
		}
	}
	for _, s := range sources() {
		if !s.free && s.given(a) && !slices.Contains(seen, s.tag) {
			return wrong(path+"."+s.field, "no record names %s", s.tag)
		}
	}
	return nil
}

func (a Application) checkTag(at string, tag Tag, signed bool, seen []Tag) error {
	if slices.Contains(seen, tag) {
		return wrong(at, "%s is in a record already", tag)
	}
	s, known := sourceOf(tag)
	switch {
	case known && !s.given(a):
		return wrong(at, "%s needs %s", tag, s.field)
	case known && s.signs && signed:
		return wrong(at, "%s belongs to what is made over the signed records: it can't be in one", tag)
	case !known && !slices.ContainsFunc(a.Objects, func(o Object) bool { return o.Tag == tag }):
		return wrong(at, "%s has no value: give it one in objects", tag)
	}
	return nil
}
