package profile_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emvcard/profile"
)

func TestBuiltins(t *testing.T) {
	t.Parallel()
	for _, name := range profile.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := profile.Builtin(name)
			if err != nil {
				t.Fatal(err)
			}
			if p.Name != name {
				t.Errorf("named %q", p.Name)
			}
			for _, a := range p.Applications {
				if p.Kind == profile.EMV && (a.BIN != "999999" || a.PAN != "") {
					t.Errorf("%X has a PAN of BIN %q%q, not the test one", a.AID, a.BIN, a.PAN)
				}
			}
			checkRoundTrip(t, p)
		})
	}
	if _, err := profile.Builtin("plastic"); !errors.Is(err, profile.ErrProfile) {
		t.Errorf("unknown name: %v", err)
	}
}

func checkRoundTrip(t *testing.T, p profile.Profile) {
	t.Helper()
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	again, err := profile.Parse(raw)
	if err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	if diff := cmp.Diff(p, again); diff != "" {
		t.Errorf("written and read again (-was +is):\n%s", diff)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	source, err := profile.Source("interop")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range refused() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(string(source), c.old, c.new, 1)
			if text == string(source) {
				t.Fatalf("%q isn't in the profile", c.old)
			}
			_, err := profile.Parse([]byte(text))
			var field *profile.FieldError
			if !errors.As(err, &field) || !errors.Is(err, profile.ErrProfile) {
				t.Fatalf("got %v", err)
			}
			if field.Field != c.field || !strings.Contains(field.Problem, c.problem) {
				t.Errorf("got %q, %q; expected %q, %q", field.Field, field.Problem, c.field, c.problem)
			}
		})
	}
}

// TestATR: any answer to reset that can be taken apart is one, the shortest as well.
func TestATR(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"3B00": true, "3B80800101": true, "3B600000": true, "3F6525082204689000": true,
		"3B6500002063CB6800": true, "3B": false, "3BFF": false, "0000": false,
	} {
		p, err := profile.Builtin("contact")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.ATR.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := p.Check(); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
