package image_test

import (
	"bytes"
	"errors"
	"testing"

	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/personalise/personalisetest"
)

// FuzzParse proves that a card that is read is written as the same again.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"contactless", "contact"} {
		raw, err := image.Encode(personalisetest.Card(f, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		card, err := image.Parse(raw)
		if err != nil {
			if !errors.Is(err, image.ErrEncoded) {
				t.Fatal(err)
			}
			return
		}
		again, err := image.Encode(card)
		if err != nil {
			t.Fatal(err)
		}
		second, err := image.Parse(again)
		if err != nil {
			t.Fatal(err)
		}
		third, err := image.Encode(second)
		if err != nil || !bytes.Equal(again, third) {
			t.Errorf("written %s, then %s, %v", again, third, err)
		}
	})
}
