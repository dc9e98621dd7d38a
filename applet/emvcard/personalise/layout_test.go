package personalise_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/personalise"
	"tapbench/applet/emvcard/personalise/personalisetest"
	"tapbench/applet/emvcard/profile"
)

// TestLayouts has tags lie in records by chance: whatever card is made is read by its AFL and
// authenticated down to its signed records, and a layout that makes none is refused by its field.
func TestLayouts(t *testing.T) {
	t.Parallel()
	ca := personalisetest.Authority(t)
	keys := ca.CAKeys([oda.RIDLen]byte{0xF0, 'T', 'A', 'P', 'B'})
	rapid.Check(t, func(r *rapid.T) {
		p, err := profile.Builtin("contactless")
		if err != nil {
			r.Fatal(err)
		}
		app := &p.Applications[0]
		app.Records = drawRecords(r, app.Records)
		app.SignedAIP = true
		card, err := personalise.Card(personalise.Config{
			Profile: p, Authority: ca, Issuer: personalisetest.Issuer(), Draw: personalisetest.Draw,
		})
		var field *profile.FieldError
		if errors.As(err, &field) {
			return // such as a record that is too long
		}
		if err != nil {
			r.Fatal(err)
		}
		readRecords(t, card.Applications[0]).authenticate(t, keys, *app)
		if t.Failed() {
			r.Fatalf("records %+v, AFL %X", app.Records, card.Applications[0].AFL)
		}
	})
}

// drawRecords distributes the tags of records over files, some of the records signed.
func drawRecords(r *rapid.T, given []profile.Record) []profile.Record {
	var tags []profile.Tag
	for _, one := range given {
		tags = append(tags, one.Tags...)
	}
	tags = rapid.Permutation(tags).Draw(r, "tags")
	certificate := []profile.Tag{0x9F46, 0x9F47, 0x9F48}
	next := map[byte]byte{}
	var records []profile.Record
	for len(tags) > 0 {
		n := rapid.IntRange(1, min(8, len(tags))).Draw(r, "in the record")
		sfi := rapid.ByteRange(1, 30).Draw(r, "file")
		next[sfi] += rapid.ByteRange(1, 2).Draw(r, "step")
		one := profile.Record{SFI: sfi, Number: next[sfi], Tags: tags[:n]}
		one.Signed = rapid.Bool().Draw(r, "signed") &&
			!slices.ContainsFunc(one.Tags, func(t profile.Tag) bool {
				return slices.Contains(certificate, t)
			})
		records, tags = append(records, one), tags[n:]
	}
	return records
}
