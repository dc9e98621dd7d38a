package profile_test

import (
	"encoding/json"
	"errors"
	"testing"

	"tapbench/applet/emvcard/profile"
)

// FuzzParse proves that whatever is read can be written and read again as the same, and that every
// refusal names itself as one.
func FuzzParse(f *testing.F) {
	for _, name := range profile.Names() {
		source, err := profile.Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := profile.Parse(raw)
		var field *profile.FieldError
		if err != nil {
			if !errors.As(err, &field) {
				t.Fatalf("%v names no field", err)
			}
			return
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		second, err := profile.Parse(again)
		if err != nil {
			t.Fatalf("%v in %s", err, again)
		}
		third, err := json.Marshal(second)
		if err != nil {
			t.Fatal(err)
		}
		if string(again) != string(third) {
			t.Errorf("written %s, then %s", again, third)
		}
	})
}
